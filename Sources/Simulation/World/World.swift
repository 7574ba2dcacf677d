package import DurableModel
import EngineCore
import Reprise

/// The fake world around the production runtime: one thread, a disk, a clock, clients, partners outside, and a seed
/// that decides what happens next. A crash loses everything that no finished commit has written.
package final class World {
    package let plan: SimulationPlan
    let recorder = TraceRecorder()
    let clock = SimulatedClock(nowMs: 1_800_000_000_000)
    let partners: Partners
    var outside: Outside { partners.outside }
    var clients: [Client] = []
    var random: SeededRandom
    var process: ServerProcess
    var requests: [PlannedRequest]
    var faultsAhead: [PlannedFault]
    /// Crashes that wait for their moment.
    var armed: [FaultKind] = []
    var isStopping = false
    var isCalm = false
    var duplicatesAhead = 0
    /// Invocations accepted when the failing of handlers and closures ends.
    var troubleUntil = 0
    package private(set) var steps = 0
    /// How often time had to pass since something was accepted, answered or done outside.
    private var quietRounds = 0
    private var newsBefore = 0
    /// How often everybody had to be helped on.
    private var assistances = 0

    private let entropy: EntropySource

    package init(_ plan: SimulationPlan) {
        self.plan = plan
        random = SeededRandom(seed: plan.seed)
        partners = Partners(Outside(seed: plan.seed ^ 0x0D7, recorder: recorder), clock: clock)
        entropy = EntropySource(seed: plan.seed ^ 0x5EED)
        requests = plan.requests
        faultsAhead = plan.faults
        process = Self.boot(
            SimulatedStorage(disk: DiskImage(), tables: partners.tables, sabotage: StorageSabotage(plan.limits)), plan,
            recorder, clock, partners, entropy)
        clients = (0..<(Self.callers + Self.assistants)).map { _ in Client(recorder) }
        for (index, request) in requests.enumerated() { ask(request, index) }
    }

    private static func boot(
        _ storage: SimulatedStorage, _ plan: SimulationPlan, _ recorder: TraceRecorder, _ clock: SimulatedClock,
        _ partners: Partners, _ entropy: EntropySource
    ) -> ServerProcess {
        let settings = ServerProcess.Settings(
            limits: plan.limits, batchRowsMax: plan.batchRowsMax, entropy: { entropy.next() })
        return ServerProcess(
            { life in
                let services = Workload.services(Hands(outside: partners.outside, life: life), partners, plan.holdMs)
                return (try? ServiceRegistration(services, keepsTables: true))?.services ?? []
            }, settings, storage: storage, clock: clock, recorder: recorder)
    }

    private func ask(_ request: PlannedRequest, _ index: Int) {
        clients[request.client].ask(
            Client.Question(
                request: index, path: request.path, bytes: request.bytes, expects: request.expects,
                hangUp: request.hangUp, mayRepeat: request.mayRepeat, sequel: request.sequel))
    }

    private static let callers = WorkloadOperation.clients
    private static let assistants = 4

    /// One more request than was planned, by somebody who does not wait for others.
    func add(_ request: PlannedRequest) {
        var request = request
        request.client = Self.callers + random.below(Self.assistants)
        requests.append(request)
        ask(request, requests.count - 1)
    }

    package var disk: DiskImage { process.storage.disk }

    // MARK: The run

    /// Storm, then calm until nothing is left to happen; returns what happened.
    package func run() -> Trace {
        while !isStormOver, steps < 60_000 {
            strikeWhatIsDue()
            advance()
        }
        calmDown()
        var idleRounds = 0
        while steps < 200_000, idleRounds < 3_000 {
            if advance() { continue }
            if isAtRest { break }
            idleRounds += 1
            if quietRounds > 3 { assist() }
        }
        let unanswered = clients.reduce(0) { $0 + $1.unanswered }
        recorder.record(.ended(partners.holdings(isAtRest: isAtRest, unanswered: unanswered)))
        process.unwind(outside)
        return recorder.take()
    }

    private var isStormOver: Bool {
        faultsAhead.isEmpty && !isStopping
            && (isStarved || armed.isEmpty && clients.allSatisfy { !$0.hasUnasked })
    }

    /// Nobody has anything to do but to wait, for some time.
    var isStarved: Bool { quietRounds > 15 }

    /// One thing happens; false when only time could pass, and did.
    @discardableResult
    private func advance() -> Bool {
        steps += 1
        if isStopping { finishStop() }
        if happen() { return true }
        quietRounds = recorder.news == newsBefore ? quietRounds + 1 : 0
        newsBefore = recorder.news
        passTime()
        return false
    }

    private var isAtRest: Bool {
        clients.allSatisfy(\.isIdle) && !process.storage.hasCommit && disk.timers.isEmpty && disk.live.isEmpty
    }

    private func calmDown() {
        // Crashes whose moment has not come happen now.
        for _ in armed { crash() }
        armed = []
        recorder.record(.calm)
        isCalm = true
        faultsAhead = []
        process.storage.trouble = .none
        process.storage.failuresAhead = 0
        outside.closureFailurePercent = 0
        outside.stumblePercent = 0
        outside.hangsAhead = 0
        outside.closureHangsAhead = 0
        outside.releaseHangs()
    }

    /// What a person and the partners do when everybody waits for them.
    private func assist() {
        assistances += 1
        // Whoever was sent to answer may have been killed on the way.
        if assistances % 20 == 0 { outside.forgetAnswers() }
        for (index, bell) in outside.bells.enumerated() where !bell.isAnswered { answer(bell: index) }
        for serial in disk.live {
            guard let record = disk.invocations[serial] else { continue }
            if record.progress.status == .paused {
                process.runtime.submit(.steer(record.acceptance.id, .resume)) { _ in }
            } else if record.acceptance.target.service == "Approval", record.acceptance.kind == .workflowRun,
                let key = record.acceptance.target.key
            {
                var approval = PlannedRequest("/Approval/\(key)/approve", "\"late\"")
                approval.isRead = true
                if record.progress.status != .scheduled { add(approval) }
            }
        }
    }

    // MARK: Lives

    /// SIGKILL, or a trap of the process's own, and a start on what is on disk.
    func crash(byTrap: Bool = false) {
        recorder.record(.crashed)
        startAnew(afterTrap: byTrap)
    }

    private func startAnew(afterTrap: Bool = false) {
        isStopping = false
        process.unwind(outside)
        clock.forgetWakes()
        for client in clients { client.serverDied() }
        let storage = SimulatedStorage(
            disk: process.storage.disk, tables: partners.tables, endedByTrap: afterTrap,
            sabotage: StorageSabotage(plan.limits))
        process = Self.boot(storage, plan, recorder, clock, partners, entropy)
    }

    private func finishStop() {
        guard hasStopped else { return }
        hasStopped = false
        recorder.record(.stopped)
        startAnew()
    }

    var hasStopped = false
}

/// Names what the server creates. It outlives every process, as real randomness does.
///
/// `@unchecked Sendable`: a simulation has one thread, and everything in it happens there.
private final class EntropySource: @unchecked Sendable {
    private var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    func next() -> Entropy { Entropy(random.next(), random.next(), random.next()) }
}

extension DiskImage {
    /// Invocations that have not ended, in the order of their acceptance.
    package var live: [InvocationSerial] {
        invocations.filter { $0.value.progress.status != .completed }.keys.sorted()
    }
}
