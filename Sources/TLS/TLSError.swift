internal import COpenSSL

/// What is wrong with a certificate, a key, or the library; names the file and says what to do.
package struct TLSError: Error, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }

    /// With what OpenSSL says of the last failure of this thread.
    static func fromLibrary(_ what: String) -> TLSError {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        guard code != 0, let reason = ERR_reason_error_string(code) else { return TLSError(what) }
        return TLSError("\(what): \(String(cString: reason))")
    }
}
