import Testing

@testable import HTTPWire

@Suite struct AdmissionTests {
    private func machine() -> HTTPConnectionMachine {
        HTTPConnectionMachine(limits: HTTPLimits()) { HTTPReply(status: $0.status) } admission: { message in
            message.headers.first("authorization") == nil ? HTTPRefusal(401, "who?") : nil
        }
    }

    private func text(_ actions: [HTTPConnectionMachine.Action]) -> String {
        actions.map { action in
            if case .deliver(_, let message) = action { return "deliver \(message.target) \(message.body.count)" }
            if case .send(let bytes) = action { return "send \(String(decoding: bytes.prefix(12), as: UTF8.self))" }
            if case .closeLingering = action { return "close lingering" }
            return "\(action)"
        }.joined(separator: ", ")
    }

    private static let head = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"

    @Test func whoIsRefusedIsNotReadFromAndNotAskedForMore() {
        for expectation in ["", "Expect: 100-continue\r\n"] {
            var machine = machine()
            let actions = machine.received(Array((Self.head + expectation + "\r\n").utf8), date: "D")
            #expect(text(actions) == "send HTTP/1.1 401, close lingering", "before any byte of the body")
            #expect(text(machine.received(Array("abc".utf8), date: "D")) == "")
        }
    }

    @Test func whoIsKnownIsNot() {
        var machine = machine()
        let known = Self.head + "Authorization: x\r\n\r\nabc"
        #expect(text(machine.received(Array(known.utf8), date: "D")) == "deliver /a 3")
        _ = machine.reply(to: 0, HTTPReply(status: 200), date: "D")
        #expect(text(machine.received(Array((Self.head + "\r\nabc").utf8), date: "D")).hasPrefix("send HTTP/1.1 401"))
    }

    /// An answer that is owed comes first.
    @Test func pipelinedRequestsAreJudgedOneByOne() {
        var machine = machine()
        let known = Self.head + "Authorization: x\r\n\r\nabc"
        #expect(text(machine.received(Array((known + Self.head + "\r\n").utf8), date: "D")) == "deliver /a 3")
        let actions = machine.reply(to: 0, HTTPReply(status: 200), date: "D")
        #expect(text(actions) == "send HTTP/1.1 200, close lingering")
    }
}
