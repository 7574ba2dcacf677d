import Reprise

/// Where a reservation stands. Everything but `held` is final.
public enum ReservationStatus: String, Codable, Hashable, Sendable {
    case held, confirmed, expired, cancelled
}

/// The record of a reservation, as callers see it.
public struct Reservation: Codable, Hashable, Sendable {
    /// Also the key of its workflow.
    public var reservationId: String
    public var seatId: String
    public var userId: String?
    public var status: ReservationStatus
    public var createdAt: Instant
    /// The deadline: journaled once, the same for ever.
    public var expiresAt: Instant
    public var confirmedAt: Instant?
    public var expiredAt: Instant?
    public var cancelledAt: Instant?

    /// A new hold.
    init(id: String, seatId: String, userId: String?, createdAt: Timestamp, holdMs: Int64) {
        reservationId = id
        self.seatId = seatId
        self.userId = userId
        status = .held
        self.createdAt = Instant(createdAt)
        expiresAt = Instant(createdAt + .milliseconds(holdMs))
    }

    /// The record once that has been decided.
    func decided(_ decision: Decision?) -> Reservation {
        guard let decision else { return self }
        var reservation = self
        reservation.status = decision.status
        switch decision.status {
        case .held: break
        case .confirmed: reservation.confirmedAt = decision.at
        case .expired: reservation.expiredAt = decision.at
        case .cancelled: reservation.cancelledAt = decision.at
        }
        return reservation
    }

    /// Whether it is too late to confirm at that time.
    func isOver(at time: Timestamp) -> Bool { time > expiresAt.timestamp }
}

/// How a reservation ended, and when.
struct Decision: Codable, Hashable, Sendable {
    var status: ReservationStatus
    var at: Instant

    init(_ status: ReservationStatus, at time: Timestamp) {
        self.status = status
        at = Instant(time)
    }
}

extension WorkflowPromise<Decision> {
    /// Decides, unless that has been done: what holds from now on, and whether it is `mine`.
    nonisolated(nonsending) func decide(_ mine: Decision) async throws -> (decision: Decision, isMine: Bool) {
        do {
            try await resolve(mine)
            return (mine, true)
        } catch let error as TerminalError where error.code == 409 {
            // A cancellation of this very invocation looks alike; then there may be no decision.
            guard let earlier = try await peek() else { throw error }
            return (earlier, false)
        }
    }
}
