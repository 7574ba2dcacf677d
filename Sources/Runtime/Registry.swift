package import DurableModel
package import Reprise

/// The services that this process can execute, in the engine's words and as code.
package struct Registry: Sendable {
    package let catalog: Catalog
    /// What services keep beside the engine's state, each namespace once.
    package let tables: [TableNamespace]
    private let namespaces: [String: String]
    private let handlers: [InvocationTarget: RegisteredHandler]

    package init(_ services: [ErasedService]) {
        catalog = Catalog(services.map(ServiceDescriptor.init))
        var handlers: [InvocationTarget: RegisteredHandler] = [:]
        for service in services {
            for handler in service.handlers {
                handlers[InvocationTarget(service: service.name, handler: handler.name)] = RegisteredHandler(handler)
            }
        }
        self.handlers = handlers
        var tables: [TableNamespace] = []
        var namespaces: [String: String] = [:]
        for service in services {
            guard let declared = service.tables else { continue }
            namespaces[service.name] = declared.namespace
            if !tables.contains(where: { $0.name == declared.namespace }) { tables.append(TableNamespace(declared)) }
        }
        self.tables = tables
        self.namespaces = namespaces
    }

    /// The namespace of the tables that a service may use.
    func namespace(of service: String) -> String? { namespaces[service] }

    func handler(for target: InvocationTarget) -> RegisteredHandler? {
        handlers[InvocationTarget(service: target.service, handler: target.handler)]
    }
}

/// What executes a handler. A class, because each attempt takes it along.
final class RegisteredHandler: Sendable {
    let execute: @Sendable @concurrent (sending any DurableOperations, [UInt8]) async throws -> [UInt8]

    init(_ handler: ErasedHandler) { execute = handler.execute }
}

extension ServiceDescriptor {
    fileprivate convenience init(_ service: ErasedService) {
        let kind: ServiceKind =
            switch service.kind {
            case .service: .service
            case .virtualObject: .virtualObject
            case .workflow: .workflow
            }
        self.init(
            name: service.name, kind: kind, isPublic: !service.isPrivate,
            handlers: service.handlers.map(HandlerDescriptor.init))
    }
}

extension HandlerDescriptor {
    fileprivate convenience init(_ handler: ErasedHandler) {
        let input: InputRule =
            switch handler.input {
            case .ignored: .any
            case .forbidden: .none
            case .json(let isRequired):
                .content(type: "application/json", required: isRequired, nonEmpty: isRequired)
            case .bytes: .content(type: "*/*", required: false, nonEmpty: false)
            }
        let output: OutputRule =
            switch handler.output {
            case .none: .none
            case .json: .automatic
            case .bytes(let contentType): .content(type: contentType, setIfEmpty: false)
            }
        let options = handler.options
        self.init(
            name: handler.name, kind: HandlerKind(handler.kind), isPublic: !options.isPrivate, input: input,
            output: output,
            retry: RetryPolicy(
                initialDelayMs: options.retry.initialDelay.milliseconds, factor: options.retry.factor,
                maxDelayMs: options.retry.maxDelay.milliseconds, maxAttempts: options.retry.maxAttempts),
            promisedRetentionMs: options.idempotencyRetention.milliseconds,
            journalRetentionMs: options.journalRetention.milliseconds, inputProblem: handler.inputProblem)
    }
}

extension HandlerKind {
    fileprivate init(_ kind: ErasedHandler.Kind) {
        self =
            switch kind {
            case .service: .service
            case .exclusive: .exclusive
            case .shared: .shared
            case .workflowRun: .workflowRun
            case .workflowShared: .workflowShared
            }
    }
}

extension Duration {
    /// Rounded toward zero.
    var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
