import DurableModel
import EngineCore
import Runtime
import Simulation
import Testing

/// Each checker notices a small bad trace, and says nothing of a good one.
@Suite struct CheckerTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let checker: @Sendable () -> any Checker
        let good: Trace
        let bad: Trace
        var limits: EngineLimits

        init(
            _ name: String, _ checker: @escaping @Sendable () -> any Checker, good: Trace, bad: Trace,
            limits: EngineLimits = EngineLimits()
        ) {
            testDescription = name
            self.checker = checker
            self.good = good
            self.bad = bad
            self.limits = limits
        }
    }

    @Test(arguments: cases + moreCases + systemCases) func bites(one: Case) {
        let good = Judge.violations(of: one.good, [one.checker()], History(limits: one.limits))
        #expect(good.isEmpty, "\(good)")
        let bad = Judge.violations(of: one.bad, [one.checker()], History(limits: one.limits))
        #expect(!bad.isEmpty, "nothing was noticed")
    }

    private static let running: Mutation = .insertInvocation(1, .made(.at(.running, order: 1)))
    private static let result = PerformedEffect.answer(.result(.number(1), .success(bytes("1")), expiresAtMs: nil))

    private static let cases: [Case] = [
        Case(
            "an answer before its commit", { OutputCommit() },
            good: [.boot(), .turn(1, [running])] + .commit(upTo: 1) + [.performed(result, turn: 1)],
            bad: [.boot(), .turn(1, [running]), .commitBegan(upTo: 1), .performed(result, turn: 1)]),
        Case(
            "an answer of a turn without mutations before those before it", { OutputCommit() },
            good: [.boot(), .turn(1, [running])] + .commit(upTo: 1) + [.turn(2), .performed(result, turn: 2)],
            bad: [.boot(), .turn(1, [running]), .turn(2), .performed(result, turn: 2)]),
        Case(
            "a closure before its entry", { OutputCommit() },
            good: [.boot(), .turn(1, [running, .insertEntry(1, 0, JournalEntry(.run(name: "pay", policy: nil)))])]
                + .commit(upTo: 1) + [.closureBegan(invocation: InvocationID.number(1).text, step: "pay")],
            bad: [.boot(), .turn(1, [running])] + .commit(upTo: 1)
                + [.closureBegan(invocation: InvocationID.number(1).text, step: "pay")]),
        Case(
            "an acknowledged result that a crash takes away", { AcknowledgedWrites() },
            good: acknowledged + [.crashed, .boot(.with([.insertInvocation(1, .made(.ended()))]))],
            bad: acknowledged + [.crashed, .boot(.with([.insertInvocation(1, .made(.at(.running)))]))]),
        Case(
            "an acknowledged invocation that is gone", { AcknowledgedWrites() },
            good: accepted + [.crashed, .boot(.with([running]))], bad: accepted + [.crashed, .boot()]),
        Case(
            "a client that reads what was never said", { AcknowledgedWrites() },
            good: acknowledged + [.answered(request: 0, Answer(status: 200, headers: said, body: bytes("1")))],
            bad: acknowledged + [.answered(request: 0, Answer(status: 200, headers: said, body: bytes("2")))]),
        Case(
            "a result that is recorded twice", { ResultsOnce() },
            good: [.boot(), .turn(1, [running, step(nil)]), .turn(2, [stepEnds("t1")])],
            bad: [.boot(), .turn(1, [running, step(nil)]), .turn(2, [stepEnds("t1")]), .turn(3, [stepEnds("t2")])]),
        Case(
            "a result that no closure gave", { ResultsOnce() },
            good: given + [.turn(2, [stepEnds("t1")])], bad: given + [.turn(2, [stepEnds("t9")])]),
        Case(
            "a replay that is told something else", { Replay() },
            good: [.boot()] + reads("x", attempt: 1) + .commit(upTo: 1) + [.crashed, .boot()] + reads("x", attempt: 2),
            bad: [.boot()] + reads("x", attempt: 1) + .commit(upTo: 1) + [.crashed, .boot()] + reads("y", attempt: 2)),
        Case(
            "a replay within one process that is told something else", { Replay() },
            good: [.boot()] + reads("x", attempt: 1) + [.crashed, .boot()] + reads("y", attempt: 1),
            bad: [.boot()] + reads("x", attempt: 1) + reads("y", attempt: 2)),
        Case(
            "two owners of a lane", { Lanes() },
            good: queue + [.turn(2, [.updateInvocation(1, .ended())], now: [.start(AttemptID.of(2, 2).start)])],
            bad: queue + [.turn(2, now: [.start(AttemptID.of(2, 2).start)])]),
        Case(
            "a lane whose order a crash turns round", { Lanes() },
            good: recovered + [.turn(1, [.updateInvocation(1, .ended())], now: [.start(.init(2))])],
            bad: recovered + [.turn(1, [.updateInvocation(1, .ended())], now: [.start(.init(3))])]),
    ]

    private static let said = ["x-restate-id": InvocationID.number(1).text]
    private static let acknowledged: Trace =
        [.boot(), .turn(1, [running]), .turn(2, [.updateInvocation(1, .ended())])] + .commit(upTo: 2)
        + [.performed(result, turn: 2)]
    private static let accepted: Trace =
        [.boot(), .turn(1, [running])] + .commit(upTo: 1)
        + [.performed(.answer(.accepted(.number(1), executionTimeMs: nil, isNew: true)), turn: 1)]

    private static func step(_ result: String?) -> Mutation {
        .insertEntry(1, 0, JournalEntry(.run(name: "pay", policy: nil), detail: .run(RunProgress())))
    }

    private static func stepEnds(_ result: String) -> Mutation {
        .updateEntry(
            1, 0,
            JournalEntry(
                .run(name: "pay", policy: nil), completion: .outcome(.success(bytes("\"\(result)\""))),
                detail: .run(RunProgress())))
    }

    private static let given: Trace = [
        .boot(), .turn(1, [running, step(nil)]),
        .closureEnded(invocation: InvocationID.number(1).text, step: "pay", result: "t1"),
    ]

    private static func reads(_ value: String, attempt: Int64) -> Trace {
        [.operation(1, .of(1, attempt), .getState("n"), hears: .value(bytes(value)), [running])]
    }

    private static let queue: Trace = [
        .boot(),
        .turn(
            1, [running, .insertInvocation(2, .made(id: .number(2), .at(.pending, order: 2)))],
            now: [.start(AttemptID.of(1, 1).start)]),
    ]
    private static let threeInLine: [Mutation] = [
        running, .insertInvocation(2, .made(id: .number(2), .at(.pending, order: 2))),
        .insertInvocation(3, .made(id: .number(3), .at(.pending, order: 3))),
    ]
    private static let recovered: Trace =
        [.boot(), .turn(1, threeInLine)] + .commit(upTo: 1) + [.crashed, .boot(.with(threeInLine))]
}

extension AttemptStart {
    init(_ serial: InvocationSerial) { self = AttemptID.of(serial, 1).start }
}
