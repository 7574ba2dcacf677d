import Foundation
import Serving
import TLS

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// Asks the admin port of a running server.
struct AdminClient {
    let base: URL
    private let token: String?
    /// Foundation on Linux trusts the authorities of the machine and no others.
    private let trusting: TLSClient?

    /// `token` is shown to a server that asks for one; the authorities in the file `authorities` vouch for servers
    /// besides those that this machine trusts.
    init(_ address: String, token: String? = nil, authorities: String? = nil) throws {
        let text = address.contains("://") ? address : "http://\(address)"
        guard let url = URL(string: text), url.host != nil else {
            throw ConfigurationError("--admin", address, "HOST:PORT or a URL such as http://127.0.0.1:9070")
        }
        base = url
        self.token = token
        if let authorities {
            do {
                trusting = try TLSClient(authoritiesFile: authorities)
            } catch {
                throw ConfigurationError("--cacert", authorities, "a readable file with certificates in PEM")
            }
        } else {
            trusting = nil
        }
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
        if let trusting, url.scheme == "https" { return try exchange(method, url, trusting) }
        var request = URLRequest(url: url)
        request.httpMethod = method
        if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "authorization") }
        do {
            let (data, response) = try await URLSession.shared.data(for: request)
            return ((response as? HTTPURLResponse)?.statusCode ?? 0, data)
        } catch {
            // Foundation has no code of its own for it on Linux.
            if error.localizedDescription.contains("certificate") { throw distrust(error.localizedDescription) }
            throw silence
        }
    }

    /// HTTP/1.0: the answer ends where the connection does.
    private func exchange(_ method: String, _ url: URL, _ client: TLSClient) throws -> (status: Int, body: Data) {
        let target = url.absoluteString.drop { $0 != ":" }.dropFirst(3).drop { $0 != "/" }
        let host = url.host ?? ""
        let port = url.port ?? 443
        var head = "\(method) \(target) HTTP/1.0\r\nhost: \(host.contains(":") ? "[\(host)]" : host):\(port)\r\n"
        if let token { head += "authorization: Bearer \(token)\r\n" }
        let answer: [UInt8]
        do throws(TLSClient.Failure) {
            answer = try client.exchange(Array((head + "content-length: 0\r\n\r\n").utf8), host: host, port: port)
        } catch {
            if case .notTrusted(let reason) = error { throw distrust(reason.description) }
            throw silence
        }
        let data = Data(answer)
        let words = answer.prefix { $0 != 0x0D }.split(separator: UInt8(ascii: " "))
        guard words.count > 1, let status = Int(String(decoding: words[1], as: UTF8.self)),
            let end = data.range(of: Data("\r\n\r\n".utf8))
        else { throw silence }
        return (status, Data(data[end.upperBound...]))
    }

    private func distrust(_ reason: String) -> AdminFailure {
        AdminFailure(
            "\(base): \(reason); its authority has to be one that this machine trusts, "
                + "or stand in the file of --cacert")
    }

    private var silence: AdminFailure {
        AdminFailure("no server answers at \(base): is it running, and is this its admin address?")
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
