import Reprise

/// Steps outside, time, and waiting for the outside.
struct Errand: Service {
    static let steps = handler("steps", options: WorkloadOptions.brief, Errand.runSteps)
    static let spin = handler("spin", options: WorkloadOptions.brief, Errand.loop)
    static let pace = handler("pace", options: WorkloadOptions.brief, Errand.measure)
    static let bell = handler("bell", options: WorkloadOptions.brief, Errand.waitForBell)
    static let ring = handler("ring", options: WorkloadOptions.brief, Errand.resolve)
    static let hush = handler("hush", options: WorkloadOptions.brief, Errand.reject)
    static let supervise = handler("supervise", options: WorkloadOptions.brief, Errand.watch)
    static let stubborn = handler("stubborn", options: WorkloadOptions.impatient, Errand.tryAndTry)
    static let secret = handler("secret", options: WorkloadOptions.hidden, Errand.keepToItself)

    static let handlers: Handlers = [steps, spin, pace, bell, ring, hush, supervise, stubborn, secret]

    let hands: Hands

    /// Nothing set, a bound on executions, a bound on time.
    private static let policies: [RunRetryPolicy?] = [
        nil, RunRetryPolicy(initialDelay: .milliseconds(20), maxAttempts: 2),
        RunRetryPolicy(initialDelay: .milliseconds(40), maxDuration: .milliseconds(100)),
    ]

    /// Some steps, each with another policy; says what each gave.
    private func runSteps(_ ctx: ServiceContext, _ count: Int) async throws -> String {
        var words: [String] = []
        for number in 0..<count {
            let (hands, id) = (hands, ctx.invocationID)
            let policy = Self.policies[ctx.random.next(in: 0..<Self.policies.count)]
            do {
                let name = "step \(number)"
                words.append(
                    try await ctx.run(name, retry: policy) { try await hands.reach(id, name) })
            } catch let error as TerminalError {
                if error.code == 409 { throw error }
                words.append("no")
            }
            try await hands.stumble(ctx.invocationID)
        }
        return words.joined(separator: " ")
    }

    /// Asks and asks without anything that the outside would notice.
    private func loop(_ ctx: ServiceContext, _ count: Int) async throws -> Int {
        var sum = 0
        for _ in 0..<count { sum += try await ctx.now().milliseconds > 0 ? 1 : 0 }
        return sum
    }

    private func measure(_ ctx: ServiceContext, _ durationMs: Int) async throws -> String {
        let before = try await ctx.now().milliseconds
        do {
            if durationMs % 2 == 0 {
                try await ctx.sleep(.milliseconds(durationMs))
            } else {
                try await ctx.sleep(until: Timestamp(milliseconds: before + Int64(durationMs)))
            }
        } catch where !(error is TerminalError) {
            // Bad manners: the end of the attempt is no affair of the handler's. What it does must not count.
            _ = try? await ctx.now()
            return "swallowed"
        }
        let after = try await ctx.now().milliseconds
        _ = ctx.uuid()
        return after - before >= Int64(durationMs) ? "slept" : "woken early"
    }

    /// Waits until somebody outside, or another handler, answers; gives up in the end.
    private func waitForBell(_ ctx: ServiceContext, _ patienceMs: Int) async throws -> String {
        let bell = try await ctx.awakeable(of: String.self)
        let (hands, id) = (hands, bell.id)
        try await ctx.run("publish") { hands.outside.publish(bell: id, life: hands.life) }
        do {
            return patienceMs == 0
                ? try await bell.value() : try await bell.value(within: .milliseconds(patienceMs))
        } catch let error as TerminalError where error.code == 408 {
            return "nobody came"
        }
    }

    /// Sends somebody off, looks at him, perhaps calls him back, and waits for him.
    private func watch(_ ctx: ServiceContext, _ durationMs: Int) async throws -> String {
        let isCareful = try await ctx.patched("careful")
        let id = try await ctx.service(Errand.self).send(Errand.pace, durationMs)
        let early = try await ctx.output(of: id, by: Errand.pace)
        if durationMs % 3 == 0 { try await ctx.cancel(id) }
        do {
            let late = try await ctx.attach(id, of: Errand.pace)
            return "\(isCareful) \(early ?? "nothing") \(late)"
        } catch is TerminalError {
            return "\(isCareful) \(early ?? "nothing") ended"
        }
    }

    private func resolve(_ ctx: ServiceContext, _ id: String) async throws {
        try await ctx.resolveAwakeable(id, "handler")
    }

    private func reject(_ ctx: ServiceContext, _ id: String) async throws {
        try await ctx.rejectAwakeable(id, "hush")
    }

    /// Fails so often that its retries are exhausted now and then.
    private func tryAndTry(_ ctx: ServiceContext, _ failures: Int) async throws -> Int {
        let before = try await ctx.now()
        try hands.fail(ctx.derivedKey("try"), times: failures)
        return try await ctx.now().milliseconds >= before.milliseconds ? failures : -1
    }

    private func keepToItself(_ ctx: ServiceContext, _ number: Int) async throws -> Int {
        try await ctx.sleep(.milliseconds(number * 30))
        return number * 2
    }
}
