/// A gateway in this process: takes its time, then fails by chance.
struct SimulatedGateway: PaymentGateway {
    let latency: Duration
    let failPercent: Int
    /// See `OrdersConfiguration.randoms`.
    let randoms: [Int]
    let time: any Waiting
    /// A number below a hundred.
    var draw: @Sendable () -> Int = { Int.random(in: 0..<100) }

    /// Small beside the seconds of an attempt, so that the distribution of times is that of the attempts.
    let longestPause = Duration.milliseconds(500)
    /// An attempt ends with the process that makes it.
    let lateArrival: Duration? = nil

    var announcement: String { "Simulating payment gateway call (\(seconds) second delay)" }

    func charge(_ charge: Charge, attempt: Int) async -> ChargeOutcome {
        do {
            try await time.wait(latency)
        } catch {
            return .failed(note: "interrupted", reason: "interrupted")
        }
        if charge.isDeclined { return .declined }
        let random = random(attempt)
        return random < failPercent
            ? .failed(note: "random=\(random) < \(failPercent)", reason: "transaction declined (simulated failure)")
            : .approved(note: "random=\(random) >= \(failPercent)")
    }

    func void(paymentID: String) async throws -> Bool { true }

    private func random(_ attempt: Int) -> Int {
        randoms.isEmpty ? draw() : randoms[min(max(attempt, 1), randoms.count) - 1]
    }

    /// `5`, or `0.01`.
    private var seconds: String {
        let ms = Int(latency / .milliseconds(1))
        return ms % 1_000 == 0 ? "\(ms / 1_000)" : "\(Double(ms) / 1_000)"
    }
}
