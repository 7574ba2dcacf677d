import Reprise
import RepriseTesting
import Testing

@testable import Reservations

/// The process is lost at every position of every journal.
@Suite struct CrashTests {
    /// What somebody outside can see of a reservation in the end.
    private struct Sight: Equatable {
        var statuses: [Int]
        var record: Reservation
        var outcome: String?
    }

    @Test(arguments: ["confirm", "cancel"]) func aDecisionIsMadeOnce(_ verb: String) async throws {
        let summary = try await CrashSearch.everyPosition { plan in
            let house = try House(crashes: plan)
            let id = try await house.hold("A1")
            try await house.runtime.advance(by: .minutes(5))
            let statuses = [
                try await house.ask(.post, "/\(verb)/\(id)").status, try await house.reserve("A1").status,
                try await house.ask(.post, "/\(verb)/\(id)").status,
            ]
            try await house.runtime.advance(by: .hours(1))
            return Sight(
                statuses: statuses, record: try await house.record(id), outcome: try await house.outcome(id))
        }
        #expect(summary.crashes > 20)
    }

    @Test func aHoldEndsOnceAndAtItsDeadline() async throws {
        let summary = try await CrashSearch.everyPosition { plan in
            let house = try House(crashes: plan)
            let id = try await house.hold("A1")
            try await house.runtime.advance(by: .minutes(15))
            try await house.runtime.settle()
            let outcome = try await house.outcome(id)
            let statuses = [try await house.confirm(id).status, try await house.reserve("A1").status]
            return Sight(statuses: statuses, record: try await house.record(id), outcome: outcome)
        }
        #expect(summary.crashes > 20)
    }

    @Test func theFunctionEndsTheSame() async throws {
        try await CrashSearch.everyPosition { plan in
            let runtime = try TestRuntime([ReservationFunction()], crashes: plan)
            let event = ReservationEvent(seatId: "A1", userId: "u")
            return try await runtime.client.service(ReservationFunction.self).call(ReservationFunction.reserve, event)
        }
    }

    @Test func aDeadlineThatPassesWhileNobodyIsThere() async throws {
        let house = try House()
        let id = try await house.hold("A1")
        let before = try await house.record(id)
        house.runtime.drift(by: .hours(2))
        try await house.runtime.crash()
        let startedAt = house.runtime.now
        try await house.runtime.advance(by: .seconds(1))
        #expect(try await house.outcome(id) == #"{"status":"expired"}"#)
        let record = try await house.record(id)
        #expect(record.expiresAt == before.expiresAt)
        #expect(try #require(record.expiredAt).timestamp - startedAt <= .seconds(1))
    }

    /// A step that is repeated moves nothing: the deadline does not come from inside of it.
    @Test func aRepeatedStepKeepsTheDeadline() async throws {
        let runtime = try TestRuntime([ReservationFunction()])
        runtime.inject(.lostResult(times: 5), at: "create-reservation")
        let run = try await runtime.run(ReservationFunction.reserve, ReservationEvent(seatId: "A1"))
        #expect(runtime.executions(of: "create-reservation") == 6)
        #expect(try run.invocation.operation(named: "create-reservation").attempts == 6)
        let reservation = try run.output.reservation
        #expect(reservation.expiresAt.timestamp - reservation.createdAt.timestamp == .minutes(15))
        #expect(reservation.expiredAt == reservation.expiresAt)
    }
}
