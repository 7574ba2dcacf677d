import DurableModel
import EngineCore
import Runtime
import Simulation

extension CheckerTests {
    private static let running: Mutation = .insertInvocation(1, .made(.at(.running, order: 1)))
    private static let ended: Mutation = .insertInvocation(1, .made(isPromised: true, .ended(expiresAtMs: 1_000)))
    private static let again: Mutation = .insertInvocation(2, .made(isPromised: true, .at(.running, order: 2)))

    static let moreCases: [Case] = timers + promises + rest

    private static let timers: [Case] = [
        Case(
            "a sleep that ends early", { Timers() },
            good: asleep + [.turn(2, [wakes], atMs: 500)], bad: asleep + [.turn(2, [wakes], atMs: 499)]),
        Case(
            "a sleep that begins anew", { Timers() },
            good: asleep + [.turn(2, atMs: 499)],
            bad: asleep + [.turn(2, [.putTimer(TimerID(serial: 1, slot: .entry(0)), dueMs: 900)], atMs: 400)]),
        Case(
            "a sleep whose timer is not on disk", { Timers() },
            good: [.boot(.with([running, sleeps, timer]))], bad: [.boot(.with([running, sleeps]))]),
        Case(
            "a timer that never fires", { Timers() },
            good: asleep + sweeps(30), bad: asleep + sweeps(70)),
        Case(
            "a start before its time", { Timers() },
            good: scheduled + [.turn(2, [.updateInvocation(1, .at(.running))], atMs: 500)],
            bad: scheduled + [.turn(2, [.updateInvocation(1, .at(.running))], atMs: 499)]),
    ]

    private static let sleeps: Mutation = .insertEntry(1, 0, JournalEntry(.sleep(durationMs: 500), detail: .due(500)))
    private static let timer: Mutation = .putTimer(TimerID(serial: 1, slot: .entry(0)), dueMs: 500)
    private static let asleep: Trace = [.boot(), .turn(1, [running, sleeps, timer])]
    private static let wakes: Mutation = .updateEntry(
        1, 0, JournalEntry(.sleep(durationMs: 500), completion: .elapsed, detail: .due(500)))
    private static let scheduled: Trace = {
        var record = InvocationRecord.made(.at(.scheduled))
        record.acceptance.scheduledForMs = 500
        return [.boot(), .turn(1, [.insertInvocation(1, record)])]
    }()

    private static func sweeps(_ count: Int64) -> Trace {
        (0..<count).map { .turn(2 + $0, atMs: 600 + 1_000 * $0) }
    }

    private static let promises: [Case] = [
        Case(
            "an id that runs twice at once", { IdempotencyWindow() },
            good: [.boot(), .turn(1, [running]), .turn(2, [insert(.number(2))])],
            bad: [.boot(), .turn(1, [running]), .turn(2, [insert(.number(1))])]),
        Case(
            "a key that is forgotten too soon", { IdempotencyWindow() },
            good: [.boot(), .turn(1, [ended]), .turn(2, [.deleteInvocation(1)]), .turn(3, [again], atMs: 1_000)],
            bad: [.boot(), .turn(1, [ended]), .turn(2, [.deleteInvocation(1)]), .turn(3, [again], atMs: 999)]),
        Case(
            "a promised result that is deleted", { Retention() },
            good: [.boot(), .turn(1, [ended]), .turn(2, [.deleteInvocation(1)], atMs: 1_000)],
            bad: [.boot(), .turn(1, [ended]), .turn(2, [.deleteInvocation(1)], atMs: 999)]),
        Case(
            "a deletion that nobody asked for", { Retention() },
            good: [.boot(), .turn(1, [ended]), .steer(2, .number(1), .purge), .turn(3, [.deleteInvocation(1)])],
            bad: [.boot(), .turn(1, [ended]), .steer(2, .number(2), .purge), .turn(3, [.deleteInvocation(1)])]),
        Case(
            "a result that is deleted although there is room", { Retention() },
            good: [.boot(), .turn(1, [free(1)]), .turn(2, [.deleteInvocation(1), free(2)])],
            bad: [.boot(), .turn(1, [free(1)]), .turn(2, [.deleteInvocation(1), insert(.number(2))])],
            limits: oneIsKept),
        Case(
            "a running invocation that is deleted", { Retention() },
            good: [
                .boot(), .turn(1, [.insertInvocation(1, .made(.at(.pending)))]), .turn(2, [.deleteInvocation(1)]),
            ],
            bad: [.boot(), .turn(1, [running]), .turn(2, [.deleteInvocation(1)])]),
        Case(
            "a result that changes", { Retention() },
            good: [.boot(), .turn(1, [ended]), .turn(2, [.updateInvocation(1, .ended(expiresAtMs: 1_000))])],
            bad: [.boot(), .turn(1, [ended]), .turn(2, [.updateInvocation(1, .at(.running))])]),
    ]

