import Testing

@testable import Reprise
@testable import Ticketing

/// A crash at every position of every journal of a checkout, and a cancellation at every moment.
@Suite struct CrashTests {
    struct Scenario: Sendable, CustomStringConvertible {
        let method: String
        let outcome: String
        let sales: Int
        var isDoubtful: Bool { ["card_error", "card_lost_answer"].contains(method) }
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

    @Test(arguments: scenarios, ["Checkout", "Ticket", "SeatMap", "Payments", "Mail"])
    func aCrashAnywhereChangesNothing(_ scenario: Scenario, _ service: String) async throws {
        var isBeyondTheEnd = false
        var step = 0
        while !isBeyondTheEnd {
            isBeyondTheEnd = true
            for moment in World.Crash.Moment.allCases {
                let shop = try Shop()
                let crash = World.Crash(service: service, step: step, moment: moment)
                shop.runtime.act { $0.crash = crash }
                let outcome = try await shop.checkout("seat-1", "u", scenario.method)
                try await shop.runtime.settle()
                if shop.runtime.act({ $0.crash == nil }) { isBeyondTheEnd = false }
                #expect(outcome == scenario.outcome, "\(crash)")
                try await shop.audit(["seat-1"], confirmed: scenario.sales)
                // A lost result repeats the request, never the charge.
                #expect(Set(shop.gateway.look(\.requests).map(\.idempotencyKey)).count == 1, "\(crash)")
            }
            step += 1
        }
        let isIdle = service == "Mail" ? scenario.sales == 0 : service == "Payments" && !scenario.isDoubtful
        #expect((step == 1) == isIdle)
    }

    /// Deliveries are let through one by one; after the n-th the checkout is cancelled.
    @Test(arguments: scenarios, [false, true])
    func aCancellationAtAnyMomentLeavesNothingHalfDone(_ scenario: Scenario, _ isRepeated: Bool) async throws {
        var isBeyondTheEnd = false
        var moment = 0
        while !isBeyondTheEnd {
            let shop = try Shop()
            shop.runtime.hold { _ in true }
            let id = shop.submit("seat-1", "u", scenario.method)
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
        let id = shop.submit("seat-1", "u")
        try await shop.runtime.until("it pays") { shop.gateway.look(\.waiting.count) == 1 }
        shop.runtime.act { $0.cancel(id) }
        #expect(shop.gateway.look(\.voidRequests) == 0)
        shop.gateway.open()
        #expect(try await shop.outcome(id) == "canceled")
        try await shop.audit(["seat-1"], confirmed: 0)
        #expect(shop.gateway.look(\.voided.count) == 1)
    }
}
