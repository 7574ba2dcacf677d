/// Services as runtimes take them, names checked.
package struct ServiceRegistration: Sendable {
    /// In the order of registration.
    package let services: [ErasedService]

    /// - Parameter keepsTables: Whether the engine can execute transactional steps.
    package init(
        _ definitions: [any ServiceDefinition], keepsTables: Bool = false
    ) throws(RegistrationError) {
        var services: [ErasedService] = []
        for definition in definitions {
            let service = try erase(definition)
            guard !services.contains(where: { $0.name == service.name }) else {
                throw .duplicateService(service.name)
            }
            if let tables = service.tables {
                guard keepsTables else { throw .tablesNotKept(service: service.name) }
                try Self.check(tables, of: service.name, beside: services)
            }
            services.append(service)
        }
        self.services = services
    }

    private static func check(
        _ tables: ServiceTables, of service: String, beside others: [ErasedService]
    ) throws(RegistrationError) {
        if let problem = tables.problem { throw .invalidTables(service: service, reason: problem) }
        let owner = others.first { $0.tables?.namespace == tables.namespace && $0.tables != tables }
        if let owner {
            throw .invalidTables(
                service: service,
                reason: "namespace '\(tables.namespace)' has other migrations in service '\(owner.name)'")
        }
    }
}

private func erase<Definition: ServiceDefinition>(_ definition: Definition) throws(RegistrationError) -> ErasedService {
    let name = Definition.name
    guard isName(name, punctuation: "._-") else { throw .invalidServiceName(name) }
    guard !name.lowercased().hasPrefix("restate"), name != "openapi" else { throw .reservedServiceName(name) }

    var handlers: [ErasedHandler] = []
    for handler in Definition.handlers {
        guard isName(handler.name, punctuation: "_") else {
            throw .invalidHandlerName(service: name, handler: handler.name)
        }
        guard !handlers.contains(where: { $0.name == handler.name }) else {
            throw .duplicateHandler(service: name, handler: handler.name)
        }
        handlers.append(handler.registered(for: definition).erased)
    }
    guard !handlers.isEmpty else { throw .noHandlers(service: name) }

    for hidden in definition.privateHandlers {
        guard let index = handlers.firstIndex(where: { $0.name == hidden.name }) else {
            throw .unknownPrivateHandler(service: name, handler: hidden.name)
        }
        handlers[index].options.isPrivate = true
    }
    let kind: ErasedService.Kind =
        switch definition {
        case is any Workflow: .workflow
        case is any VirtualObject: .virtualObject
        default: .service
        }
    let runs = handlers.filter { $0.kind == .workflowRun }.count
    if kind == .workflow, runs != 1 { throw .notOneWorkflowRun(service: name, found: runs) }
    return ErasedService(
        name: name, kind: kind, isPrivate: Definition.isPrivate, handlers: handlers, tables: definition.serviceTables)
}

/// `([a-zA-Z]|_[a-zA-Z0-9])` and then letters, digits, `_` and `punctuation` (ingress reference 1.1).
private func isName(_ name: String, punctuation: String) -> Bool {
    func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
    func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    let bytes = Array(name.utf8)
    let underscore = UInt8(ascii: "_")
    guard let first = bytes.first else { return false }
    if first == underscore {
        guard bytes.count > 1, isLetter(bytes[1]) || isDigit(bytes[1]) else { return false }
    } else if !isLetter(first) {
        return false
    }
    return bytes.dropFirst().allSatisfy {
        isLetter($0) || isDigit($0) || $0 == underscore || punctuation.utf8.contains($0)
    }
}
