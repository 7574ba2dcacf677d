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
    static let handlers: Handlers = [three, many, fanOut, one, replay]

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

extension BenchSteps {
    static let one = handler("one") { (_: ServiceContext, number: Int) -> Int in number }

    /// That many calls under way at once.
    static let fanOut = handler("fanOut") { (ctx: ServiceContext, count: Int) -> Int in
        var futures: [DurableFuture<Int>] = []
        for number in 0..<count { futures.append(try await ctx.service(BenchSteps.self).future(one, number)) }
        return try await DurableFuture.all(futures).count
    }

    /// That many entries, written once and replayed nine times: each attempt but the tenth fails at its end.
    static let replay = handler(
        "replay", options: HandlerOptions(retry: InvocationRetryPolicy(initialDelay: .milliseconds(1), factor: 1))
    ) { (ctx: ServiceContext, count: Int) -> Int in
        for _ in 0..<count { _ = try await ctx.now() }
        if await attempts.next(ctx.invocationID) < 10 { throw Again() }
        return count
    }

    private struct Again: Error {}
    private static let attempts = Attempts()
}

private actor Attempts {
    private var counts: [String: Int] = [:]

    func next(_ id: String) -> Int {
        counts[id, default: 0] += 1
        return counts[id] ?? 0
    }
}

/// Something to be sent with a delay.
struct BenchSleep: Service {
    static let handlers: Handlers = [wake]

    static let wake = handler("wake") { (_: ServiceContext) -> String in "awake" }
}
