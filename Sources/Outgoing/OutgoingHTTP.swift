package import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Requests to other servers, with a bound on each.
package struct OutgoingHTTP: Sendable {
    package struct NoAnswer: Error {
        package init() {}
    }

    package init() {}

    /// One for all: a session per request would leak threads, and by default only six requests reach a host at once.
    private static let session: URLSession = {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpMaximumConnectionsPerHost = 256
        configuration.httpShouldSetCookies = false
        configuration.httpCookieAcceptPolicy = .never
        configuration.httpCookieStorage = nil
        configuration.urlCache = nil
        configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
        // Backstops: each request has its own time limit, below.
        configuration.timeoutIntervalForRequest = 600
        configuration.timeoutIntervalForResource = 600
        return URLSession(configuration: configuration)
    }()

    /// - Throws: `NoAnswer` when there was none within `timeout`, whatever the reason.
    package func send(
        _ method: String, to url: URL, json: Data? = nil, headers: [String: String] = [:], timeout: Duration
    ) async throws(NoAnswer) -> (status: Int, body: Data) {
        var request = URLRequest(url: url, timeoutInterval: timeout / .seconds(1))
        request.httpMethod = method
        request.httpBody = json
        if json != nil { request.setValue("application/json", forHTTPHeaderField: "content-type") }
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        do {
            // URLSession's own timeout starts anew with every byte: this one does not.
            return try await withThrowingTaskGroup(of: (status: Int, body: Data).self) { group in
                group.addTask { [request] in
                    let (body, response) = try await Self.session.data(for: request)
                    guard let response = response as? HTTPURLResponse else { throw NoAnswer() }
                    return (response.statusCode, body)
                }
                group.addTask {
                    try await Task.sleep(for: timeout)
                    throw NoAnswer()
                }
                defer { group.cancelAll() }
                guard let first = try await group.next() else { throw NoAnswer() }
                return first
            }
        } catch {
            throw NoAnswer()
        }
    }
}
