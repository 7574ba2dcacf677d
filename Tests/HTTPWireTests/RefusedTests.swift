import Synchronization
import Testing

@testable import HTTPWire

@Suite struct RefusedTests {
    static let vectors: [(bytes: String, status: Int)] = [
        // Two lengths, or a length that another server might read differently.
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\nx", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\nx", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\nx", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400),
        ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        // Fields that are not.
        ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nX y: z\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\n: z\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nno-colon\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n folded\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\u{0}b\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400),
        ("GET / HTTP/1.1\nHost: a\n\n", 400),
        ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n", 417),
        // Request lines.
        ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400),
        ("GET /\r\nHost: a\r\n\r\n", 400),
        ("G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET relative HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET http:///path HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET http://user@host/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET ftp://host/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET http://host/ HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
        ("GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505),
        ("GET / http/1.1\r\nHost: a\r\n\r\n", 400),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        // Chunks.
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", 400),
        ("\u{16}\u{3}\u{1}\u{2}", 400),
    ]

    @Test(arguments: vectors.indices) func isRefusedHoweverItIsCut(index: Int) {
        let vector = Self.vectors[index]
        for pieces in everyCut(of: vector.bytes) {
            let transcript = feed(pieces)
            #expect(transcript.ownAnswers == [vector.status], "\(vector.bytes.debugDescription)")
            #expect(transcript.requests.isEmpty, "\(vector.bytes.debugDescription)")
            #expect(transcript.isClosed)
        }
    }

    @Test func isRefusedAfterAGoodNeighbourIsAnswered() {
        let good = "GET /good HTTP/1.1\r\nHost: a\r\n\r\n"
        for vector in Self.vectors where vector.bytes.first != "\u{16}" {
            let bytes = Array((good + vector.bytes).utf8)
            let transcript = feed([bytes[...]])
            #expect(transcript.requests.map(\.target) == ["/good"], "\(vector.bytes.debugDescription)")
            #expect(transcript.ownAnswers == [vector.status], "\(vector.bytes.debugDescription)")
        }
    }

    @Test func limitsHold() {
        var limits = HTTPLimits()
        limits.headBytesMax = 200
        limits.targetBytesMax = 20
        limits.fieldsMax = 3
        limits.bodyBytesMax = 5
        func status(_ text: String) -> [Int] { feed([Array(text.utf8)[...]], limits: limits).ownAnswers }
        #expect(status("GET /\(String(repeating: "a", count: 20)) HTTP/1.1\r\nHost: a\r\n\r\n") == [414])
        #expect(status("GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n") == [431])
        #expect(status("GET / HTTP/1.1\r\nHost: a\r\nA: \(String(repeating: "x", count: 200))\r\n\r\n") == [431])
        #expect(status("GET / HTTP/1.1\r\nHost: a\r\nA: \(String(repeating: "x", count: 200))") == [431], "no end yet")
        #expect(status("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n") == [413], "before the body")
        #expect(status("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n") == [413])
        #expect(status("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\n") == [413])
        #expect(status("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde") == [])
    }

    /// Whoever answers for the server sees the fields of what is refused: an origin, for one.
    @Test(arguments: [
        "GET / HTTP/2.0\r\nOrigin: o\r\n\r\n",
        "NOT AT ALL\r\nOrigin: o\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nBad field\r\nORIGIN:\to \r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nOrigin: o\r\nContent-Length: 33554433\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nOrigin: o\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nOrigin: o\r\nTransfer-Encoding: chunked\r\n\r\n2000001\r\n",
        "GET / HTTP/1.1\r\nOrigin: o\r\nX: \(String(repeating: "x", count: 70_000))",
        "GET / HTTP/1.1\r\nHost: a\r\nOrigin: o\r\n" + String(repeating: "X: y\r\n", count: 300) + "\r\n",
    ])
    func refusalsKnowTheFields(bytes: String) throws {
        let seen = Mutex<[HTTPRefusal]>([])
        var machine = HTTPConnectionMachine(limits: HTTPLimits()) { refusal in
            seen.withLock { $0.append(refusal) }
            return HTTPReply(status: refusal.status)
        }
        _ = machine.received(Array(("GET /good HTTP/1.1\r\nHost: a\r\nOrigin: good\r\n\r\n").utf8), date: "D")
        _ = machine.reply(to: 0, HTTPReply(status: 200), date: "D")
        _ = machine.received(Array(bytes.utf8), date: "D")
        let refusals = seen.withLock { $0 }
        #expect(refusals.count == 1)
        #expect(refusals.first?.headers?.first("origin") == "o")
    }

    @Test func whoIsTooSlowIsKnownToo() {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nOrigin: o\r\nContent-Length: 2\r\n\r\n1"
        for start in ["GET / HTTP/1.1\r\nOrigin: o\r\nHo", head] {
            let seen = Mutex<HTTPRefusal?>(nil)
            var machine = HTTPConnectionMachine(limits: HTTPLimits()) { refusal in
                seen.withLock { $0 = refusal }
                return refusal.reply
            }
            _ = machine.received(Array(start.utf8), date: "D")
            _ = machine.timedOut(date: "D")
            let refusal = seen.withLock { $0 }
            #expect(refusal?.status == 408)
            #expect(refusal?.headers?.first("origin") == "o")
        }
    }

    @Test func aTargetIsUTF8() {
        #expect(feed([Array("GET /\u{E9} HTTP/1.1\r\nHost: a\r\n\r\n".utf8)[...]]).requests.map(\.target) == ["/\u{E9}"])
        let bytes = Array("GET /".utf8) + [0xE9] + Array(" HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        #expect(feed([bytes[...]]).ownAnswers == [400])
    }

    @Test func aBodyIsNotTakenForFields() {
        let text = "POST / HTTP/1.1\r\nContent-Length: 99\r\n\r\nOrigin: evil\r\n\r\n"
        #expect(HTTPHeadParser.salvagedFields(Array(text.utf8)[...]) == HTTPHeaderBlock([("content-length", "99")]))
    }

    @Test func aRefusalIsJSON() {
        let reply = HTTPRefusal(503, "say \"please\"", retryAfterSeconds: 3).reply
        #expect(reply.headers == [HTTPReplyHeader("content-type", "application/json"), HTTPReplyHeader("retry-after", "3")])
        #expect(String(decoding: reply.body, as: UTF8.self) == #"{"code":503,"message":"say \"please\""}"#)
    }
}
