import Reprise

struct Fail: Service {
    static let handlers: Handlers = [fail, flaky]

    struct Failure: Codable, Sendable {
        var code: Int?
        var message: String
        var metadata: [String: String]?
    }

    struct Flakiness: Codable, Sendable { var failures: Int }
    struct Transient: Error {}

    static let fail = handler("fail") { (_: ServiceContext, failure: Failure) -> String in
        guard let code = failure.code else { throw TerminalError(failure.message) }
        throw TerminalError(failure.message, code: code, metadata: failure.metadata ?? [:])
    }

    /// The number of executions that the step took.
    static let flaky = handler("flaky") { (ctx: ServiceContext, flakiness: Flakiness) -> Int in
        let executions = Executions()
        let policy = RunRetryPolicy(initialDelay: .milliseconds(5))
        return try await ctx.run("flaky", retry: policy) {
            let number = await executions.next()
            if number <= flakiness.failures { throw Transient() }
            return number
        }
    }
}

private actor Executions {
    private var count = 0

    func next() -> Int {
        count += 1
        return count
    }
}

/// Kills the process when asked to.
struct Crash: Service {
    static let handlers: Handlers = [trap]

    struct Order: Codable, Sendable { var crash: Bool }

    static let trap = handler("trap") { (_: ServiceContext, order: Order) -> String in
        if order.crash { fatalError("the input says so") }
        return "survived"
    }
}
