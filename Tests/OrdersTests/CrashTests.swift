import Testing

@testable import Orders
@testable import Reprise

/// A crash at every position of every journal of an order, and the same ids whatever happens.
@Suite struct CrashTests {
    @Test(arguments: ["OrderService", "OrderRecord", "PaymentService", "ShippingService"], [0, 2])
    func aCrashAnywhereChangesNothing(_ service: String, _ failures: Int) async throws {
        let ids = try await orderIDs { _ in }
        var isBeyondTheEnd = false
        var step = 0
        while !isBeyondTheEnd {
            isBeyondTheEnd = true
            for moment in World.Crash.Moment.allCases {
                let crash = World.Crash(service: "order.sv1.\(service)", step: step, moment: moment)
                var hasCrashed = false
                let found = try await orderIDs(failures: failures) { shop in
                    shop.runtime.act { $0.crash = crash }
                } afterwards: { shop in
                    hasCrashed = shop.runtime.act { $0.crash == nil }
                    let status = try await shop.audit("o1")
                    #expect(status == .completed, "\(crash)")
                    // A lost result repeats an attempt, under its number, and never the charge.
                    let numbers = shop.gateway.look { $0.attempts.map(\.number) }
                    #expect(Set(numbers) == Set(1...(failures + 1)), "\(crash): \(numbers)")
                    #expect(numbers == numbers.sorted(), "\(crash): \(numbers)")
                }
                #expect(found == ids, "\(crash)")
                if hasCrashed { isBeyondTheEnd = false }
            }
            step += 1
        }
        #expect(step > 3)
    }

    @Test(arguments: ["OrderService", "OrderRecord", "PaymentService"])
    func aCrashWhileItIsTakenBackChangesNothing(_ service: String) async throws {
        var isBeyondTheEnd = false
        var step = 0
        while !isBeyondTheEnd {
            isBeyondTheEnd = true
            for moment in World.Crash.Moment.allCases {
                let shop = try OrderShop()
                shop.provider.refusal.withLock { $0 = TerminalError("no vans") }
                shop.runtime.act { $0.crash = World.Crash(service: "order.sv1.\(service)", step: step, moment: moment) }
                #expect(try await shop.create("o1") == "shipment creation failed: no vans")
                #expect(try await shop.audit("o1") == .cancelled, "\(service) \(step) \(moment)")
                #expect(shop.gateway.look(\.voided.count) == 1)
                if shop.runtime.act({ $0.crash == nil }) { isBeyondTheEnd = false }
            }
            step += 1
        }
        #expect(step > 3)
    }

    private func orderIDs(
        failures: Int = 0, _ prepare: (OrderShop) -> Void, afterwards: (OrderShop) async throws -> Void = { _ in }
    ) async throws -> [String?] {
        let shop = try OrderShop()
        shop.gateway.look { $0.failures = failures }
        prepare(shop)
        #expect(try await shop.create("o1") == #"{"order_id":"o1"}"#)
        try await afterwards(shop)
        let row = shop.tables.look { $0.orders["o1"] }
        return [row?.paymentID, row?.shipmentID]
    }
}

@Suite struct TrackingTests {
    @Test func anOrderTakesItsTimeInEveryStatus() async throws {
        let shop = try OrderShop(profile: .tracking)
        let id = shop.submit("o1")
        var seen: [String] = []
        for _ in 0..<22 {
            try await shop.runtime.settle()
            let reply = try await shop.look("o1")
            seen.append("\(reply.order.status.rawValue) \(reply.shipmentInfo?.status.rawValue ?? "-")")
            if let shipment = reply.shipmentInfo {
                #expect(shop.tables.look { $0.shipments.values.first?.info } == shipment)
            }
            try await shop.runtime.advance(byMs: 1_000)
        }
        let runs = seen.reduce(into: [(text: String, count: Int)]()) { runs, text in
            if runs.last?.text == text { runs[runs.count - 1].count += 1 } else { runs.append((text, 1)) }
        }
        #expect(
            runs.map { "\($0.text) x\($0.count)" } == [
                "PENDING - x5", "PROCESSING - x5", "SHIPPED SHIPMENT_IN_TRANSIT x10", "DELIVERED SHIPMENT_DELIVERED x2",
            ])
        #expect(try await shop.outcome(id) == "o1")
    }

    @Test(arguments: [1, 6, 12]) func anOrderIsTakenBackWhileItPauses(_ seconds: Int64) async throws {
        let shop = try OrderShop(profile: .tracking)
        let id = shop.submit("o1")
        try await shop.runtime.advance(byMs: seconds * 1_000)
        _ = shop.cancel("o1")
        #expect(try await shop.outcome(id) == "order cancelled")
        #expect(try await shop.audit("o1") == .cancelled)
    }
}
