import Synchronization

/// The certificate and key of a server, as files that may change while it runs.
package final class TLSIdentity: Sendable {
    private let certificateFile: String
    private let keyFile: String
    private let context: Mutex<TLSContext>

    /// - Throws: when a file cannot be read, is not what it should be, or the two do not fit.
    package init(certificateFile: String, keyFile: String) throws(TLSError) {
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        context = Mutex(try TLSContext(certificateFile: certificateFile, keyFile: keyFile))
    }

    /// Reads the files again. Sessions under way go on as they are; new ones have the new certificate and new ticket
    /// keys, so nothing from before is resumed.
    ///
    /// - Throws: as `init`; what was read before stays in force then.
    package func reload() throws(TLSError) {
        let fresh = try TLSContext(certificateFile: certificateFile, keyFile: keyFile)
        context.withLock { $0 = fresh }
    }

    /// Why clients will refuse the certificate; nil when it is valid now.
    package var weakness: String? { context.withLock { $0 }.weakness }

    /// For a peer that has just connected; nil when there is no memory.
    package func makeSession() -> TLSSession? { context.withLock { $0 }.makeSession() }
}
