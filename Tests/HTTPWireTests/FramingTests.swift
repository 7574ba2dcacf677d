import Testing

@testable import HTTPWire

@Suite struct FramingTests {
    @Test(arguments: FramingTable.rows.indices) func holdsHoweverItIsCut(index: Int) {
        let row = FramingTable.rows[index]
        let text = row.bytes + FramingTable.after
        // Long rows are about limits: the cuts of the short ones have shown what there is to see.
        let cuts = text.utf8.count < 600 ? everyCut(of: text) : [Array(everyCut(of: text).prefix(2))].flatMap(\.self)
        for pieces in cuts {
            let transcript = feed(pieces)
            let requests = transcript.requests.map { "\($0.method) \($0.target) \($0.body)" }
            switch row.outcome {
            case .taken(let expected):
                #expect(requests == expected + ["GET /after "], "\(row.clause)")
                #expect(transcript.ownAnswers == [] && !transcript.isClosed, "\(row.clause)")
            case .takenLast(let expected):
                #expect(requests == expected, "\(row.clause)")
                #expect(transcript.ownAnswers == [] && transcript.isClosed, "\(row.clause)")
            case .refused(let status, let expected):
                #expect(requests == expected, "\(row.clause)")
                #expect(transcript.ownAnswers == [status] && transcript.isClosed, "\(row.clause)")
            }
        }
    }

    @Test func noRowStandsTwice() {
        let texts = FramingTable.rows.map(\.bytes)
        let twice = Set(texts.filter { text in texts.count { $0 == text } > 1 })
        // A body without length and an end after HTTP/1.0 are the subject of more than one clause.
        #expect(twice.count <= 2, "\(twice)")
    }

    /// RFC 9110 section 9.3.2: a client that sent HEAD takes whatever follows the head for the next answer.
    @Test(arguments: [
        "HEAD / HTTP/1.1\r\n\r\n", "HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n",
        "HEAD / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
    ])
    func aRefusedHeadHasNoBody(bytes: String) {
        var machine = HTTPConnectionMachine(limits: HTTPLimits())
        let sent = machine.received(Array(bytes.utf8), date: "D").compactMap { action -> String? in
            if case .send(let bytes) = action { String(decoding: bytes, as: UTF8.self) } else { nil }
        }.joined()
        #expect(sent.hasPrefix("HTTP/1.1 4") && sent.hasSuffix("\r\n\r\n"))
    }

    /// RFC 9110 section 5.5 and RFC 9112 section 11.1: nothing that an application says changes where its answer ends.
    @Test func anAnswerCannotBeSplit() {
        let headers = [
            HTTPReplyHeader("x", "a\r\ncontent-length: 0\r\n\r\nHTTP/1.1 200 OK"), HTTPReplyHeader("y: z\r\nw", "v"),
            HTTPReplyHeader("", "empty"), HTTPReplyHeader("Content-Length", "99"),
            HTTPReplyHeader("transfer-encoding", "chunked"), HTTPReplyHeader("connection", "upgrade"),
            HTTPReplyHeader("date", "never"), HTTPReplyHeader("z", "\u{0}\u{7f}"),
        ]
        let bytes = HTTPSerializer.bytes(
            of: HTTPReply(status: 200, headers: headers, body: Array("ab".utf8)), date: "D", isHead: false,
            keepsAlive: true, minorVersion: 1)
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == "HTTP/1.1 200 OK\r\nx: a  content-length: 0    HTTP/1.1 200 OK\r\nz:   \r\ncontent-length: 2\r\ndate: D\r\n\r\nab")
    }

    /// Room for a large body is given back with the body.
    @Test func anIdleConnectionHoldsNothing() throws {
        var parser = HTTPRequestParser(limits: HTTPLimits())
        parser.append(Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n".utf8))
        while try parser.next() != nil {}
        for _ in 0..<30 {
            parser.append([UInt8](repeating: 7, count: 100_000))
            guard case .request(let message, _, _)? = try parser.next() else { continue }
            #expect(message.body == [UInt8](repeating: 7, count: 3_000_000))
        }
        #expect(parser.bytesReserved == 0)
    }
}
