public import Reprise

/// One seat, by its id: which reservation has it.
///
/// It does not judge deadlines. As long as it has not been told how a reservation ended, it asks that reservation: so a
/// seat is never given away while its holder may still be confirmed, and never kept when its holder has ended.
public struct Seat: VirtualObject {
    static let holder = StateKey<Holder>("holder")

    /// Holds the seat for a user and begins the reservation; 409 when somebody has it.
    public static let hold = exclusive("hold", options: HandlerOptions(isPrivate: true), Seat.holdSeat)
    /// A reservation tells how it has ended.
    public static let settle = exclusive("settle", options: HandlerOptions(isPrivate: true), Seat.take)
    /// Who has it now.
    public static let get = shared("get", Seat.currentView)

    /// What the plan shows: as `get`, but a moment behind when its reservation has just been decided.
    static let glance = shared("glance", options: HandlerOptions(isPrivate: true), Seat.currentNews)

    public static let handlers: Handlers = [hold, settle, get, glance]

    struct Holder: Codable, Hashable, Sendable {
        var reservationId: String
        var isConfirmed = false
        /// Absent in what older versions have stored.
        var expiresAt: Instant?
    }

    let holdMs: Int64

    public init(holdMs: Int64 = 900_000) { self.holdMs = holdMs }

    private func holdSeat(_ ctx: ObjectContext, _ request: HoldRequest) async throws -> Reservation {
        if let holder = try await ctx.get(Self.holder) {
            switch try await status(of: holder, ctx) {
            case .confirmed: throw TerminalError("Seat is already reserved", code: 409)
            case .held: throw TerminalError("Seat is currently held", code: 409)
            case .expired, .cancelled, nil: break
            }
        }
        let reservation = Reservation(
            id: ctx.uuid(), seatId: ctx.key, userId: request.userId, createdAt: try await ctx.now(), holdMs: holdMs)
        let holder = Holder(reservationId: reservation.reservationId, expiresAt: reservation.expiresAt)
        try await ctx.set(Self.holder, holder)
        try await ctx.workflow(ReservationWorkflow.self, key: reservation.reservationId)
            .send(ReservationWorkflow.run, reservation)
        try tell(ctx, .held, until: reservation.expiresAt)
        return reservation
    }

    private func take(_ ctx: ObjectContext, _ settlement: Settlement) async throws {
        guard var holder = try await ctx.get(Self.holder), holder.reservationId == settlement.reservationId else {
            return
        }
        if settlement.isConfirmed {
            holder.isConfirmed = true
            holder.expiresAt = nil
            try await ctx.set(Self.holder, holder)
            try tell(ctx, .confirmed)
        } else {
            try await ctx.clear(Self.holder)
            try tell(ctx, .available)
        }
    }

    private func tell(_ ctx: ObjectContext, _ status: SeatView.Status, until expiresAt: Instant? = nil) throws {
        guard Hall.contains(ctx.key) else { return }
        try ctx.publish(.reservations, SeatNews(ctx.key, status, until: expiresAt))
    }

    private func currentNews(_ ctx: SharedObjectContext) async throws -> SeatNews {
        guard let holder = try await ctx.get(Self.holder) else { return SeatNews(ctx.key, .available) }
        return SeatNews(ctx.key, holder.isConfirmed ? .confirmed : .held, until: holder.expiresAt)
    }

    private func currentView(_ ctx: SharedObjectContext) async throws -> SeatView {
        guard let holder = try await ctx.get(Self.holder) else { return SeatView(status: .available) }
        switch try await status(of: holder, ctx) {
        case .confirmed: return SeatView(status: .confirmed, reservationId: holder.reservationId)
        case .held: return SeatView(status: .held, reservationId: holder.reservationId)
        case .expired, .cancelled, nil: return SeatView(status: .available)
        }
    }

    /// nil when the reservation is not kept any more; a confirmed one has said so long before.
    private nonisolated(nonsending) func status(
        of holder: Holder, _ ctx: SharedObjectContext
    ) async throws -> ReservationStatus? {
        if holder.isConfirmed { return .confirmed }
        let workflow = ctx.workflow(ReservationWorkflow.self, key: holder.reservationId)
        return try await workflow.call(ReservationWorkflow.look).reservation?.status
    }
}
