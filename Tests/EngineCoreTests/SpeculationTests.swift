import DurableModel
import EngineCore
import Testing

/// How far thinking may run ahead of the disk.
@Suite struct SpeculationTests {
    let d = Driver { $0.speculationTurnsMax = 3 }

    init() {
        d.call(.greet)
        d.op(1, .now)
        d.op(1, .now)
        #expect(d.now(d.op(1, .now)) == [])
        #expect(d.rows == [] && d.later == [], "parked")
    }

    @Test func aParkedStepIsTakenWhenTheDiskCatchesUp() {
        d.commit(1)
        #expect(d.now == ["resume #1.1 1000"])
        #expect(d.rows == ["new #1/2 now: 1000"])
    }

    @Test func whoIsParkedGoesOnInOrder() {
        d.call(.greet)
        d.op(2, .awakeable)
        d.commit()
        #expect(d.now == ["resume #1.1 1000", "resume #2.2 awakeable /0"])
    }

    @Test func whatShrinksTheBacklogPasses() {
        #expect(d.now(d.call(.greet, as: 2)) == ["start #2.2"], "limits at the door are others")
        #expect(d.later(d.returns(2, "x")) == ["answer c2 #2 ok x"])
        #expect(d.later(d.output(2, as: 3)) == ["answer c3 #2 stored ok x"])
    }

    @Test func closureResultsTimersAndReplayPass() {
        d.commit()
        d.commit()
        d.op(1, .run(name: "r", policy: nil))
        d.op(1, .sleep(durationMs: 5))
        d.op(1, .awakeable)
        let id = d.createdAwakeable
        d.write()
        d.call(.greet)
        #expect(d.engine.backlogTurns > 3)
        d.op(1, .await(entry: 3))
        #expect(d.now(d.runEnds(1, 3, .success(b("x")))) == ["resume #1.1 ok x"])
        d.op(1, .await(entry: 4))
        #expect(d.now(d.wait(5)) == ["resume #1.1 ok "])
        d.op(1, .await(entry: 5))
        #expect(d.now(d.complete(id, "y")) == ["resume #1.1 ok y"])
        d.ends(1, .failed("no"))
        d.wait(200)
        for _ in 0..<3 { #expect(d.now(d.op(1, .now)) == ["resume #1.3 1000"]) }
        #expect(d.now(d.op(1, .run(name: "r", policy: nil))) == ["resume #1.3 started /3"])
    }

    @Test func bytesCountToo() {
        let d = Driver { $0.speculationBytesMax = 5_000 }
        d.call(.add("a"))
        d.op(1, .setState("n", Bytes(repeating: 0, count: 3_000)))
        d.answerLoads()
        #expect(d.now(d.op(1, .now)) == [])
        d.commit()
        #expect(d.now == ["resume #1.1 1000"])
    }

    @Test func anAttemptThatEndsMeanwhileHearsThat() {
        let stale = d.attempt(1)
        d.step(.attemptEnded(stale, .failed("no")))
        d.commit()
        #expect(d.now == ["resume #1.1 ended"] && d.journal(1).count == 2)
    }

    @Test func aStepThatWaitedForALoadMayHaveToWaitForTheDiskToo() {
        d.commit()
        d.call(.add("a"))
        d.op(2, .getState("n"))
        d.call(.greet)
        d.call(.greet)
        #expect(d.now(d.answerLoads()) == [] && d.rows == [])
        d.commit()
        #expect(d.now == ["resume #2.2 nil"])
    }

    @Test func aCrashForgetsWhoWasParked() {
        d.commit(2)
        d.crash()
        d.settle()
        #expect(d.journal(1) == ["now: 1000"])
    }
}

/// What several turns write when they are written at once.
@Suite struct BatchTests {
    let acceptance = Acceptance(
        id: InvocationID(partitionKey: 1, uuid: 1), target: .greet, kind: .service, input: [], createdAtMs: 0, seed: 0)
    let text = TurnText()

    var new: Mutation {
        .insertInvocation(1, InvocationRecord(acceptance: acceptance, progress: Progress(status: .running)))
    }

    func coalesced(_ mutations: Mutation...) -> [String] {
        var batch = Batch()
        for mutation in mutations { batch.append(mutation) }
        #expect(batch.rowCount == Array(batch.changes).count && batch.isEmpty == (batch.rowCount == 0))
        return batch.changes.map(text.text)
    }

    @Test func aRowThatBeganAndEndedCostsNothing() {
        let entry = JournalEntry(.now, completion: .time(5))
        #expect(coalesced(new, .deleteInvocation(1)) == [])
        #expect(coalesced(new, .updateInvocation(1, Progress(status: .completed)), .deleteInvocation(1)) == [])
        #expect(coalesced(.insertEntry(1, 0, entry), .deleteEntry(1, 0)) == [])
        #expect(coalesced(.insertEntry(1, 0, entry), .updateEntry(1, 0, entry), .deleteEntry(1, 0)) == [])
    }

