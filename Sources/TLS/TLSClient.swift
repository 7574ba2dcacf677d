internal import COpenSSL

/// Asks servers that authorities of the caller's choice vouch for, besides those that the machine trusts. For a program
/// that asks one thing after the other: it blocks its thread.
package final class TLSClient {
    package enum Failure: Error, Sendable {
        /// The certificate is not good for this host, or nobody known vouches for it.
        case notTrusted(TLSError)
        case noAnswer(TLSError)
    }

    private let context: OpaquePointer

    /// - Throws: when there is no certificate in the file.
    package init(authoritiesFile: String) throws(TLSError) {
        ERR_clear_error()
        guard let context = SSL_CTX_new(TLS_client_method()) else { throw .fromLibrary("OpenSSL gives no context") }
        self.context = context
        guard reprise_set_versions(context, TLS1_2_VERSION, TLS1_3_VERSION) == 1,
            SSL_CTX_set_default_verify_paths(context) == 1,
            SSL_CTX_load_verify_locations(context, authoritiesFile, nil) == 1
        else { throw .fromLibrary("'\(authoritiesFile)' is no file with certificates in PEM") }
    }

    deinit { SSL_CTX_free(context) }

    /// Sends `request` on a connection of its own; everything that the server says until it closes.
    package func exchange(_ request: [UInt8], host: String, port: Int) throws(Failure) -> [UInt8] {
        let address = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        ERR_clear_error()
        guard let connection = reprise_connect(context, address, host) else {
            let isDistrust = ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_CERTIFICATE_VERIFY_FAILED
            let error = TLSError.fromLibrary("no connection")
            throw isDistrust ? .notTrusted(error) : .noAnswer(error)
        }
        defer { BIO_free_all(connection) }
        guard BIO_write(connection, request, Int32(clamping: request.count)) == request.count else {
            throw .noAnswer(.fromLibrary("the request could not be sent"))
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = BIO_read(connection, &buffer, Int32(clamping: buffer.count))
            guard count > 0 else { return answer }
            answer += buffer[..<Int(count)]
        }
    }
}
