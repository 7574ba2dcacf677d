import Testing

@testable import HTTPWire

@Suite struct AcceptedTests {
    /// A request, and its method, target, fields and body as they should arrive.
    static let vectors: [(bytes: String, request: Transcript.Request)] = [
        (
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            .init(method: "GET", target: "/", headers: ["host: a"], body: "")
        ),
        (
            "POST /Counter/k/add?x=%20 HTTP/1.1\r\nHOST: a:80\r\nContent-Type:application/json\r\nContent-Length: 2\r\n\r\n42",
            .init(
                method: "POST", target: "/Counter/k/add?x=%20",
                headers: ["host: a:80", "content-type: application/json", "content-length: 2"], body: "42")
        ),
        (
            "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;name=value\r\n0123456789\r\n0\r\n\r\n",
            .init(
                method: "POST", target: "/c", headers: ["host: a", "transfer-encoding: chunked"], body: "abc0123456789")
        ),
        (
            "POST /t HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n1\r\nz\r\n0\r\nX-Trailer: dropped\r\n\r\n",
            .init(method: "POST", target: "/t", headers: ["host: a", "transfer-encoding: Chunked"], body: "z")
        ),
        (
            "GET http://example.test:8080/p?q HTTP/1.1\r\nHost: a\r\n\r\n",
            .init(method: "GET", target: "/p?q", headers: ["host: example.test:8080"], body: "")
        ),
        (
            "GET HTTP://example.test HTTP/1.1\r\nX: y\r\nHost: a\r\n\r\n",
            .init(method: "GET", target: "/", headers: ["host: example.test", "x: y"], body: "")
        ),
        (
            "GET http://[::1]:80?q HTTP/1.1\r\nHost: a\r\n\r\n",
            .init(method: "GET", target: "/?q", headers: ["host: [::1]:80"], body: "")
        ),
        (
            "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
            .init(method: "OPTIONS", target: "*", headers: ["host: a"], body: "")
        ),
        (
            "\r\nGET /after-empty-line HTTP/1.1\r\nHost: a\r\n\r\n",
            .init(method: "GET", target: "/after-empty-line", headers: ["host: a"], body: "")
        ),
        (
            "GET /odd HTTP/1.1\r\nHost: a\r\nX-Empty:\r\nX-Spaces: \t two  words \t\r\nX-Utf: \u{e9}\r\n\r\n",
            .init(
                method: "GET", target: "/odd", headers: ["host: a", "x-empty: ", "x-spaces: two  words", "x-utf: \u{e9}"],
                body: "")
        ),
        (
            "GET /upgrade HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n",
            .init(
                method: "GET", target: "/upgrade",
                headers: ["host: a", "connection: Upgrade, HTTP2-Settings", "upgrade: h2c"], body: "")
        ),
    ]

    @Test(arguments: vectors.indices) func isReadHoweverItIsCut(index: Int) {
        let vector = Self.vectors[index]
        for pieces in everyCut(of: vector.bytes) {
            #expect(feed(pieces) == Transcript(requests: [vector.request]))
        }
    }

    @Test func isReadBetweenItsNeighbours() {
        for first in Self.vectors {
            for second in Self.vectors {
                let bytes = Array((first.bytes + second.bytes).utf8)
                #expect(feed([bytes[...]]).requests == [first.request, second.request])
                #expect(feed(bytes.indices.map { bytes[$0...$0] }).requests == [first.request, second.request])
            }
        }
    }

    @Test func anOldClientGetsItsAnswerAndTheEnd() {
        let bytes = Array("GET / HTTP/1.0\r\n\r\n".utf8)
        #expect(feed([bytes[...]]).isClosed)
        let kept = Array("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n".utf8)
        #expect(!feed([kept[...]]).isClosed)
    }

    @Test func whoeverAsksToCloseGetsTheEndAndNothingAfter() {
        let bytes = Array("GET /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        let transcript = feed([bytes[...]])
        #expect(transcript.requests.map(\.target) == ["/1"])
        #expect(transcript.isClosed)
    }

    @Test func whoeverExpectsToBeAskedIsAsked() {
        let head = Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n".utf8)
        #expect(feed([head[...]]).ownAnswers == [100])
        #expect(feed([head[...], Array("ok".utf8)[...]]).requests.map(\.body) == ["ok"])
        let together = head + Array("ok".utf8)
        #expect(feed([together[...]]).ownAnswers == [], "the body is there: nobody waits")
    }
}
