import Foundation
import Logging
import Reprise
import RepriseServer
import Testing

/// What the chapters of the guide show, on a real server. One server for all: keys and users keep the tests apart.
@Suite struct GuideTests {
    private func serve<Value>(
        _ body: (_ server: RunningServer, _ restart: () async throws -> RunningServer) async throws -> Value
    ) async throws -> Value {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("guide-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let start = {
            try await RepriseServer(
                services: [
                    Forecasts(), Account(), Signup(), Approvals(), Quotes(), Trips(), Reports(), Newsletter(), Till(),
                    Board(),
                ],
                routes: Board.routes,
                configuration: ServerConfiguration(
                    dataDirectory: directory.path, ingress: .init(host: "127.0.0.1", port: 0),
                    admin: .init(host: "127.0.0.1", port: 0), drain: .seconds(5),
                    logger: Logger(label: "guide") { _ in SwiftLogNoOpLogHandler() })
            ).start()
        }
        var server = try await start()
        let value = try await body(server) {
            await server.stop()
            server = try await start()
            return server
        }
        await server.stop()
        return value
    }

    private func until(_ what: String, _ condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try await !condition() {
            guard ContinuousClock.now < deadline else { throw Timeout(what: what) }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private struct Timeout: Error {
        let what: String
    }

    private func code(_ body: () async throws -> some Sendable) async -> Int? {
        do {
            _ = try await body()
            return nil
        } catch {
            return (error as? TerminalError)?.code
        }
    }

    @Test func servicesAndObjects() async throws {
        try await serve { server, _ in
            let forecast = try await server.client.service(Forecasts.self).call(Forecasts.today, "Rome")
            #expect(forecast.celsius == 4)
            let broken = await code { try await server.client.service(Forecasts.self).call(Forecasts.today, "Atlantis") }
            #expect(broken == 502)
            let account = server.client.object(Account.self, key: "1")
            #expect(try await account.call(Account.deposit, 70) == 70)
            #expect(await code { try await account.call(Account.withdraw, 80) } == 409)
            #expect(try await account.call(Account.look) == 70)
        }
    }

    @Test func aWorkflowRunsOncePerKeyOverARestart() async throws {
        try await serve { server, restart in
            let user = server.client.workflow(Signup.self, key: "ada")
            #expect(try await user.call(Signup.look) == "not begun")
            let first = try await user.send(Signup.run, "ada@example.org")
            #expect(first.isNew && first.id == user.invocationID)
            #expect(try await user.send(Signup.run, "ada@example.org") == SentInvocation(id: first.id, isNew: false))
            #expect(await code { try await user.call(Signup.run, "ada@example.org") } == 409)
            try await until("the workflow waits") { try await user.call(Signup.look) == "waiting for the click" }
            #expect(try await user.output(Signup.run) == nil)

            let again = try await restart().client.workflow(Signup.self, key: "ada")
            let secret = try #require(outbox.texts(to: "ada@example.org").first?.split(separator: " ").last)
            try await again.call(Signup.click, String(secret))
            #expect(try await again.attach(Signup.run))
            #expect(try await again.call(Signup.look) == "confirmed")
            #expect(await code { try await again.call(Signup.click, "again") } == 409)
            #expect(outbox.texts(to: "ada@example.org").count == 1, "the mail was sent once")
        }
    }

    @Test func aPromiseMayBeKeptBeforeTheRun() async throws {
        try await serve { server, _ in
            let user = server.client.workflow(Signup.self, key: "eager")
            try await user.call(Signup.click, "a guess")
            #expect(try await user.call(Signup.run, "eager@example.org") == false)
            #expect(try await user.call(Signup.look) == "wrong secret")
        }
    }

    @Test func awakeables() async throws {
        try await serve { server, _ in
            let approvals = server.client.service(Approvals.self)
            let asked = try await approvals.send(Approvals.ask, .init(text: "holidays", seconds: 3_600))
            try await until("the mail") { !outbox.texts(to: "boss").isEmpty }
            let id = try #require(outbox.texts(to: "boss").first?.split(separator: " ").last)
            try await approvals.call(Approvals.answer, String(id))
            #expect(try await server.client.attach(asked.id, of: Approvals.ask) == "approved")
            let nobody = try await approvals.call(Approvals.ask, .init(text: "a raise", seconds: 0))
            #expect(nobody == "nobody answered")
        }
    }

    @Test func futures() async throws {
        try await serve { server, _ in
            let quotes = server.client.service(Quotes.self)
            let (some, none, two, mixed) = (["a", "bb", "ccc"], [String](), ["slow", "a"], ["a", "closed"])
            #expect(try await quotes.call(Quotes.all, some) == [1, 2, 3])
            #expect(try await quotes.call(Quotes.all, none) == [])
            #expect(await code { try await quotes.call(Quotes.all, ["slow", "closed"]) } == 410)
            let cheapest = try await quotes.call(Quotes.any, ["closed", "slow", "bb"])
            #expect(cheapest == 2)
            #expect(await code { try await quotes.call(Quotes.any, ["closed", "closed"]) } == 410)
            #expect(await code { try await quotes.call(Quotes.any, none) } == 500)
            #expect(await code { try await quotes.call(Quotes.first, ["slow", "closed"]) } == 410)
            #expect(try await quotes.call(Quotes.first, two) == 1)
            #expect(try await quotes.call(Quotes.survey, mixed) == ["1", "closed sells nothing"])
            #expect(try await quotes.call(Quotes.both, "abc") == "3, 3 left")
            #expect(await code { try await quotes.call(Quotes.soon, "slow") } == 408)
            #expect(try await quotes.call(Quotes.soon, "a") == 1)
        }
    }

    @Test func sagas() async throws {
        try await serve { server, _ in
            let trips = server.client.service(Trips.self)
            #expect(try await trips.call(Trips.book, .init(user: "u1", hotel: "Ritz")) == "a room at Ritz and a flight")
            let open = await bookings.open.count
            #expect(await code { try await trips.call(Trips.book, .init(user: "u2", hotel: "full")) } == 409)
            #expect(await bookings.open.count == open)
            try await until("the apology") { outbox.texts(to: "u2") == ["sorry"] }

            let slow = try await trips.send(Trips.book, .init(user: "u3", hotel: "slow"))
            let before = await bookings.count
            try await until("the flight") {
                let (count, isOpen) = (await bookings.count, await bookings.open.count > open)
                return count >= before && isOpen
            }
            try await server.client.cancel(slow.id)
            #expect(await code { try await server.client.attach(slow.id, of: Trips.book) } == 409)
            #expect(await bookings.open.count == open, "cancelled, and so undone")
            try await until("the apology") { outbox.texts(to: "u3") == ["sorry"] }
        }
    }

    @Test func otherInvocations() async throws {
        try await serve { server, _ in
            let reports = server.client.service(Reports.self)
            #expect(try await reports.call(Reports.impatient, 2) == "2 pages")
            let text = try await reports.call(Reports.impatient, 6)
            let id = try #require(text.split(separator: " ").last.map(String.init))
            #expect(await code { try await server.client.attach(id, of: Reports.make) } == 409)
            #expect(await code { try await reports.call(Reports.peek, id) } == 409)
            let nobody = "inv_1jFEjVDI9dt16WD9yJBs6iubtTvgXH215i"
            #expect(await code { try await reports.call(Reports.peek, nobody) } == 404)
        }
    }

    @Test func versions() async throws {
        try await serve { server, _ in
            let letter = server.client.object(Newsletter.self, key: "n")
            let answer = try await letter.call(Newsletter.subscribe, "a@b")
            #expect(answer == "subscribed")
            #expect(await code { try await letter.call(Newsletter.subscribe, "nobody") } == 400)
        }
    }

    @Test func tables() async throws {
        try await serve { server, restart in
            let till = server.client.object(Till.self, key: "north")
            #expect(try await till.call(Till.sell, .init(article: "tea", count: 4)) == 6)
            #expect(await code { try await till.call(Till.sell, .init(article: "tea", count: 7)) } == 500)
            #expect(try await till.call(Till.sold) == 4, "what failed has left nothing")
            let again = try await restart().client.object(Till.self, key: "south")
            #expect(try await again.call(Till.sell, .init(article: "tea", count: 6)) == 0, "migrations are made once")
            #expect(try await again.call(Till.sold) == 6)
            #expect(await receipts.all.count == 2)
        }
    }

    @Test func news() async throws {
        try await serve { server, _ in
            let curl = Process()
            curl.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            curl.arguments = ["curl", "-sN", "--max-time", "60", "http://\(server.ingressAddress)/scores"]
            let pipe = Pipe()
            curl.standardOutput = pipe
            try curl.run()
            defer { curl.terminate() }
            let board = server.client.object(Board.self, key: "final")
            var heard = ""
            while !heard.contains("event: reset"), let more = try pipe.fileHandleForReading.read(upToCount: 1) {
                heard += String(decoding: more, as: UTF8.self)
            }
            #expect(try await board.call(Board.add, 3) == 3)
            #expect(try await board.call(Board.look) == 3)
            while !heard.contains("\"points\":3}"), let more = try pipe.fileHandleForReading.read(upToCount: 1) {
                heard += String(decoding: more, as: UTF8.self)
            }
            #expect(heard.contains("event: scores\ndata: {\"board\":\"final\",\"points\":3}"))
        }
    }
}