    /// Completed, and nobody was promised its result.
    private static func free(_ serial: Int64) -> Mutation {
        .insertInvocation(InvocationSerial(serial), .made(id: .number(UInt128(serial)), .ended(expiresAtMs: 1_000)))
    }

    private static var oneIsKept: EngineLimits {
        var limits = EngineLimits()
        limits.retainedUnpromisedMax = 1
        return limits
    }

    private static func insert(_ id: InvocationID) -> Mutation { .insertInvocation(2, .made(id: id, .at(.running))) }

    private static let rest: [Case] = [
        Case(
            "a handler that runs away from the disk", { SpeculationBound() },
            good: ahead(5), bad: ahead(20_001)),
        Case(
            "something left over", { EverythingEnds() },
            good: [.boot(), .ended(Ending(isAtRest: true))],
            bad: [.boot(), .turn(1, [running]), .ended(Ending(isAtRest: false))]),
        Case(
            "a read that misses a write", { ReadsSeeWrites() },
            good: written + [.turn(2, [reads("7")])], bad: written + [.turn(2, [reads("6")])]),
        Case(
            "a serial that comes back", { Identities() },
            good: [.boot(), .turn(1, [running]), .crashed, .boot(), .turn(1, [running])],
            bad: [.boot(), .turn(1, [running])] + .commit(upTo: 1) + [.crashed, .boot(), .turn(1, [running])]),
        Case(
            "a disk that holds something else", { DiskFidelity() },
            good: [.boot(), .turn(1, [running])] + .commit(upTo: 1) + [.crashed, .boot(.with([running]))],
            bad: [.boot(), .turn(1, [running])] + .commit(upTo: 1) + [.crashed, .boot()]),
        Case(
            "a retry counter that begins anew", { RetryCounters() },
            good: [.boot(), .turn(1, [running, fails(1)]), .turn(2, later: [runs(2)])],
            bad: [.boot(), .turn(1, [running, fails(1)]), .turn(2, later: [runs(1)])]),
        Case(
            "a sum that is wrong", { Answers() },
            good: [.boot(), .turn(1, [running]), .turn(2, [.updateInvocation(1, .ended("1"))])] + .commit(upTo: 2),
            bad: [.boot(), .turn(1, [running]), .turn(2, [.updateInvocation(1, .ended("2"))])] + .commit(upTo: 2)),
        Case(
            "state that the model does not hold", { Answers() },
            good: [.boot(), .ended(Ending(isAtRest: true))],
            bad: written + .commit(upTo: 1) + [.ended(Ending(isAtRest: true))]),
        Case(
            "an answer for somebody else", { RightCaller() },
            good: asks("/Account/a/deposit"), bad: asks("/Account/b/deposit")),
        Case(
            "a room that was kept for nothing", { Answers() },
            good: [.boot(), .ended(Ending(isAtRest: true))],
            bad: [.boot(), .ended(Ending(isAtRest: true, roomsKept: ["inv_1-room-1"]))]),
        Case(
            "a result that its callee never gave", { HeardAsSaid() }, good: calls("1"), bad: calls("2")),
        Case(
            "an awakeable that hears what nobody said", { HeardAsSaid() }, good: rings("yes"), bad: rings("no")),
        Case(
            "an attempt that goes on after its end", { StaleAttempts() },
            good: evicted + [.operation(3, .of(1, 1), .now, hears: .ended)],
            bad: evicted
                + [.operation(3, .of(1, 1), .now, hears: .time(1), [.insertEntry(1, 0, JournalEntry(.now))])]),
        Case(
            "a step that is executed although its result is on disk", { ResultsOnce() },
            good: recorded(.commit(upTo: 0)), bad: recorded(.commit(upTo: 1))),
        Case(
            "an acknowledged invocation that is disowned", { AcknowledgedWrites() },
            good: known + [.performed(.answer(.notCompleted(.number(1))), turn: 2)],
            bad: known + [.performed(.answer(.unknown(.number(1))), turn: 2)]),
        Case(
            "a request in order that is refused", { Statuses() },
            good: [.asked(request: 0, path: "/"), .answered(request: 0, Answer(status: 200))],
            bad: [.asked(request: 0, path: "/"), .answered(request: 0, Answer(status: 400))]),
        Case(
            "a request out of order that gets through", { Statuses() },
            good: [.asked(request: 0, path: "/", expects: 400), .answered(request: 0, Answer(status: 400))],
            bad: [.asked(request: 0, path: "/", expects: 400), .answered(request: 0, Answer(status: 200))]),
        Case(
            "a refusal that does not say when to come again", { Statuses() },
            good: [.answered(request: 0, Answer(status: 503, headers: ["retry-after": "1"]))],
            bad: [.answered(request: 0, Answer(status: 503))]),
        Case(
            "a kill that the callee does not hear of", { CallTrees() },
            good: called + [.turn(2, [.updateInvocation(1, .killed), .updateInvocation(2, .killed)])],
            bad: called + [.turn(2, [.updateInvocation(1, .killed)], now: [.end(.of(1, 1))])]),
        Case(
            "a cancellation that the callee hears of too late", { CallTrees() },
            good: called + [.turn(2, [.updateInvocation(1, .cancelled), .putTimer(passedOn, dueMs: 0)])],
            bad: called + [.turn(2, [.updateInvocation(1, .cancelled)]), .turn(3, [.putTimer(passedOn, dueMs: 0)])]),
        Case(
            "rows without the entry that they belong to", { RowsOnce() },
            good: [.boot(), .turn(1, [running, transaction])] + .commit(upTo: 1) + [.transacted(booked)],
            bad: [.boot(), .turn(1, [running, transaction]), .transacted(booked)]),
        Case(
            "rows that are written twice", { RowsOnce() },
            good: [.boot(), .turn(1, [running, transaction])] + .commit(upTo: 1) + [.transacted(booked)],
            bad: [.boot(), .turn(1, [running, transaction])] + .commit(upTo: 1)
                + [.transacted(booked), .transacted(booked)]),
        Case(
            "a result of a step whose rows are not there", { RowsOnce() },
            good: [.boot(), .turn(1, [running, transaction])] + .commit(upTo: 1)
                + [.transacted(booked), .turn(2, [hasBooked])],
            bad: [.boot(), .turn(1, [running, transaction])] + .commit(upTo: 1) + [.turn(2, [hasBooked])]),
        Case(
            "money that was kept for nothing", { Answers() },
            good: [.boot(), .ended(Ending(isAtRest: true, chargesKept: 0))],
            bad: [.boot(), .ended(Ending(isAtRest: true, chargesKept: 1))]),
    ]

