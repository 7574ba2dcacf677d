import Reprise

/// A workflow that waits for a promise.
struct Approval: Workflow {
    static let stage = StateKey<String>("stage")
    static let word = PromiseKey<String>("word")

    static let process = workflow("process", options: WorkloadOptions.brief, Approval.waitForWord)
    static let approve = shared("approve", options: WorkloadOptions.brief, Approval.give)
    static let refuse = shared("refuse", options: WorkloadOptions.brief, Approval.take)
    static let status = shared("status", options: WorkloadOptions.brief, Approval.look)

    static let handlers: Handlers = [process, approve, refuse, status]

    let hands: Hands

    private func waitForWord(_ ctx: WorkflowContext, _ subject: String) async throws -> String {
        try await ctx.set(Self.stage, "asked")
        let (hands, id) = (hands, ctx.invocationID)
        _ = try await ctx.run("ask") { try await hands.reach(id, "ask") }
        guard !subject.hasPrefix("quick") else { return try await waitForWordBriefly(ctx, subject) }
        let word = try await ctx.promise(Self.word).value()
        try await ctx.set(Self.stage, "answered")
        try await hands.stumble(ctx.invocationID)
        return "\(subject) \(word)"
    }

    private func waitForWordBriefly(_ ctx: WorkflowContext, _ subject: String) async throws -> String {
        do {
            let word = try await ctx.promise(Self.word).future().value(within: .seconds(2))
            try await ctx.clear(Self.stage)
            return "\(subject) \(word)"
        } catch let error as TerminalError where error.code == 408 {
            try await ctx.clearAll()
            return "\(subject) unanswered"
        }
    }

    private func give(_ ctx: SharedWorkflowContext, _ word: String) async throws -> Bool {
        do {
            try await ctx.promise(Self.word).resolve(word)
            return true
        } catch let error as TerminalError where error.message.contains("already completed") {
            return false
        }
    }

    private func take(_ ctx: SharedWorkflowContext, _ reason: String) async throws -> Bool {
        do {
            try await ctx.promise(Self.word).reject(reason, code: 417)
            return true
        } catch let error as TerminalError where error.message.contains("already completed") {
            return false
        }
    }

    private func look(_ ctx: SharedWorkflowContext) async throws -> String {
        var word: String?
        do {
            word = try await ctx.promise(Self.word).peek()
        } catch let error as TerminalError where error.code == 417 {
            word = "refused"
        }
        return "\(try await ctx.get(Self.stage) ?? "none") \(word ?? "none")"
    }
}
