/// Which life an order has: the plain one, or the one that takes its time so that people can watch.
package enum OrderProfile: String, Codable, Hashable, Sendable {
    /// PENDING, PAID, SHIPPED, COMPLETED.
    case document
    /// PENDING, PROCESSING, SHIPPED, DELIVERED, with a pause in each.
    case tracking

    var statusWhenPaid: OrderStatus { self == .document ? .paid : .processing }
    var statusAtEnd: OrderStatus { self == .document ? .completed : .delivered }

    /// How long an order stays in a status before it goes on; nil: not at all.
    func pause(in status: OrderStatus) -> Duration? {
        guard self == .tracking else { return nil }
        return switch status {
        case .pending, .processing: .seconds(5)
        case .shipped: .seconds(10)
        default: nil
        }
    }
}
