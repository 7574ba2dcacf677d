import DurableModel
import EngineCore
import Runtime

/// A number for everything that happened: the same seed must give the same one, in every process. (Swift's own hashes
/// differ from process to process.)
package struct TraceDigest: Sendable {
    package private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    package static func of(_ trace: Trace) -> UInt64 {
        var digest = TraceDigest()
        for event in trace { digest.add(event) }
        return digest.value
    }

    private mutating func add(_ word: UInt64) {
        value = (value ^ word) &* 0x9E37_79B9_7F4A_7C15
        value ^= value >> 29
    }

    private mutating func add(_ number: Int64) { add(UInt64(bitPattern: number)) }
    private mutating func add(_ number: Int) { add(UInt64(bitPattern: Int64(number))) }

    private mutating func add(_ bytes: some Collection<UInt8>) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        add(hash)
    }

    private mutating func add(_ text: String) { add(text.utf8) }

    private mutating func add(_ event: TraceEvent) {
        switch event {
        case .booted(let wallMs, _): add(1); add(wallMs)
        case .decided(let step): add(2); add(step)
        case .commitBegan(let turn): add(3); add(turn)
        case .committed: add(4)
        case .commitFailed: add(5)
        case .performed(let effect, let turn): add(6); add(turn); add(effect)
        case .closureBegan(let invocation, let step): add(7); add(invocation); add(step)
        case .closureEnded(_, let step, let result): add(8); add(step); add(result)
        case .asked(let request, _, _): add(9); add(request)
        case .answered(let request, let answer): add(10); add(request); add(answer.status); add(answer.body)
        case .hungUp(let request): add(11); add(request)
        case .fault(let kind): add(12); add(kind.rawValue)
        case .crashed: add(13)
        case .stopped: add(14)
        case .calm: add(15)
        case .transacted(let step): add(18); add(step.serial.rawValue); add(step.entry); add(step.rank)
        case .repeated(let what): add(17); add(what)
        case .ended(let ending): add(16); add(ending)
        }
    }

    private mutating func add(_ ending: Ending) {
        add(ending.isAtRest ? 1 : 0)
        add(ending.chargesKept)
        for entry in ending.entries { add(entry) }
        for payment in ending.shop.paymentsKept.sorted() { add(payment) }
        for charge in ending.shop.ledger { add(charge.paymentID); add(charge.cents); add(charge.refundedCents) }
        for row in ending.shop.orders + ending.shop.payments + ending.shop.shipments { for text in row { add(text) } }
    }

    private mutating func add(_ effect: PerformedEffect) {
        switch effect {
        case .answer(let reply):
            if case .result(let id, let outcome, _) = reply { add(id); add(outcome) } else { add(1) }
        case .run(let run): add(run.serial.rawValue); add(run.entry); add(run.attempt)
        case .start(let attempt): add(attempt)
        case .log(_, let line): add(line.message)
        case .publish(let publication): add(publication.topic); add(publication.data)
        case .event: add(2)
        }
    }

    private mutating func add(_ id: InvocationID) { add(id.partitionKey); add(UInt64(truncatingIfNeeded: id.uuid)) }

    private mutating func add(_ attempt: AttemptID) { add(attempt.serial.rawValue); add(attempt.epoch) }

    private mutating func add(_ outcome: Outcome) {
        switch outcome {
        case .success(let bytes): add(bytes)
        case .failure(let failure): add(failure.code); add(failure.message)
        }
    }

    private mutating func add(_ step: Decided) {
        add(step.wallMs)
        add(step.turn.number)
        add(step.turn.loads.count)
        add(step.turn.events.count)
        add(step.turn.externalEffects.count)
        for effect in step.turn.internalEffects {
            switch effect {
            case .resume(let attempt, _): add(1); add(attempt)
            case .start(let start): add(2); add(start.attempt)
            case .end(let attempt): add(3); add(attempt)
            case .forgetRuns(let serial): add(4); add(serial.rawValue)
            case .refuse(let caller, let refusal): add(5); add(Int64(caller.rawValue)); add(Int64(refusal.status))
            }
        }
        for mutation in step.turn.mutations { add(mutation) }
    }

    private mutating func add(_ mutation: Mutation) {
        switch mutation {
        case .insertInvocation(let serial, let record):
            add(1); add(serial.rawValue); add(record.acceptance.id); add(record.progress)
        case .updateInvocation(let serial, let progress): add(2); add(serial.rawValue); add(progress)
        case .deleteInvocation(let serial): add(3); add(serial.rawValue)
        case .insertEntry(let serial, let index, let entry): add(4); add(serial.rawValue); add(index); add(entry)
        case .updateEntry(let serial, let index, let entry): add(5); add(serial.rawValue); add(index); add(entry)
        case .deleteEntry(let serial, let index): add(6); add(serial.rawValue); add(index)
        case .putState(_, let name, let value): add(7); add(name); add(value)
        case .deleteState(_, let name): add(8); add(name)
        case .putPromise(_, let name, _): add(9); add(name)
        case .deletePromise(_, let name): add(10); add(name)
        case .putTimer(let timer, let dueMs): add(11); add(timer.serial.rawValue); add(dueMs)
        case .deleteTimer(let timer): add(12); add(timer.serial.rawValue)
        case .putMeta(_, let value): add(13); add(value)
        }
    }

    private mutating func add(_ progress: Progress) {
        add(progress.status.rawValue)
        add(progress.laneOrder ?? -1)
        add(progress.nextAttemptMs ?? -1)
        if let outcome = progress.outcome { add(outcome) }
    }

    private mutating func add(_ entry: JournalEntry) {
        add(entry.completionRank)
        switch entry.completion {
        case nil: add(0)
        case .value(let bytes?): add(bytes)
        case .outcome(let outcome): add(outcome)
        case .time(let ms): add(ms)
        default: add(1)
        }
    }
}
