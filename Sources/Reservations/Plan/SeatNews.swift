public import Reprise

extension Topic {
    /// Changes of the seats that are on the plan, as `SeatNews`.
    public static let reservations: Topic = "reservation"
}

/// A seat of the plan as everybody may see it: not by whom it is held, nor the reservation, whose id is the key to it.
public struct SeatNews: Codable, Hashable, Sendable {
    public var seatId: String
    public var status: SeatView.Status
    /// When a hold ends at the latest.
    public var expiresAt: Instant?

    init(_ seatId: String, _ status: SeatView.Status, until expiresAt: Instant? = nil) {
        self.seatId = seatId
        self.status = status
        self.expiresAt = expiresAt
    }
}
