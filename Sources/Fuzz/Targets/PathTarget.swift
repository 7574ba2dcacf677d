import DurableModel
import HTTPWire
import Ingress

extension FuzzTarget {
    private static let ingress = Ingress(catalog: Catalog([
        ServiceDescriptor(name: "S", kind: .service, handlers: [HandlerDescriptor(name: "h", kind: .service)]),
        ServiceDescriptor(name: "O", kind: .virtualObject, handlers: [HandlerDescriptor(name: "h", kind: .exclusive)]),
        ServiceDescriptor(name: "W", kind: .workflow, handlers: [
            HandlerDescriptor(name: "run", kind: .workflowRun), HandlerDescriptor(name: "h", kind: .workflowShared),
        ]),
    ]))

    /// Method, then a target: every one gets a command for a handler that exists, or an answer that is an error.
    static let paths = FuzzTarget(
        "paths",
        seeds: [
            "POST /S/h", "POST /O/k%2Fe/h/send?delay=10s", "GET /restate/health", "POST /restate/call/O/k/h",
            "POST /restate/send/S/h?delay=PT1S",
            "GET /restate/invocation/inv_1gidH2J8JM6R1azgDZGNSC8R7blvv0LmmK/attach",
            "GET /restate/workflow/W/k/output", "GET /restate/invocation/O/k/h/%C3%A9/attach",
            "POST /restate/awakeables/sign_1gidH2J8JM6R1azgDZGNSC8R7blvv0LmmKAAAAEQ/resolve", "POST /restate/lookup",
            "POST /restate/scope/x/call/S/h", "GET //S/h//", "OPTIONS /x",
        ],
        words: [
            "/", "//", "%", "%2F", "%00", "%FF", "%C3%A9", "+", "?", "?delay=", "&", "=", "send", "S", "O", "W", "h",
            "run",
            "restate", "call", "invocation", "workflow", "attach", "output", "awakeables", "resolve", "scope", "lookup",
        ],
        feed: { bytes in
            guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
            let parts = text.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, parts[1].hasPrefix("/") else { return nil }
            let message = HTTPMessage(
                method: String(parts[0]), target: String(parts[1]),
                headers: HTTPHeaderBlock([("content-type", "application/json")]), body: Array("{}".utf8))
            switch ingress.decide(message) {
            case .reply(let reply):
                guard (200...599).contains(reply.status) else { return "an answer has a status: \(reply.status)" }
                let splits = reply.headers.contains { $0.value.utf8.contains { $0 == 13 || $0 == 10 || $0 == 0 } }
                return splits ? "an answer's fields are single lines" : nil
            case .command(.invoke(let command), _):
                guard case .virtualObject? = serviceKind(command.target.service) else {
                    return command.target.service == "S" && command.target.key != nil ? "a service has no key" : nil
                }
                return command.target.key == nil ? "an object has a key" : nil
            case .command: return nil
            }
        })

    private static func serviceKind(_ name: String) -> ServiceKind? {
        switch name {
        case "S": .service
        case "O": .virtualObject
        case "W": .workflow
        default: nil
        }
    }
}
