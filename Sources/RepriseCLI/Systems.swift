import Foundation
import Orders
import Reprise
import Reservations
import Serving
import Ticketing

/// What this server runs.
struct Systems {
    let services: [any ServiceDefinition]
    let routes: [Route]

    /// - Throws: for a setting in the environment that cannot be used.
    init(dataDirectory: String) throws {
        let environment = ProcessInfo.processInfo.environment
        let ticketing = TicketingSystem(try TicketingConfiguration(environment: environment))
        let orders = OrdersSystem(try OrdersConfiguration(environment: environment, dataDirectory: dataDirectory))
        let reservations = ReservationsSystem(
            try ReservationsConfiguration(environment: environment),
            page: { SeatPlanPage.document.response(to: $0) })
        var services = ticketing.services + orders.services + reservations.services
        if Environment.value("REPRISE_BENCH_SERVICES") == "1" { services += BenchServices.all }
        self.services = services
        routes = ticketing.routes + orders.routes + reservations.routes + SeatPlanPage.routes
    }
}
