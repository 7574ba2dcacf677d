import Reprise
import RepriseTesting
import Testing

@testable import Reservations

@Suite struct HoldTests {
    @Test func H17_aConfirmationEndsTheWorkflowAtOnce() async throws {
        let house = try House()
        let id = try await house.hold("A1")
        #expect(try await house.workflow(id).hasEnded == false)
        #expect(try await house.confirm(id).status == 200)
        try await house.runtime.settle()
        #expect(try await house.outcome(id) == #"{"status":"confirmed"}"#)
        let record = try await house.record(id)
        #expect(record.confirmedAt == record.createdAt, "no time has passed")
        try await house.runtime.advance(by: .hours(1))
        #expect(try await house.record(id) == record)
        #expect(try await house.reserve("A1").status == 409)
    }

    @Test func H13_aHoldEndsAtItsDeadlineWithoutAnyQuestion() async throws {
        let house = try House()
        let id = try await house.hold("A1")
        try await house.runtime.advance(by: .milliseconds(899_999))
        #expect(try await house.outcome(id) == nil)
        #expect(try await house.record(id).status == .held)
        try await house.runtime.advance(by: .milliseconds(1))
        #expect(try await house.outcome(id) == #"{"status":"expired"}"#)
        let record = try await house.record(id)
        #expect(record.status == .expired)
        #expect(record.expiredAt == record.expiresAt)
        let late = try await house.confirm(id)
        #expect(late.status == 410)
        #expect(try house.error(in: late) == "Reservation has expired and cannot be confirmed")
        #expect(try house.record(in: late) == record)
        #expect(try await house.reserve("A1").status == 201)
    }

    @Test func whoLooksAfterTheDeadlineSeesNoHoldEvenIfTheTimerIsLate() async throws {
        let house = try House()
        let id = try await house.hold("A1")
        house.runtime.drift(by: .milliseconds(900_001))
        #expect(try await house.outcome(id) == nil, "the timer has not fired")
        let record = try await house.record(id)
        #expect(record.status == .expired)
        #expect(record.expiredAt?.timestamp == house.runtime.now)
        #expect(try await house.confirm(id).status == 410)
        try await house.runtime.advance(by: .seconds(1))
        #expect(try await house.outcome(id) == #"{"status":"expired"}"#)
        #expect(try await house.record(id) == record, "decided once")
    }

    @Test func whoConfirmsAfterTheDeadlineIsToldSoEvenIfTheTimerIsLate() async throws {
        let house = try House()
        let id = try await house.hold("A1")
        house.runtime.drift(by: .milliseconds(900_001))
        let late = try await house.confirm(id)
        #expect(late.status == 410)
        #expect(try house.error(in: late) == "Reservation has expired (confirmation time exceeded)")
        let record = try house.record(in: late)
        #expect(record.status == .expired)
        #expect(try house.error(in: try await house.confirm(id)) == "Reservation has expired and cannot be confirmed")
        #expect(try await house.record(id) == record)
        try await house.runtime.advance(by: .seconds(1))
        #expect(try await house.outcome(id) == #"{"status":"expired"}"#)
    }

    @Test func theDeadlineItselfIsInTime() async throws {
        let house = try House()
        let id = try await house.hold("A1")
        house.runtime.drift(by: .milliseconds(900_000))
        #expect(try await house.confirm(id).status == 200)
        try await house.runtime.advance(by: .seconds(1))
        #expect(try await house.outcome(id) == #"{"status":"confirmed"}"#)
        #expect(try await house.record(id).status == .confirmed)
    }

    @Test func aSeatWhoseHolderIsLateToExpireIsFree() async throws {
        let house = try House()
        let first = try await house.hold("A1", user: "one")
        house.runtime.drift(by: .milliseconds(900_001))
        let second = try await house.hold("A1", user: "two")
        #expect(try await house.record(first).status == .expired)
        try await house.runtime.advance(by: .seconds(1))
        #expect(try await house.record(second).status == .held, "what the first one settles is its own")
        #expect(try await house.reserve("A1", user: "three").status == 409)
    }

    @Test func H23_oneOfManyGetsTheSeat() async throws {
        let house = try House()
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for user in 0..<50 { group.addTask { try await house.reserve("A1", user: "u\(user)").status } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.filter { $0 == 201 }.count == 1)
        #expect(statuses.filter { $0 == 409 }.count == 49)
    }

    @Test func aReservationWhoseInvocationIsCancelledGivesTheSeatBack() async throws {
        let house = try House()
        let id = try await house.hold("A1")
        try await house.runtime.client.cancel(try await house.workflow(id).id)
        try await house.runtime.settle()
        #expect(try await house.record(id).status == .cancelled)
        #expect(try await house.outcome(id) == #"{"status":"cancelled"}"#)
        #expect(try await house.reserve("A1").status == 201)
    }

    /// One rule for all: a day after its end a reservation is gone, whatever was done with it.
    @Test(arguments: ["confirm", "cancel", "expire"]) func recordsAreKeptForADay(_ end: String) async throws {
        let house = try House()
        let id = try await house.hold("A1")
        if end == "expire" {
            try await house.runtime.advance(by: .minutes(15))
        } else {
            try await house.runtime.advance(by: .minutes(5))
            #expect(try await house.ask(.post, "/\(end)/\(id)").status == 200)
        }
        try await house.runtime.advance(by: .hours(24) - .seconds(10))
        let record = try await house.record(id)
        #expect(record.status != .held)
        try await house.runtime.advance(by: .seconds(20))
        #expect(try await house.ask(.get, "/reservation/\(id)").status == 404)
        #expect(try await house.confirm(id).status == 404)
        #expect(try await house.reserve("A1").status == (end == "confirm" ? 409 : 201), "a sold seat stays sold")
    }
}