    private static let call = Command.call(
        target: InvocationTarget(service: "Account", key: "a", handler: "deposit"), input: [], idempotencyKey: nil)
    private static let callee = EntryDetail.child(2, .number(2))
    private static let called: Trace = [
        .boot(),
        .turn(
            1,
            [
                running, .insertEntry(1, 0, JournalEntry(call, detail: callee)),
                .insertInvocation(2, .made(id: .number(2), .at(.running))),
            ]),
    ]

    private static func calls(_ heard: String) -> Trace {
        let ended = JournalEntry(call, completion: .outcome(.success(bytes(heard))), detail: callee)
        return called + [.turn(2, [.updateEntry(1, 0, ended), .updateInvocation(2, .ended("1"))])]
    }

    private static let passedOn = TimerID(serial: 2, slot: .cancel)
    private static let transaction: Mutation = .insertEntry(
        1, 0, JournalEntry(.transaction(name: "book", policy: nil), detail: .run(RunProgress())))
    private static let hasBooked: Mutation = .updateEntry(
        1, 0,
        JournalEntry(
            .transaction(name: "book", policy: nil), completion: .outcome(.success([])), detail: .run(RunProgress())))
    private static let booked = StepRecord(serial: 1, entry: 0, rank: 5, result: [], rows: ["r1"])

