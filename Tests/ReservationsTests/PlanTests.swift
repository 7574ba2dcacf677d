import Foundation
import Reprise
import RepriseTesting
import Testing

@testable import Reservations

/// What people see of the hall: the plan, and the news about it.
@Suite struct PlanTests {
    private struct Plan: Decodable {
        var seats: [SeatNews]
    }

    private func runtime() throws -> TestRuntime {
        let system = ReservationsSystem()
        return try TestRuntime(system.services, routes: system.routes)
    }

    private func reserve(_ seat: String, _ runtime: TestRuntime) async throws -> Reservation {
        try await runtime.client.object(Seat.self, key: seat).call(Seat.hold, HoldRequest(userId: nil))
    }

    private func news(_ runtime: TestRuntime) -> [String] {
        runtime.published.compactMap { event in
            guard let news = try? JSONDecoder().decode(SeatNews.self, from: Data(event.data)) else { return nil }
            return "\(event.topic.name) \(news.seatId) \(news.status)\(news.expiresAt == nil ? "" : " until")"
        }
    }

    @Test func newsFollowASeat() async throws {
        let runtime = try runtime()
        let first = try await reserve("A1", runtime)
        try await runtime.advance(by: .minutes(16))
        let second = try await reserve("A1", runtime)
        let workflow = runtime.client.workflow(ReservationWorkflow.self, key: second.reservationId)
        _ = try await workflow.call(ReservationWorkflow.confirm, DecisionRequest(userId: nil))
        try await runtime.settle()
        #expect(
            news(runtime) == [
                "reservation A1 held until", "reservation A1 available", "reservation A1 held until",
                "reservation A1 confirmed",
            ])
        #expect(first.reservationId != second.reservationId)
        #expect(runtime.differences.isEmpty)
        let told = runtime.published.map { String(decoding: $0.data, as: UTF8.self) }.joined()
        #expect(!told.contains(first.reservationId), "the id is the key to the reservation")
    }

    @Test func seatsThatAreOnNoPlanAreNoNews() async throws {
        let runtime = try runtime()
        for seat in ["F1", "A11", "A0", "a1", "seat-1", "A01"] { _ = try await reserve(seat, runtime) }
        #expect(runtime.published.isEmpty)
    }

    @Test func thePlanIsTheHallAsItIs() async throws {
        let runtime = try runtime()
        _ = try await reserve("B2", runtime)
        let confirmed = try await reserve("E10", runtime)
        _ = try await runtime.client.workflow(ReservationWorkflow.self, key: confirmed.reservationId)
            .call(ReservationWorkflow.confirm, DecisionRequest(userId: nil))
        try await runtime.settle()
        let answer = try await runtime.request(.get, "/seats")
        #expect(answer.status == 200)
        let seats = try JSONDecoder().decode(Plan.self, from: Data(answer.body)).seats
        #expect(seats.map(\.seatId) == Hall.seatIDs)
        #expect(seats.filter { $0.status != .available }.map(\.seatId) == ["B2", "E10"])
        #expect(seats[11].expiresAt != nil)
        #expect(seats[49].status == .confirmed)
    }
}
