import Foundation
import Glibc
import Measuring

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

    private struct Contestant {
        let name: String
        let load: LoadGenerator
        /// What its server has taken of the processor so far, in microseconds.
        let processorMicroseconds: () -> Double
        var rates = Series()
        var microsecondsEach = Series()
        /// The same of this program: the rivals have to share the processor with it.
        var generatorEach = Series()
    }

    func run(_ report: inout Report) async throws {
        let rival = try HelloProcess(hello)
        defer { rival.stop() }
        let server = try ServerProcess(in: folder)
        defer { server.remove() }
        try await server.start()
        func contestant(_ name: String, _ requests: PreparedRequests) -> Contestant {
            let load = LoadGenerator(port: server.ingressPort, connections: Self.connections, requests: requests)
            return Contestant(name: name, load: load) { server.processorMicroseconds }
        }
        var contestants = [
            Contestant(
                name: "Hummingbird's hello world",
                load: LoadGenerator(
                    port: rival.port, connections: Self.connections,
                    requests: PreparedRequests(PreparedRequests.get("/")))
            ) { rival.processorMicroseconds },
            contestant("health route", PreparedRequests(PreparedRequests.get("/restate/health"))),
            contestant("durable object call", .counterCalls(keys: 1_000)),
        ]
        for round in 0...rounds {
            for index in contestants.indices { try measure(&contestants[index], isWarmUp: round == 0) }
        }
        tell(contestants, &report)
    }

    private func measure(_ contestant: inout Contestant, isWarmUp: Bool) throws {
        let before = (contestant.processorMicroseconds(), ProcessorTime.microseconds(of: getpid()))
        let result = try contestant.load.run(seconds: isWarmUp ? 0.5 : seconds)
        guard result.failures == 0 else { throw BenchFailure("\(contestant.name): answers were no success") }
        guard !isWarmUp else { return }
        contestant.rates.append(result.perSecond)
        let requests = Double(max(1, result.requests))
        contestant.microsecondsEach.append((contestant.processorMicroseconds() - before.0) / requests)
        contestant.generatorEach.append((ProcessorTime.microseconds(of: getpid()) - before.1) / requests)
    }

    private func tell(_ contestants: [Contestant], _ report: inout Report) {
        report.heading("Against Hummingbird, \(Self.connections) connections, medians of \(rounds) rounds")
        let levels: [Level] = [.atLeast(1, goal: 1.3), .atLeast(0.7, goal: 1)]
        let hello = contestants[0]
        for contestant in contestants {
            let each = Amount.text(contestant.generatorEach.median, "us")
            report.line("load: \(contestant.name)", "takes the generator \(each) of the processor a request")
        }
        for (contestant, level) in zip(contestants.dropFirst(), levels) {
            report.add(
                Figure(
                    contestant.name, contestant.rates, unit: "/s", against: .init(hello.name, hello.rates),
                    level: level))
            report.add(
                Figure(
                    "\(contestant.name), processor time", contestant.microsecondsEach, unit: "us",
                    against: .init(hello.name, hello.microsecondsEach)))
        }
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
            let load = LoadGenerator(
                port: server.ingressPort, connections: 64,
                requests: PreparedRequests(PreparedRequests.post("/BenchSteps/three")))
            let result = try load.run(seconds: seconds)
            guard result.failures == 0 else { throw BenchFailure("three steps: answers were no success") }
            ours.append(result.perSecond)
            server.stop()
            theirs.append(try dbosPerSecond())
        }
        report.heading("Three-step workflows of 64 callers, against DBOS on SQLite")
        report.add(
            Figure(
                "three-step workflow, 64 callers", ours, unit: "/s", against: .init("DBOS on SQLite", theirs),
                level: .atLeast(10, goal: 100)))
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
