public import Reprise

/// The ticket shop: its services and routes, ready to be served.
public struct TicketingSystem: Sendable {
    /// Everything that can be called.
    public let services: [any ServiceDefinition]
    /// The mock gateway.
    public let routes: [Route]

    /// With the gateway and mailer that the configuration asks for.
    public init(_ configuration: TicketingConfiguration, time: any Waiting = RealTime(), log: TicketingLog = .standard)
    {
        let gateway: any PaymentGateway =
            if let url = configuration.gatewayURL {
                HTTPGateway(url: url)
            } else {
                SimulatedGateway(latency: .milliseconds(configuration.paymentMs), time: time)
            }
        let mailer: any Mailer =
            if let url = configuration.emailURL {
                HTTPMailer(url: url)
            } else {
                SimulatedMailer(latency: .milliseconds(configuration.emailMs), time: time)
            }
        self.init(configuration, gateway: gateway, mailer: mailer, time: time, log: log)
    }

    /// With collaborators of one's own.
    public init(
        _ configuration: TicketingConfiguration, gateway: any PaymentGateway, mailer: any Mailer,
        time: any Waiting = RealTime(), log: TicketingLog = .standard
    ) {
        services = [
            Checkout(gateway: gateway, log: log),
            Ticket(holdMs: configuration.holdMs, hidesWriters: configuration.hidesWriters),
            SeatMap(hidesWriters: configuration.hidesWriters),
            GameManager(isHidden: configuration.hidesWriters),
            PaymentService(gateway: gateway, log: log),
            MailService(mailer: mailer, log: log),
        ]
        routes = MockPaymentRoute(latency: .milliseconds(configuration.paymentMs), time: time, log: log).routes
    }
}
