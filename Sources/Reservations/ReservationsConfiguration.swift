/// What operators can set, read from environment variables.
public struct ReservationsConfiguration: Hashable, Sendable {
    /// `RESERVATION_HOLD_MS`: how long a seat waits for its confirmation. The one constant: deadline, timer and texts
    /// follow from it.
    public var holdMs: Int64 = 900_000

    public init() {}

    /// - Throws: for a variable whose value cannot be used. Empty values count as unset.
    public init(environment: [String: String]) throws(ReservationsConfigurationError) {
        let variable = "RESERVATION_HOLD_MS"
        guard let text = environment[variable], !text.isEmpty else { return }
        // `Int64` alone would take "+5".
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int64(text),
            (1...Self.maxMs).contains(value)
        else {
            throw ReservationsConfigurationError(
                variable: variable, value: text,
                expectation: "must be a whole number of milliseconds from 1 to \(Self.maxMs)")
        }
        holdMs = value
    }

    /// A hundred years: far above any use, far below overflow.
    private static let maxMs: Int64 = 3_155_760_000_000
}

/// A setting that cannot be used, in one line.
public struct ReservationsConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The environment variable.
    public let variable: String
    /// What it was set to.
    public let value: String
    /// What it should be.
    public let expectation: String

    public var description: String { "\(variable) \(expectation), not '\(value)'" }
}