    @Test func aRowThatMayBeOnDiskKeepsItsTombstone() {
        let entry = JournalEntry(.now, completion: .time(5))
        #expect(coalesced(.updateInvocation(1, Progress(status: .running)), .deleteInvocation(1)) == ["delete #1"])
        #expect(coalesced(.updateEntry(1, 0, entry), .deleteEntry(1, 0)) == ["delete #1/0"])
        let object = ObjectID(service: "Counter", key: "a")
        #expect(
            coalesced(.putState(object, name: "n", value: []), .deleteState(object, name: "n")) == ["state a.n unset"])
        let timer = TimerID(serial: 1, slot: .retry)
        #expect(coalesced(.putTimer(timer, dueMs: 1), .deleteTimer(timer)) == ["timer #1 retry gone"])
    }

    @Test func theLastChangeCounts() {
        #expect(coalesced(new, .updateInvocation(1, Progress(status: .paused))) == ["new #1 paused"])
        let run = JournalEntry(.run(name: "r", policy: nil))
        let done = JournalEntry(.run(name: "r", policy: nil), completion: .outcome(.success(b("x"))))
        #expect(coalesced(.insertEntry(1, 0, run), .updateEntry(1, 0, done)) == ["new #1/0 run r: ok x"])
        let object = ObjectID(service: "Counter", key: "a")
        #expect(
            coalesced(
                .putState(object, name: "n", value: b("1")), .putState(object, name: "m", value: b("2")),
                .putState(object, name: "n", value: b("3"))) == ["state a.n = 3", "state a.m = 2"])
        let timer = TimerID(serial: 1, slot: .start)
        #expect(coalesced(.deleteTimer(timer), .putTimer(timer, dueMs: 7)) == ["timer #1 start at 7"])
        #expect(coalesced(.putMeta(.clockMs, 1), .putMeta(.clockMs, 2)) == ["clockMs = 2"])
    }

    /// Rows of many invocations in any order, against one dictionary of all rows.
    @Test(arguments: 1...50) func eachRowKeepsItsLastChange(_ seed: Int) {
        var state = UInt64(seed)
        func below(_ bound: UInt64) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % bound)
        }
        var batch = Batch()
        var last: [RowKey: String] = [:]
        for number in 0..<300 {
            let serial = InvocationSerial(Int64(below(5)) + 1)
            let entry = JournalEntry(.now, completion: .time(Int64(number)))
            let index = below(12)
            var progress = Progress(status: .running)
            progress.strikes = number
            let object = ObjectID(service: "Counter", key: "\(index)")
            let mutation: Mutation =
                switch below(6) {
                case 0: .updateInvocation(serial, progress)
                case 1: .deleteEntry(serial, index)
                case 2: .putState(object, name: "n", value: [UInt8(number % 256)])
                case 3: .putTimer(TimerID(serial: serial, slot: .entry(index)), dueMs: Int64(number))
                default: .updateEntry(serial, index, entry)
                }
            batch.append(mutation)
            last[mutation.key] = text.text(mutation)
        }
        let changes = Array(batch.changes)
        #expect(changes.count == last.count && batch.rowCount == last.count)
        for change in changes { #expect(last[change.key] == text.text(change)) }
    }

    @Test func aRowThatCameBackIsWrittenAnew() {
        let first = JournalEntry(.now, completion: .time(1))
        let second = JournalEntry(.now, completion: .time(2))
        let rows = coalesced(
            .insertEntry(1, 3, first), .insertEntry(2, 0, first), .deleteEntry(1, 3), .insertEntry(1, 1, first),
            .insertEntry(1, 3, second))
        #expect(rows == ["new #2/0 now: 1", "new #1/1 now: 1", "new #1/3 now: 2"])
    }

    @Test func aShortLifeCostsOneRow() {
        let d = Driver()
        d.call(.greet)
        for _ in 0..<5 { d.op(1, .now) }
        d.op(1, .awakeable)
        d.complete(d.createdAwakeable, "x")
        d.returns(1)
        var batch = Batch()
        for turn in d.pending { for mutation in turn.mutations { batch.append(mutation) } }
        let rows = batch.changes.map(d.words.text)
        #expect(rows == ["serialCeiling = 100001", "new #1 completed"])
    }

    /// The driver compares the disk with one that took the turns one by one; here they are cut everywhere.
    @Test(arguments: 1...12)
    func whereverABatchIsCutTheDiskIsTheSame(_ length: Int) {
        let d = Driver { $0.packedJournalEntriesMax = 3 }
        d.call(.add("a"))
        d.call(.add("a"), as: 2)
        d.op(1, .setState("n", b("1")))
        d.answerLoads()
        d.op(1, .call(.greet, input: [], idempotencyKey: nil))
        d.op(1, .await(entry: 1))
        d.op(3, .now)
        d.ends(3, .failed("no"))
        d.wait(200)
        d.returns(3, "x")
        d.op(1, .clearState("n"))
        d.op(1, .sleep(durationMs: 10))
        d.returns(1, "y")
        d.op(2, .sleep(durationMs: 10))
        d.returns(2, "z")
        while !d.pending.isEmpty { d.commit(length) }
        d.expectSame(d.disk, d.truth, "nothing is left to write")
        #expect(d.disk.invocations.count == 3 && d.disk.timers.isEmpty && d.disk.state.isEmpty)
    }
}
