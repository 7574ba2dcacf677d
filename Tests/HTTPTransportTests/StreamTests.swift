import Dispatch
import Foundation
import HTTPWire
import Synchronization
import Testing

@testable import HTTPTransport

/// A server whose every answer is a stream, which the test fills.
private final class StreamServer: Sendable {
    let server: HTTPServer
    let port: Int
    private let streams = Streams()

    final class Streams: Sendable {
        let begun = Mutex<[ReplyStream]>([])
        let ended = Atomic<Int>(0)
    }

    init(_ adjust: (inout HTTPServerConfiguration) -> Void = { _ in }) throws {
        var configuration = HTTPServerConfiguration(host: "127.0.0.1", port: 0)
        adjust(&configuration)
        let streams = streams
        server = HTTPServer(configuration) { _, handle in
            handle.stream(HTTPReply(status: 200)) { stream in
                streams.begun.withLock { $0.append(stream) }
                return { streams.ended.add(1, ordering: .sequentiallyConsistent) }
            }
        }
        port = try server.start()
    }

    var ended: Int { streams.ended.load(ordering: .sequentiallyConsistent) }

    func stream(_ index: Int = 0) throws -> ReplyStream {
        let bound = Date(timeIntervalSinceNow: 10)
        while streams.begun.withLock({ $0.count }) <= index, Date() < bound { sched_yield() }
        return try #require(streams.begun.withLock { $0.count > index ? $0[index] : nil })
    }

    func wait(_ condition: () -> Bool) -> Bool {
        let bound = Date(timeIntervalSinceNow: 10)
        while !condition(), Date() < bound { sched_yield() }
        return condition()
    }
}

@Suite struct StreamTests {
    private let get = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func piecesArriveAsTheyAreSent() throws {
        let server = try StreamServer()
        let client = try TestClient(port: server.port)
        client.send(get)
        let stream = try server.stream()
        stream.send(Array("one".utf8))
        #expect(client.receive { $0.hasSuffix("3\r\none\r\n") }.contains("transfer-encoding: chunked\r\n"))
        stream.send(Array("two".utf8))
        #expect(client.receive { $0.hasSuffix("3\r\ntwo\r\n") } == "3\r\ntwo\r\n")
        stream.end()
        #expect(client.receive { $0.hasSuffix("0\r\n\r\n") } == "0\r\n\r\n")
        #expect(server.wait { server.ended == 1 })
        client.send(get)
        try server.stream(1).end()
        #expect(client.receive { $0.hasSuffix("0\r\n\r\n") }.hasPrefix("HTTP/1.1 200 OK\r\n"), "the connection goes on")
    }

    @Test func aListenerThatLeavesIsLetGo() throws {
        let server = try StreamServer()
        var client: TestClient? = try TestClient(port: server.port)
        client?.send(get)
        _ = try server.stream()
        client = nil
        #expect(server.wait { server.ended == 1 && server.server.connectionCount == 0 })
    }

    @Test func aListenerThatDoesNotReadIsCutOffAndTheOthersAreNot() throws {
        let server = try StreamServer { $0.streamUnsentBytesMax = 100_000 }
        let slow = try TestClient(port: server.port)
        slow.send(get)
        let slowStream = try server.stream()
        let quick = try TestClient(port: server.port)
        quick.send(get)
        let quickStream = try server.stream(1)
        let piece = [UInt8](repeating: 65, count: 100_000)
        // The system's buffers take some megabytes first.
        for _ in 0..<1_000 where server.ended == 0 { slowStream.send(piece) }
        #expect(server.wait { server.ended == 1 && server.server.connectionCount == 1 })
        quickStream.send(Array("still here".utf8))
        #expect(quick.receive { $0.hasSuffix("still here\r\n") }.hasSuffix("still here\r\n"))
    }

    @Test func openStreamsDoNotHoldUpADrain() async throws {
        let server = try StreamServer()
        let client = try TestClient(port: server.port)
        client.send(get)
        try server.stream().send(Array("one".utf8))
        await server.server.drain(timeoutMs: 10_000)
        #expect(server.ended == 1)
        #expect(client.receive().hasSuffix("3\r\none\r\n0\r\n\r\n"), "it ends as a stream should")
        #expect(server.server.connectionCount == 0)
    }
}
