import Reprise
import RepriseTesting
import Testing

@testable import Orders

/// A crash at every position of every journal of an order, and the same ids whatever happens.
@Suite struct CrashTests {
    /// What is left of an order in the end.
    private struct Remains: Equatable {
        var answer: String
        var paymentID: String?
        var shipmentID: String?
        var ledger: [[SQLValue]]
    }

    private func remains(_ shop: OrderShop, _ answer: String) async throws -> Remains {
        let row = shop.tables.look { $0.orders["o1"] }
        return Remains(
            answer: answer, paymentID: row?.paymentID, shipmentID: row?.shipmentID, ledger: try await shop.ledger("o1"))
    }

    @Test(arguments: [0, 2]) func aCrashAnywhereChangesNothing(_ failures: Int) async throws {
        let summary = try await CrashSearch.everyPosition { plan in
            let shop = try OrderShop(crashes: plan)
            shop.gateway.look { $0.failures = failures }
            let answer = try await shop.create("o1")
            #expect(answer == #"{"order_id":"o1"}"#, "\(plan)")
            #expect(try await shop.audit("o1") == .completed, "\(plan)")
            // A lost result repeats an attempt, under its number, and never the charge.
            let numbers = shop.gateway.look { $0.attempts.map(\.number) }
            #expect(Set(numbers) == Set(1...(failures + 1)), "\(plan): \(numbers)")
            #expect(numbers == numbers.sorted(), "\(plan): \(numbers)")
            let remains = try await remains(shop, answer)
            #expect(remains.ledger == [[3_000, 0]], "\(plan)")
            return remains
        }
        #expect(summary.crashes > 80)
    }

    @Test func aCrashWhileItIsTakenBackChangesNothing() async throws {
        let summary = try await CrashSearch.everyPosition { plan in
            let shop = try OrderShop(crashes: plan)
            shop.provider.refusal.withLock { $0 = TerminalError("no vans") }
            let answer = try await shop.create("o1")
            #expect(answer == "shipment creation failed: no vans", "\(plan)")
            #expect(try await shop.audit("o1") == .cancelled, "\(plan)")
            #expect(shop.gateway.look(\.voided.count) == 1)
            let remains = try await remains(shop, answer)
            #expect(remains.ledger == [[3_000, 3_000]], "\(plan)")
            return remains
        }
        #expect(summary.crashes > 80)
    }
}

@Suite struct TrackingTests {
    @Test func anOrderTakesItsTimeInEveryStatus() async throws {
        let shop = try OrderShop(profile: .tracking)
        let id = try await shop.submit("o1")
        var seen: [String] = []
        for _ in 0..<22 {
            try await shop.runtime.settle()
            let reply = try await shop.look("o1")
            seen.append("\(reply.order.status.rawValue) \(reply.shipmentInfo?.status.rawValue ?? "-")")
            if let shipment = reply.shipmentInfo {
                #expect(shop.tables.look { $0.shipments.values.first?.info } == shipment)
            }
            try await shop.runtime.advance(by: .milliseconds(1_000))
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
        let id = try await shop.submit("o1")
        try await shop.runtime.advance(by: .seconds(seconds))
        _ = try await shop.cancel("o1")
        #expect(try await shop.outcome(id) == "order cancelled")
        #expect(try await shop.audit("o1") == .cancelled)
    }
}
