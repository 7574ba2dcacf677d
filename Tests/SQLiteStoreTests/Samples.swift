import DurableModel

@testable import SQLiteStore

/// SplitMix64: the same values from the same seed on every machine.
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }

    mutating func bytes(upTo count: Int) -> Bytes {
        let length = below(count + 1)
        return (0..<length).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    mutating func pick<Element>(_ values: [Element]) -> Element { values[below(values.count)] }
}

/// One value of every case, with the extremes of its fields.
enum Samples {
    /// Of nobody; what comes along in the same batch is written as a busy server's.
    static let manyChanges = (0..<BatchWriter.rowsOfBusy).map { number in
        Mutation.putPromise(ObjectID(service: "Crowd", key: "\(number)"), name: "word", DurablePromise())
    }

    static let texts = [
        "", "a", "näme/with 'quotes'", "nul\u{0}inside", String(repeating: "long ", count: 400), "🎟",
    ]
    static let numbers: [Int64] = [0, 1, -1, 63, 64, 127, 128, -65, 1_760_000_000_000, .max, .min]
    static let blobs: [Bytes] = [[], [0], [255, 0, 1], Bytes(repeating: 7, count: 5000)]
    static let ids = [
        InvocationID(partitionKey: 0, uuid: 0), InvocationID(partitionKey: .max, uuid: .max),
        InvocationID(partitionKey: 0x0102_0304_0506_0708, uuid: 0x1112_1314_1516_1718_191a_1b1c_1d1e_1f20),
    ]
    static let failures = [
        TerminalFailure(message: ""),
        TerminalFailure(code: -7, message: "boom\nline 2", metadata: [.init("a", "1"), .init("a", "")]),
        TerminalFailure(code: .max, message: "x"),
    ]
    static var outcomes: [Outcome] { blobs.map { .success($0) } + failures.map { .failure($0) } }
    static let policies = [
        RetryPolicy.invocationDefault, .runDefault,
        RetryPolicy(initialDelayMs: .max, factor: 1.25, maxDelayMs: 0, maxAttempts: .max, maxDurationMs: .min),
        RetryPolicy(initialDelayMs: 0, factor: .infinity, maxDelayMs: 1, maxAttempts: 0),
    ]
    static let targets = [
        InvocationTarget(service: "Plain", handler: "run"),
        InvocationTarget(service: "Counter", key: "", handler: "add"),
        InvocationTarget(service: "Counter", key: "ключ", handler: "add"),
    ]

    static var commands: [Command] {
        var all: [Command] = [.getStateNames, .clearAllState, .awakeable, .now]
        for text in texts {
            all += [.getState(name: text), .clearState(name: text), .run(name: text, policy: nil)]
            all += blobs.map { .setState(name: text, value: $0) }
            all += [.getPromise(name: text), .peekPromise(name: text), .patch(id: text)]
            all += outcomes.map { .completePromise(name: text, $0) }
        }
        all += policies.map { .run(name: "step", policy: $0) }
        all += policies.map { .transaction(name: "step", policy: $0) } + [.transaction(name: "", policy: nil)]
        all += numbers.map { .sleep(durationMs: $0) }
        for target in targets {
            for blob in blobs {
                all += [.call(target: target, input: blob, idempotencyKey: nil)]
                all += [.call(target: target, input: blob, idempotencyKey: "")]
                all += [.send(target: target, input: blob, delayMs: nil, idempotencyKey: "key")]
                all += [.send(target: target, input: blob, delayMs: 0, idempotencyKey: nil)]
            }
        }
        for id in ids {
            all += [.attach(id), .getOutput(id), .cancel(id)]
            for index in [0, 17, UInt32.max] {
                all += outcomes.map { .completeAwakeable(AwakeableID(invocation: id, index: index), $0) }
            }
        }
        return all
    }

    static var completions: [Completion] {
        [.done, .elapsed, .value(nil), .names([]), .names(texts)] + blobs.map { .value($0) }
            + numbers.map { .time($0) } + outcomes.map { .outcome($0) }
            + [.outcomeSoFar(nil)] + outcomes.map { .outcomeSoFar($0) }
    }

    static var details: [EntryDetail] {
        [.none, .signal(0), .signal(.max), .run(RunProgress())]
            + [.run(RunProgress(failedAttempts: 3, firstFailureMs: 1, nextAttemptMs: .max, lastFailure: texts[2]))]
            + ids.map { .child(InvocationSerial(.max), $0) } + numbers.map { .due($0) }
    }

    static var promises: [DurablePromise] {
        [DurablePromise(waiters: [ParentLink(serial: InvocationSerial(.max), entry: 3)])]
            + outcomes.map { DurablePromise(outcome: $0) }
    }

    static func acceptance(
        _ serial: Int64, service: String = "Plain", key: String? = nil, kind: HandlerKind = .service,
        isPromised: Bool = false
    ) -> Acceptance {
        Acceptance(
            id: InvocationID(partitionKey: UInt64(serial), uuid: UInt128(serial) << 40),
            target: InvocationTarget(service: service, key: key, handler: "run"), kind: kind, input: [1, 2, 3],
            createdAtMs: 1_760_000_000_000 + serial, seed: .max, isPromised: isPromised)
    }

    static func record(_ serial: Int64, _ status: InvocationStatus = .running) -> InvocationRecord {
        InvocationRecord(acceptance: acceptance(serial), progress: Progress(status: status))
    }

    /// An invocation whose every field is set, and one whose every optional field is not.
    static var fullRecord: InvocationRecord {
        var acceptance = Acceptance(
            id: ids[2], target: targets[2], kind: .workflowShared, input: Bytes(repeating: 9, count: 100_000),
            headers: [HeaderField("x-a", "1"), HeaderField("x-a", ""), HeaderField("", "ü")], idempotencyKey: "key",
            parent: ParentLink(serial: InvocationSerial(.max), entry: 12), createdAtMs: .min, scheduledForMs: 0,
            seed: 0x8000_0000_0000_0001, isPromised: true)
        acceptance.input[0] = 1
        return InvocationRecord(acceptance: acceptance, progress: fullProgress(.suspended))
    }

    static func fullProgress(_ status: InvocationStatus) -> Progress {
        var progress = Progress(status: status)
        progress.laneOrder = 77
        progress.failedAttempts = 5
        progress.firstFailureMs = 1
        progress.nextAttemptMs = 2
        progress.lastFailure = texts[4]
        progress.strikes = 2
        progress.journalLength = 3
        progress.outcome = .failure(failures[1])
        progress.completedAtMs = 4
        progress.expiresAtMs = 5
        progress.packedJournal = entries
        progress.cancelRanks = [3, 700]
        progress.cancelsDelivered = 1
        progress.waiting = Waiting(.firstSuccess, [0, 12, 500])
        return progress
    }

    /// Every command, completion and detail at least once.
    static var entries: [JournalEntry] {
        let commands = self.commands
        let completions = self.completions
        let details = self.details
        return commands.indices.map { index in
            var entry = JournalEntry(
                commands[index], completion: index % 3 == 0 ? nil : completions[index % completions.count],
                detail: details[index % details.count])
            if entry.completion != nil, index % 2 == 0 {
                entry.completionRank = index % 4 == 0 ? index + 1 : (index + 1) << 40
            }
            return entry
        }
    }
}
