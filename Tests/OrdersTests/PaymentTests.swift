import Reprise
import Testing

@testable import Orders

@Suite struct PaymentTests {
    private static let request = #"{"order_id":"o","amount":30}"#

    private func pay(_ shop: OrderShop, _ body: String = request) async throws -> String {
        do {
            return try await shop.runtime.request("\(OrderShop.payments)/p1/ProcessPayment", body)
        } catch let error as TerminalError {
            return error.message
        }
    }

    @Test func theFirstCallChargesAndTheSecondDoesNot() async throws {
        let shop = try OrderShop()
        let answer = #"{"payment_id":"p1","status":"PAYMENT_COMPLETED"}"#
        #expect(try await pay(shop) == answer)
        let row = shop.tables.look { $0.payments["p1"] }
        #expect(row?.status == .completed)
        let lines = shop.lines.all.count
        #expect(try await pay(shop) == answer)
        #expect(shop.tables.look { $0.payments["p1"] } == row)
        #expect(shop.lines.all.count == lines)
        #expect(shop.runtime.lines.last == "[Payment Object p1] Payment already processed with status: PAYMENT_COMPLETED")
        #expect(shop.gateway.look(\.attempts.count) == 1)
    }

    @Test func twoAtOnceChargeOnce() async throws {
        let shop = try OrderShop()
        shop.gateway.close()
        var ids: [String] = []
        for _ in 0..<2 {
            ids.append(try await shop.runtime.submit("\(OrderShop.payments)/p1/ProcessPayment", Self.request))
        }
        try await shop.runtime.until("one pays") { shop.gateway.look(\.waiting.count) == 1 }
        shop.gateway.open()
        for id in ids {
            let reply = try await shop.runtime.client.attach(id, of: PaymentService.processPayment)
            #expect(reply.status == .completed)
        }
        #expect(shop.gateway.look(\.attempts.count) == 1)
    }

    @Test func attemptsAreCountedAndNothingBeforeThemIsRepeated() async throws {
        let shop = try OrderShop()
        shop.gateway.look { $0.failures = 3 }
        _ = try await pay(shop)
        #expect(shop.gateway.look { $0.attempts.map(\.number) } == [1, 2, 3, 4])
        let lines = shop.lines.all
        #expect(lines.filter { $0.contains("Starting payment transaction") }.count == 4)
        #expect(lines.filter { $0.hasSuffix("- Restate will retry") }.count == 3)
        #expect(lines.filter { $0.contains("SUCCEEDED") }.count == 1)
        #expect(lines.filter { $0.contains("Inserted/Updated payment") }.count == 1)
    }

    @Test(arguments: [
        (#""payment_method":{"bank_transfer":{"bank_name":"b"}}"#, "BANK_TRANSFER"),
        (#""paymentMethod":{"digitalWallet":{"walletId":"w"}}"#, "DIGITAL_WALLET"),
        (#""creditCard":{"cardNumber":"1"}"#, "CREDIT_CARD"), (#""payment_method":{}"#, "UNKNOWN"),
        (#""payment_method":null"#, "UNKNOWN"),
    ])
    func theMethodIsRecorded(_ method: String, _ text: String) async throws {
        let shop = try OrderShop()
        _ = try await pay(shop, #"{"orderId":"o","amount":1.25,\#(method)}"#)
        #expect(shop.tables.look { $0.payments["p1"]?.method } == text)
        #expect(shop.tables.look { $0.payments["p1"]?.amount.text } == "1.25")
    }

    @Test func aDeclinedCardIsFinal() async throws {
        let shop = try OrderShop()
        let body = #"{"order_id":"o","amount":1,"payment_method":{"credit_card":{"card_number":"4000000000000002"}}}"#
        #expect(try await pay(shop, body) == "payment processing failed: card declined")
        #expect(try await pay(shop, body) == #"{"payment_id":"p1","status":"PAYMENT_FAILED"}"#)
        #expect(shop.gateway.look(\.attempts.count) == 1)
        #expect(shop.tables.look { $0.payments["p1"]?.status } == .failed)
    }

    @Test func exhaustionIsFinalAndLeavesNoCharge() async throws {
        let shop = try OrderShop(maxAttempts: 3)
        shop.gateway.look {
            $0.failures = 10
            $0.failingVoids = 2
            // The answer to a successful charge was lost.
            $0.charged = ["p1"]
        }
        #expect(try await pay(shop) == "payment processing failed: payment gateway error: not yet")
        try await shop.runtime.advance(by: .minutes(1))
        #expect(shop.gateway.look(\.attempts.count) == 3)
        #expect(shop.gateway.look(\.kept) == 0)
        #expect(shop.tables.look { $0.payments["p1"]?.status } == .failed)
    }

    @Test(arguments: [
        "", "{}", #"{"order_id":"","amount":1}"#, #"{"order_id":"o"}"#, #"{"order_id":"o","amount":-1}"#,
        #"{"order_id":"o","amount":1e12}"#, #"{"order_id":"o","amount":"1"}"#,
    ])
    func badRequestsAreRefused(_ body: String) async throws {
        let shop = try OrderShop()
        let error = try await shop.runtime.refusal("\(OrderShop.payments)/p1/ProcessPayment", body)
        #expect(error?.code == 400)
    }
}

@Suite struct ShipmentTests {
    @Test func aShipmentIsCreatedOnce() async throws {
        let shop = try OrderShop()
        let path = "\(OrderShop.shipping)/s1"
        let body = #"{"orderId":"o","shippingMethod":{"carrier":"UPS","serviceType":"Air"}}"#
        let first = try await shop.runtime.request("\(path)/CreateShipment", body)
        #expect(try await shop.runtime.request("\(path)/CreateShipment", #"{"order_id":"o"}"#) == first)
        let row = try #require(shop.tables.look { $0.shipments["s1"] })
        #expect(row.info.carrier == "UPS")
        #expect(row.serviceType == "Air")
        #expect(
            try await shop.runtime.request("\(path)/TrackShipment", "{}") == """
                {"current_location":"Warehouse","estimated_delivery":"2025-10-10","events":[],"shipment_id":"s1",\
                "status":"SHIPMENT_CREATED","tracking_number":"\(row.info.trackingNumber)"}
                """)
        #expect(shop.tables.look(\.writes) == 1)
    }

    @Test func anUnknownShipmentIsNotFound() async throws {
        let shop = try OrderShop()
        let error = try await shop.runtime.refusal("\(OrderShop.shipping)/s/TrackShipment", "{}")
        #expect(error == TerminalError("shipment not found", code: 404))
    }

    /// A charge whose answer was lost reaches the gateway after the void that was meant for it.
    @Test func aVoidIsRepeatedForAChargeThatArrivesLate() async throws {
        let shop = try OrderShop()
        shop.gateway.look { $0.lateArrival = .seconds(20) }
        let payment = shop.runtime.client.object(PaymentService.self, key: "p")
        let void = try await payment.send(PaymentService.voidCharge)
        try await shop.runtime.settle()
        shop.gateway.look { _ = $0.charged.insert("p") }
        try await shop.runtime.advance(by: .milliseconds(20_000))
        try await shop.runtime.client.attach(void.id, of: PaymentService.voidCharge)
        #expect(shop.gateway.look(\.kept) == 0)
    }
}
