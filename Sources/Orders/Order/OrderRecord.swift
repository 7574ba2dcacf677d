import Reprise

/// The truth about one order, by its id, and the only one who writes its row. The workflow drives it; a cancellation
/// and a person's update come from beside: whoever comes first has decided. Internal.
struct OrderRecord: VirtualObject {
    static let name = "order.sv1.OrderRecord"
    static let isPrivate = true

    /// What the workflow has achieved.
    struct Advance: Codable, Hashable, Sendable {
        var status: OrderStatus
        var payment: OrderState.Payment?
        var shipment: ShipmentInfo?
    }

    /// What is left of an order that is taken back.
    struct Cancellation: Codable, Hashable, Sendable {
        /// For an order that had not come so far as to be opened.
        var draft: CreateOrderRequest
        var refund: RefundReply?
        var shipment: ShipmentInfo?
    }

    /// What becomes of the wish to cancel.
    enum CancelDecision: String, Codable, Hashable, Sendable { case unknown, tooLate, cancelled, goesAhead }

    static let state = StateKey<OrderState>("order")

    /// Begins an order as PENDING; the profile that it is to follow, nil when there is such an order already.
    static let open = exclusive("Open", OrderRecord.begin)
    /// Moves on; false when the order is, or is to be, cancelled.
    static let advance = exclusive("Advance", OrderRecord.moveOn)
    /// Asks for a cancellation: from then on `advance` says no.
    static let requestCancel = exclusive("RequestCancel", OrderRecord.decideCancel)
    /// Ends as CANCELLED.
    static let cancel = exclusive("Cancel", OrderRecord.end)
    /// Sets a status by hand; false when that would be a step back.
    static let setStatus = exclusive("SetStatus", OrderRecord.override)
    /// As it is now, nil when there is none.
    static let get = shared("Get", OrderRecord.look)

    static let handlers: Handlers = [open, advance, requestCancel, cancel, setStatus, get]

    let profile: OrderProfile
    let tables: any OrderTables
    let log: OrdersLog

    private func begin(_ ctx: ObjectContext, _ draft: CreateOrderRequest) async throws -> OrderProfile? {
        if try await ctx.get(Self.state) != nil { return nil }
        let state = OrderState(draft, profile: profile, nowMs: try await ctx.now().milliseconds)
        try await save(state, ctx, ["[DB] Inserted/Updated order: \(ctx.key)"])
        return profile
    }

    private func moveOn(_ ctx: ObjectContext, _ step: Advance) async throws -> Bool {
        guard var state = try await ctx.get(Self.state) else { throw TerminalError.orderNotFound(ctx.key) }
        var lines: [String] = []
        if let payment = step.payment {
            state.payment = payment
            lines.append("[DB] Updated order payment: \(ctx.key) -> \(payment.id)")
        }
        if let shipment = step.shipment {
            if state.shipment == nil {
                lines.append("[DB] Updated order shipment: \(ctx.key) -> \(shipment.shipmentID)")
            }
            state.shipment = shipment
        }
        let isAllowed = !state.isCancelling && state.status != .cancelled
        if isAllowed, state.status.canBecome(step.status) {
            state.status = step.status
            lines.append("[DB] Updated order status: \(ctx.key) -> \(step.status.rawValue)")
        }
        try await save(state, ctx, lines)
        return isAllowed
    }

    private func decideCancel(_ ctx: ObjectContext) async throws -> CancelDecision {
        guard var state = try await ctx.get(Self.state) else { return .unknown }
        guard state.status != .cancelled else { return .cancelled }
        guard !state.status.isFinal else { return .tooLate }
        state.isCancelling = true
        try await ctx.set(Self.state, state)
        return .goesAhead
    }

    private func end(_ ctx: ObjectContext, _ cancellation: Cancellation) async throws {
        let nowMs = try await ctx.now().milliseconds
        let known = try await ctx.get(Self.state)
        // Paid by an earlier workflow of this id: whoever has not come so far as to pay takes nothing back.
        if let known, known.status.isFinal, known.payment != nil, cancellation.refund == nil { return }
        var state = known ?? OrderState(cancellation.draft, profile: profile, nowMs: nowMs)
        if let refund = cancellation.refund, let status = refund.status {
            state.payment?.status = status
            state.payment?.refundID = refund.refundID
        }
        state.shipment = cancellation.shipment ?? state.shipment
        state.status = .cancelled
        try await save(state, ctx, ["[DB] Updated order status: \(ctx.key) -> \(state.status.rawValue)"])
    }

    private func override(_ ctx: ObjectContext, _ status: OrderStatus) async throws -> Bool {
        guard var state = try await ctx.get(Self.state) else { throw TerminalError.orderNotFound(ctx.key) }
        if state.status == status { return true }
        guard !state.isCancelling, state.status.canBecome(status) else { return false }
        state.status = status
        try await save(state, ctx, ["[DB] Updated order status: \(ctx.key) -> \(status.rawValue)"])
        return true
    }

    private func look(_ ctx: SharedObjectContext) async throws -> OrderState? { try await ctx.get(Self.state) }

    /// State first: it can be read at once, however long the row takes.
    private func save(_ changed: OrderState, _ ctx: ObjectContext, _ lines: [String]) async throws {
        var state = changed
        state.updatedMs = try await ctx.now().milliseconds
        try await ctx.set(Self.state, state)
        let (tables, log, row) = (tables, log, state.row(id: ctx.key))
        _ = try await ctx.persist("save-order-row") {
            try await tables.save(row)
            for line in lines { log.write(line) }
        }
    }
}
