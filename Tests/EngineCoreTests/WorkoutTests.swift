import Testing

/// The engine alone under random clients, handlers, disk, clock and crashes.
@Suite struct WorkoutTests {
    @Test func theSameSeedIsTheSameWorkout() {
        let runs = [0, 1].map { _ in
            let workout = Workout(seed: 7)
            workout.run(steps: 800)
            return (workout.seen, workout.d.truth.invocations, workout.d.truth.state)
        }
        #expect(runs[0] == runs[1])
    }

    @Test func anythingInAnyOrder() {
        var seen: [String: Int] = [:]
        for seed in UInt64(1)...8 {
            let workout = Workout(seed: seed)
            workout.run(steps: 2_000)
            seen.merge(workout.seen) { $0 + $1 }
        }
        // A run that never meets these proves less than it says.
        let floor = [
            "answer": 100, "attempt failed": 10, "run failed": 10, "crash": 10, "restart": 5,
            "crash between write and confirmation": 3, "crash that loses turns": 5, "follower": 1, "forgot runs": 50,
            "input that waits for a second load": 5, "journal row deleted": 100, "load by id": 50,
            "load by serial": 50, "load of an object": 20, "load of what has expired": 10,
            "load of the oldest unpromised": 10, "operation waited": 50, "purge": 20, "spoiled load read again": 1,
            "step parked behind the disk": 5, "second strike": 1, "suspended": 30, "killed": 5, "deadlock": 1,
            "promise forgotten": 1,
        ]
        for (what, times) in floor.sorted(by: { $0.key < $1.key }) {
            #expect(seen[what] ?? 0 >= times, "\(what): \(seen[what] ?? 0) times")
        }
    }
}
