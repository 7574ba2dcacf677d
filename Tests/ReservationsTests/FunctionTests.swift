import Reprise
import RepriseTesting
import Testing

@testable import Reservations

/// The course of a hold as one function: step, wait, step. Fifteen minutes pass in no time.
@Suite struct FunctionTests {
    private func reserve(_ seat: String, _ user: String? = nil) async throws -> TestRun<ReservationReport> {
        let runtime = try TestRuntime([ReservationFunction()])
        return try await runtime.run(ReservationFunction.reserve, ReservationEvent(seatId: seat, userId: user))
    }

    @Test func H31_aHoldThatNobodyConfirmsExpires() async throws {
        let run = try await reserve("A1", "user123")
        #expect(run.status == .succeeded)
        #expect(run.operations.count >= 2)
        #expect(try run.output.message == "Reservation workflow completed")
        #expect(try run.output.reservation.status == .expired)
    }

    @Test func H32_theFirstStepHoldsTheSeat() async throws {
        let run = try await reserve("B2", "user456")
        #expect(run.operations.map(\.kind) == [.step, .wait, .step])
        let held = try run.operations[0].value(as: Reservation.self)
        #expect(held.seatId == "B2")
        #expect(held.userId == "user456")
        #expect(held.status == .held)
    }

    @Test func theWaitIsAsLongAsTheHold() async throws {
        let run = try await reserve("C3")
        #expect(run.operations[1].kind == .wait)
        #expect(run.operations[1].waitSeconds == 900)
        #expect(try run.output.reservation.userId == nil)
        let reservation = try run.output.reservation
        #expect(reservation.expiresAt.timestamp - reservation.createdAt.timestamp == .minutes(15))
    }

    @Test func theLastStepSaysWhenItExpired() async throws {
        let run = try await reserve("D4", "user789")
        #expect(run.status == .succeeded)
        let reservation = try run.output.reservation
        #expect(reservation.status == .expired)
        #expect(reservation.expiredAt == reservation.expiresAt)
    }

    @Test func theOperationsCanBePrinted() async throws {
        let run = try await reserve("E5")
        let table = run.invocation.table
        print(table)
        #expect(table.hasPrefix("ReservationFunction/reserve succeeded: "))
        #expect(table.contains("step"))
        #expect(table.contains("create-reservation"))
        #expect(table.contains("900.0 s"))
    }
}