    private static func rings(_ said: String) -> Trace {
        let bell = AwakeableID(invocation: .number(1), index: 20)
        let heard = JournalEntry(.awakeable, completion: .outcome(.success(bytes("yes"))), detail: .signal(20))
        return [
            .boot(), .turn(1, [running, .insertEntry(1, 0, JournalEntry(.awakeable, detail: .signal(20)))]),
            .turn(
                2, [.updateEntry(1, 0, heard)],
                on: .command(
                    .completeAwakeable(bell, .success(bytes(said))), from: CallerToken(1), entropy: Entropy(1, 2, 3))),
        ]
    }

    private static let evicted: Trace = [
        .boot(), .turn(1, [running], now: [.start(AttemptStart(1))]), .turn(2, now: [.end(.of(1, 1))]),
    ]

    private static func recorded(_ commit: Trace) -> Trace {
        let step = JournalEntry(.run(name: "pay", policy: nil), completion: .outcome(.success([])))
        let run = RunID(serial: 1, entry: 0, attempt: 1)
        return [.boot(), .turn(1, [running, .insertEntry(1, 0, step)])] + commit + [.performed(.run(run), turn: 1)]
    }

    private static let known: Trace =
        [.boot(), .turn(1, [running])] + .commit(upTo: 1)
        + [.performed(.answer(.accepted(.number(1), executionTimeMs: nil, isNew: true)), turn: 1)]

    private static func asks(_ path: String) -> Trace {
        let answer = Answer(status: 200, headers: ["x-restate-id": InvocationID.number(1).text])
        return [.boot(), .asked(request: 3, path: path), .turn(1, [running]), .answered(request: 3, answer)]
    }

    private static func ahead(_ count: Int64) -> Trace {
        [.boot()] + (1...count).map { .turn($0, [.putMeta(.clockMs, $0)]) }
            + [.operation(count + 1, .of(1, 1), .now, hears: .time(1), [.insertEntry(1, 0, JournalEntry(.now))])]
    }

    private static let written: Trace = [
        .boot(),
        .turn(1, [running, .putState(ObjectID(service: "Account", key: "a"), name: "total", value: bytes("7"))]),
    ]

    private static func reads(_ value: String) -> Mutation {
        .insertEntry(1, 0, JournalEntry(.getState(name: "total"), completion: .value(bytes(value))))
    }

    private static func fails(_ times: Int) -> Mutation {
        let progress = RunProgress(failedAttempts: times, firstFailureMs: 0)
        return .insertEntry(1, 0, JournalEntry(.run(name: "pay", policy: nil), detail: .run(progress)))
    }

    private static func runs(_ attempt: Int) -> ExternalEffect {
        .startRun(RunID(serial: 1, entry: 0, attempt: attempt))
    }
}
