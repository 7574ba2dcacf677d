/// Mail that goes nowhere but the log, after a while.
public struct SimulatedMailer: Mailer {
    let latency: Duration
    let time: any Waiting

    public init(latency: Duration, time: any Waiting = RealTime()) {
        self.latency = latency
        self.time = time
    }

    public func deliver(_ mail: Mail) async throws { try await time.wait(latency) }
}
