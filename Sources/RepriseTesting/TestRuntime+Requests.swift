import DurableModel
import Foundation
public import HTTPTypes
import HTTPWire
import Ingress
import Reprise
import Runtime

/// An answer as a client sees it.
public struct TestResponse: Sendable {
    /// The status code.
    public let status: Int
    /// All fields but those that framing adds.
    public let headers: HTTPFields
    /// Complete and unframed.
    public let body: [UInt8]

    /// The body as text.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as a value.
    ///
    /// - Throws: `DecodingError`.
    public func json<Value: Decodable>(as _: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(body))
    }
}

extension TestRuntime {
    /// What a client gets over HTTP, without a socket: routes first, then services by their paths, as
    /// `POST /Greeter/en/greet`, and everything under `/restate`.
    ///
    /// - Parameter body: A body that is not empty is JSON, unless a `content-type` says otherwise.
    /// - Returns: the answer; of a stream of events its head, see `published` for what it would carry.
    /// - Throws: `TestStalled` when no answer comes.
    public func request(
        _ method: HTTPRequest.Method, _ target: String, headers: HTTPFields = HTTPFields(), body: String = ""
    ) async throws -> TestResponse {
        var headers = headers
        if !body.isEmpty, headers[.contentType] == nil { headers[.contentType] = "application/json" }
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let path = parts.first ?? ""
        switch routes.match(method, path: path) {
        case .preflight(let policy, let methods):
            return TestResponse(policy.preflight(origin: headers[.origin], methods: methods))
        case .methodNotAllowed(let methods):
            var response = RouteResponse.text("Method not allowed", status: .methodNotAllowed)
            response.headers[.allow] = methods.map(\.rawValue).joined(separator: ", ")
            return TestResponse(response)
        case .route(let route, let parameters):
            let request = RouteRequest(
                method: method, path: path, parameters: parameters, query: parts.count == 2 ? parts[1] : "",
                headers: headers, body: Array(body.utf8))
            return try await execute(route, request)
        case .none:
            return try await invoke(method, target, headers, body)
        }
    }

    private func execute(_ route: Route, _ request: RouteRequest) async throws -> TestResponse {
        var response: RouteResponse
        do {
            response = try await route.body(request, client)
        } catch let error as TestStalled {
            throw error
        } catch {
            response = .failure(error)
        }
        if let cors = route.cors {
            response.headers.append(contentsOf: cors.fields(forOrigin: request.headers[.origin]))
        }
        return TestResponse(response)
    }

    private func invoke(
        _ method: HTTPRequest.Method, _ target: String, _ headers: HTTPFields, _ body: String
    ) async throws -> TestResponse {
        let block = HTTPHeaderBlock(headers.map { ($0.name.canonicalName, $0.value) })
        let message = HTTPMessage(method: method.rawValue, target: target, headers: block, body: Array(body.utf8))
        let ingress = await world.look { Ingress(catalog: $0.catalog) }
        switch ingress.decide(message) {
        case .reply(let reply): return TestResponse(reply)
        case .command(let command, let shape):
            let answer = try await world.ask(command)
            var invoked: InvocationTarget?
            if shape.needsTarget, case .result(let id, .success, _) = answer {
                invoked = await world.look { world in
                    world.disk.serial(of: id).flatMap { world.disk.invocations[$0]?.acceptance.target }
                }
            }
            return TestResponse(ingress.render(answer, shape, target: invoked))
        }
    }
}

extension TestResponse {
    fileprivate init(_ response: RouteResponse) {
        switch response.body {
        case .bytes(let bytes): self.init(status: response.status.code, headers: response.headers, body: bytes)
        case .events: self.init(status: response.status.code, headers: response.headers, body: [])
        }
    }

    fileprivate init(_ reply: HTTPReply) {
        var headers = HTTPFields()
        for header in reply.headers {
            if let name = HTTPField.Name(header.name) { headers.append(HTTPField(name: name, value: header.value)) }
        }
        self.init(status: reply.status, headers: headers, body: reply.body)
    }
}
