import Reprise

/// The HTTP API, usable from any web page.
struct ReservationRoutes: Sendable {
    let holdMs: Int64
    /// For those who prefer HTML at `/`.
    let page: Page?

    typealias Page = @Sendable (RouteRequest) -> RouteResponse

    var all: [Route] {
        let cors = CORSPolicy.permissive
        return [
            .get("/", cors: cors) { request, _ in try welcome(request) }.open(),
            .get("/seats", cors: cors) { _, client in
                try await attempt("Failed to get seats") {
                    var response = try RouteResponse.json(try await SeatPlan(holdMs: holdMs, client))
                    response.setHeader("cache-control", "no-store")
                    return response
                }
            },
            .post("/reserve", cors: cors) { request, client in
                try await attempt("Failed to create reservation") { try await reserve(request, client) }
            },
            .post("/confirm/{id}", cors: cors) { request, client in
                try await attempt("Failed to confirm reservation") { try await decide(.confirm, request, client) }
            },
            .post("/cancel/{id}", cors: cors) { request, client in
                try await attempt("Failed to cancel reservation") { try await decide(.cancel, request, client) }
            },
            .get("/reservation/{id}", cors: cors) { request, client in
                try await attempt("Failed to get reservation") { try await look(request, client) }
            },
            .get("/workflow/{id}", cors: cors) { request, client in
                try await attempt("Failed to get workflow status") { try await workflow(request, client) }
            },
        ]
    }

    private func welcome(_ request: RouteRequest) throws -> RouteResponse {
        var response: RouteResponse
        if let page, request.prefers("text/html", over: "application/json") {
            response = page(request)
        } else {
            response = try .json(ServiceCard())
        }
        response.setHeader("vary", "accept")
        return response
    }

    private func reserve(_ request: RouteRequest, _ client: RepriseClient) async throws -> RouteResponse {
        let order = try request.json(ReserveBody.self)
        guard let seatId = order.seatId, !seatId.isEmpty else {
            return try .json(Complaint("seatId is required"), status: .badRequest)
        }
        guard order.isUserUsable else {
            return try .json(Complaint("userId must be a string"), status: .badRequest)
        }
        let reservation: Reservation
        do {
            // With a key of the caller's, a repeated request gets the reservation that the first one made.
            reservation = try await client.object(Seat.self, key: seatId).call(
                Seat.hold, HoldRequest(userId: order.userId), idempotencyKey: request.header("idempotency-key"))
        } catch let error as TerminalError where error.code == 409 {
            return try .json(Complaint(error.message, seatId: seatId), status: .conflict)
        }
        return try .json(ReservedBody(reservation, HoldText(ms: holdMs)), status: .created)
    }

    private func decide(
        _ verb: DecisionVerb, _ request: RouteRequest, _ client: RepriseClient
    ) async throws -> RouteResponse {
        let id = request.parameter("id")
        // The body is optional, and whatever else is in it is nobody's business.
        let user = try? request.json(UserBody.self).userId
        let workflow = client.workflow(ReservationWorkflow.self, key: id)
        let reply = try await workflow.call(verb.handler, DecisionRequest(userId: user))
        guard let reservation = reply.reservation else {
            return reply.verdict == .foreign
                ? try .json(Complaint("Reservation belongs to another user", reservationId: id), status: .forbidden)
                : try .json(Complaint.notFound(id), status: .notFound)
        }
        return try verb.answer(reply.verdict, reservation)
    }

    private func look(_ request: RouteRequest, _ client: RepriseClient) async throws -> RouteResponse {
        let id = request.parameter("id")
        let view = try await client.workflow(ReservationWorkflow.self, key: id).call(ReservationWorkflow.look)
        guard let reservation = view.reservation else { return try .json(Complaint.notFound(id), status: .notFound) }
        return try .json(
            LookBody(reservation: reservation, timeRemaining: view.remainingMs.map(HoldText.minutesAndSeconds)))
    }

    private func workflow(_ request: RouteRequest, _ client: RepriseClient) async throws -> RouteResponse {
        let id = request.parameter("id")
        do {
            let outcome = try await client.workflow(ReservationWorkflow.self, key: id).output(ReservationWorkflow.run)
            let status = outcome.map { WorkflowStatus("complete", output: $0) } ?? .waiting
            return try .json(WorkflowBody(instanceId: id, status: status))
        } catch let error as TerminalError {
            let status = WorkflowStatus("terminated", error: error.message)
            return try .json(WorkflowBody(instanceId: id, status: status))
        } catch is UnknownInvocation {
            return try .json(
                Complaint("Failed to get workflow status", details: "there is no workflow instance \(id)"),
                status: .notFound)
        }
    }

    /// What goes wrong becomes this API's form of an error.
    private func attempt(
        _ complaint: String, _ answer: () async throws -> RouteResponse
    ) async throws -> RouteResponse {
        do {
            return try await answer()
        } catch let error as ServerBusy {
            var response = try RouteResponse.json(
                Complaint(complaint, details: error.message), status: .init(code: error.status))
            response.setHeader("retry-after", String(error.retryAfterSeconds))
            return response
        } catch let error as InputProblem {
            return try .json(Complaint(complaint, details: error.description), status: .internalServerError)
        } catch let error as TerminalError {
            return try .json(
                Complaint(complaint, details: error.message),
                status: error.code == 503 ? .serviceUnavailable : .internalServerError)
        }
    }
}
