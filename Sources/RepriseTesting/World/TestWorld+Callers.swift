import DurableModel
import Reprise
import Runtime

/// What somebody outside has asked and not been told yet.
struct Ask: Sendable {
    let command: ClientCommand
    /// What it names the invocation with that it creates: by its seed it is found again after a crash.
    let entropy: Entropy
    let answer: @Sendable (Result<ClientReply, any Error>) -> Void
}

// Callers outside. A crash does not concern them: who waited goes on to wait for the same.
extension TestWorld {
    /// What tests, and routes, ask through.
    var client: CommandClient { CommandClient { [self] in try await ask($0) } }

    /// Asks and waits for the answer.
    func ask(_ command: ClientCommand) async throws -> ClientReply {
        let guardian = watchOver()
        defer { guardian.cancel() }
        return try await withCheckedThrowingContinuation { continuation in
            executor.submit { [self] in
                take(Ask(command: command, entropy: entropies.draw()) { continuation.resume(with: $0) })
            }
        }
    }

    private func take(_ ask: Ask) {
        asks[nextAsk] = ask
        if settings.takesOneAtATime { inbox.append(nextAsk) } else { submit(nextAsk, ask.command) }
        nextAsk += 1
    }

    /// Takes the next of those who wait to be heard; false when there is none.
    func takeFromInbox() -> Bool {
        guard let number = inbox.popFirst() else { return false }
        if let ask = asks[number] { submit(number, ask.command) }
        return true
    }

    private func submit(_ number: Int, _ command: ClientCommand) {
        guard let ask = asks[number] else { return }
        entropies.provide(ask.entropy)
        runtime?.submit(command) { [weak self] reply in self?.finish(number, .success(reply)) }
    }

    func finish(_ number: Int, _ answer: Result<ClientReply, any Error>) {
        asks.removeValue(forKey: number)?.answer(answer)
    }

    /// After a crash: what was recorded is waited for, the rest is asked again.
    func reconnect() {
        for (number, ask) in asks where !inbox.contains(number) {
            if let known = recordedReply(to: ask) {
                finish(number, .success(known))
            } else if case .invoke = ask.command, let record = invocation(seed: ask.entropy.seed) {
                submit(number, .attach(record.acceptance.id))
            } else {
                submit(number, ask.command)
            }
        }
    }

    /// What the lost process had recorded, and would have said at once.
    private func recordedReply(to ask: Ask) -> ClientReply? {
        switch ask.command {
        case .invoke(let invoke):
            guard case .send = invoke.mode, let known = invocation(seed: ask.entropy.seed)?.acceptance
            else { return nil }
            return .accepted(known.id, executionTimeMs: known.scheduledForMs, isNew: true)
        case .steer(let id, .cancel): return isCancelled(id) ? .steered(.requested) : nil
        default: return nil
        }
    }

    private func invocation(seed: UInt64) -> InvocationRecord? {
        disk.invocations.values.first { $0.acceptance.seed == seed }
    }

    private func isCancelled(_ id: InvocationID) -> Bool {
        guard let serial = disk.serial(of: id), let progress = disk.invocations[serial]?.progress else { return false }
        return progress.status == .completed || !progress.cancelRanks.isEmpty
    }
}
