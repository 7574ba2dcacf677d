import HTTPTypes
import Reprise
import RepriseTesting
import Testing

@testable import Reservations

/// The system in process, behind its HTTP API. Time passes when a test says so.
struct House {
    let runtime: TestRuntime

    init(holdMs: Int64 = 900_000, crashes: CrashPlan? = nil) throws {
        var configuration = ReservationsConfiguration()
        configuration.holdMs = holdMs
        let system = ReservationsSystem(configuration)
        runtime = try TestRuntime(system.services, routes: system.routes, time: .manual, crashes: crashes)
    }

    private struct Answer: Decodable {
        var reservation: Reservation
    }

    private struct Created: Decodable {
        var reservationId: String
    }

    struct Refusal: Decodable {
        var error: String
    }

    func ask(_ method: HTTPRequest.Method, _ path: String, _ body: String = "") async throws -> TestResponse {
        try await runtime.request(method, path, body: body)
    }

    func reserve(_ seat: String, user: String = "u") async throws -> TestResponse {
        try await ask(.post, "/reserve", #"{"seatId":"\#(seat)","userId":"\#(user)"}"#)
    }

    /// The id of a new hold.
    func hold(_ seat: String, user: String = "u", sourceLocation: SourceLocation = #_sourceLocation) async throws
        -> String
    {
        let response = try await reserve(seat, user: user)
        #expect(response.status == 201, "\(response.text)", sourceLocation: sourceLocation)
        return try response.json(as: Created.self).reservationId
    }

    func confirm(_ id: String) async throws -> TestResponse { try await ask(.post, "/confirm/\(id)") }
    func cancel(_ id: String) async throws -> TestResponse { try await ask(.post, "/cancel/\(id)") }

    func record(_ id: String) async throws -> Reservation {
        let response = try await ask(.get, "/reservation/\(id)")
        try #require(response.status == 200, "\(response.text)")
        return try record(in: response)
    }

    func record(in response: TestResponse) throws -> Reservation { try response.json(as: Answer.self).reservation }

    func error(in response: TestResponse) throws -> String { try response.json(as: Refusal.self).error }

    /// The workflow of a reservation, as it is recorded: looking asks it nothing.
    func workflow(_ id: String) async throws -> RecordedInvocation {
        let runs = await runtime.invocations(of: ReservationWorkflow.run)
        return try #require(runs.first { $0.address.key == id })
    }

    /// How the workflow ended, nil while it waits.
    func outcome(_ id: String) async throws -> String? {
        guard case .success(let bytes) = try await workflow(id).result else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
