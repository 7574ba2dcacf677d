import Testing

@testable import HTTPWire

@Suite struct StreamTests {
    private func request(_ path: String, _ more: String = "") -> [UInt8] {
        Array("GET \(path) HTTP/1.1\r\nHost: a\r\n\(more)\r\n".utf8)
    }

    private func stream(_ body: String = "") -> HTTPReply {
        var reply = HTTPReply(status: 200, body: Array(body.utf8))
        reply.isStream = true
        return reply
    }

    private func text(_ actions: [HTTPConnectionMachine.Action]) -> String {
        actions.map { action in
            switch action {
            case .deliver(let number, let message): "deliver \(number) \(message.target)"
            case .send(let bytes): String(decoding: bytes, as: UTF8.self).split(separator: "\r\n").joined(separator: "|")
            case .streamBegan(let number): "began \(number)"
            case .streamEnded(let number): "ended \(number)"
            case .close: "close"
            case .closeLingering: "close lingering"
            }
        }.joined(separator: ", ")
    }

    private func machine(_ bytes: [UInt8]) -> HTTPConnectionMachine {
        var machine = HTTPConnectionMachine(limits: HTTPLimits())
        _ = machine.received(bytes, date: "D")
        return machine
    }

    @Test func piecesAreChunksAndTheConnectionGoesOn() {
        var machine = machine(request("/0"))
        let head = "HTTP/1.1 200 OK|transfer-encoding: chunked|date: D"
        #expect(text(machine.reply(to: 0, stream("abc"), date: "D")) == "\(head)|3|abc, began 0")
        #expect(machine.wait == .answer)
        #expect(text(machine.stream(Array(repeating: 120, count: 17), to: 0)) == "11|xxxxxxxxxxxxxxxxx")
        #expect(text(machine.stream([], to: 0)) == "", "an empty chunk would be the end")
        #expect(text(machine.endStream(of: 0, date: "D")) == "ended 0, 0")
        #expect(text(machine.stream([1], to: 0)) == "")
        #expect(text(machine.endStream(of: 0, date: "D")) == "")
        #expect(text(machine.received(request("/1"), date: "D")) == "deliver 1 /1")
        #expect(text(machine.reply(to: 1, HTTPReply(status: 204), date: "D")) == "HTTP/1.1 204 No Content|date: D")
    }

    @Test func whatFollowsWaitsForTheEnd() {
        var machine = machine(request("/0") + request("/1") + request("/2"))
        #expect(text(machine.reply(to: 1, stream(), date: "D")) == "", "its turn has not come")
        #expect(text(machine.stream([1], to: 1)) == "")
        let head = "HTTP/1.1 200 OK|transfer-encoding: chunked|date: D"
        let first = "HTTP/1.1 204 No Content|date: D"
        #expect(text(machine.reply(to: 0, HTTPReply(status: 204), date: "D")) == "\(first), \(head), began 1")
        #expect(text(machine.reply(to: 2, HTTPReply(status: 204), date: "D")) == "")
        #expect(text(machine.endStream(of: 1, date: "D")) == "ended 1, 0, \(first)")
        #expect(text(machine.drain(date: "D")) == "close")
    }

    @Test func aPeerWithoutChunksIsSentBytesUntilTheClose() {
        var machine = machine(Array("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\n".utf8))
        let head = "HTTP/1.1 200 OK|date: D|connection: close"
        #expect(text(machine.reply(to: 0, stream("abc"), date: "D")) == "\(head)|abc, began 0")
        #expect(text(machine.stream(Array("def".utf8), to: 0)) == "def")
        #expect(text(machine.reply(to: 1, HTTPReply(status: 204), date: "D")) == "")
        #expect(text(machine.endStream(of: 0, date: "D")) == "ended 0, close")
    }

    @Test func whoAsksForTheHeadGetsItAndNoStream() {
        var machine = machine(Array("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        let head = "HTTP/1.1 200 OK|transfer-encoding: chunked|date: D"
        #expect(text(machine.reply(to: 0, stream(), date: "D")) == head)
        #expect(text(machine.received(request("/1"), date: "D")) == "deliver 1 /1")
    }

    @Test func aDrainEndsStreams() {
        var running = machine(request("/0"))
        _ = running.reply(to: 0, stream(), date: "D")
        #expect(text(running.drain(date: "D")) == "ended 0, 0, close")
        #expect(text(running.stream([1], to: 0)) == "")

        var late = machine(request("/0"))
        _ = late.drain(date: "D")
        let head = "HTTP/1.1 200 OK|transfer-encoding: chunked|date: D|connection: close"
        #expect(text(late.reply(to: 0, stream(), date: "D")) == "\(head), began 0, ended 0, 0, close")

        var followed = machine(request("/0") + request("/1"))
        _ = followed.reply(to: 0, stream(), date: "D")
        #expect(text(followed.drain(date: "D")) == "ended 0, 0")
        let last = "HTTP/1.1 204 No Content|date: D|connection: close"
        #expect(text(followed.reply(to: 1, HTTPReply(status: 204), date: "D")) == "\(last), close")
    }

    @Test func aListenerThatLeavesIsNoticed() {
        var running = machine(request("/0", "Connection: close\r\n"))
        #expect(running.wantsBytes == false)
        _ = running.reply(to: 0, stream(), date: "D")
        #expect(running.wantsBytes == true, "only so its leaving is seen")
        #expect(text(running.received(request("/1"), date: "D")) == "", "it has said that this was its last")
        #expect(text(running.peerFinished()) == "ended 0, close")

        var gone = machine(request("/0"))
        _ = gone.peerFinished()
        let head = "HTTP/1.1 200 OK|transfer-encoding: chunked|date: D|connection: close"
        #expect(text(gone.reply(to: 0, stream(), date: "D")) == "\(head), began 0, ended 0, close")
    }

    @Test func nonsenseBehindAStreamIsRefusedWhenItEnds() {
        var machine = machine(request("/0"))
        _ = machine.reply(to: 0, stream(), date: "D")
        #expect(text(machine.received(Array("NO\r\n\r\n".utf8), date: "D")) == "")
        let end = text(machine.endStream(of: 0, date: "D"))
        #expect(end.hasPrefix("ended 0, 0, HTTP/1.1 400") && end.hasSuffix("close lingering"))
    }
}
