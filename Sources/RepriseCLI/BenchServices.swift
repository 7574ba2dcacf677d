import Reprise

// Services for `Bench`, with `REPRISE_BENCH_SERVICES=1`.

enum BenchServices {
    static let all: [any ServiceDefinition] = [
        BenchCounter(), BenchBrief(), BenchGate(), BenchSteps(), BenchSleep(),
    ]
}

/// One state read, one state write.
struct BenchCounter: VirtualObject {
    static let handlers: Handlers = [add, sum, hold]
    static let total = StateKey<Int>("total")

    static let add = exclusive("add") { (ctx: ObjectContext, amount: Int) -> Int in
        let sum = (try await ctx.get(total) ?? 0) + amount
        try await ctx.set(total, sum)
        return sum
    }

    /// Tells it while others add.
    static let sum = shared("sum") { (ctx: SharedObjectContext) -> Int in try await ctx.get(total) ?? 0 }

    /// Keeps the key until the gate of that name is opened.
    static let hold = exclusive("hold") { (ctx: ObjectContext, gate: String) -> String in
        try await ctx.workflow(BenchGate.self, key: gate).call(BenchGate.run)
    }
}

/// A counter of whose calls nothing is kept for long, so that as much is deleted as comes.
struct BenchBrief: VirtualObject {
    static let handlers: Handlers = [add]
    static let total = StateKey<Int>("total")

    static let add = exclusive(
        "add", options: HandlerOptions(idempotencyRetention: .seconds(5), journalRetention: .seconds(5))
    ) { (ctx: ObjectContext, amount: Int) -> Int in
        let sum = (try await ctx.get(total) ?? 0) + amount
        try await ctx.set(total, sum)
        return sum
    }
}

/// Ends when it is told to.
struct BenchGate: Workflow {
    static let handlers: Handlers = [run, open]
    static let opened = PromiseKey<String>("opened")

    static let run = workflow("run") { (ctx: WorkflowContext) -> String in try await ctx.promise(opened).value() }

    static let open = shared("open") { (ctx: SharedWorkflowContext) in
        try await ctx.promise(opened).resolve("open")
    }
}

struct BenchSteps: Service {
    static let handlers: Handlers = [three, pace, fanOut, one, replay]

    static let three = handler("three") { (ctx: ServiceContext) -> String in
        for step in 1...3 { try await ctx.run("step-\(step)") {} }
        return "done"
    }

    /// That many steps, one after the other; how long each took, in nanoseconds. The answer differs from one execution
    /// to the next, as no handler's should: nobody replays this one.
    static let pace = handler("pace") { (ctx: ServiceContext, count: Int) -> [Int] in
        var durations: [Int] = []
        var last = ContinuousClock.now
        for _ in 0..<count {
            try await ctx.run("step") {}
            let now = ContinuousClock.now
            durations.append(Int((now - last) / .nanoseconds(1)))
            last = now
        }
        return durations
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
