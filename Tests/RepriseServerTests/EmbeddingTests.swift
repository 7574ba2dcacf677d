import Foundation
import Logging
import Reprise
import RepriseServer
import Testing

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

private struct Raw: Service {
    static let picture = handler("picture") { (_: ServiceContext) -> RawBytes in RawBytes([1, 2, 3]) }
    static let handlers: Handlers = [picture]
}

/// The server of the README, embedded.
@Suite struct EmbeddingTests {
    private func configuration(_ directory: URL) -> ServerConfiguration {
        ServerConfiguration(
            dataDirectory: directory.path, ingress: .init(host: "127.0.0.1", port: 0),
            admin: .init(host: "127.0.0.1", port: 0), drain: .seconds(5),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func request(
        _ server: RunningServer, _ method: String, _ path: String, _ body: String? = nil
    ) async throws -> (status: Int, body: String) {
        let url = try #require(URL(string: "http://\(server.ingressAddress)\(path)"))
        var request = URLRequest(url: url)
        request.httpMethod = method
        if let body {
            request.httpBody = Data(body.utf8)
            request.setValue("application/json", forHTTPHeaderField: "content-type")
        }
        let (data, response) = try await URLSession.shared.data(for: request)
        return ((response as? HTTPURLResponse)?.statusCode ?? 0, String(decoding: data, as: UTF8.self))
    }

    @Test func servesAndGoesOnAfterAStop() async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("embed-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let first = try await makeServer(configuration(directory)).start()
        #expect(try await request(first, "POST", "/Inventory/a1/add", "2") == (200, "2"))
        let order = #"{"article":"a1","customer":"ada"}"#
        let placed = try await request(first, "POST", "/Orders/place", order)
        #expect(placed.status == 200)
        #expect(placed.body.hasSuffix(#", 1 left""#))
        #expect(try await request(first, "GET", "/stock/a1") == (200, #"{"left":1}"#))
        await first.stop()

        let second = try await makeServer(configuration(directory)).start()
        #expect(try await second.client.object(Inventory.self, key: "a1").call(Inventory.look) == 1)
        _ = try await request(second, "POST", "/Orders/place", order)
        let refused = try await request(second, "POST", "/Orders/place", order)
        #expect(refused == (409, #"{"code":409,"message":"only 0 left","source":"invocation"}"#))
        await second.stop()
    }

    /// Who attaches by id names no handler; what it returns is what it is all the same.
    @Test func attachingByIDKeepsTheContentType() async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("embed-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let server = try await RepriseServer(services: [Raw()], configuration: configuration(directory)).start()
        let sent = try await request(server, "POST", "/Raw/picture/send")
        let id = try #require(sent.body.split(separator: "\"").first { $0.hasPrefix("inv_1") })
        let url = try #require(URL(string: "http://\(server.ingressAddress)/restate/invocation/\(id)/attach"))
        for _ in 0..<2 {
            let (data, response) = try await URLSession.shared.data(from: url)
            #expect(Array(data) == [1, 2, 3])
            let type = (response as? HTTPURLResponse)?.value(forHTTPHeaderField: "content-type")
            #expect(type == "application/octet-stream")
        }
        await server.stop()
    }

    @Test func aSecondServerOnTheDirectoryIsRefused() async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("embed-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let first = try await makeServer(configuration(directory)).start()
        await #expect(throws: (any Error).self) { try await makeServer(configuration(directory)).start() }
        await first.stop()
        let next = try await makeServer(configuration(directory)).start()
        await next.stop()
    }

    /// The tests beside this one have servers too, but not as many.
    @Test func aStoppedServerLeavesNoThreads() async throws {
        func threads() throws -> Int {
            let tasks = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")
            let names = tasks.map { try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8) }
            return names.count { $0?.hasPrefix("reprise-engine") == true || $0?.hasPrefix("reprise-commit") == true }
        }
        for number in 0..<12 {
            let directory = FileManager.default.temporaryDirectory.appendingPathComponent("embed-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: directory) }
            let server = try await makeServer(configuration(directory)).start()
            if number == 0 { #expect(try threads() >= 2) }
            await server.stop()
        }
        let deadline = ContinuousClock.now + .seconds(30)
        while try threads() >= 12, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(10)) }
        #expect(try threads() < 12)
    }

    @Test func aRouteThatWouldHideAServiceIsRefused() {
        #expect(throws: RegistrationError.self) {
            try RepriseServer(services: [Inventory()], routes: [Route.get("/Inventory/x") { _, _ in .empty() }])
        }
    }

    @Test func addressesAreReadStrictly() {
        #expect(ServerConfiguration.Address("127.0.0.1:80") == .init(host: "127.0.0.1", port: 80))
        #expect(ServerConfiguration.Address("[::1]:80") == .init(host: "::1", port: 80))
        #expect(ServerConfiguration.Address(":80") == .init(host: "127.0.0.1", port: 80))
        for bad in ["", "80", "a:", "a:b", "a:-1", "a:65536", "a:+80", "::1:80"] {
            #expect(ServerConfiguration.Address(bad) == nil, "\(bad)")
        }
    }
}
