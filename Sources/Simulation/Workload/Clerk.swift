import Reprise

/// What only handlers can do with others: workflows, private handlers, invocations that others may have started.
struct Clerk: Service {
    static let delegate = handler("delegate", options: WorkloadOptions.brief, Clerk.sendAndAttach)
    static let insist = handler("insist", options: WorkloadOptions.brief, Clerk.callWorkflow)
    static let whisper = handler("whisper", options: WorkloadOptions.brief, Clerk.callPrivately)

    static let handlers: Handlers = [delegate, insist, whisper]

    let hands: Hands

    /// Sends a workflow off, which may run already, gives it its word, and waits for it.
    private func sendAndAttach(_ ctx: ServiceContext, _ key: String) async throws -> String {
        let approval = ctx.workflow(Approval.self, key: key)
        let id = try await approval.send(Approval.process, "clerk")
        try await hands.stumble(ctx.invocationID)
        let isFirst = try await approval.call(Approval.approve, "clerk")
        let late = try await approval.attach(Approval.process)
        let stored = try await approval.output(Approval.process)
        return "\(id == approval.invocationID) \(isFirst) \(late) \(stored == late)"
    }

    private func callWorkflow(_ ctx: ServiceContext, _ key: String) async throws -> String {
        do {
            return try await ctx.workflow(Approval.self, key: key).call(Approval.process, "insist")
        } catch let error as TerminalError where error.code == 409 {
            return "refused"
        }
    }

    /// Reaches one invocation in three ways by one key.
    private func callPrivately(_ ctx: ServiceContext, _ number: Int) async throws -> String {
        let (errand, key) = (ctx.service(Errand.self), "w\(number)")
        let first = try await errand.send(
            Errand.secret, number, after: .milliseconds(number * 40), idempotencyKey: key)
        let second = try await errand.send(Errand.secret, number, idempotencyKey: key)
        let future = try await ctx.attachFuture(first, of: Errand.secret)
        let direct = try await errand.call(Errand.secret, number, idempotencyKey: key)
        let attached = try await future.value()
        return "\(first == second) \(direct) \(attached)"
    }
}
