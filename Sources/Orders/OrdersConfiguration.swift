package import Foundation

/// What operators can set, read from environment variables.
package struct OrdersConfiguration: Hashable, Sendable {
    /// `ORDER_PAYMENT_MS`: what one attempt of the built-in gateway takes.
    package var paymentMs: Int64 = 5_000
    /// `ORDER_PAYMENT_FAIL_PERCENT`: how many of a hundred attempts of the built-in gateway fail.
    package var failPercent = 40
    /// `ORDER_PAYMENT_RANDOMS`: attempt k of a payment draws the k-th of these, the last one again and again; empty:
    /// real chance.
    package var randoms: [Int] = []
    /// `ORDER_PAYMENT_MAX_ATTEMPTS`: nil: without bound.
    package var maxAttempts: Int?
    /// `ORDER_PAYMENT_GATEWAY_URL`: charge there; nil: the built-in simulation.
    package var gatewayURL: URL?
    /// `ORDERS_DB`: the SQLite file with the tables for people and reports.
    package var databasePath: String
    /// `ORDER_PROFILE`: `document` or `tracking`.
    package var profile = OrderProfile.document

    /// - Parameter dataDirectory: Where the tables are kept unless `ORDERS_DB` says otherwise.
    package init(dataDirectory: String) {
        databasePath = dataDirectory + "/orders.db"
    }

    /// - Throws: for the first variable whose value cannot be used. Empty values count as unset.
    package init(
        environment: [String: String], dataDirectory: String
    ) throws(OrdersConfigurationError) {
        self.init(dataDirectory: dataDirectory)
        let variables = Variables(values: environment)
        // A day for one attempt is far above any use.
        paymentMs = try variables.number("ORDER_PAYMENT_MS", 0...86_400_000).map(Int64.init) ?? paymentMs
        failPercent = try variables.number("ORDER_PAYMENT_FAIL_PERCENT", 0...100) ?? failPercent
        randoms = try variables.numbers("ORDER_PAYMENT_RANDOMS", 0...99)
        maxAttempts = try variables.number("ORDER_PAYMENT_MAX_ATTEMPTS", 1...1_000_000)
        gatewayURL = try variables.url("ORDER_PAYMENT_GATEWAY_URL")
        databasePath = variables.text("ORDERS_DB") ?? databasePath
        profile = try variables.profile("ORDER_PROFILE") ?? profile
    }
}

/// A setting that cannot be used, in one line.
package struct OrdersConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The environment variable.
    package let variable: String
    /// What it was set to.
    package let value: String
    /// What it should be.
    package let expectation: String

    package var description: String { "\(variable) \(expectation), not '\(value)'" }
}

private struct Variables {
    let values: [String: String]

    func text(_ name: String) -> String? {
        values[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    func number(_ name: String, _ range: ClosedRange<Int>) throws(OrdersConfigurationError) -> Int? {
        guard let text = text(name) else { return nil }
        guard let value = Self.number(text), range.contains(value) else {
            throw OrdersConfigurationError(
                variable: name, value: text,
                expectation: "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    func numbers(_ name: String, _ range: ClosedRange<Int>) throws(OrdersConfigurationError) -> [Int] {
        guard let text = text(name) else { return [] }
        let values = text.split(separator: ",", omittingEmptySubsequences: false).map {
            Self.number($0.trimmingCharacters(in: .whitespaces))
        }
        let usable = values.compactMap { $0 }.filter(range.contains)
        guard usable.count == values.count else {
            throw OrdersConfigurationError(
                variable: name, value: text,
                expectation: "must be numbers from \(range.lowerBound) to \(range.upperBound) with commas between them")
        }
        return usable
    }

    func url(_ name: String) throws(OrdersConfigurationError) -> URL? {
        guard let text = text(name) else { return nil }
        guard let url = URL(string: text), url.scheme == "http" || url.scheme == "https",
            let host = url.host, !host.isEmpty
        else {
            throw OrdersConfigurationError(
                variable: name, value: text, expectation: "must be an http:// or https:// address")
        }
        return url
    }

    func profile(_ name: String) throws(OrdersConfigurationError) -> OrderProfile? {
        guard let text = text(name) else { return nil }
        guard let profile = OrderProfile(rawValue: text) else {
            throw OrdersConfigurationError(variable: name, value: text, expectation: "must be document or tracking")
        }
        return profile
    }

    /// `Int` alone would take "+5".
    private static func number(_ text: String) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }
}
