import Reprise

/// Calls and sends between services, one after the other and at once.
struct Teller: Service {
    static let transfer = handler("transfer", options: WorkloadOptions.brief, Teller.move)
    static let collect = handler("collect", options: WorkloadOptions.brief, Teller.ask)
    static let post = handler("post", options: WorkloadOptions.brief, Teller.mail)

    static let handlers: Handlers = [transfer, collect, post]

    let hands: Hands

    /// "from to amount"
    private func move(_ ctx: ServiceContext, _ order: String) async throws -> String {
        let words = order.split(separator: " ").map(String.init)
        guard words.count == 3, let amount = Int(words[2]) else { throw TerminalError("no order", code: 400) }
        return try await ctx.saga { saga in
            try await ctx.object(Account.self, key: words[0]).call(Account.withdraw, amount)
            saga.compensate { try await ctx.object(Account.self, key: words[0]).send(Account.deposit, amount) }
            try await hands.stumble(ctx.invocationID)
            let key = amount % 2 == 0 ? ctx.derivedKey("deposit") : nil
            let total = try await ctx.object(Account.self, key: words[1])
                .call(Account.deposit, amount, idempotencyKey: key)
            saga.commit()
            return "moved \(total)"
        }
    }

    /// Two balances at once, and the first of two timers.
    private func ask(_ ctx: ServiceContext, _ pair: String) async throws -> String {
        let words = pair.split(separator: " ").map(String.init)
        guard words.count == 2 else { throw TerminalError("no pair", code: 400) }
        let a = try await ctx.object(Account.self, key: words[0]).future(Account.balance)
        let b = try await ctx.object(Account.self, key: words[1]).future(Account.balance)
        let short = try await ctx.timer(.milliseconds(10 + words[0].utf8.count))
        let long = try await ctx.timer(.milliseconds(300))
        try await DurableFuture.race([short, long])
        let values = try await DurableFuture.all([a, b])
        let first = try await DurableFuture.any([b, a])
        return "\(values[0]) \(values[1]) \(first == values[1] || first == values[0])"
    }

    /// "box tag delayMs": the same letter twice, once later.
    private func mail(_ ctx: ServiceContext, _ letter: String) async throws -> String {
        let words = letter.split(separator: " ").map(String.init)
        guard words.count == 3, let delayMs = Int(words[2]) else { throw TerminalError("no letter", code: 400) }
        let box = ctx.object(Mailbox.self, key: words[0])
        try await box.send(Mailbox.receive, words[1])
        try await hands.stumble(ctx.invocationID)
        try await box.send(Mailbox.receive, words[1] + "+", after: .milliseconds(delayMs))
        return "posted"
    }
}

extension HandlerClient {
    /// `call` whose answer is not wanted.
    fileprivate nonisolated(nonsending) func call(_ handler: Handler<Callee, Int, Int>, _ input: Int) async throws {
        _ = try await call(handler, input, idempotencyKey: nil) as Int
    }
}

/// Receives each letter once.
struct Mailbox: VirtualObject {
    static let letters = StateKey<String>("letters")

    static let receive = exclusive("receive", options: WorkloadOptions.brief, Mailbox.put)
    static let handlers: Handlers = [receive]

    let hands: Hands

    private func put(_ ctx: ObjectContext, _ tag: String) async throws {
        let before = try await ctx.get(Self.letters)
        try await hands.stumble(ctx.invocationID)
        try await ctx.set(Self.letters, before.map { "\($0) \(tag)" } ?? tag)
    }
}
