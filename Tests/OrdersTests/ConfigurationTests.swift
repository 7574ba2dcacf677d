import Foundation
import Testing

@testable import Orders

@Suite struct ConfigurationTests {
    @Test func nothingSetIsTheDefault() throws {
        let configuration = try OrdersConfiguration(
            environment: ["PATH": "/bin", "ORDER_PAYMENT_MS": ""], dataDirectory: "/data")
        #expect(configuration == OrdersConfiguration(dataDirectory: "/data"))
        #expect(configuration.paymentMs == 5_000)
        #expect(configuration.failPercent == 40)
        #expect(configuration.randoms == [])
        #expect(configuration.maxAttempts == nil)
        #expect(configuration.gatewayURL == nil)
        #expect(configuration.databasePath == "/data/orders.db")
        #expect(configuration.profile == .document)
    }

    @Test func everyVariableIsRead() throws {
        let configuration = try OrdersConfiguration(
            environment: [
                "ORDER_PAYMENT_MS": "0", "ORDER_PAYMENT_FAIL_PERCENT": "100", "ORDER_PAYMENT_RANDOMS": "23, 55",
                "ORDER_PAYMENT_MAX_ATTEMPTS": "3", "ORDER_PAYMENT_GATEWAY_URL": "http://127.0.0.1:9/pay",
                "ORDERS_DB": "/elsewhere/o.db", "ORDER_PROFILE": "tracking",
            ], dataDirectory: "/data")
        #expect(configuration.paymentMs == 0)
        #expect(configuration.failPercent == 100)
        #expect(configuration.randoms == [23, 55])
        #expect(configuration.maxAttempts == 3)
        #expect(configuration.gatewayURL == URL(string: "http://127.0.0.1:9/pay"))
        #expect(configuration.databasePath == "/elsewhere/o.db")
        #expect(configuration.profile == .tracking)
    }

    @Test(arguments: [
        ("ORDER_PAYMENT_MS", "abc"), ("ORDER_PAYMENT_MS", "+5"), ("ORDER_PAYMENT_FAIL_PERCENT", "101"),
        ("ORDER_PAYMENT_RANDOMS", "1,,2"), ("ORDER_PAYMENT_RANDOMS", "100"), ("ORDER_PAYMENT_MAX_ATTEMPTS", "0"),
        ("ORDER_PAYMENT_GATEWAY_URL", "ftp://x"), ("ORDER_PROFILE", "Tracking"),
    ])
    func badValuesAreRefusedByName(_ name: String, _ value: String) {
        let error = #expect(throws: OrdersConfigurationError.self) {
            try OrdersConfiguration(environment: [name: value], dataDirectory: "/data")
        }
        #expect(error?.description.hasPrefix("\(name) must be ") == true)
        #expect(error?.description.hasSuffix("not '\(value)'") == true)
    }
}

@Suite struct TextTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (1_700_000_000_001, "2023-11-14T22:13:20.001Z"),
        (951_782_399_999, "2000-02-28T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
    ] as [(Int64, String)])
    func timesAreWrittenInUTC(_ milliseconds: Int64, _ text: String) {
        #expect(UTCText.forJSON(milliseconds) == text)
    }

    @Test(arguments: [(30.0, "30.00"), (0.1, "0.10"), (1.005, "1.00"), (99_999_999.99, "99999999.99")])
    func moneyIsCents(_ dollars: Double, _ text: String) {
        #expect(Money(dollars: dollars)?.text == text)
    }

    @Test(arguments: [-0.01, .nan, .infinity, 100_000_000.0]) func noMoney(_ dollars: Double) {
        #expect(Money(dollars: dollars) == nil)
    }
}

@Suite struct SimulatedGatewayTests {
    private struct NoTime: Waiting {
        func wait(_ duration: Duration) async throws {}
    }

    private func gateway(_ randoms: [Int], failPercent: Int = 40) -> SimulatedGateway {
        SimulatedGateway(latency: .seconds(5), failPercent: failPercent, randoms: randoms, time: NoTime())
    }

    private let charge = Charge(paymentID: "p", amount: Money(cents: 100), method: nil)

    @Test(arguments: [
        ([67], 1), ([23, 55], 2), ([12, 38, 82], 3), ([15, 8, 31, 72], 4), ([39, 40], 2),
    ])
    func fixedDrawsDecide(_ randoms: [Int], _ attempts: Int) async {
        let gateway = gateway(randoms)
        for attempt in 1..<attempts {
            let random = randoms[attempt - 1]
            #expect(
                await gateway.charge(charge, attempt: attempt)
                    == .failed(
                        note: "random=\(random) < 40", reason: "transaction declined (simulated failure)"))
        }
        let last = randoms[attempts - 1]
        #expect(await gateway.charge(charge, attempt: attempts) == .approved(note: "random=\(last) >= 40"))
        #expect(await gateway.charge(charge, attempt: attempts + 5) == .approved(note: "random=\(last) >= 40"))
    }

    /// Four sigma around what independent attempts of which 60 % succeed come to.
    @Test func chanceIsFair() async {
        let gateway = gateway([])
        var (first, all) = (0, 0)
        for _ in 0..<1_000 {
            var attempts = 1
            while case .failed = await gateway.charge(charge, attempt: attempts) { attempts += 1 }
            first += attempts == 1 ? 1 : 0
            all += attempts
        }
        #expect((0.54...0.66).contains(Double(first) / 1_000))
        #expect((1.53...1.80).contains(Double(all) / 1_000))
    }

    @Test func theAnnouncementNamesTheDelay() {
        #expect(gateway([]).announcement == "Simulating payment gateway call (5 second delay)")
    }
}
