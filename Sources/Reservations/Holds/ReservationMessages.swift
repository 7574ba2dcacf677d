/// Input of `Seat/hold`.
public struct HoldRequest: Codable, Hashable, Sendable {
    public var userId: String?

    public init(userId: String?) { self.userId = userId }
}

/// Input of `Seat/settle`.
public struct Settlement: Codable, Hashable, Sendable {
    public var reservationId: String
    public var isConfirmed: Bool
}

/// Input of `confirm` and `cancel`.
public struct DecisionRequest: Codable, Hashable, Sendable {
    /// Who asks, if it says so: then it must be the one who reserved.
    public var userId: String?

    public init(userId: String?) { self.userId = userId }
}

/// Output of `confirm` and `cancel`.
public struct DecisionReply: Codable, Hashable, Sendable {
    public enum Verdict: String, Codable, Sendable {
        /// This call has decided as it wanted.
        case done
        /// It had been decided before.
        case decidedBefore
        /// It was still held, and this call came after the deadline: it is expired now.
        case tooLate
        /// Somebody else's.
        case foreign
        case unknown
    }

    public var verdict: Verdict
    /// As it is now; nil when there is none, or it is none of the caller's business.
    public var reservation: Reservation?

    init(_ verdict: Verdict, _ reservation: Reservation? = nil) {
        self.verdict = verdict
        self.reservation = reservation
    }
}

/// Output of `look`.
public struct ReservationView: Codable, Hashable, Sendable {
    /// nil when there is none.
    public var reservation: Reservation?
    /// Until the deadline, while it is held.
    public var remainingMs: Int64?
}

/// The result of the workflow.
public struct ReservationOutcome: Codable, Hashable, Sendable {
    public var status: ReservationStatus
}

/// Output of `Seat/get`.
public struct SeatView: Codable, Hashable, Sendable {
    public enum Status: String, Codable, Sendable { case available, held, confirmed }

    public var status: Status
    public var reservationId: String?
}
