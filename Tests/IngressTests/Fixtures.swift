import DurableModel
import HTTPWire
import Testing

@testable import Ingress

/// The services of the ingress reference, section 11.
let fixtureIngress = Ingress(catalog: Catalog([
    ServiceDescriptor(name: "Greeter", kind: .service, handlers: [
        HandlerDescriptor(name: "greet", kind: .service), HandlerDescriptor(name: "send", kind: .service),
    ]),
    ServiceDescriptor(name: "Typed", kind: .service, handlers: [
        HandlerDescriptor(
            name: "h", kind: .service,
            input: .content(type: "application/json", required: false, nonEmpty: true)),
        HandlerDescriptor(
            name: "required", kind: .service,
            input: .content(type: "text/*", required: true, nonEmpty: false)),
        HandlerDescriptor(
            name: "decoded", kind: .service,
            inputProblem: { $0 == Bytes("{}".utf8) ? nil : "userId is missing" }),
    ]),
    ServiceDescriptor(name: "Void", kind: .service, handlers: [
        HandlerDescriptor(name: "ping", kind: .service, input: .none, output: .none),
        HandlerDescriptor(name: "any", kind: .service, input: .any),
        HandlerDescriptor(
            name: "star", kind: .service, input: .content(type: "*/*", required: false, nonEmpty: false),
            output: .content(type: "text/plain", setIfEmpty: true)),
    ]),
    ServiceDescriptor(name: "Counter", kind: .virtualObject, handlers: [
        HandlerDescriptor(name: "add", kind: .exclusive), HandlerDescriptor(name: "get", kind: .shared),
        HandlerDescriptor(name: "send", kind: .exclusive),
    ]),
    ServiceDescriptor(name: "Wf", kind: .workflow, handlers: [
        HandlerDescriptor(
            name: "run", kind: .workflowRun, output: .content(type: "text/plain", setIfEmpty: false)),
        HandlerDescriptor(name: "unblock", kind: .workflowShared),
    ]),
    ServiceDescriptor(name: "Priv", kind: .service, isPublic: false, handlers: [
        HandlerDescriptor(name: "h", kind: .service),
    ]),
    ServiceDescriptor(name: "Half", kind: .service, handlers: [
        HandlerDescriptor(name: "hidden", kind: .service, isPublic: false),
    ]),
]))

let json = [("content-type", "application/json")]

/// `line` is method and target: `POST /Greeter/greet`.
func message(_ line: String, _ headers: [(String, String)] = [], _ body: String = "") -> HTTPMessage {
    let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
    return HTTPMessage(
        method: parts[0], target: parts[1], headers: HTTPHeaderBlock(headers), body: Array(body.utf8))
}

func decide(_ line: String, _ headers: [(String, String)] = [], _ body: String = "") -> Decision {
    fixtureIngress.decide(message(line, headers, body))
}

func reply(_ line: String, _ headers: [(String, String)] = [], _ body: String = "") throws -> HTTPReply {
    guard case .reply(let reply) = decide(line, headers, body) else { throw UnexpectedDecision() }
    return reply
}

func command(
    _ line: String, _ headers: [(String, String)] = [], _ body: String = ""
) throws -> (ClientCommand, ReplyShape) {
    switch decide(line, headers, body) {
    case .command(let command, let shape): return (command, shape)
    case .reply(let reply):
        Issue.record("\(line): \(reply.status) \(reply.text)")
        throw UnexpectedDecision()
    }
}

func invocation(
    _ line: String, _ headers: [(String, String)] = [], _ body: String = ""
) throws -> InvokeCommand {
    guard case .invoke(let invocation) = try command(line, headers, body).0 else { throw UnexpectedDecision() }
    return invocation
}

struct UnexpectedDecision: Error {}

extension HTTPReply {
    var text: String { String(decoding: body, as: UTF8.self) }

    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}
