public import HTTPTypes

/// What a route answers. `content-length`, `date` and `connection` are added by the server.
public struct RouteResponse: Sendable {
    /// What is sent after the headers.
    public enum Body: Sendable {
        case bytes([UInt8])
        /// What handlers publish under these topics from now on, as server-sent events, until either side leaves.
        case events([Topic])
    }

    /// The status line.
    public var status: HTTPResponse.Status
    /// Fields beside the server's own.
    public var headers: HTTPFields
    /// What is sent after the headers.
    public var body: Body

    public init(
        status: HTTPResponse.Status = .ok, headers: HTTPFields = HTTPFields(), body: Body = .bytes([])
    ) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Bytes with the given content type.
    public static func bytes(
        _ bytes: [UInt8], contentType: String, status: HTTPResponse.Status = .ok
    ) -> RouteResponse {
        RouteResponse(status: status, headers: [.contentType: contentType], body: .bytes(bytes))
    }

    /// `text/plain` in UTF-8.
    public static func text(_ text: String, status: HTTPResponse.Status = .ok) -> RouteResponse {
        bytes(Array(text.utf8), contentType: "text/plain; charset=utf-8", status: status)
    }

    /// JSON with sorted keys.
    ///
    /// - Throws: `EncodingError` for what JSON cannot hold, such as a number that is none.
    public static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> RouteResponse {
        bytes(try JSONText.encode(value), contentType: "application/json", status: status)
    }

    /// What handlers publish under these topics (see `HandlerContext.publish`), as server-sent events in the order of
    /// the commits; the topic is the event's type. Made for a browser's `EventSource`.
    ///
    /// A listener that reconnects with `Last-Event-ID` gets what it has missed. Where that cannot be known (it is new,
    /// the server has restarted, or too much has happened since) the stream begins with an event `reset`, and the
    /// listener should read the current state then; what follows is news since. A listener that does not read is cut
    /// off, and one too many (`ServerLimits.eventListenersMax`) gets 503.
    public static func events(topics: [Topic]) -> RouteResponse {
        RouteResponse(
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store"], body: .events(topics))
    }

    /// Nothing but a status.
    public static func empty(_ status: HTTPResponse.Status = .noContent) -> RouteResponse {
        RouteResponse(status: status)
    }

    /// Sets a header field; a `name` that no field can have is ignored.
    public mutating func setHeader(_ name: String, _ value: String) {
        guard let name = HTTPField.Name(name) else { return }
        headers[name] = value
    }

    /// The answer when a route throws.
    package static func failure(_ error: any Error) -> RouteResponse {
        switch error {
        case let error as TerminalError:
            message(error.message, code: (400...599).contains(error.code) ? error.code : 500)
        case let error as InputProblem:
            message(error.description, code: 400)
        case let error as UnknownInvocation:
            message("invocation '\(error.id)' not found", code: 404)
        case let error as ServerBusy:
            message(error.message, code: error.status, headers: [.retryAfter: String(error.retryAfterSeconds)])
        default:
            // What an unexpected error says is for the log, not for strangers.
            message("internal server error", code: 500)
        }
    }

    private static func message(_ text: String, code: Int, headers: HTTPFields = [:]) -> RouteResponse {
        struct Payload: Encodable {
            let code: Int
            let message: String
        }
        var response = (try? json(Payload(code: code, message: text))) ?? .text(text)
        response.status = HTTPResponse.Status(code: code)
        response.headers.append(contentsOf: headers)
        return response
    }
}
