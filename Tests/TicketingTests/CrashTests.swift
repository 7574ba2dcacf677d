import RepriseTesting
import Testing

@testable import Ticketing

/// A crash at every position of every journal of a checkout, and a cancellation at every moment.
@Suite struct CrashTests {
    struct Scenario: Sendable, CustomStringConvertible {
        let method: String
        let outcome: String
        let sales: Int
        var description: String { method }
    }

    static let scenarios = [
        Scenario(method: "card_success", outcome: #""Booking Confirmed""#, sales: 1),
        Scenario(
            method: "card_decline",
            outcome: "Payment failed: Payment declined: Payment declined (Method: card_decline)", sales: 0),
        Scenario(method: "card_error", outcome: "Payment failed: Payment declined: Gateway timeout", sales: 0),
        Scenario(method: "card_lost_answer", outcome: "Payment failed: Payment declined: Gateway timeout", sales: 0),
    ]

    @Test(arguments: scenarios) func aCrashAnywhereChangesNothing(_ scenario: Scenario) async throws {
        let summary = try await CrashSearch.everyPosition { plan in
            let shop = try Shop(crashes: plan)
            let outcome = try await shop.checkout("seat-1", "u", scenario.method)
            #expect(outcome == scenario.outcome, "\(plan)")
            try await shop.audit(["seat-1"], confirmed: scenario.sales)
            // A lost result repeats the request, never the charge.
            #expect(Set(shop.gateway.look(\.requests).map(\.idempotencyKey)).count == 1, "\(plan)")
            return outcome
        }
        #expect(summary.crashes > 40)
    }

    /// Deliveries are let through one by one; after the n-th the checkout is cancelled.
    @Test(arguments: scenarios, [false, true])
    func aCancellationAtAnyMomentLeavesNothingHalfDone(_ scenario: Scenario, _ isRepeated: Bool) async throws {
        var isBeyondTheEnd = false
        var moment = 0
        while !isBeyondTheEnd {
            let shop = try LooseShop()
            shop.runtime.hold { _ in true }
            let id = try await shop.submit("seat-1", "u", scenario.method)
            try await shop.runtime.settle()
            for _ in 0..<moment {
                if !shop.runtime.releaseOne({ _ in 0 }) { isBeyondTheEnd = true }
                try await shop.runtime.settle()
            }
            shop.runtime.act { $0.cancel(id) }
            try await shop.runtime.settle()
            if isRepeated, shop.runtime.releaseOne({ _ in 0 }) {
                try await shop.runtime.settle()
                shop.runtime.act { $0.cancel(id) }
            }
            shop.runtime.release()
            try await shop.runtime.settle()
            let outcome = try await shop.outcome(id)
            let sales = outcome == "Booking Confirmed" ? 1 : 0
            #expect(["Booking Confirmed", "canceled", scenario.outcome].contains(outcome), "moment \(moment)")
            try await shop.audit(["seat-1"], confirmed: sales)
            moment += 1
        }
        #expect(moment > 5)
    }

    @Test func aCancellationDuringThePaymentWaitsForItsEndAndVoidsIt() async throws {
        let shop = try Shop()
        shop.gateway.close()
        let id = try await shop.submit("seat-1", "u")
        try await shop.runtime.until("it pays") { shop.gateway.look(\.waiting.count) == 1 }
        try await shop.runtime.client.cancel(id)
        #expect(shop.gateway.look(\.voidRequests) == 0)
        shop.gateway.open()
        #expect(try await shop.outcome(id) == "Cancelled")
        try await shop.audit(["seat-1"], confirmed: 0)
        #expect(shop.gateway.look(\.voided.count) == 1)
    }
}
