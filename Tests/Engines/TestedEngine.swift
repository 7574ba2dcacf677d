import HTTPTypes
import Reprise
import RepriseTesting
import Testing

/// What the systems' tests need of an engine, the production one or the naive one.
protocol TestedEngine: Sendable {
    var client: RepriseClient { get }
    /// `Service/handler` or `Service/key/handler`, with a JSON body; the answer as text. Throws the `TerminalError`
    /// that a client sees.
    func request(_ path: String, _ body: String, idempotencyKey: String?) async throws -> String
    /// As `request`, without waiting; the id of the invocation.
    func submit(_ path: String, _ body: String) async throws -> String
    func settle() async throws
    /// What should never happen: replays that differ, invocations that are given up.
    var troubles: [String] { get async }
}

extension TestedEngine {
    func request(_ path: String, _ body: String = "") async throws -> String {
        try await request(path, body, idempotencyKey: nil)
    }

    /// The error, nil when the request succeeds.
    func refusal(_ path: String, _ body: String = "") async throws -> TerminalError? {
        do {
            _ = try await request(path, body)
            return nil
        } catch let error as TerminalError {
            return error
        }
    }
}

extension TestRuntime: TestedEngine {
    private struct Failure: Decodable {
        var code: Int
        var message: String
    }

    func request(_ path: String, _ body: String, idempotencyKey: String?) async throws -> String {
        let response = try await request(
            .post, "/\(path)", headers: idempotencyKey.map { [.init("idempotency-key")!: $0] } ?? [:], body: body)
        guard response.status >= 300 else { return response.text }
        let failure = try response.json(as: Failure.self)
        throw TerminalError(failure.message, code: failure.code)
    }

    private struct Sent: Decodable {
        var invocationId: String
    }

    func submit(_ path: String, _ body: String) async throws -> String {
        try await request(.post, "/\(path)/send", body: body).json(as: Sent.self).invocationId
    }

    var troubles: [String] {
        get async {
            let paused = await invocations.filter { $0.status == .paused }.map { "\($0.address): \($0.lastFailure ?? "")" }
            return differences.map(\.description) + paused
        }
    }

    /// Waits until what is outside has come so far; an error after a minute: compilers may be at work beside.
    func until(_ what: String, _ condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while !condition() {
            try #require(ContinuousClock.now < deadline, "never: \(what)")
            await Task.yield()
        }
    }
}

extension MemoryRuntime: TestedEngine {
    var troubles: [String] { faults }
}
