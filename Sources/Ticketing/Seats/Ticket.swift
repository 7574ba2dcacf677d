public import Reprise

/// One seat, by its id: the truth about who holds or owns it.
///
/// The seat map is a view. A checkout reports its own changes there and waits for it; every other change (a direct
/// call, a hold that ends, a release) is reported from here, one way. Reports carry the version, so their order is
/// irrelevant.
public struct Ticket: VirtualObject {
    static let state = StateKey<SeatState>("state")
    static let control = StateKey<Seat.Control>("hold")

    /// Holds the seat for a user until the deadline.
    public static let reserve = exclusive("reserve", Ticket.reserveSeat)
    /// Sells the held seat.
    public static let confirm = exclusive("confirm", Ticket.confirmSeat)
    /// Frees the seat, or what the input limits it to.
    public static let release = exclusive("release", Ticket.releaseSeat)
    /// Forgets everything about the seat but its version.
    public static let cleanup = exclusive("cleanup", Ticket.cleanUp)
    /// The seat as it is now; never waits for a writer.
    public static let get = shared("get", Ticket.currentState)
    /// The timer of a hold; inert when that hold has ended otherwise.
    public static let expireHold = exclusive(
        "expireHold", options: HandlerOptions(isPrivate: true), Ticket.expire)

    public static let handlers: Handlers = [reserve, confirm, release, cleanup, get, expireHold]

    let holdMs: Int64
    let hidesWriters: Bool

    /// - Parameter hidesWriters: Only `get` is reachable over HTTP.
    public init(holdMs: Int64 = 900_000, hidesWriters: Bool = false) {
        self.holdMs = holdMs
        self.hidesWriters = hidesWriters
    }

    public var privateHandlers: Handlers {
        hidesWriters ? [Self.reserve, Self.confirm, Self.release, Self.cleanup] : []
    }

    private func reserveSeat(_ ctx: ObjectContext, _ request: ReserveRequest) async throws -> TicketReply {
        var seat = try await load(ctx)
        let before = seat
        do {
            try seat.reserve(
                userID: request.userId, token: request.token, nowMs: try await ctx.now().milliseconds, holdMs: holdMs)
        } catch let refusal as Seat.Refusal {
            throw refusal.error
        }
        try await save(seat, over: before, ctx, reports: request.token == nil)
        if seat.control.version != before.control.version {
            try await ctx.object(Ticket.self, key: ctx.key).send(
                Ticket.expireHold, after: .milliseconds(holdMs))
        }
        return TicketReply(version: request.token == nil ? nil : seat.control.version)
    }

    private func confirmSeat(_ ctx: ObjectContext, _ request: ConfirmRequest?) async throws -> TicketReply {
        var seat = try await load(ctx)
        let before = seat
        do {
            try seat.confirm(token: request?.token, nowMs: try await ctx.now().milliseconds)
        } catch let refusal as Seat.Refusal {
            throw refusal.error
        }
        try await save(seat, over: before, ctx, reports: request?.token == nil)
        return TicketReply(version: request?.token == nil ? nil : seat.control.version)
    }

    private func releaseSeat(_ ctx: ObjectContext, _ request: ReleaseRequest?) async throws -> TicketReply {
        var seat = try await load(ctx)
        let before = seat
        if let reset = request?.reset {
            seat.reset(version: reset.version)
        } else if let token = request?.token {
            seat.release(token: token, includingSale: request?.includesSale ?? false)
        } else {
            seat.release()
        }
        // The new round has put the view right before it sends its resets.
        try await save(seat, over: before, ctx, reports: request?.reset == nil)
        let isReleased = seat.control.version != before.control.version
        return TicketReply(version: request?.token != nil && isReleased ? seat.control.version : nil)
    }

    private func cleanUp(_ ctx: ObjectContext) async throws -> Bool {
        var seat = try await load(ctx)
        let before = seat
        seat.release()
        try await save(seat, over: before, ctx, reports: true)
        // The version stays: messages about the past must not fit what comes next.
        try await ctx.clear(Self.state)
        return true
    }

    private func currentState(_ ctx: SharedObjectContext) async throws -> SeatState {
        guard let state = try await ctx.get(Self.state) else { return SeatState() }
        guard state.status == .reserved else { return state }
        return state.current(atMs: try await ctx.now().milliseconds)
    }

    private func expire(_ ctx: ObjectContext) async throws {
        var seat = try await load(ctx)
        let before = seat
        seat.expire(nowMs: try await ctx.now().milliseconds)
        try await save(seat, over: before, ctx, reports: true)
    }

    private func load(_ ctx: ObjectContext) async throws -> Seat {
        guard let control = try await ctx.get(Self.control) else { return Seat() }
        return Seat(state: try await ctx.get(Self.state) ?? SeatState(), control: control)
    }

    private func save(_ seat: Seat, over before: Seat, _ ctx: ObjectContext, reports: Bool) async throws {
        if seat.state != before.state { try await ctx.set(Self.state, seat.state) }
        if seat.control != before.control { try await ctx.set(Self.control, seat.control) }
        guard reports, seat.control.version != before.control.version else { return }
        let update = SeatUpdate(seatId: ctx.key, status: seat.state.status, version: seat.control.version)
        try await ctx.object(SeatMap.self, key: SeatMap.globalKey).send(SeatMap.set, update)
    }
}
