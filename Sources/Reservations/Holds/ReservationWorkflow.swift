public import Reprise

/// One reservation, by its id: waits for a confirmation, a cancellation or the deadline, whatever comes first.
///
/// How it ends is one promise. Whoever completes it has decided, for ever; everybody else takes what was decided. The
/// record itself is written once and never changed.
public struct ReservationWorkflow: Workflow {
    public static let name = "reservation-workflow"

    static let hold = StateKey<Reservation>("hold")
    static let decision = PromiseKey<Decision>("decision")

    private static let hidden = HandlerOptions(isPrivate: true)

    /// Begun by the seat, with the hold that it granted.
    public static let run = workflow("run", options: hidden, ReservationWorkflow.waitForEnd)
    public static let confirm = shared("confirm", options: hidden, ReservationWorkflow.confirmHold)
    public static let cancel = shared("cancel", options: hidden, ReservationWorkflow.cancelHold)
    /// The record as it is now.
    public static let look = shared("look", options: hidden, ReservationWorkflow.currentView)

    public static let handlers: Handlers = [run, confirm, cancel, look]

    public init() {}

    private func waitForEnd(_ ctx: WorkflowContext, _ reservation: Reservation) async throws -> ReservationOutcome {
        try await ctx.set(Self.hold, reservation)
        let decision = try await end(of: reservation, ctx)
        try await ctx.object(Seat.self, key: reservation.seatId).send(
            Seat.settle,
            Settlement(reservationId: reservation.reservationId, isConfirmed: decision.status == .confirmed))
        return ReservationOutcome(status: decision.status)
    }

    /// Returns at once when it is decided from outside; the timer ends with the workflow.
    private nonisolated(nonsending) func end(
        of reservation: Reservation, _ ctx: WorkflowContext
    ) async throws -> Decision {
        let promise = ctx.promise(Self.decision)
        do {
            let deadline = try await ctx.timer(until: reservation.expiresAt.timestamp)
            let decided = try await promise.future()
            let first = try await DurableFuture<Decision?>.race([decided.map { $0 }, deadline.map { nil }])
            if let first { return first }
            return try await promise.decide(Decision(.expired, at: try await ctx.now())).decision
        } catch let error as TerminalError {
            // A person has cancelled the invocation.
            ctx.logger.notice("reservation \(reservation.reservationId) is taken back: \(error.message)")
            return try await promise.decide(Decision(.cancelled, at: try await ctx.now())).decision
        }
    }

    private func confirmHold(_ ctx: SharedWorkflowContext, _ request: DecisionRequest) async throws -> DecisionReply {
        try await decide(.confirmed, ctx, request)
    }

    private func cancelHold(_ ctx: SharedWorkflowContext, _ request: DecisionRequest) async throws -> DecisionReply {
        try await decide(.cancelled, ctx, request)
    }

    private nonisolated(nonsending) func decide(
        _ wanted: ReservationStatus, _ ctx: SharedWorkflowContext, _ request: DecisionRequest
    ) async throws -> DecisionReply {
        guard let hold = try await load(ctx) else { return DecisionReply(.unknown) }
        if let user = request.userId, let owner = hold.userId, user != owner { return DecisionReply(.foreign) }
        let promise = ctx.promise(Self.decision)
        if let earlier = try await promise.peek() { return DecisionReply(.decidedBefore, hold.decided(earlier)) }
        if try await isForgotten(ctx) { return DecisionReply(.unknown) }
        let now = try await ctx.now()
        let isLate = hold.isOver(at: now)
        let (decision, isMine) = try await promise.decide(Decision(isLate ? .expired : wanted, at: now))
        return DecisionReply(isMine ? (isLate ? .tooLate : .done) : .decidedBefore, hold.decided(decision))
    }

    private func currentView(_ ctx: SharedWorkflowContext) async throws -> ReservationView {
        guard let hold = try await load(ctx) else { return ReservationView() }
        let promise = ctx.promise(Self.decision)
        if let decision = try await promise.peek() { return ReservationView(reservation: hold.decided(decision)) }
        if try await isForgotten(ctx) { return ReservationView() }
        let now = try await ctx.now()
        guard hold.isOver(at: now) else {
            return ReservationView(
                reservation: hold, remainingMs: hold.expiresAt.timestamp.milliseconds - now.milliseconds)
        }
        // The timer is a moment late: nobody may see a hold that is over.
        let (decision, _) = try await promise.decide(Decision(.expired, at: now))
        return ReservationView(reservation: hold.decided(decision))
    }

    private static let patience = 100

    /// The hold; nil when there is no such reservation. One that has been accepted but has not come to its first line
    /// yet (after a crash, say) will in a moment.
    private nonisolated(nonsending) func load(_ ctx: SharedWorkflowContext) async throws -> Reservation? {
        if let hold = try await ctx.get(Self.hold) { return hold }
        for _ in 0..<Self.patience {
            // In this order: one that begins and ends in between has written its hold by the time it has ended.
            let hasEnded = try await hasEnded(ctx)
            if let hold = try await ctx.get(Self.hold) { return hold }
            if hasEnded { return nil }
            try await ctx.sleep(.milliseconds(20))
        }
        throw TerminalError("the reservation has not begun yet", code: 503)
    }

    /// Who was kept from going on for a day may find that record and decision are gone: no decision means nothing then.
    private nonisolated(nonsending) func isForgotten(_ ctx: SharedWorkflowContext) async throws -> Bool {
        try await ctx.get(Self.hold) == nil
    }

    private nonisolated(nonsending) func hasEnded(_ ctx: SharedWorkflowContext) async throws -> Bool {
        do {
            return try await ctx.workflow(ReservationWorkflow.self, key: ctx.key).output(Self.run) != nil
        } catch is TerminalError {
            return true
        }
    }
}
