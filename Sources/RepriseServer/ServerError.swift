/// Why a server cannot start, in one line.
public struct ServerError: Error, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
