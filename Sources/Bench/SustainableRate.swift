/// The highest rate at which practically every request of strangers is answered, and no queue grows.
struct SustainableRate {
    let port: Int
    let connectionsMax: Int
    let requests: PreparedRequests
    /// How long each rate is offered.
    let seconds: Double
    /// Of all requests so many are answered; the others are refused.
    var answeredShare = 0.99
    var p99MaxMs = 200.0

    /// What a closed loop of 64 callers gets. Less than what is sustained: the more there is to do, the more goes into
    /// one commit.
    func closedLoopPerSecond() throws -> Double {
        try LoadGenerator(port: port, connections: 64, requests: requests).run(seconds: seconds).perSecond
    }

    func find(from lowest: Double) throws -> Double {
        var rate = lowest
        // Twice, because a moment in which the machine does something else says nothing of the rate.
        while try isSustained(offer(rate * 1.2)) || isSustained(offer(rate * 1.2)) { rate *= 1.2 }
        // And twice more without a chance: a good moment says as little.
        while try !(isSustained(offer(rate)) && isSustained(offer(rate))) {
            rate *= 0.9
            guard rate > lowest / 2 else {
                throw BenchFailure("not even \(Int(rate)) calls a second are sustained")
            }
        }
        return rate
    }

    func offer(_ rate: Double) throws -> OpenLoop.Result {
        try OpenLoop(port: port, perSecond: rate, connectionsMax: connectionsMax, requests: requests)
            .run(seconds: seconds, warmUp: seconds / 5)
    }

    func isSustained(_ result: OpenLoop.Result) -> Bool {
        let answered = Double(result.admitted.totalCount)
        return answered >= answeredShare * Double(result.due) && result.p99Ns() < p99MaxMs * 1e6
    }
}
