import Foundation
import HTTPWire
import Synchronization
import Testing

@testable import HTTPTransport

@Suite struct ServerTests {
    private let get = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func keepsAConnectionAlive() throws {
        let (server, port) = try echoServer()
        defer { withExtendedLifetime(server) {} }
        let client = try TestClient(port: port)
        for _ in 0..<3 {
            client.send(get)
            #expect(client.receive { $0.hasSuffix("GET /x 0") }.hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
    }

    @Test func answersPipelinedRequestsInOrder() throws {
        let (server, port) = try echoServer()
        defer { withExtendedLifetime(server) {} }
        let client = try TestClient(port: port)
        client.send((0..<100).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
        let text = client.receive { $0.hasSuffix("GET /99 0") }
        let targets = text.components(separatedBy: "\r\n\r\n").dropFirst()
            .compactMap { $0.split(separator: " ").dropFirst().first.map(String.init) }
        #expect(targets == (0..<100).map { "/\($0)" })
    }

    @Test func readsALargeBodyInPieces() throws {
        let (server, port) = try echoServer()
        defer { withExtendedLifetime(server) {} }
        let client = try TestClient(port: port)
        let body = [UInt8](repeating: 7, count: 5_000_000)
        client.send("POST /big HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n")
        client.send(body)
        #expect(client.receive { $0.hasSuffix("POST /big 5000000") }.contains(" 200 OK"))
    }

    @Test func refusesALongBodyBeforeItIsSent() throws {
        let (server, port) = try echoServer { $0.limits.bodyBytesMax = 10 }
        defer { withExtendedLifetime(server) {} }
        let client = try TestClient(port: port)
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n")
        let text = client.receive()
        #expect(text.hasPrefix("HTTP/1.1 413 "))
        #expect(text.hasSuffix(#""message":"the body is longer than 10 bytes"}"#))
    }

    /// Closing with unread bytes would reset the connection, and the client's system would drop the answer.
    @Test func whoIsStillSendingGetsToReadTheRefusal() throws {
        let (server, port) = try echoServer { $0.limits.bodyBytesMax = 10 }
        defer { withExtendedLifetime(server) {} }
        let client = try TestClient(port: port)
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8000000\r\n\r\n")
        client.send([UInt8](repeating: 7, count: 8_000_000))
        #expect(client.receive().hasPrefix("HTTP/1.1 413 "))
        client.finishSending()
        let bound = Date(timeIntervalSinceNow: 10)
        while server.connectionCount > 0, Date() < bound { sched_yield() }
        #expect(server.connectionCount == 0, "it leaves when the client does")
    }

    @Test func whoNeverStopsSendingIsCutOff() throws {
        let (server, port) = try echoServer {
            $0.limits.bodyBytesMax = 10
            $0.lingerTimeoutMs = 1
        }
        defer { withExtendedLifetime(server) {} }
        let client = try TestClient(port: port)
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n")
        #expect(client.receive().hasPrefix("HTTP/1.1 413 "))
        let bound = Date(timeIntervalSinceNow: 10)
        while server.connectionCount > 0, Date() < bound { sched_yield() }
        #expect(server.connectionCount == 0)
    }

    @Test func refusalsHaveTheFormOfTheServer() throws {
        let (server, port) = try echoServer {
            $0.refusalForm = { HTTPReply(status: $0.status, body: Array(($0.headers?.first("origin") ?? "-").utf8)) }
            $0.bodyBytesInFlightMax = 1
        }
        defer { withExtendedLifetime(server) {} }
        let client = try TestClient(port: port)
        client.send("POST / HTTP/1.1\r\nHost: a\r\nOrigin: one\r\nContent-Length: 2\r\n\r\nab")
        #expect(client.receive { $0.hasSuffix("one") }.hasPrefix("HTTP/1.1 503 "))
        client.send("GET / HTTP/3.0\r\nOrigin: two\r\n\r\n")
        #expect(client.receive().hasSuffix("two"))
    }

    @Test func sendsALongAnswerToASlowReader() throws {
        let size = 8_000_000
        let server = HTTPServer(HTTPServerConfiguration(host: "127.0.0.1", port: 0)) { _, handle in
            handle.reply(HTTPReply(status: 200, body: [UInt8](repeating: 65, count: size)))
        }
        let port = try server.start()
        let client = try TestClient(port: port)
        client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        let text = client.receive()
        #expect(text.utf8.count > size)
        #expect(text.hasSuffix("AAAA"))
    }

    @Test func answersAPeerThatHasFinishedSending() throws {
        let (server, port) = try echoServer()
        defer { withExtendedLifetime(server) {} }
        let client = try TestClient(port: port)
        client.send(get)
        client.finishSending()
        #expect(client.receive().hasSuffix("GET /x 0"))
    }

    @Test func takesRepliesFromOtherThreads() throws {
        let queue = DispatchQueue(label: "elsewhere", attributes: .concurrent)
        let server = HTTPServer(HTTPServerConfiguration(host: "127.0.0.1", port: 0)) { message, handle in
            queue.async { handle.reply(HTTPReply(status: 200, body: Array(message.target.utf8))) }
        }
        let port = try server.start()
        let clients = try (0..<50).map { _ in try TestClient(port: port) }
        for (index, client) in clients.enumerated() {
            client.send("GET /\(index) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        }
        for (index, client) in clients.enumerated() { #expect(client.receive().hasSuffix("\r\n\r\n/\(index)")) }
    }

    /// Work on the loop: all of its answers go out, each to its own, whether it is that connection's turn or not.
    @Test func takesRepliesOnTheLoopItself() throws {
        let queue = DispatchQueue(label: "elsewhere")
        let held = Mutex<[(target: String, handle: ReplyHandle)]>([])
        let server = HTTPServer(HTTPServerConfiguration(host: "127.0.0.1", port: 0)) { message, handle in
            let all = held.withLock { held in
                held.append((message.target, handle))
                return held.count == 50 ? held : []
            }
            guard let last = all.last else { return }
            queue.async {
                last.handle.loop.submit {
                    for (target, handle) in all { handle.reply(HTTPReply(status: 200, body: Array(target.utf8))) }
                }
            }
        }
        let port = try server.start()
        let clients = try (0..<50).map { _ in try TestClient(port: port) }
        for (index, client) in clients.enumerated() {
            client.send("GET /\(index) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        }
        for (index, client) in clients.enumerated() { #expect(client.receive().hasSuffix("\r\n\r\n/\(index)")) }
    }

    /// As many as a peer can send at once, all answered from within the call that delivers them.
    @Test func answersThousandsOfPipelinedRequests() throws {
        let (server, port) = try echoServer()
        defer { withExtendedLifetime(server) {} }
        let client = try TestClient(port: port)
        let count = 2_000
        client.send((0..<count).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
        let last = "GET /\(count - 1) 0"
        #expect(client.receive { $0.hasSuffix(last) }.hasSuffix(last))
    }

    @Test func aDroppedHandleAnswers500() throws {
        let server = HTTPServer(HTTPServerConfiguration(host: "127.0.0.1", port: 0)) { _, _ in }
        let port = try server.start()
        let client = try TestClient(port: port)
        client.send(get)
        #expect(client.receive { $0.contains("\r\n\r\n") }.hasPrefix("HTTP/1.1 500 "))
    }

    @Test func onlyTheFirstReplyCounts() throws {
        let server = HTTPServer(HTTPServerConfiguration(host: "127.0.0.1", port: 0)) { _, handle in
            handle.reply(HTTPReply(status: 200, body: Array("first".utf8)))
            handle.reply(HTTPReply(status: 500))
        }
        let port = try server.start()
        let client = try TestClient(port: port)
        client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(client.receive().hasSuffix("first"))
    }

    @Test func turnsAwayConnectionsAboveTheLimit() throws {
        let (server, port) = try echoServer { $0.connectionsMax = 1 }
        defer { withExtendedLifetime(server) {} }
        let first = try TestClient(port: port)
        first.send(get)
        #expect(first.receive { $0.hasSuffix("GET /x 0") }.contains("200 OK"))
        let second = try TestClient(port: port)
        let text = second.receive()
        #expect(text.hasPrefix("HTTP/1.1 503 "))
        #expect(text.contains("retry-after: 1\r\n"))
    }

    @Test func refusesBodiesBeyondWhatMemoryMayHold() throws {
        let held = Mutex<[ReplyHandle]>([])
        var configuration = HTTPServerConfiguration(host: "127.0.0.1", port: 0)
        configuration.bodyBytesInFlightMax = 15
        let server = HTTPServer(configuration) { _, handle in held.withLock { $0.append(handle) } }
        let port = try server.start()
        let post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789"
        let first = try TestClient(port: port)
        first.send(post)
        let bound = Date(timeIntervalSinceNow: 10)
        while held.withLock({ $0.isEmpty }), Date() < bound { sched_yield() }
        let second = try TestClient(port: port)
        second.send(post)
        #expect(second.receive { $0.contains("\r\n\r\n") }.hasPrefix("HTTP/1.1 503 "))
        held.withLock { $0.removeFirst().reply(HTTPReply(status: 200)) }
        #expect(first.receive { $0.contains("\r\n\r\n") }.hasPrefix("HTTP/1.1 200 "))
        let third = try TestClient(port: port)
        third.send(post)
        while held.withLock({ $0.isEmpty }), Date() < bound { sched_yield() }
        held.withLock { $0.removeFirst().reply(HTTPReply(status: 200)) }
        #expect(third.receive { $0.contains("\r\n\r\n") }.hasPrefix("HTTP/1.1 200 "), "the room came back")
    }

    @Test func countsBodiesWhileTheyArrive() throws {
        let (server, port) = try echoServer { $0.bodyBytesInFlightMax = 1_000 }
        defer { withExtendedLifetime(server) {} }
        func half(_ path: String) throws -> TestClient {
            let client = try TestClient(port: port)
            client.send("POST /\(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\nExpect: 100-continue\r\n\r\n")
            #expect(client.receive { $0.hasSuffix("\r\n\r\n") }.hasPrefix("HTTP/1.1 100 "))
            client.send([UInt8](repeating: 7, count: 600))
            return client
        }
        let first = try half("first")
        let bound = Date(timeIntervalSinceNow: 10)
        while server.bodyBytesHeld < 600, Date() < bound { sched_yield() }
        let second = try half("second")
        let refusal = second.receive()
        #expect(refusal.hasPrefix("HTTP/1.1 503 "))
        #expect(refusal.contains("retry-after: 1\r\n"))
        first.send([UInt8](repeating: 7, count: 300))
        #expect(first.receive { $0.hasSuffix("900") }.hasSuffix("POST /first 900"))
        while server.bodyBytesHeld > 0, Date() < bound { sched_yield() }
        #expect(server.bodyBytesHeld == 0)
    }

    @Test func loopsShareTheConnections() throws {
        let (server, port) = try echoServer()
        let loops = server.connectionsByLoop.count
        var clients = try (0..<3 * loops).map { _ in try TestClient(port: port) }
        for client in clients {
            client.send(get)
            #expect(client.receive { $0.hasSuffix("GET /x 0") }.contains(" 200 "))
        }
        #expect(server.connectionsByLoop == Array(repeating: 3, count: loops))
        clients = []
        let bound = Date(timeIntervalSinceNow: 10)
        while server.connectionsByLoop.contains(where: { $0 > 0 }), Date() < bound { sched_yield() }
        #expect(server.connectionsByLoop.allSatisfy { $0 == 0 })
    }

    @Test func drainsWhatIsUnderWayAndRefusesMore() async throws {
        let held = Mutex<[ReplyHandle]>([])
        let server = HTTPServer(HTTPServerConfiguration(host: "127.0.0.1", port: 0)) { _, handle in
            held.withLock { $0.append(handle) }
        }
        let port = try server.start()
        let client = try TestClient(port: port)
        client.send(get)
        let bound = Date(timeIntervalSinceNow: 10)
        while held.withLock({ $0.isEmpty }), Date() < bound { await Task.yield() }
        async let drained: Void = server.drain(timeoutMs: 10_000)
        while (try? TestClient(port: port)) != nil, Date() < bound { await Task.yield() }
        held.withLock { $0.removeFirst() }.reply(HTTPReply(status: 200, body: Array("last".utf8)))
        #expect(client.receive().hasSuffix("last"), "the answer, then the end of the connection")
        await drained
        #expect(server.connectionCount == 0)
    }

    @Test func saysInOneLineWhyItCannotListen() throws {
        let (server, port) = try echoServer()
        defer { withExtendedLifetime(server) {} }
        let second = HTTPServer(HTTPServerConfiguration(host: "127.0.0.1", port: port)) { _, _ in }
        #expect(throws: TransportError("cannot listen on 127.0.0.1:\(port): address already in use")) {
            try second.start()
        }
    }

    @Test func datesAreThoseOfRFC9110() {
        #expect(HTTPDate.format(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(HTTPDate.format(0) == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(HTTPDate.format(1_709_210_096) == "Thu, 29 Feb 2024 12:34:56 GMT")
    }
}
