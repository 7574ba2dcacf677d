import DurableModel
import EngineCore
import Reprise
import Synchronization

/// One keyed service under crashes. Each `add` reads the total, takes a ticket in the outside world, perhaps sleeps,
/// writes the total and answers with it. Callers repeat their request with its idempotency key after every crash.
package struct SmokeScenario {
    package struct Options: Sendable {
        package var requests = 12
        package var keys = 3
        package var crashesMax = 6
        /// Per commit.
        package var crashPercent = 25
        /// Crash at this commit whatever the dice say; nil leaves it to them.
        package var crashAtCommit: Int?

        package init() {}
    }

    package struct Report: Sendable, Equatable {
        package var violations: [String]
        package var digest: UInt64
        package var crashes: Int
        package var commits: Int
        package var closureExecutions: Int
    }

    /// What the world outside has seen: how often which closure was executed.
    private final class Outside: Sendable {
        let tickets = Mutex<[String: Int]>([:])
        let lastTicket = Mutex(0)

        func takeTicket(for invocation: String) -> [UInt8] {
            tickets.withLock { $0[invocation, default: 0] += 1 }
            return lastTicket.withLock { last in
                last += 1
                return Array(String(last).utf8)
            }
        }

        var executions: Int { tickets.withLock { $0.values.reduce(0, +) } }
    }

    private final class Answers: Sendable {
        let received = Mutex<[Int: [String]]>([:])
        let open = Mutex<Set<Int>>([])

        func record(_ request: Int, _ reply: ClientReply) {
            open.withLock { _ = $0.remove(request) }
            guard case .result(_, let outcome, _) = reply else {
                return received.withLock { $0[request, default: []].append("unexpected \(reply)") }
            }
            let text =
                switch outcome {
                case .success(let bytes): String(decoding: bytes, as: UTF8.self)
                case .failure(let failure): "failure \(failure.message)"
                }
            received.withLock { $0[request, default: []].append(text) }
        }
    }

    package static func run(seed: UInt64, options: Options = Options()) -> Report {
        let outside = Outside()
        let answers = Answers()
        let world = World(seed: seed, services: [counter(outside)], limits: smallLimits)
        var sent = 0
        var quietMs = 0
        while answers.received.withLock({ $0.count }) < options.requests, quietMs < 600 {
            let crashesBefore = world.crashes
            let mayBegin = sent < options.requests && world.draw(4) == 0
            if mayBegin {
                send(sent, options, world, answers)
                sent += 1
            }
            let progressed = world.advance { commit in fate(of: commit, world, options) }
            if world.crashes > crashesBefore {
                answers.open.withLock { $0.removeAll() }
                for request in 0..<sent where answers.received.withLock({ $0[request] == nil }) || world.draw(3) == 0 {
                    send(request, options, world, answers)
                }
            }
            if progressed || mayBegin {
                quietMs = 0
            } else {
                world.passTime()
                quietMs += 1
            }
        }
        return report(world, options, outside, answers)
    }

    /// So small that loads, evictions, parked backlogs and cut batches happen all the time.
    private static var smallLimits: EngineLimits {
        var limits = EngineLimits()
        limits.idleObjectsMax = 1
        limits.speculationTurnsMax = 6
        limits.packedJournalEntriesMax = 3
        limits.residentLaneDepthMax = 1
        limits.strikesMax = 1_000
        return limits
    }

    private static func fate(of commit: Int, _ world: World, _ options: Options) -> World.Fate {
        let isDue = options.crashAtCommit == commit
        let isUnlucky =
            options.crashAtCommit == nil && world.crashes < options.crashesMax && world.draw(100) < options.crashPercent
        guard isDue && world.crashes == 0 || isUnlucky else { return .survives }
        return world.draw(2) == 0 ? .crashesBefore : .crashesAfter
    }

    private static func send(_ request: Int, _ options: Options, _ world: World, _ answers: Answers) {
        answers.open.withLock { _ = $0.insert(request) }
        let target = InvocationTarget(service: "Counter", key: "k\(request % options.keys)", handler: "add")
        let invoke = InvokeCommand(
            target: target, mode: .call, input: Array("\(request)".utf8), idempotencyKey: "request-\(request)")
        world.submit(.invoke(invoke)) { answers.record(request, $0) }
    }

    private static func counter(_ outside: Outside) -> ErasedService {
        let add = ErasedHandler(
            name: "add", kind: .exclusive, options: HandlerOptions(), input: .ignored, output: .none,
            inputProblem: { _ in nil },
            execute: { operations, input in
                let total = try await operations.getState("total").map { String(decoding: $0, as: UTF8.self) }
                let id = operations.invocation.id
                let run = try await operations.startRun("ticket", retry: nil) { outside.takeTicket(for: id) }
                guard case .success(let ticket) = try await operations.result(of: run) else {
                    throw TerminalError("a ticket cannot fail")
                }
                let request = Int(String(decoding: input, as: UTF8.self)) ?? 0
                if request % 3 == 0 {
                    let sleep = try await operations.startSleep(durationMs: Int64(100 * request))
                    _ = try await operations.result(of: sleep)
                }
                let sum = (total.flatMap(Int.init) ?? 0) + 1
                try await operations.setState("total", Array(String(sum).utf8))
                try await operations.setState("ticket-\(sum)", ticket)
                return Array("\(sum) with \(String(decoding: ticket, as: UTF8.self))".utf8)
            })
        return ErasedService(name: "Counter", kind: .virtualObject, isPrivate: false, handlers: [add])
    }

    // MARK: Checks

    private static func report(
        _ world: World, _ options: Options, _ outside: Outside, _ answers: Answers
    ) -> Report {
        var violations: [String] = []
        let received = answers.received.withLock { $0 }
        for request in 0..<options.requests {
            let texts = received[request] ?? []
            if texts.isEmpty { violations.append("request \(request) was never answered") }
            if Set(texts).count > 1 { violations.append("request \(request) had different answers: \(texts)") }
        }
        for key in 0..<options.keys { check(key, world, options, received, &violations) }
        return Report(
            violations: violations, digest: world.digest, crashes: world.crashes, commits: world.commits,
            closureExecutions: outside.executions)
    }

    /// Each key was added to once per request, and what is stored is what was answered.
    private static func check(
        _ key: Int, _ world: World, _ options: Options, _ received: [Int: [String]], _ violations: inout [String]
    ) {
        let requests = (0..<options.requests).filter { $0 % options.keys == key }
        let state = world.currentDisk().state[ObjectID(service: "Counter", key: "k\(key)")] ?? [:]
        let total = state["total"].map { String(decoding: $0, as: UTF8.self) }
        if total != String(requests.count) {
            violations.append("k\(key) is \(total ?? "unset") after \(requests.count) requests")
        }
        let answered = Set(requests.compactMap { received[$0]?.first })
        let stored = Set(
            (1...requests.count).map { sum in
                "\(sum) with \(state["ticket-\(sum)"].map { String(decoding: $0, as: UTF8.self) } ?? "nothing")"
            })
        if answered != stored { violations.append("k\(key) stores \(stored), callers heard \(answered)") }
    }
}
