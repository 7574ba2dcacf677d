import Foundation
import Serving

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// Asks the admin port of a running server.
struct AdminClient {
    let base: URL
    private let token: String?

    /// `token` is shown to a server that asks for one; the authorities in the file `authorities` vouch for servers
    /// besides those that this machine trusts.
    init(_ address: String, token: String? = nil, authorities: String? = nil) throws {
        let text = address.contains("://") ? address : "http://\(address)"
        guard let url = URL(string: text), url.host != nil else {
            throw ConfigurationError("--admin", address, "HOST:PORT or a URL such as http://127.0.0.1:9070")
        }
        base = url
        self.token = token
        if let authorities { try Self.trust(authorities) }
    }

    /// For all requests of the process: Foundation takes authorities on Linux from this variable alone.
    private static func trust(_ path: String) throws {
        let text = try? String(contentsOfFile: path, encoding: .utf8)
        guard text?.contains("-----BEGIN CERTIFICATE-----") == true else {
            throw ConfigurationError("--cacert", path, "a readable file with certificates in PEM")
        }
        // Absolute, because a bare name could be one of the words that mean something else there.
        setenv("URLSessionCertificateAuthorityInfoFile", URL(fileURLWithPath: path).path, 1)
    }

    func get(_ path: String, _ query: [URLQueryItem] = []) async throws -> Data {
        let (status, data) = try await request("GET", path, query)
        guard status == 200 else { throw AdminFailure(explaining: data) }
        return data
    }

    /// Changes something; the status is 200 or 202.
    func patch(_ path: String, _ query: [URLQueryItem] = []) async throws -> (status: Int, body: Data) {
        let (status, data) = try await request("PATCH", path, query)
        guard status == 200 || status == 202 else { throw AdminFailure(explaining: data) }
        return (status, data)
    }

    private func request(
        _ method: String, _ path: String, _ query: [URLQueryItem]
    ) async throws -> (status: Int, body: Data) {
        var components = URLComponents(url: base.appendingPathComponent(path), resolvingAgainstBaseURL: false)
        components?.queryItems = query.isEmpty ? nil : query
        guard let url = components?.url else { throw AdminFailure("'\(path)' is no path") }
        var request = URLRequest(url: url)
        request.httpMethod = method
        if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "authorization") }
        do {
            let (data, response) = try await URLSession.shared.data(for: request)
            return ((response as? HTTPURLResponse)?.statusCode ?? 0, data)
        } catch {
            // Foundation has no code of its own for it on Linux.
            if error.localizedDescription.contains("certificate") {
                throw AdminFailure(
                    "\(base): \(error.localizedDescription); its authority has to be one that this machine trusts, "
                        + "or stand in the file of --cacert")
            }
            throw AdminFailure("no server answers at \(base): is it running, and is this its admin address?")
        }
    }
}

struct AdminFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    init(explaining body: Data) {
        struct Message: Decodable { var message: String }
        let message = try? JSONDecoder().decode(Message.self, from: body).message
        self.init(message ?? "the server did not say what is wrong")
    }
}
