public import Reprise

/// Reservations of seats: a hold that waits for its confirmation and then ends by itself. Services and routes, ready
/// to be served.
///
/// Two owners share the work. A **reservation** is a workflow, and whether it ends confirmed, expired or cancelled is
/// one durable promise that is completed once: who comes second learns what was decided. A **seat** is an object that
/// knows which reservation has it, and asks that one whenever somebody else wants it: it never judges a deadline by
/// itself.
public struct ReservationsSystem: Sendable {
    /// Everything that can be called.
    public let services: [any ServiceDefinition]
    /// The HTTP API: `/reserve`, `/confirm/{id}`, `/cancel/{id}`, `/reservation/{id}`, `/workflow/{id}`, `/seats`, `/`.
    public let routes: [Route]

    /// - Parameter page: what browsers get at `/`; others, and all when there is none, get JSON.
    public init(
        _ configuration: ReservationsConfiguration = ReservationsConfiguration(),
        page: (@Sendable (RouteRequest) -> RouteResponse)? = nil
    ) {
        services = [
            Seat(holdMs: configuration.holdMs), ReservationWorkflow(),
            ReservationFunction(holdMs: configuration.holdMs),
        ]
        routes = ReservationRoutes(holdMs: configuration.holdMs, page: page).all
    }
}
