import Synchronization
import Testing

@testable import RepriseServer

@Suite struct OverloadGuardTests {
    private let start = ContinuousClock.now

    /// A guard of queues that take as long as the test says.
    private func busyGuard(requests: Int = 500) -> OverloadGuard {
        let overload = OverloadGuard()
        for _ in 0..<requests { overload.requestBegan() }
        return overload
    }

    private func pulse(_ overload: OverloadGuard, sentAfter sent: Int, taking delay: Int) {
        overload.look(at: start + .milliseconds(sent))
        overload.pulseReturned(at: start + .milliseconds(sent + delay))
    }

    private func eventually(_ holds: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while !holds(), ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(5)) }
        #expect(holds())
    }

    @Test func aBurstIsNoOverload() {
        let overload = busyGuard()
        pulse(overload, sentAfter: 0, taking: 1)
        pulse(overload, sentAfter: 10, taking: 150)
        #expect(overload.refusal() == nil)
        pulse(overload, sentAfter: 170, taking: 1)
        pulse(overload, sentAfter: 180, taking: 190)
        #expect(overload.refusal() == nil)
    }

    @Test func aStandingQueueIs() throws {
        let overload = busyGuard()
        pulse(overload, sentAfter: 0, taking: 1)
        for sent in stride(from: 10, to: 400, by: 100) { pulse(overload, sentAfter: sent, taking: 90) }
        let refusal = try #require(overload.refusal())
        #expect(refusal.status == 503 && refusal.retryAfterSeconds == 1)
        #expect(overload.refusedCount == 1)
        pulse(overload, sentAfter: 500, taking: 4)
        #expect(overload.refusal() == nil, "it has caught up")
        pulse(overload, sentAfter: 600, taking: 30)
        #expect(overload.refusal() != nil, "and has not: no new grace so soon after")
        pulse(overload, sentAfter: 700, taking: 1)
        pulse(overload, sentAfter: 4_900, taking: 1)
        pulse(overload, sentAfter: 5_000, taking: 30)
        #expect(overload.refusal() == nil, "long after it is a burst again")
    }

    @Test func notEverybodyComesInAtOnceWhenTheQueueIsShortAgain() {
        let overload = busyGuard(requests: 511)
        pulse(overload, sentAfter: 0, taking: 1)
        for sent in stride(from: 10, to: 400, by: 100) { pulse(overload, sentAfter: sent, taking: 90) }
        pulse(overload, sentAfter: 500, taking: 1)
        #expect(overload.refusal() == nil)
        overload.requestBegan()
        #expect(overload.refusal() != nil, "twice as many as are always welcome")
        pulse(overload, sentAfter: 1_500, taking: 1)
        #expect(overload.refusal() == nil, "a second later it is forgotten")
    }

    @Test func aPulseThatDoesNotReturnCountsToo() {
        let overload = busyGuard()
        overload.look(at: start)
        for tick in 1...30 { overload.look(at: start + .milliseconds(10 * tick)) }
        #expect(overload.refusal() != nil)
    }

    @Test func fewRequestsAreNeverTooMany() {
        let overload = busyGuard(requests: 255)
        overload.look(at: start)
        for tick in 1...30 { overload.look(at: start + .milliseconds(10 * tick)) }
        #expect(overload.refusal() == nil)
        overload.requestBegan()
        #expect(overload.refusal() != nil)
        overload.requestEnded()
        #expect(overload.refusal() == nil)
    }

    @Test func nobodyLooksWhileThereAreFewRequests() async throws {
        let overload = OverloadGuard()
        let pulses = Atomic<Int>(0)
        overload.start { returned in
            pulses.add(1, ordering: .relaxed)
            returned()
        }
        for _ in 0..<255 { overload.requestBegan() }
        try await eventually { !overload.isWatching }
        #expect(pulses.load(ordering: .relaxed) == 0)
        for _ in 0..<3 {
            let before = pulses.load(ordering: .relaxed)
            overload.requestBegan()
            try await eventually { pulses.load(ordering: .relaxed) >= before + 2 }
            overload.requestEnded()
            try await eventually { !overload.isWatching }
        }
        overload.stop()
    }

    @Test func aStoppedGuardHoldsNothing() async throws {
        final class Server: Sendable {}
        let overload = OverloadGuard()
        weak var held: Server?
        do {
            let server = Server()
            held = server
            overload.start { [server] _ in withExtendedLifetime(server) {} }
        }
        #expect(held != nil)
        overload.stop()
        try await eventually { held == nil }
        withExtendedLifetime(overload) {}
    }

    @Test func whoWasRefusedMeetsAGuardThatLooks() async throws {
        var limits = OverloadGuard.Limits()
        limits.standing = .milliseconds(20)
        let overload = OverloadGuard(limits: limits)
        let held = Mutex<[@Sendable () -> Void]>([])
        for _ in 0..<256 { overload.requestBegan() }
        overload.start { returned in held.withLock { $0.append(returned) } }
        try await eventually { overload.refusal() != nil }
        for _ in 0..<256 { overload.requestEnded() }
        #expect(overload.isWatching, "a pulse is under way")
        held.withLock { $0.removeFirst() }()
        try await eventually { held.withLock { !$0.isEmpty } }
        overload.stop()
    }
}
