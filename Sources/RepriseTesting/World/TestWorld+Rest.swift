import DurableModel
import Reprise

/// Somebody who waits until nothing goes on by itself any more.
struct Sleeper: Sendable {
    let wake: @Sendable (Result<Void, any Error>) -> Void
}

/// A way through time that somebody has asked for.
struct Journey: Sendable {
    let endMs: Int64
    /// Steps that are executing do not hold it up.
    let ignoresSteps: Bool
    let arrive: @Sendable (Result<Void, any Error>) -> Void
}

// What happens when nothing is left to do at this moment of the clock.
extension TestWorld {
    /// Everything that the executor had is run.
    func rested() {
        guard let figures = runtime?.figures, figures.liveAttempts == figures.parkedAttempts else { return }
        let executesStep = figures.closuresInFlight > 0
        if let journey, journey.ignoresSteps || !executesStep { return travel(journey) }
        guard !executesStep else { return }
        if takeFromInbox() { return }
        if !sleepers.isEmpty {
            let woken = sleepers
            sleepers.removeAll()
            for sleeper in woken { sleeper.wake(.success(())) }
            // To be at rest again: callers may wait for time to pass.
            return executor.submit {}
        }
        if settings.skipsTime, !asks.isEmpty, let dueMs = nextDueMs { fire(dueMs) }
    }

    /// The next timer that may wake somebody.
    private var nextDueMs: Int64? { disk.timers.values.filter { $0 > lastDueMs }.min() }

    private func fire(_ dueMs: Int64) {
        lastDueMs = dueMs
        move(toMs: max(dueMs, clock.nowMs()))
    }

    private func move(toMs ms: Int64) {
        clock.move(toMs: ms)
        // To be at rest again, whether somebody was woken or not.
        executor.submit {}
    }

    private func travel(_ journey: Journey) {
        if let dueMs = nextDueMs, dueMs <= journey.endMs { return fire(dueMs) }
        if clock.nowMs() < journey.endMs { return move(toMs: journey.endMs) }
        self.journey = nil
        journey.arrive(.success(()))
    }

    // MARK: From outside

    /// Waits until every invocation has ended or waits, and no step is executing.
    func settle() async throws {
        let guardian = watchOver()
        defer { guardian.cancel() }
        try await withCheckedThrowingContinuation { continuation in
            executor.submit { [self] in
                sleepers.append(Sleeper { continuation.resume(with: $0) })
            }
        }
    }

    /// Lets time pass; whatever falls due on the way happens at its time.
    func advance(byMs durationMs: Int64, ignoringSteps: Bool) async throws {
        let guardian = watchOver()
        defer { guardian.cancel() }
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            executor.submit { [self] in
                guard journey == nil else {
                    return continuation.resume(throwing: TestStalled("two callers let time pass at once"))
                }
                journey = Journey(endMs: clock.nowMs() + max(0, durationMs), ignoresSteps: ignoringSteps) {
                    continuation.resume(with: $0)
                }
            }
        }
    }

    // MARK: Patience

    private static let roundsMax = 6

    /// Gives up for everybody who waits: when for a while of real time nothing has happened, or when it goes on for
    /// ever.
    func watchOver() -> Task<Void, any Error> {
        Task { [weak self, patience = settings.patience] in
            var seen: Int = -1
            for round in 1... {
                try await Task.sleep(for: patience)
                guard let self else { return }
                let expected = round == Self.roundsMax ? nil : seen
                seen = await look { world in world.giveUpUnlessMoved(since: expected) }
            }
        }
    }

    private func giveUpUnlessMoved(since seen: Int?) -> Int {
        let turns = runtime?.figures.turns ?? 0
        guard seen == nil || turns == seen else { return turns }
        let stalled = TestStalled(stallReport)
        for ask in asks.values { ask.answer(.failure(stalled)) }
        asks.removeAll()
        inbox.removeAll()
        for sleeper in sleepers { sleeper.wake(.failure(stalled)) }
        sleepers.removeAll()
        journey?.arrive(.failure(stalled))
        journey = nil
        return turns
    }
}
