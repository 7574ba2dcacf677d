import Reprise

/// A ticket as everyone sees it and as it is stored.
public struct SeatState: Codable, Hashable, Sendable {
    public var status: SeatStatus = .available
    public var reservedBy: String?
    /// When the hold ends, in milliseconds since 1970; only while RESERVED.
    public var reservedUntil: Int64?

    public init(status: SeatStatus = .available, reservedBy: String? = nil, reservedUntil: Int64? = nil) {
        self.status = status
        self.reservedBy = reservedBy
        self.reservedUntil = reservedUntil
    }

    /// Absent values are written as `null`: callers read all three fields.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(status, forKey: .status)
        try container.encode(reservedBy, forKey: .reservedBy)
        try container.encode(reservedUntil, forKey: .reservedUntil)
    }

    /// What holds at `nowMs`: a hold past its deadline is none, whether or not its timer has come.
    func current(atMs nowMs: Int64) -> SeatState {
        guard status == .reserved, let reservedUntil, nowMs >= reservedUntil else { return self }
        return SeatState()
    }
}
