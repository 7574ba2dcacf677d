import Reprise
import Testing

@testable import Ticketing

@Suite struct TicketTests {
    @Test func anUntouchedSeatIsAvailableAndUnknownToTheMap() async throws {
        let shop = try Shop()
        #expect(try await shop.ticket("s") == Shop.untouched)
        #expect(try await shop.runtime.request("Ticket/s/get") == Shop.untouched)
        #expect(try await shop.map() == [])
    }

    @Test func theSameUserMayReserveAgain() async throws {
        let shop = try Shop()
        #expect(try await shop.runtime.request("Ticket/s/reserve", #""u1""#) == "true")
        let first = try await shop.ticket("s")
        try await shop.runtime.advance(by: .milliseconds(1_000))
        #expect(try await shop.runtime.request("Ticket/s/reserve", #""u1""#) == "true")
        #expect(try await shop.ticket("s") == first, "the deadline is not extended")
        let error = try await shop.runtime.refusal("Ticket/s/reserve", #""u2""#)
        #expect(error == TerminalError("Ticket is currently reserved"))
        #expect(try await shop.view("s") == .reserved)
    }

    @Test(arguments: ["", "{}", "null", "5", #""u1""#]) func aDirectConfirmSellsOnce(_ body: String) async throws {
        let shop = try Shop()
        let refusal = try await shop.runtime.refusal("Ticket/s/confirm", body)
        #expect(refusal == TerminalError("Ticket is not reserved, cannot confirm"))
        #expect(try await shop.ticket("s") == Shop.untouched)
        _ = try await shop.runtime.request("Ticket/s/reserve", #""u1""#)
        for _ in 1...2 {
            #expect(try await shop.runtime.request("Ticket/s/confirm", body) == "true")
            #expect(try await shop.ticket("s") == #"{"reservedBy":"u1","reservedUntil":null,"status":"SOLD"}"#)
        }
        #expect(try await shop.view("s") == .sold)
    }

    @Test(arguments: ["release", "cleanup"]) func aSeatIsFreedWhoeverHasIt(_ handler: String) async throws {
        let shop = try Shop()
        #expect(try await shop.runtime.request("Ticket/s/\(handler)") == "true")
        #expect(try await shop.map() == [], "nothing has happened")
        _ = try await shop.runtime.request("Ticket/s/reserve", #""u1""#)
        for _ in 1...2 {
            #expect(try await shop.runtime.request("Ticket/s/\(handler)") == "true")
            #expect(try await shop.ticket("s") == Shop.untouched)
        }
        #expect(try await shop.checkout("s", "u2") == #""Booking Confirmed""#)
        #expect(try await shop.runtime.request("Ticket/s/\(handler)") == "true")
        #expect(try await shop.ticket("s") == Shop.untouched)
        #expect(try await shop.view("s") == .available)
        #expect(try await shop.checkout("s", "u3") == #""Booking Confirmed""#, "versions go on after a cleanup")
        #expect(try await shop.view("s") == .sold)
    }

    @Test func cleanupRemovesTheState() async throws {
        let shop = try Shop()
        _ = try await shop.runtime.request("Ticket/s/reserve", #""u1""#)
        _ = try await shop.runtime.request("Ticket/s/cleanup")
        let stored = await shop.runtime.state(ofService: Ticket.self, key: "s").keys.sorted()
        #expect(stored == ["hold"])
    }

    @Test func aHoldEndsByItself() async throws {
        let shop = try Shop(holdMs: 2_000)
        _ = try await shop.runtime.request("Ticket/s/reserve", #""u1""#)
        try await shop.runtime.advance(by: .milliseconds(1_999))
        #expect(try await shop.ticket("s").contains("RESERVED"))
        try await shop.runtime.advance(by: .milliseconds(1))
        #expect(try await shop.ticket("s") == Shop.untouched)
        try await shop.runtime.settle()
        #expect(try await shop.view("s") == .available)
        #expect(try await shop.checkout("s", "u2") == #""Booking Confirmed""#)
    }

    @Test func aHoldIsOverAtItsDeadlineEvenIfItsTimerIsLate() async throws {
        let shop = try Shop(holdMs: 2_000)
        _ = try await shop.runtime.request("Ticket/s/reserve", #""u1""#)
        shop.runtime.drift(by: .milliseconds(2_000))
        #expect(try await shop.ticket("s") == Shop.untouched)
        #expect(try await shop.runtime.refusal("Ticket/s/confirm")?.message == "Ticket is not reserved, cannot confirm")
        #expect(try await shop.runtime.request("Ticket/s/reserve", #""u2""#) == "true")
        try await shop.runtime.advance(by: .milliseconds(1))
        #expect(try await shop.ticket("s").contains("u2"), "the old hold's timer does not end the new hold")
        #expect(try await shop.view("s") == .reserved)
    }

    @Test func theTimerOfASpentHoldIsInert() async throws {
        let shop = try Shop(holdMs: 2_000)
        #expect(try await shop.checkout("s", "u1") == #""Booking Confirmed""#)
        try await shop.runtime.advance(by: .milliseconds(5_000))
        #expect(try await shop.ticket("s").contains("SOLD"))
        try await shop.audit(["s"], confirmed: 1)
    }

    @Test func aCheckoutAdoptsTheHoldOfItsUser() async throws {
        let shop = try Shop()
        _ = try await shop.runtime.request("Ticket/s/reserve", #""u1""#)
        #expect(try await shop.checkout("s", "u2") == "Ticket is currently reserved")
        shop.gateway.close()
        let first = try await shop.submit("s", "u1")
        try await shop.runtime.until("it pays") { shop.gateway.look(\.waiting.count) == 1 }
        #expect(try await shop.checkout("s", "u1") == "Ticket is currently reserved", "adopted once")
        shop.gateway.open()
        #expect(try await shop.outcome(first) == "Booking Confirmed")
        try await shop.audit(["s"], confirmed: 1)
    }

    @Test(arguments: ["", "5", "{}", #""""#, #"{"userId":5}"#, #"{"userId":""}"#, #"{"token":"t"}"#])
    func aReservationNeedsAUser(_ body: String) async throws {
        let shop = try Shop()
        #expect(try await shop.runtime.refusal("Ticket/s/reserve", body)?.code == 400)
    }

    @Test(arguments: ["confirm", "release"]) func aStrangersTokenOpensNothing(_ handler: String) async throws {
        let shop = try Shop()
        let body = #"{"userId":"u1","token":"mine"}"#
        #expect(try await shop.runtime.request("Ticket/s/reserve", body) == #"{"version":1}"#)
        let before = try await shop.ticket("s")
        _ = try await shop.runtime.refusal("Ticket/s/\(handler)", #"{"token":"theirs"}"#)
        #expect(try await shop.ticket("s") == before)
        #expect(try await shop.runtime.request("Ticket/s/\(handler)", #"{"token":"mine"}"#) == #"{"version":2}"#)
    }

    @Test func aGuardedReleaseLeavesASaleAlone() throws {
        var seat = Seat()
        try seat.reserve(userID: "u", token: "t", nowMs: 0, holdMs: 10)
        try seat.confirm(token: "t", nowMs: 9)
        let sold = seat
        seat.release(token: "t", includingSale: false)
        #expect(seat == sold)
        seat.release(token: "other", includingSale: true)
        #expect(seat == sold)
        seat.release(token: "t", includingSale: true)
        #expect(seat.state == SeatState())
    }
}
