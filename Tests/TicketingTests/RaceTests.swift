import Testing

@testable import Reprise
@testable import Ticketing

@Suite struct RaceTests {
    /// A's compensation is interrupted between ticket and view while B takes the seat.
    @Test func aLateCompensationDoesNotOverwriteTheNextBuyersView() async throws {
        let shop = try LooseShop()
        shop.gateway.close()
        let first = try await shop.submit("s", "a", "card_decline")
        try await shop.runtime.until("A pays") { shop.gateway.look(\.waiting.count) == 1 }
        // From here every message to the seat map is late.
        shop.runtime.hold { $0.service == "SeatMap" && $0.handler == "set" }
        shop.gateway.open()
        try await shop.runtime.settle()
        shop.gateway.close()
        let second = try await shop.submit("s", "b")
        try await shop.runtime.settle()
        shop.runtime.release { $0.reverse() }
        try await shop.runtime.until("B pays") { shop.gateway.look(\.waiting.count) == 1 }
        try await shop.runtime.settleBeside(shop.gateway)
        #expect(try await shop.view("s") == .reserved)
        shop.gateway.open()
        #expect(try await shop.outcome(first).hasPrefix("Payment failed"))
        #expect(try await shop.outcome(second) == "Booking Confirmed")
        try await shop.audit(["s"], confirmed: 1)
        #expect(try await shop.view("s") == .sold)
    }

    @Test func aHoldThatEndsWhilePayingIsVoided() async throws {
        let shop = try LooseShop(holdMs: 300)
        shop.gateway.close()
        let first = try await shop.submit("s", "a")
        try await shop.runtime.until("A pays") { shop.gateway.look(\.waiting.count) == 1 }
        shop.runtime.act { $0.nowMs += 300 }
        let second = try await shop.submit("s", "b")
        try await shop.runtime.until("B pays") { shop.gateway.look(\.waiting.count) == 2 }
        shop.gateway.open()
        #expect(try await shop.outcome(first) == "Ticket is not reserved, cannot confirm")
        #expect(try await shop.outcome(second) == "Booking Confirmed")
        try await shop.runtime.advance(byMs: 1_000)
        try await shop.audit(["s"], confirmed: 1)
        #expect(try await shop.ticket("s").contains(#""b""#))
    }

    /// The resets of the first round arrive when the second has begun to sell.
    @Test func lateResetsSpareTheNextRound() async throws {
        let shop = try LooseShop()
        for seat in Venue.seatIDs.dropLast() { _ = try await shop.checkout(seat, "u") }
        try await shop.runtime.settle()
        shop.runtime.hold { $0.service == "GameManager" }
        #expect(try await shop.checkout("seat-50", "last") == #""Booking Confirmed""#)
        _ = try await shop.runtime.request("Ticket/seat-1/release")
        #expect(try await shop.checkout("seat-1", "new") == #""Booking Confirmed""#)
        shop.gateway.close()
        _ = try await shop.runtime.request("Ticket/seat-2/release")
        let paying = try await shop.submit("seat-2", "slow")
        try await shop.runtime.until("it pays") { shop.gateway.look(\.waiting.count) == 1 }
        shop.runtime.release()
        try await shop.runtime.settleBeside(shop.gateway)
        #expect(try await shop.ticket("seat-1").contains(#""new""#))
        #expect(try await shop.ticket("seat-2").contains(#""slow""#))
        #expect(try await shop.ticket("seat-3") == LooseShop.untouched)
        shop.gateway.open()
        #expect(try await shop.outcome(paying) == "Booking Confirmed")
        try await shop.audit(Venue.seatIDs, confirmed: 52)
        #expect(try await shop.map().filter { $0.status == .sold }.map(\.id) == ["seat-1", "seat-2"])
    }

    @Test func aResetByHandDuringAPaymentVoidsIt() async throws {
        let shop = try LooseShop()
        shop.gateway.close()
        let paying = try await shop.submit("seat-2", "slow")
        try await shop.runtime.until("it pays") { shop.gateway.look(\.waiting.count) == 1 }
        _ = try await shop.runtime.request("GameManager/reset")
        try await shop.runtime.settleBeside(shop.gateway)
        #expect(try await shop.ticket("seat-2") == LooseShop.untouched)
        shop.gateway.open()
        #expect(try await shop.outcome(paying) == "Ticket is not reserved, cannot confirm")
        try await shop.audit(Venue.seatIDs, confirmed: 0)
        #expect(shop.gateway.look(\.voided.count) == 1)
    }

    /// Many buyers, every message delivered in an order drawn from the seed, with crashes, cancellations, holds that
    /// end, direct calls and resets in between.
    @Test(arguments: 0..<120) func nothingIsLostInAnyOrder(_ seed: Int) async throws {
        let random = DurableRandom(seed: UInt64(seed))
        let shop = try LooseShop(holdMs: 5_000)
        let isAlmostSoldOut = random.nextBool()
        if isAlmostSoldOut {
            for seat in Venue.seatIDs.dropFirst(2) { _ = try await shop.checkout(seat, "early") }
            try await shop.runtime.settle()
        }
        let seats = ["seat-1", "seat-2", "x"]
        let methods = [
            "card_success", "card_success", "card_success", "card_decline", "card_error", "card_lost_answer",
        ]
        let direct = [
            ("Ticket/seat-1/reserve", #""u1""#), ("Ticket/seat-1/release", ""), ("Ticket/seat-2/cleanup", ""),
            ("Ticket/x/confirm", ""), ("GameManager/reset", ""),
        ]
        shop.runtime.hold { _ in true }
        var buyers: [String] = []
        for action in 0..<400 {
            try await shop.runtime.settle()
            switch random.next(in: 0..<30) {
            case 0..<3 where buyers.count < 10:
                let seat = seats[random.next(in: 0..<3)]
                buyers.append(try await shop.submit(seat, "u\(random.next(in: 0..<3))", methods[random.next(in: 0..<6)]))
            case 3 where action < 300:
                let (path, body) = direct[random.next(in: 0..<direct.count)]
                _ = shop.runtime.submit(path, body)
            case 4 where !buyers.isEmpty:
                let victim = buyers[random.next(in: 0..<buyers.count)]
                shop.runtime.act { $0.cancel(victim) }
            case 5:
                let services = ["Checkout", "Ticket", "SeatMap"]
                let crash = World.Crash(
                    service: services[random.next(in: 0..<3)], step: random.next(in: 0..<8),
                    moment: World.Crash.Moment.allCases[random.next(in: 0..<3)])
                shop.runtime.act { $0.crash = crash }
            case 6:
                try await shop.runtime.advance(byMs: Int64(random.next(in: 0..<3_000)))
            default:
                _ = shop.runtime.releaseOne { random.next(in: 0..<$0) }
            }
        }
        shop.runtime.release()
        try await shop.runtime.advance(byMs: 100_000)
        var sales = isAlmostSoldOut ? 48 : 0
        for id in buyers where try await shop.outcome(id) == "Booking Confirmed" { sales += 1 }
        try await shop.audit(seats + Venue.seatIDs, confirmed: sales)
    }
}

extension MemoryRuntime {
    /// As `settle`, while the gateway keeps one or more closures waiting.
    func settleBeside(_ gateway: FakeGateway) async throws {
        try await until("all else is parked or over") {
            act { $0.running } == gateway.look(\.waiting.count)
        }
    }
}
