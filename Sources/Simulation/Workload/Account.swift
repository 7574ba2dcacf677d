import Reprise

/// Retentions so short that ids come back within a run, and retries so quick that a run sees many.
enum WorkloadOptions {
    static let brief = HandlerOptions(
        retry: InvocationRetryPolicy(initialDelay: .milliseconds(50), maxDelay: .seconds(2)),
        idempotencyRetention: .seconds(40), journalRetention: .seconds(20))

    /// Only from handlers.
    static let hidden = HandlerOptions(
        isPrivate: true, idempotencyRetention: .seconds(40), journalRetention: .seconds(20))

    /// Gives up soon: then a person has to look.
    static let impatient = HandlerOptions(
        retry: InvocationRetryPolicy(initialDelay: .milliseconds(30), maxDelay: .seconds(1), maxAttempts: 2),
        idempotencyRetention: .seconds(40), journalRetention: .seconds(20))
}

/// State under exclusive handlers, and reads beside them.
struct Account: VirtualObject {
    static let total = StateKey<Int>("total")
    static let slip = StateKey<String>("slip")

    static let deposit = exclusive("deposit", options: WorkloadOptions.brief, Account.add)
    static let withdraw = exclusive("withdraw", options: WorkloadOptions.brief, Account.take)
    static let close = exclusive("close", options: WorkloadOptions.brief, Account.clear)
    static let embrace = exclusive("embrace", options: WorkloadOptions.brief, Account.callOther)
    static let waltz = exclusive("waltz", options: WorkloadOptions.brief, Account.callInCircle)
    static let glance = exclusive("glance", options: WorkloadOptions.brief, Account.callCarefully)
    static let balance = shared("balance", options: WorkloadOptions.brief, Account.read)
    static let names = shared("names", options: WorkloadOptions.brief, Account.list)

    static let handlers: Handlers = [deposit, withdraw, close, embrace, waltz, glance, balance, names]

    let hands: Hands

    private func add(_ ctx: ObjectContext, _ amount: Int) async throws -> Int {
        let before = try await ctx.get(Self.total) ?? 0
        try await hands.stumble(ctx.invocationID)
        if amount % 3 == 0 {
            let (hands, id) = (hands, ctx.invocationID)
            let slip = try await ctx.run("slip") { try await hands.reach(id, "slip") }
            try await ctx.set(Self.slip, slip)
        }
        if amount % 5 == 0 { try await ctx.sleep(.milliseconds(amount * 40)) }
        try await ctx.set(Self.total, before + amount)
        ctx.logger.info("now \(before + amount)")
        try ctx.publish("accounts", before + amount)
        return before + amount
    }

    private func take(_ ctx: ObjectContext, _ amount: Int) async throws -> Int {
        let before = try await ctx.get(Self.total) ?? 0
        guard before >= amount else { throw TerminalError("insufficient funds", code: 409) }
        try await ctx.set(Self.total, before - amount)
        try await hands.stumble(ctx.invocationID)
        if amount % 4 == 0 { try await ctx.clear(Self.slip) }
        return before - amount
    }

    private func clear(_ ctx: ObjectContext) async throws -> Int {
        let before = try await ctx.get(Self.total) ?? 0
        try await ctx.clearAll()
        return before
    }

    /// Calls another account while it has its own: two that embrace each other wait for each other.
    private func callOther(_ ctx: ObjectContext, _ other: String) async throws -> String {
        do {
            return "\(try await ctx.object(Account.self, key: other).call(Account.deposit, 1))"
        } catch let error as TerminalError where error.message.hasPrefix("deadlock") {
            return "deadlock"
        }
    }

    /// The other embraces this one: A, B, A.
    private func callInCircle(_ ctx: ObjectContext, _ other: String) async throws -> String {
        do {
            return try await ctx.object(Account.self, key: other).call(Account.embrace, ctx.key)
        } catch let error as TerminalError where error.message.hasPrefix("deadlock") {
            return "deadlock"
        }
    }

    /// What looks like a deadlock and is none: a send to itself, a shared handler of its own, a call with a time limit.
    private func callCarefully(_ ctx: ObjectContext, _ other: String) async throws -> String {
        try await ctx.object(Account.self, key: ctx.key).send(Account.deposit, 2)
        let mine = try await ctx.object(Account.self, key: ctx.key).call(Account.balance)
        let theirs = try await ctx.object(Account.self, key: other).future(Account.deposit, 1)
        do {
            return "\(mine) \(try await theirs.value(within: .milliseconds(400)))"
        } catch let error as TerminalError where error.code == 408 {
            return "\(mine) late"
        }
    }

    private func read(_ ctx: SharedObjectContext) async throws -> Int { try await ctx.get(Self.total) ?? 0 }

    private func list(_ ctx: SharedObjectContext) async throws -> String {
        try await hands.stumble(ctx.invocationID)
        return try await ctx.stateKeys().joined(separator: " ")
    }
}
