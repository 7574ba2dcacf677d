import Reprise

// Services for `Bench`, with `REPRISE_BENCH_SERVICES=1`.

enum BenchServices {
    static let all: [any ServiceDefinition] = [BenchCounter(), BenchSteps(), BenchSleep()]
}

/// One state read, one state write.
struct BenchCounter: VirtualObject {
    static let handlers: Handlers = [add]
    static let total = StateKey<Int>("total")

    static let add = exclusive("add") { (ctx: ObjectContext, amount: Int) -> Int in
        let sum = (try await ctx.get(total) ?? 0) + amount
        try await ctx.set(total, sum)
        return sum
    }
}

struct BenchSteps: Service {
    static let handlers: Handlers = [three, many]

    static let three = handler("three") { (ctx: ServiceContext) -> String in
        for step in 1...3 { try await ctx.run("step-\(step)") {} }
        return "done"
    }

    /// That many steps, one after the other.
    static let many = handler("many") { (ctx: ServiceContext, count: Int) -> Int in
        for _ in 0..<count { try await ctx.run("step") {} }
        return count
    }
}

/// Something to be sent with a delay.
struct BenchSleep: Service {
    static let handlers: Handlers = [wake]

    static let wake = handler("wake") { (_: ServiceContext) -> String in "awake" }
}
