import Foundation

/// Other people's programs, built by `scripts/bench` from `scripts/bench-peers`.
struct Rivals {
    /// Hummingbird's hello world: takes its port as argument.
    var hello: String?
    /// DBOS' three-step workflow on SQLite: a Python that has DBOS, and the script.
    var dbos: [String] = []
}

/// The server and Hummingbird's hello world take turns under the same load.
struct HelloDuel {
    let folder: URL
    let hello: String
    let rounds: Int
    let seconds: Double

    private static let connections = 64

    func run(_ report: inout Report) async throws {
        let rival = try HelloProcess(hello)
        defer { rival.stop() }
        let server = try ServerProcess(in: folder)
        defer { server.remove() }
        try await server.start()
        let contestants: [(name: String, load: LoadGenerator)] = [
            ("Hummingbird's hello world", load(rival.port) { _ in LoadGenerator.get("/") }),
            ("health route", load(server.ingressPort) { _ in LoadGenerator.get("/restate/health") }),
            ("one durable object call", load(server.ingressPort) { number in
                LoadGenerator.post("/BenchCounter/k\(number * 7919 % 1000)/add", body: "1")
            }),
        ]
        var rates = contestants.map { _ in Series() }
        for round in 0...rounds {
            for (index, contestant) in contestants.enumerated() {
                let result = try contestant.load.run(seconds: round == 0 ? 0.5 : seconds)
                guard result.failures == 0 else { throw BenchFailure("\(contestant.name): answers were no success") }
                if round > 0 { rates[index].append(result.perSecond) }
            }
        }
        report.heading("Against Hummingbird, \(Self.connections) connections, medians of \(rounds) rounds")
        for (contestant, rate) in zip(contestants, rates) { report.rate(contestant.name, rate) }
        report.judge("health route against hello world", rates[1].over(rates[0]), first: 1, goal: 1.3)
        report.judge("one durable object call against hello world", rates[2].over(rates[0]), first: 0.5, goal: 1)
    }

    private func load(_ port: Int, _ request: @escaping (Int) -> [UInt8]) -> LoadGenerator {
        LoadGenerator(port: port, connections: Self.connections, request: request)
    }
}

/// The same workflow on both, with 64 callers.
struct WorkflowDuel {
    let folder: URL
    let dbos: [String]
    let rounds: Int
    let seconds: Double

    func run(_ report: inout Report) async throws {
        var (ours, theirs) = (Series(), Series())
        for _ in 0..<rounds {
            let server = try ServerProcess(in: folder)
            defer { server.remove() }
            try await server.start()
            let load = LoadGenerator(port: server.ingressPort, connections: 64) { _ in
                LoadGenerator.post("/BenchSteps/three", body: nil)
            }
            ours.append(try load.run(seconds: seconds).perSecond)
            server.stop()
            theirs.append(try dbosPerSecond())
        }
        report.heading("Three-step workflows of 64 callers, against DBOS on SQLite")
        report.rate("Reprise", ours)
        report.rate("DBOS", theirs)
        report.judge("workflows against DBOS", ours.over(theirs), first: 10, goal: 100)
    }

    private func dbosPerSecond() throws -> Double {
        let directory = folder.appendingPathComponent("bench-dbos-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: dbos[0])
        process.arguments = Array(dbos.dropFirst()) + [directory.path, "64", String(seconds)]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0, let rate = Double(text.split(separator: "\n").last ?? "") else {
            throw BenchFailure("the DBOS workflow failed: \(text)")
        }
        return rate
    }
}
