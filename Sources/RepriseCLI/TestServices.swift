#if DEBUG
    import Reprise

    // Services for the black-box tests, in debug builds with `REPRISE_TEST_SERVICES=1`.

    enum TestServices {
        static let all: [any ServiceDefinition] = [Crash(), Counter(), Slow(), Awk(), Fail()]
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

    struct Counter: VirtualObject {
        static let handlers: Handlers = [add, get]
        static let total = StateKey<Int>("total")

        static let add = exclusive("add") { (ctx: ObjectContext, amount: Int) -> Int in
            let sum = (try await ctx.get(total) ?? 0) + amount
            try await ctx.set(total, sum)
            return sum
        }
        static let get = shared("get") { (ctx: SharedObjectContext) -> Int in try await ctx.get(total) ?? 0 }
    }

    struct Slow: Service {
        static let handlers: Handlers = [sleep]

        struct Order: Codable, Sendable { var ms: Int }

        static let sleep = handler("sleep") { (ctx: ServiceContext, order: Order) -> String in
            try await ctx.sleep(.milliseconds(order.ms))
            return "done"
        }
    }

    /// Waits for an awakeable whose id it keeps where others can read it.
    struct Awk: VirtualObject {
        static let handlers: Handlers = [run, id]
        static let awakeableID = StateKey<String>("id")

        static let run = exclusive("run") { (ctx: ObjectContext) -> String in
            let awakeable = try await ctx.awakeable(of: String.self)
            try await ctx.set(awakeableID, awakeable.id)
            return try await awakeable.value()
        }
        static let id = shared("id") { (ctx: SharedObjectContext) -> String? in try await ctx.get(awakeableID) }
    }

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
            throw TerminalError(failure.message, code: failure.code ?? 500, metadata: failure.metadata ?? [:])
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
#endif
