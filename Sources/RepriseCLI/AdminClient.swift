import Foundation
import Serving

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// Asks the admin port of a running server.
struct AdminClient {
    let base: URL

    init(_ address: String) throws {
        let text = address.contains("://") ? address : "http://\(address)"
        guard let url = URL(string: text), url.host != nil else {
            throw ConfigurationError("--admin", address, "HOST:PORT or a URL such as http://127.0.0.1:9070")
        }
        base = url
    }

    func get(_ path: String, _ query: [URLQueryItem] = []) async throws -> Data {
        var components = URLComponents(url: base.appendingPathComponent(path), resolvingAgainstBaseURL: false)
        components?.queryItems = query.isEmpty ? nil : query
        guard let url = components?.url else { throw AdminFailure("'\(path)' is no path") }
        let data: Data
        let response: URLResponse
        do {
            (data, response) = try await URLSession.shared.data(from: url)
        } catch {
            throw AdminFailure("no server answers at \(base): is it running, and is this its admin address?")
        }
        guard let status = (response as? HTTPURLResponse)?.statusCode, status == 200 else {
            struct Message: Decodable { var message: String }
            let message = try? JSONDecoder().decode(Message.self, from: data).message
            throw AdminFailure(message ?? "the server did not say what is wrong")
        }
        return data
    }
}

struct AdminFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
