package import HTTPWire
package import TLS

package struct HTTPServerConfiguration: Sendable {
    /// A name or address; `localhost` is 127.0.0.1.
    package var host: String
    /// 0 takes any free port.
    package var port: Int
    package var limits = HTTPLimits()
    package var connectionsMax = 10_000
    /// Bodies that are arriving or whose requests are being answered, all connections together.
    package var bodyBytesInFlightMax = 256 << 20
    /// Bytes that a peer has not read yet before nothing more is read from it.
    package var unsentBytesMax = 1 << 20
    /// The same for a listener to a stream before it is cut off: it can begin anew where it stopped reading.
    package var streamUnsentBytesMax = 256 << 10
    /// What the port speaks TLS with; nil: it does not.
    package var tls: TLSIdentity?
    /// From the connection to the end of its handshake, if it speaks TLS.
    package var handshakeTimeoutMs: Int64 = 10_000
    /// From its first byte, or from the end of what came before, to its last.
    package var headTimeoutMs: Int64 = 10_000
    /// In each such time a body has to move by `bytesPerSecondMin`.
    package var bodyTimeoutMs: Int64 = 30_000
    package var idleTimeoutMs: Int64 = 60_000
    /// In each such time a peer has to read what it is sent by `bytesPerSecondMin`, or it is given up.
    package var writeTimeoutMs: Int64 = 60_000
    /// A body, or the reading of an answer, that is slower holds memory for nothing.
    package var bytesPerSecondMin = 500
    /// Answers of more than `freeOutgoingBytes` that have not been read, all connections together.
    package var outgoingBytesInFlightMax = 512 << 20
    /// What one connection may have to read without being counted.
    package var freeOutgoingBytes = 64 << 10
    /// What the head of a request may be without being counted among the bodies.
    package var freeHeadBytes = 2 << 10
    /// How long what a refused peer still sends is read, so that it gets to see the answer.
    package var lingerTimeoutMs: Int64 = 2_000
    /// Connections above `connectionsMax` that are told so; beyond them they are closed without a word.
    package var turnedAwayMax = 128
    /// Judges requests by their heads, before their bodies are read.
    package var admission: HTTPAdmission?
    /// Makes the answers to requests that are turned away below the application.
    package var refusalForm: HTTPConnectionMachine.RefusalForm = { $0.reply }

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }
}
