public import Reprise

/// Gives money back, however long the gateway takes. Internal: checkouts send to it.
public struct PaymentService: Service {
    public static let name = "Payments"
    public static let isPrivate = true

    /// Voids the charge of one purchase.
    public static let void = handler("void", PaymentService.voidCharge)

    public static let handlers: Handlers = [void]

    /// How long a charge whose answer was lost may take to reach the gateway.
    static let lateArrival = Duration.seconds(30)

    private static let untilItWorks = RunRetryPolicy(initialDelay: .milliseconds(200), maxDelay: .seconds(60))

    let gateway: any PaymentGateway
    let log: TicketingLog

    public init(gateway: any PaymentGateway, log: TicketingLog) {
        self.gateway = gateway
        self.log = log
    }

    private func voidCharge(_ ctx: ServiceContext, _ request: VoidRequest) async throws {
        let (gateway, log) = (gateway, log)
        let void: @Sendable () async throws -> Bool = {
            let isVoided = try await gateway.void(idempotencyKey: request.chargeKey)
            if isVoided { log.write("Payment voided: \(request.chargeKey)") }
            return isVoided
        }
        let isVoided = try await ctx.run("void-payment", retry: Self.untilItWorks, void)
        guard !isVoided, request.mayArriveLate else { return }
        // The gateway knew no such charge, but one may have been under way: ask again when it must have arrived.
        try await ctx.sleep(Self.lateArrival)
        _ = try await ctx.run("void-late-payment", retry: Self.untilItWorks, void)
    }
}

/// Input of `Payments/void`.
public struct VoidRequest: Codable, Hashable, Sendable {
    /// The idempotency key of the charge.
    public var chargeKey: String
    /// No answer to the charge was seen, so it may reach the gateway after the void.
    public var mayArriveLate: Bool
}
