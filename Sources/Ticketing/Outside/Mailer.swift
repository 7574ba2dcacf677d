/// Whoever delivers mail.
public protocol Mailer: Sendable {
    /// - Throws: when the mail may not have been accepted; it is delivered again, with the same id.
    func deliver(_ mail: Mail) async throws
}

/// One mail.
public struct Mail: Codable, Hashable, Sendable {
    /// The same for every attempt of one sale, so that receivers can drop repetitions.
    public var id: String
    public var to: String
    public var subject: String
    public var body: String
}
