import DurableModel

/// A service of the catalog as requests pass it around: a reference, where a descriptor's copy counts each of its
/// fields.
final class KnownService: Sendable {
    let name: String
    let kind: ServiceKind
    let isPublic: Bool
    let handlers: [String: KnownHandler]

    init(_ service: ServiceDescriptor) {
        name = service.name
        kind = service.kind
        isPublic = service.isPublic
        handlers = service.handlers.mapValues(KnownHandler.init)
    }
}

/// The same for a handler.
final class KnownHandler: Sendable {
    let descriptor: HandlerDescriptor

    init(_ descriptor: HandlerDescriptor) { self.descriptor = descriptor }
}
