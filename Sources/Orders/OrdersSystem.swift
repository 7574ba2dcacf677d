package import Reprise

/// The order system: payments that fail, retry and never charge twice.
package struct OrdersSystem: Sendable {
    /// Everything that can be called.
    package let services: [any ServiceDefinition]
    /// `/api/checkout` and `/api/orders`.
    package let routes: [Route]

    /// With the gateway that the configuration asks for, and the tables in its file. Nothing is opened yet.
    package init(_ configuration: OrdersConfiguration) {
        let gateway: any PaymentGateway =
            if let url = configuration.gatewayURL {
                HTTPGateway(url: url)
            } else {
                SimulatedGateway(
                    latency: .milliseconds(configuration.paymentMs), failPercent: configuration.failPercent,
                    randoms: configuration.randoms, time: RealTime())
            }
        self.init(
            configuration, gateway: gateway,
            tables: SQLiteOrderTables(path: configuration.databasePath))
    }

    /// With a gateway and tables of one's own.
    package init(
        _ configuration: OrdersConfiguration, gateway: any PaymentGateway, tables: any OrderTables, log: OrdersLog
    ) {
        self.init(configuration, gateway: gateway, tables: tables, keepsLedger: true, log: log)
    }

    /// With collaborators of one's own.
    ///
    /// - Parameter keepsLedger: False for engines that have no tables for services: they refuse those that need some.
    init(
        _ configuration: OrdersConfiguration, gateway: any PaymentGateway, tables: any OrderTables,
        provider: any ShippingProvider = SimulatedProvider(), keepsLedger: Bool = true, log: OrdersLog = .standard
    ) {
        services = [
            OrderService(),
            OrderRecord(profile: configuration.profile, tables: tables, log: log),
            PaymentService(
                gateway: gateway, tables: tables, maxAttempts: configuration.maxAttempts, keepsLedger: keepsLedger,
                log: log),
            ShippingService(provider: provider, tables: tables, log: log),
        ]
        routes = OrderRoutes(tables: tables).routes
    }
}
