import DurableModel
import EngineCore

// What can happen next, and how likely.
extension World {
    private enum Happening: Int, CaseIterable {
        case engine, closures, effects, commit, read, deliver, begin, send, receive, outside, bell, release, again, step

        var weight: Int {
            switch self {
            case .engine: 12
            case .closures, .effects: 6
            case .commit: 4
            case .read, .deliver: 5
            case .begin, .send, .receive: 6
            case .outside: 3
            case .bell, .release: 1
            case .again: 2
            case .step: 4
            }
        }
    }

    /// One thing that does not need time; false when there is none.
    func happen() -> Bool {
        let upMs = clock.upMs
        var total = 0
        for happening in Happening.allCases where isPossible(happening, upMs) { total += happening.weight * 4 }
        guard total > 0 else { return false }
        var left = random.below(total + 1)
        for happening in Happening.allCases where isPossible(happening, upMs) {
            left -= happening.weight * 4
            if left < 0 {
                perform(happening, upMs)
                return true
            }
        }
        // Time may pass although there is something to do.
        clock.pass(ms: Int64(1 + random.below(20)))
        return true
    }

    private func isPossible(_ happening: Happening, _ upMs: Int64) -> Bool {
        switch happening {
        case .engine: process.engine.hasWork
        case .closures: process.closures.hasWork
        case .effects: process.effects.hasWork
        case .commit: (process.storage.commitTryMs ?? .max) <= upMs
        case .read: process.storage.unreadLoads > 0
        case .deliver: process.storage.readLoads > 0
        case .begin: clients.contains { $0.canBegin(upMs: upMs) }
        case .send: clients.contains(where: \.canSend)
        case .receive: clients.contains(where: \.canReceive)
        case .outside: outside.canAnswer
        case .bell: !isCalm && steps % 16 == 0 && outside.bells.contains { !$0.isAnswered }
        case .release: !isCalm && steps % 64 == 0 && outside.hasHangs
        case .step: process.storage.hasStep
        case .again: duplicatesAhead > 0 && !process.past.isEmpty
        }
    }

    private func perform(_ happening: Happening, _ upMs: Int64) {
        switch happening {
        case .engine: process.engine.run(itemsMax: 1 + random.below(6))
        case .closures: process.closures.run(itemsMax: 1 + random.below(3))
        case .effects: process.effects.run(itemsMax: 1 + random.below(3))
        case .commit: finishCommit(upMs)
        case .read: process.storage.read(random.below(process.storage.unreadLoads))
        case .deliver: process.storage.deliver(random.below(process.storage.readLoads), twice: isDuplicate())
        case .begin:
            let client = pick { $0.canBegin(upMs: upMs) }
            client?.begin(on: process.door, life: process.life, count: 1 + random.below(3), upMs: upMs)
        case .send: pick(where: \.canSend)?.send(upTo: 1 + random.below(random.chance(20) ? 20 : 400))
        case .receive: pick(where: \.canReceive)?.receive(upTo: 1 + random.below(600), upMs: upMs)
        case .outside: outside.answerSomeCall(random.below(64))
        case .bell:
            let open = outside.bells.indices.filter { !outside.bells[$0].isAnswered }
            answer(bell: open[random.below(open.count)])
        case .release: outside.releaseHangs()
        case .again: repeatAnInput()
        case .step: executeStep(upMs)
        }
    }

    private func pick(where isFit: (Client) -> Bool) -> Client? {
        let fit = clients.filter(isFit)
        return fit.isEmpty ? nil : fit[random.below(fit.count)]
    }

    func answer(bell index: Int) {
        let id = outside.bells[index].id
        outside.noteAnswer(ofBell: index)
        var request: PlannedRequest
        switch random.below(4) {
        case 3: request = PlannedRequest("/Errand/hush", "\"\(id)\"")
        case 0: request = PlannedRequest("/Errand/ring", "\"\(id)\"")
        case 1: request = PlannedRequest("/restate/awakeables/\(id)/reject", "no")
        default: request = PlannedRequest("/restate/awakeables/\(id)/resolve", "\"outside\"")
        }
        request.isRead = true
        add(request)
    }

    /// Whether the answer of a load that is about to arrive will arrive once more.
    private func isDuplicate() -> Bool {
        guard duplicatesAhead > 0 else { return false }
        duplicatesAhead -= 1
        recorder.record(.repeated("answer of a load"))
        return true
    }

    private func repeatAnInput() {
        guard let input = process.past.pick(random.below(64)) else { return }
        duplicatesAhead -= 1
        recorder.record(.repeated(TraceWords.text(input)))
        process.runtime.takeAgain(input)
    }

    // MARK: Commits

    private func finishCommit(_ upMs: Int64) {
        guard process.storage.tryCommit(upMs: upMs) else { return recorder.record(.commitFailed) }
        if let crash = armed.firstIndex(where: { $0 == .crashLosingCommit || $0 == .crashKeepingCommit }) {
            if armed.remove(at: crash) == .crashKeepingCommit { _ = writeCommit() }
            return self.crash()
        }
        let done = writeCommit()
        done?()
        if process.effects.hasWork, let crash = armed.firstIndex(of: .crashBeforeEffects) {
            armed.remove(at: crash)
            self.crash()
        }
    }

    private func writeCommit() -> (@Sendable () -> Void)? {
        recorder.record(.committed)
        return process.storage.writeCommit()
    }

    private func executeStep(_ upMs: Int64) {
        guard let (record, done) = process.storage.executeStep(upMs: upMs) else { return }
        if let record {
            recorder.record(.transacted(record))
            if let crash = armed.firstIndex(of: .crashBeforeEffects) {
                armed.remove(at: crash)
                return self.crash()
            }
        }
        done()
    }

    // MARK: Time

    /// Nothing happens before time has passed: up to the next thing that waits for a time, or further.
    func passTime() {
        let nowMs = clock.nowMs()
        let upMs = clock.upMs
        var stepMs = clock.nextWakeMs.map { $0 - nowMs } ?? 1_000
        if let tryMs = process.storage.commitTryMs { stepMs = min(stepMs, tryMs - upMs) }
        for client in clients where client.canBegin(upMs: .max) {
            if let questionMs = client.nextQuestionMs() { stepMs = min(stepMs, questionMs - upMs) }
        }
        stepMs = max(1, stepMs)
        // The clock ticks every second; where only a timer far ahead is left, that is not worth waiting for.
        if stepMs <= 1_000, random.chance(30) { stepMs += leapMs(nowMs) }
        clock.pass(ms: stepMs)
    }

    private func leapMs(_ nowMs: Int64) -> Int64 {
        guard let dueMs = disk.timers.values.min(), dueMs > nowMs + 2_000 else { return Int64(random.below(2_000)) }
        return dueMs - nowMs - 1_000
    }
}
