/// An amount in cents: what is added and compared is never a fraction.
struct Money: Codable, Hashable, Sendable {
    var cents: Int64

    /// What fits into `decimal(10,2)`.
    static let max = Money(cents: 9_999_999_999)

    init(cents: Int64) { self.cents = cents }

    /// nil for what is negative, no number, or more than fits.
    init?(dollars: Double) {
        guard dollars.isFinite, dollars >= 0, dollars <= Money.max.dollars else { return nil }
        cents = Int64((dollars * 100).rounded())
    }

    var dollars: Double { Double(cents) / 100 }

    /// `30.00`.
    var text: String {
        let fraction = cents % 100
        return "\(cents / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }
}
