package enum ServiceKind: String, Sendable, CaseIterable {
    case service, virtualObject, workflow
}

/// How invocations of a handler are scheduled and what state they may touch (ingress reference 9.1).
package enum HandlerKind: String, Sendable, CaseIterable {
    case service, exclusive, shared, workflowRun, workflowShared
}

/// What a handler's body must look like (ingress reference 1.5). Rules are judged by `Ingress`.
package enum InputRule: Hashable, Sendable {
    /// No input declared: any body, ignored.
    case any
    /// Void input: neither body nor content type.
    case none
    /// A content type pattern such as `application/json`; `required` refuses the request without body and content
    /// type, `nonEmpty` refuses an empty body that comes with a content type.
    case content(type: String, required: Bool, nonEmpty: Bool)
}

/// What content type an answer gets (ingress reference 1.6).
package enum OutputRule: Hashable, Sendable {
    /// `application/json` if there is a body, none otherwise.
    case automatic
    case content(type: String, setIfEmpty: Bool)
    case none
}

/// A class, because each call asks for it several times: a value would be copied with everything in it.
package final class HandlerDescriptor: Sendable {
    package let name: String
    package let kind: HandlerKind
    package let isPublic: Bool
    package let input: InputRule
    package let output: OutputRule
    package let retry: RetryPolicy
    /// How long a promised result (idempotency key, workflow run) is kept, from completion.
    package let promisedRetentionMs: Int64
    /// How long any other result is kept for the curious.
    package let journalRetentionMs: Int64
    /// Says why a body does not decode, nil when it does. Called before acceptance.
    package let inputProblem: @Sendable (Bytes) -> String?

    package init(
        name: String, kind: HandlerKind, isPublic: Bool = true,
        input: InputRule = .content(type: "application/json", required: false, nonEmpty: false),
        output: OutputRule = .automatic, retry: RetryPolicy = .invocationDefault,
        promisedRetentionMs: Int64 = 86_400_000, journalRetentionMs: Int64 = 86_400_000,
        inputProblem: @escaping @Sendable (Bytes) -> String? = { _ in nil }
    ) {
        self.name = name
        self.kind = kind
        self.isPublic = isPublic
        self.input = input
        self.output = output
        self.retry = retry
        self.promisedRetentionMs = promisedRetentionMs
        self.journalRetentionMs = journalRetentionMs
        self.inputProblem = inputProblem
    }
}

/// A class for the same reason.
package final class ServiceDescriptor: Sendable {
    package let name: String
    package let kind: ServiceKind
    package let isPublic: Bool
    package let handlers: [String: HandlerDescriptor]

    package init(name: String, kind: ServiceKind, isPublic: Bool = true, handlers: [HandlerDescriptor]) {
        self.name = name
        self.kind = kind
        self.isPublic = isPublic
        self.handlers = Dictionary(handlers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }
}

/// What this server can run. Fixed from start to stop.
package struct Catalog: Sendable {
    /// In the order of registration.
    package let serviceNames: [String]
    private let services: [String: ServiceDescriptor]

    package init(_ services: [ServiceDescriptor]) {
        serviceNames = services.map(\.name)
        self.services = Dictionary(services.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    package func service(_ name: String) -> ServiceDescriptor? { services[name] }

    package func handler(_ target: InvocationTarget) -> HandlerDescriptor? {
        services[target.service]?.handlers[target.handler]
    }
}
