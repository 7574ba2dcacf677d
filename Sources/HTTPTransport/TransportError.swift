/// Why a server cannot listen, in one line.
package struct TransportError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
