import Reprise

/// The world outside of the server, which closures of `run` reach: it outlives every process.
///
/// `@unchecked Sendable`: a simulation has one thread, and everything in it happens there.
final class Outside: @unchecked Sendable {
    private struct Call {
        let invocation: String
        let step: String
        let mood: Mood
        let life: Life
        let isHung: Bool
        let continuation: UnsafeContinuation<Verdict, Never>
    }

    /// How what is reached may answer.
    enum Mood {
        case flaky
        /// Fails now and then, but never for good.
        case patient
    }

    private enum Verdict {
        case token(Int)
        case failure
        case terminal
        case dead
    }

    private let recorder: TraceRecorder
    private var random: SeededRandom
    private var calls: [Call] = []
    private var hangs: [UnsafeContinuation<Void, Never>] = []
    private var lastToken = 0
    private var stumbles: [String: Int] = [:]
    private var failures: [String: Int] = [:]
    /// Awakeables that handlers have told the world of, and how often each was answered.
    private(set) var bells: [(id: String, isAnswered: Bool)] = []

    // What the faults of the moment are.
    var closureFailurePercent = 0
    var stumblePercent = 0
    var hangsAhead = 0
    var closureHangsAhead = 0

    init(seed: UInt64, recorder: TraceRecorder) {
        random = SeededRandom(seed: seed)
        self.recorder = recorder
    }

    // MARK: What handlers and closures do

    /// Something that happens outside, and may have happened although it fails. Returns a token that never comes twice.
    func reach(_ invocation: String, _ step: String, _ mood: Mood, life: Life) async throws -> String {
        guard life.isAlive else { throw ProcessIsDead() }
        recorder.record(.closureBegan(invocation: invocation, step: step))
        let isHung = closureHangsAhead > 0
        if isHung { closureHangsAhead -= 1 }
        let verdict: Verdict
        if isHung || random.chance(70) {
            verdict = await withUnsafeContinuation { continuation in
                calls.append(
                    Call(
                        invocation: invocation, step: step, mood: mood, life: life, isHung: isHung,
                        continuation: continuation))
            }
        } else {
            verdict = self.verdict(mood)
        }
        guard life.isAlive else { throw ProcessIsDead() }
        let result: String
        switch verdict {
        case .token(let number): result = "t\(number)"
        case .failure: result = "failure"
        case .terminal: result = "terminal"
        case .dead: throw ProcessIsDead()
        }
        recorder.record(.closureEnded(invocation: invocation, step: step, result: result))
        if case .failure = verdict { throw OutsideFailed() }
        if case .terminal = verdict { throw TerminalError("the outside refuses", code: 418) }
        return result
    }

    private func verdict(_ mood: Mood) -> Verdict {
        if random.chance(closureFailurePercent) {
            return mood == .flaky && random.chance(20) ? .terminal : .failure
        }
        lastToken += 1
        return .token(lastToken)
    }

    /// A place where a handler may fail or wait for something that its context knows nothing of.
    func stumble(_ invocation: String, life: Life) async throws {
        guard life.isAlive else { return }
        if hangsAhead > 0 {
            hangsAhead -= 1
            await withUnsafeContinuation { hangs.append($0) }
            return
        }
        guard stumblePercent > 0, stumbles[invocation, default: 0] < 4, random.chance(stumblePercent) else { return }
        stumbles[invocation, default: 0] += 1
        throw HandlerStumbled()
    }

    /// Counts one more failure unless there were so many.
    func countFailure(of name: String, upTo times: Int) -> Bool {
        guard failures[name, default: 0] < times else { return false }
        failures[name, default: 0] += 1
        return true
    }

    /// What becomes of something that nobody hears of any more.
    func draw(below bound: Int) -> Int { random.below(bound) }

    func publish(bell id: String, life: Life) {
        if life.isAlive, !bells.contains(where: { $0.id == id }) { bells.append((id, false)) }
    }

    // MARK: What the world does

    var canAnswer: Bool { calls.contains { !$0.isHung } }
    var hasHangs: Bool { !hangs.isEmpty || calls.contains { $0.isHung } }

    /// One of the calls under way comes back.
    func answerSomeCall(_ pick: Int) {
        let open = calls.indices.filter { !calls[$0].isHung }
        guard !open.isEmpty else { return }
        let call = calls.remove(at: open[pick % open.count])
        call.continuation.resume(returning: call.life.isAlive ? verdict(call.mood) : .dead)
    }

    func releaseHangs() {
        for hang in hangs { hang.resume() }
        hangs = []
        let hung = calls.filter(\.isHung)
        calls.removeAll(where: \.isHung)
        for call in hung { call.continuation.resume(returning: verdict(call.mood)) }
    }

    /// The process is gone: nobody waits any more.
    func forgetCalls() {
        for hang in hangs { hang.resume() }
        hangs = []
        for call in calls { call.continuation.resume(returning: .dead) }
        calls = []
    }

    func noteAnswer(ofBell index: Int) { bells[index].isAnswered = true }

    func forgetAnswers() {
        for index in bells.indices { bells[index].isAnswered = false }
    }
}

struct ProcessIsDead: Error {}
struct OutsideFailed: Error {}
struct HandlerStumbled: Error {}

/// What the workload's services hold: the outside, and whether their process still lives.
struct Hands: Sendable {
    let outside: Outside
    let life: Life

    func stumble(_ invocation: String) async throws { try await outside.stumble(invocation, life: life) }

    func reach(_ invocation: String, _ step: String, refusesForGood: Bool = true) async throws -> String {
        try await outside.reach(invocation, step, refusesForGood ? .flaky : .patient, life: life)
    }

    /// Fails the first `times` executions of what has this name.
    func fail(_ name: String, times: Int) throws {
        guard life.isAlive, outside.countFailure(of: name, upTo: times) else { return }
        throw HandlerStumbled()
    }
}
