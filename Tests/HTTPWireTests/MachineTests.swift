import Foundation
import Testing

@testable import HTTPWire

@Suite struct MachineTests {
    private func request(_ path: String) -> [UInt8] { Array("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n".utf8) }

    private func text(_ actions: [HTTPConnectionMachine.Action]) -> String {
        actions.map { action in
            switch action {
            case .deliver(let number, let message): "deliver \(number) \(message.target)"
            case .send(let bytes): "send \(String(decoding: bytes, as: UTF8.self).split(separator: "\r\n\r\n").last ?? "")"
            case .streamBegan(let number): "began \(number)"
            case .streamEnded(let number): "ended \(number)"
            case .close: "close"
            case .closeLingering: "close lingering"
            }
        }.joined(separator: ", ")
    }

    private func ok(_ body: String) -> HTTPReply { HTTPReply(status: 200, body: Array(body.utf8)) }

    @Test func repliesLeaveInTheOrderOfTheRequests() {
        var machine = HTTPConnectionMachine(limits: HTTPLimits())
        let actions = machine.received(request("/0") + request("/1") + request("/2"), date: "D")
        #expect(text(actions) == "deliver 0 /0, deliver 1 /1, deliver 2 /2")
        #expect(text(machine.reply(to: 2, ok("two"), date: "D")) == "")
        #expect(text(machine.reply(to: 1, ok("one"), date: "D")) == "")
        let sent = machine.reply(to: 0, ok("zero"), date: "D")
        guard case .send(let bytes) = sent.first, sent.count == 1 else {
            Issue.record("all three leave in one piece")
            return
        }
        let bodies = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n\r\n")
        #expect(bodies.count == 4)
        #expect(bodies[1].hasPrefix("zero") && bodies[2].hasPrefix("one") && bodies[3] == "two")
    }

    @Test func noMoreRequestsAreTakenThanTheLimit() {
        var limits = HTTPLimits()
        limits.pipelinedMax = 2
        var machine = HTTPConnectionMachine(limits: limits)
        #expect(text(machine.received(request("/0") + request("/1") + request("/2"), date: "D")) == "deliver 0 /0, deliver 1 /1")
        #expect(machine.wantsBytes == false)
        #expect(text(machine.reply(to: 0, ok("zero"), date: "D")) == "send zero, deliver 2 /2")
        #expect(text(machine.reply(to: 1, ok("one"), date: "D")) == "send one")
        #expect(machine.wantsBytes == true)
    }

    @Test func aHalfClosedPeerGetsItsAnswer() {
        var machine = HTTPConnectionMachine(limits: HTTPLimits())
        _ = machine.received(request("/0"), date: "D")
        #expect(text(machine.peerFinished()) == "")
        #expect(text(machine.reply(to: 0, ok("late"), date: "D")) == "send late, close")
    }

    @Test func aPeerThatLeavesMidRequestIsLetGo() {
        var machine = HTTPConnectionMachine(limits: HTTPLimits())
        _ = machine.received(Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf".utf8), date: "D")
        #expect(text(machine.peerFinished()) == "close")
    }

    @Test func drainingAnswersWhatWasAskedAndCloses() {
        var machine = HTTPConnectionMachine(limits: HTTPLimits())
        _ = machine.received(request("/0") + request("/1"), date: "D")
        #expect(text(machine.drain(date: "D")) == "")
        #expect(text(machine.received(request("/2"), date: "D")) == "")
        #expect(text(machine.reply(to: 0, ok("zero"), date: "D")) == "send zero")
        #expect(text(machine.reply(to: 1, ok("one"), date: "D")) == "send one, close")
    }

    @Test func drainingAnIdleConnectionClosesIt() {
        var machine = HTTPConnectionMachine(limits: HTTPLimits())
        #expect(text(machine.drain(date: "D")) == "close")
        #expect(text(machine.drain(date: "D")) == "")
    }

    @Test func timeOutsSayWhatIsMissing() {
        var idle = HTTPConnectionMachine(limits: HTTPLimits())
        #expect(idle.wait == .idle)
        #expect(text(idle.timedOut(date: "D")) == "close")

        var head = HTTPConnectionMachine(limits: HTTPLimits())
        _ = head.received(Array("GET / HT".utf8), date: "D")
        #expect(head.wait == .head)
        #expect(text(head.timedOut(date: "D")).contains("\"code\":408"))

        var body = HTTPConnectionMachine(limits: HTTPLimits())
        _ = body.received(Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf".utf8), date: "D")
        #expect(body.wait == .body)
        #expect(text(body.timedOut(date: "D")).contains("\"code\":408"))

        var answer = HTTPConnectionMachine(limits: HTTPLimits())
        _ = answer.received(request("/"), date: "D")
        #expect(answer.wait == .answer)
        #expect(text(answer.timedOut(date: "D")) == "", "we are late, not the peer")
    }

    @Test func whoIsRefusedIsLetGoGently() {
        var machine = HTTPConnectionMachine(limits: HTTPLimits())
        #expect(text(machine.received(Array("NO\r\n\r\n".utf8), date: "D")).hasSuffix(", close lingering"))

        var turnedAway = HTTPConnectionMachine(limits: HTTPLimits())
        #expect(text(turnedAway.turnAway(HTTPRefusal(503, "full"), date: "D")).hasSuffix(", close lingering"))
        #expect(text(turnedAway.received(request("/"), date: "D")) == "")

        var finished = HTTPConnectionMachine(limits: HTTPLimits())
        _ = finished.received(request("/"), date: "D")
        _ = finished.received(Array("NO\r\n\r\n".utf8), date: "D")
        #expect(text(finished.peerFinished()) == "")
        #expect(text(finished.reply(to: 0, ok("zero"), date: "D")).hasSuffix(", close"), "nothing more can come")
    }

    @Test func aSecondReplyToARequestIsNotSent() {
        var machine = HTTPConnectionMachine(limits: HTTPLimits())
        _ = machine.received(request("/"), date: "D")
        #expect(text(machine.reply(to: 0, ok("one"), date: "D")) == "send one")
        #expect(text(machine.reply(to: 0, ok("two"), date: "D")) == "")
    }

    @Test func framingOfReplies() {
        func framed(_ reply: HTTPReply, isHead: Bool = false, keepsAlive: Bool = true, minor: Int = 1) -> String {
            String(
                decoding: HTTPSerializer.bytes(
                    of: reply, date: "D", isHead: isHead, keepsAlive: keepsAlive, minorVersion: minor),
                as: UTF8.self)
        }
        #expect(framed(ok("abc")) == "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ndate: D\r\n\r\nabc")
        #expect(framed(ok("abc"), isHead: true) == "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ndate: D\r\n\r\n")
        #expect(framed(HTTPReply(status: 204)) == "HTTP/1.1 204 No Content\r\ndate: D\r\n\r\n")
        #expect(framed(ok(""), keepsAlive: false).contains("connection: close\r\n"))
        #expect(framed(ok(""), minor: 0).contains("connection: keep-alive\r\n"))
        let hostile = HTTPReply(status: 200, headers: [HTTPReplyHeader("x", "a\r\nset-cookie: b")])
        #expect(framed(hostile).contains("x: a  set-cookie: b\r\n"), "a value cannot begin a field of its own")
    }
}
