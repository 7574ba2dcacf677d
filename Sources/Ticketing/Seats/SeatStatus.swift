/// Where a seat stands.
public enum SeatStatus: String, Codable, Sendable, CaseIterable {
    case available = "AVAILABLE"
    case reserved = "RESERVED"
    case sold = "SOLD"

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let status = SeatStatus(rawValue: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "must be AVAILABLE, RESERVED or SOLD")
        }
        self = status
    }
}
