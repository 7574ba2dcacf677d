package import EngineCore

/// Everything that is decided before a run begins. The rest is drawn while it runs, from the same seed.
package struct SimulationPlan: Sendable, Equatable {
    package var seed: UInt64
    package var requests: [PlannedRequest]
    package var faults: [PlannedFault]
    package var limits: EngineLimits
    package var batchRowsMax: Int
    /// How long a reservation holds a seat.
    package var holdMs: Int64

    package init(seed: UInt64) {
        var random = SeededRandom(seed: seed ^ 0x51AB)
        self.seed = seed
        requests = Self.drawRequests(&random)
        faults = Self.drawFaults(&random)
        limits = Self.drawLimits(&random)
        batchRowsMax = [3, 20, 10_000][random.below(3)]
        holdMs = random.chance(60) ? 900_000 : 4_000
    }

    /// Some keys are used by two callers, who should get the same answer.
    private static func drawRequests(_ random: inout SeededRandom) -> [PlannedRequest] {
        var requests: [PlannedRequest] = []
        for _ in 0..<(142 + random.below(28)) {
            let request = WorkloadOperation.draw(&random)
            requests.append(request)
            guard request.idempotencyKey != nil, random.chance(12) else { continue }
            var copy = request
            copy.client = random.below(WorkloadOperation.clients)
            requests.append(copy)
        }
        return requests
    }

    /// At least three crashes and one each of three other kinds.
    private static func drawFaults(_ random: inout SeededRandom) -> [PlannedFault] {
        var kinds = (0..<(3 + random.below(3))).map { _ in crashes[random.below(crashes.count)] }
        // A person may find nobody to do something to; these need nobody.
        var sure = FaultKind.allCases.filter { !$0.isCrash && !$0.isSteering }
        for _ in 0..<3 { kinds.append(sure.remove(at: random.below(sure.count))) }
        var others = FaultKind.allCases.filter { !$0.isCrash }
        for _ in 0..<(2 + random.below(8)) {
            let index = random.below(others.count)
            kinds.append(others[index])
            if random.chance(50) { others.remove(at: index) }
        }
        return kinds.map { PlannedFault(kind: $0, afterInvocations: 3 + random.below(150), dice: random.next()) }
            .sorted { $0.afterInvocations < $1.afterInvocations }
    }

    private static let crashes = FaultKind.allCases.filter(\.isCrash)

    /// So small that loads, evictions, suspensions, parked backlogs and cut batches happen all the time.
    private static func drawLimits(_ random: inout SeededRandom) -> EngineLimits {
        var limits = EngineLimits()
        limits.idleObjectsMax = 1 + random.below(4)
        limits.speculationTurnsMax = 6 + random.below(40)
        limits.packedJournalEntriesMax = random.below(6)
        limits.residentLaneDepthMax = random.below(4)
        limits.liveAttemptsMax = 12 + random.below(30)
        limits.inactivityMs = Int64(200 + random.below(3_000))
        limits.retainedUnpromisedMax = 20 + random.below(200)
        limits.sliceMax = 2 + random.below(40)
        limits.strikesMax = random.chance(30) ? 3 : 1_000
        limits.laneDepthMax = 3 + random.below(40)
        if random.chance(30) { limits.speculationBytesMax = 2_000 + random.below(8_000) }
        return limits
    }
}
