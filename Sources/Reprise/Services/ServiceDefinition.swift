/// What every kind of service has in common. Conform to `Service` or `VirtualObject`, not to this.
///
/// A service is a value: what its handlers need from outside (a gateway, a mailer) is a stored property, given when it
/// is constructed and registered. Its handlers are static, so that callers name them by type, without strings:
///
///     struct Greeter: VirtualObject {
///         static let greet = exclusive("greet", Greeter.greeting)
///         static let handlers: Handlers = [greet]
///
///         let salutation: String
///
///         func greeting(_ ctx: ObjectContext, _ name: String) async throws -> String { "\(salutation) \(name)" }
///     }
///
///     // in another handler
///     let text = try await ctx.object(Greeter.self, key: "en").call(Greeter.greet, "Ada")
public protocol ServiceDefinition: Sendable {
    /// The list that `handlers` has: handlers of this very type.
    typealias Handlers = [any HandlerDefinition<Self>]

    /// The first segment of its path. Default: the name of the type. Must match
    /// `([a-zA-Z]|_[a-zA-Z0-9])[a-zA-Z0-9._-]*`, must not start with `restate` and must not be `openapi`.
    static var name: String { get }

    /// Everything that can be called. A handler that is not listed does not exist for callers.
    static var handlers: Handlers { get }

    /// Whether only other handlers may call it. Default: no.
    static var isPrivate: Bool { get }

    /// Handlers that this instance hides from HTTP, in addition to those whose options say so. Default: none.
    var privateHandlers: Handlers { get }

    /// Tables for transactional steps; a server that keeps none refuses the service. Default: none.
    var serviceTables: ServiceTables? { get }
}

extension ServiceDefinition {
    public static var name: String { String(describing: Self.self) }
    public static var isPrivate: Bool { false }
    public var privateHandlers: Handlers { [] }
    public var serviceTables: ServiceTables? { nil }
}

/// A service without key and state: every call runs by itself, any number in parallel.
public protocol Service: ServiceDefinition {}

/// A service whose instances have a key and durable state. Exclusive handlers of one key run one at a time in the order
/// of arrival, shared ones beside them; different keys run in parallel.
public protocol VirtualObject: ServiceDefinition {}

/// A service whose instances have a key, durable state and promises, and run once: one handler is the workflow, the
/// others look at it and talk to it while it runs and as long as its result is kept. Mirrors Restate's workflows.
public protocol Workflow: ServiceDefinition {}
