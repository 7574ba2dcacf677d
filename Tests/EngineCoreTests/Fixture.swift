import DurableModel

// The services that the tests invoke. No handler exists: a test plays it, one operation a line.
extension Catalog {
    static let forTests = Catalog([
        ServiceDescriptor(
            name: "Greeter", kind: .service,
            handlers: [
                HandlerDescriptor(name: "greet", kind: .service, retry: .threeTimes),
                HandlerDescriptor(name: "brief", kind: .service, promisedRetentionMs: 100, journalRetentionMs: 100),
                HandlerDescriptor(name: "impatient", kind: .service, retry: .once),
            ]),
        ServiceDescriptor(
            name: "Counter", kind: .virtualObject,
            handlers: [
                HandlerDescriptor(name: "add", kind: .exclusive, retry: .threeTimes),
                HandlerDescriptor(name: "get", kind: .shared, retry: .threeTimes),
            ]),
        ServiceDescriptor(
            name: "Signup", kind: .workflow,
            handlers: [
                HandlerDescriptor(name: "run", kind: .workflowRun, promisedRetentionMs: 500),
                HandlerDescriptor(name: "look", kind: .workflowShared),
            ]),
    ])
}

extension RetryPolicy {
    static let once = RetryPolicy(initialDelayMs: 100, maxDelayMs: 1_000, maxAttempts: 1)
    static let threeTimes = RetryPolicy(initialDelayMs: 100, maxDelayMs: 1_000, maxAttempts: 3)
    static let twice = RetryPolicy(initialDelayMs: 100, maxDelayMs: 1_000, maxAttempts: 2)
}

extension InvocationTarget {
    static let greet = InvocationTarget(service: "Greeter", handler: "greet")
    static let brief = InvocationTarget(service: "Greeter", handler: "brief")
    static let impatient = InvocationTarget(service: "Greeter", handler: "impatient")
    static let nowhere = InvocationTarget(service: "Greeter", handler: "nowhere")

    static func add(_ key: String) -> InvocationTarget {
        InvocationTarget(service: "Counter", key: key, handler: "add")
    }

    static func get(_ key: String) -> InvocationTarget {
        InvocationTarget(service: "Counter", key: key, handler: "get")
    }

    static func signup(_ key: String) -> InvocationTarget {
        InvocationTarget(service: "Signup", key: key, handler: "run")
    }
}

extension InvocationTarget {
    static func look(_ key: String) -> InvocationTarget {
        InvocationTarget(service: "Signup", key: key, handler: "look")
    }
}

extension InvocationSerial: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int64) { self.init(value) }
}

extension Array where Element == UInt8 {
    var text: String { String(decoding: self, as: UTF8.self) }
}

/// Bytes written as text.
func b(_ text: String) -> Bytes { Array(text.utf8) }
