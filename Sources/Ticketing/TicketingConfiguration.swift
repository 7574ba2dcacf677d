public import Foundation

/// What operators can set, read from environment variables.
public struct TicketingConfiguration: Hashable, Sendable {
    /// `TICKET_HOLD_MS`: how long a seat stays reserved.
    public var holdMs: Int64 = 900_000
    /// `TICKET_PAYMENT_MS`: what the built-in gateway takes.
    public var paymentMs: Int64 = 500
    /// `TICKET_EMAIL_MS`: what the built-in mailer takes.
    public var emailMs: Int64 = 200
    /// `PAYMENT_GATEWAY_URL`: charge there; nil: the built-in simulation.
    public var gatewayURL: URL?
    /// `EMAIL_SINK_URL`: mail there; nil: the built-in simulation.
    public var emailURL: URL?
    /// Only `Checkout/process` and the `get` handlers are reachable over HTTP.
    public var hidesWriters = false

    public init() {}

    /// - Throws: for the first variable whose value cannot be used. Empty values count as unset.
    public init(environment: [String: String]) throws(TicketingConfigurationError) {
        holdMs = try Self.milliseconds("TICKET_HOLD_MS", environment, atLeast: 1) ?? holdMs
        paymentMs = try Self.milliseconds("TICKET_PAYMENT_MS", environment, atLeast: 0) ?? paymentMs
        emailMs = try Self.milliseconds("TICKET_EMAIL_MS", environment, atLeast: 0) ?? emailMs
        gatewayURL = try Self.url("PAYMENT_GATEWAY_URL", environment)
        emailURL = try Self.url("EMAIL_SINK_URL", environment)
    }

    /// A hundred years: far above any use, far below overflow.
    private static let maxMs: Int64 = 3_155_760_000_000

    private static func milliseconds(
        _ name: String, _ environment: [String: String], atLeast minimum: Int64
    ) throws(TicketingConfigurationError) -> Int64? {
        guard let text = environment[name], !text.isEmpty else { return nil }
        // `Int64` alone would take "+5".
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int64(text), value >= minimum,
            value <= maxMs
        else {
            throw TicketingConfigurationError(
                variable: name, value: text,
                expectation: "must be a whole number of milliseconds from \(minimum) to \(maxMs)")
        }
        return value
    }

    private static func url(
        _ name: String, _ environment: [String: String]
    ) throws(TicketingConfigurationError) -> URL? {
        guard let text = environment[name], !text.isEmpty else { return nil }
        guard let url = URL(string: text), url.scheme == "http" || url.scheme == "https",
            let host = url.host, !host.isEmpty
        else {
            throw TicketingConfigurationError(
                variable: name, value: text, expectation: "must be an http:// or https:// address")
        }
        return url
    }
}

/// A setting that cannot be used, in one line.
public struct TicketingConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The environment variable.
    public let variable: String
    /// What it was set to.
    public let value: String
    /// What it should be.
    public let expectation: String

    public var description: String { "\(variable) \(expectation), not '\(value)'" }
}
