import Foundation

/// What is measured, in one run on one machine.
struct Scenarios {
    let folder: URL
    let seconds: Double
    let pending: Int
    let rivals: Rivals

    /// How many first levels were missed.
    func run() async throws -> Int {
        var report = Report()
        let disk = try DiskProbe(in: folder)
        report.heading("Disk")
        report.line("fdatasync of 4 KiB", String(format: "p50 %.3f ms, p99 %.3f ms", disk.p50Ms, disk.p99Ms))
        let rounds = seconds < 5 ? 3 : 7
        if let hello = rivals.hello {
            try await HelloDuel(folder: folder, hello: hello, rounds: rounds, seconds: seconds / 2).run(&report)
        }
        if !rivals.dbos.isEmpty {
            try await WorkflowDuel(folder: folder, dbos: rivals.dbos, rounds: 3, seconds: seconds).run(&report)
        }
        let threeStepMs = try await loads(&report)
        report.heading("Ratios")
        // The budget is 10 times the disk's own sync, and half a millisecond.
        report.judge(
            "three steps, one caller, p50, of its budget", threeStepMs / (10 * disk.p50Ms + 0.5), first: 1,
            goal: (6 * disk.p50Ms + 0.3) / (10 * disk.p50Ms + 0.5), unit: "x", lowerIsBetter: true)
        let rows = try JournalRows(in: folder, commits: seconds < 5 ? 100 : 400)
        report.line(
            "rows per second", String(format: "store %.0f, raw SQLite %.0f", rows.storePerSecond, rows.rawPerSecond))
        report.judge(
            "rows committed against raw SQLite", rows.storePerSecond / rows.rawPerSecond, first: 0.4, goal: 0.6,
            unit: "x", lowerIsBetter: false)
        try await steps(&report)
        try await starts(&report)
        return report.missed
    }

    /// Returns the p50 of the three-step workflow with one caller.
    private func loads(_ report: inout Report) async throws -> Double {
        let scenarios: [(name: String, request: (Int) -> [UInt8])] = [
            ("health route", { _ in LoadGenerator.get("/restate/health") }),
            ("one durable object call", { LoadGenerator.post("/BenchCounter/k\($0 * 7919 % 1000)/add", body: "1") }),
            ("three-step workflow", { _ in LoadGenerator.post("/BenchSteps/three", body: nil) }),
        ]
        var threeStepMs = 0.0
        for (name, request) in scenarios {
            report.heading(name)
            for connections in [1, 64, 256] {
                let server = try ServerProcess(in: folder)
                defer { server.remove() }
                try await server.start()
                let load = LoadGenerator(port: server.ingressPort, connections: connections, request: request)
                _ = try load.run(seconds: 0.5)
                let before = (server.metric("reprise_commits_total"), server.metric("reprise_turns_total"))
                let result = try load.run(seconds: seconds)
                guard result.failures == 0 else {
                    throw BenchFailure("\(name): \(result.failures) of \(result.requests) answers were no success")
                }
                let after = (server.metric("reprise_commits_total"), server.metric("reprise_turns_total"))
                report.load(
                    connections == 1 ? "1 connection" : "\(connections) connections", result,
                    commits: after.0 - before.0, turns: after.1 - before.1)
                if connections == 1 { threeStepMs = result.milliseconds(at: 50) }
            }
        }
        return threeStepMs
    }

    /// What a step costs when up to 10,000 came before it. On a file system in memory where there is one: the disk's
    /// moods would hide what is asked here.
    private func steps(_ report: inout Report) async throws {
        let memory = URL(fileURLWithPath: "/dev/shm")
        let server = try ServerProcess(in: FileManager.default.isWritableFile(atPath: memory.path) ? memory : folder)
        defer { server.remove() }
        try await server.start()
        func secondsOf(_ handler: String, _ count: Int) throws -> Double {
            let start = Date().timeIntervalSinceReferenceDate
            let answer = try server.fetch("/BenchSteps/\(handler)", port: server.ingressPort, body: String(count))
            guard answer.status == 200 else { throw BenchFailure("BenchSteps/\(handler) answered \(answer.status)") }
            return Date().timeIntervalSinceReferenceDate - start
        }
        for (handler, what) in [("many", "a step"), ("replay", "a replayed entry"), ("fanOut", "a call of a fan-out")] {
            _ = try secondsOf(handler, 1_000)
            let early = try (0..<5).map { _ in try secondsOf(handler, 1_000) }.min() ?? 0
            let late = try (0..<2).map { _ in try secondsOf(handler, 10_000) }.min() ?? 0
            // A cost that grew with each of them would make the mean of 10,000 ten times the mean of 1,000.
            report.judge(
                "\(what): 10,000 against 1,000", late / 10 / early, first: 2, goal: 1.2, unit: "x",
                lowerIsBetter: true)
        }
    }

    private func starts(_ report: inout Report) async throws {
        let server = try ServerProcess(in: folder)
        defer { server.remove() }
        try await server.start()
        report.judge(
            "start on an empty directory", server.startMs, first: 200, goal: 50, unit: "ms", lowerIsBetter: true)
        let load = LoadGenerator(port: server.ingressPort, connections: 64) { _ in
            LoadGenerator.post("/BenchSleep/wake/send?delay=10h", body: nil)
        }
        var created = 0
        func create(upTo count: Int) throws {
            while created < count {
                let result = try load.run(seconds: 1)
                guard result.failures == 0 else { throw BenchFailure("a delayed send was refused") }
                created += result.requests
            }
        }
        // The first half fills what does not grow any more: SQLite's page cache, buffers.
        try create(upTo: pending / 2)
        let (half, before) = (created, server.memory().now)
        try create(upTo: pending)
        let memory = server.memory()
        report.line(
            "sleeping invocations", "\(created), memory \(memory.now >> 20) MiB, peak \(memory.peak >> 20) MiB")
        report.judge(
            "memory per sleeping invocation", Double(memory.now - before) / Double(created - half), first: 300,
            goal: 64, unit: "bytes", lowerIsBetter: true)
        server.stop()
        try await server.start()
        let millions = Double(created) / 1e6
        report.judge(
            "start, per million pending", server.startMs / 1000 / max(millions, 1e-9), first: 10, goal: 1, unit: "s",
            lowerIsBetter: true)
    }
}
