/// Where an order is. It only moves forward.
enum OrderStatus: String, Codable, Hashable, Sendable, CaseIterable {
    case pending = "PENDING"
    case paid = "PAID"
    /// PAID, as the tracking profile calls it.
    case processing = "PROCESSING"
    case shipped = "SHIPPED"
    case completed = "COMPLETED"
    /// COMPLETED, as the tracking profile calls it.
    case delivered = "DELIVERED"
    case cancelled = "CANCELLED"

    private var rank: Int {
        switch self {
        case .pending: 0
        case .paid, .processing: 1
        case .shipped: 2
        case .completed, .delivered: 3
        case .cancelled: 4
        }
    }

    /// Nothing happens to the order any more.
    var isFinal: Bool { rank >= 3 }

    /// Two names of one place can follow each other; what has ended is not cancelled.
    func canBecome(_ next: OrderStatus) -> Bool {
        guard self != .cancelled, next != self else { return false }
        return next == .cancelled ? !isFinal : next.rank >= rank
    }

    /// The later of both. CANCELLED is the last of all: an order that somebody had called COMPLETED by hand is taken
    /// back all the same when its payment fails.
    func later(_ other: OrderStatus) -> OrderStatus { other.rank >= rank ? other : self }
}
