import Testing

@testable import Measuring

@Suite struct AnswerReaderTests {
    static let hello = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nContent-Length: 5\r\ndate: now\r\n\r\nhello"

    /// What the reader says after each piece.
    static func progress(_ pieces: [String]) -> [AnswerReader.Progress] {
        var reader = AnswerReader()
        return pieces.map { piece in Array(piece.utf8).withUnsafeBytes { reader.take($0) } }
    }

    @Test(arguments: [
        (hello, 200),
        ("HTTP/1.1 204 No Content\r\n\r\n", 204),
        ("HTTP/1.1 503 Service Unavailable\r\nCONTENT-LENGTH:0\r\nRetry-After: 1\r\n\r\n", 503),
        ("HTTP/1.0 202 Accepted\ncontent-length:  2 \n\n{}", 202),
        ("HTTP/1.1 200 OK\r\nx-content-length: 9\r\ncontent-lengths: 9\r\ncontent-length: 1\r\n\r\n1", 200),
    ])
    func anAnswerIsComplete(_ answer: String, status: Int) {
        #expect(Self.progress([answer]) == [.complete(status: status)])
    }

    @Test func wherePiecesEndDoesNotMatter() {
        let bytes = Array(Self.hello)
        for cut in 1..<bytes.count {
            let pieces = [String(bytes[..<cut]), String(bytes[cut...])]
            #expect(Self.progress(pieces) == [.incomplete, .complete(status: 200)], "cut at \(cut)")
        }
        let last = Self.progress(bytes.map { String($0) }).last
        #expect(last == .complete(status: 200))
    }

    @Test func oneAnswerFollowsAnother() {
        let pieces = [Self.hello, String(Self.hello.prefix(30)), String(Self.hello.dropFirst(30)), Self.hello]
        let done = AnswerReader.Progress.complete(status: 200)
        #expect(Self.progress(pieces) == [done, .incomplete, done, done])
    }

    @Test func aLongBodyIsCountedNotKept() {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
        let pieces = [head] + Array(repeating: String(repeating: "x", count: 1_000), count: 100)
        let progress = Self.progress(pieces)
        #expect(progress.dropLast().allSatisfy { $0 == .incomplete })
        #expect(progress.last == .complete(status: 200))
    }

    @Test(arguments: [
        "hello\r\n\r\n",
        "HTTP/1.1 abc\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n12",
        "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length:\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ])
    func whatIsNoAnswerIsSaidToBeNone(_ text: String) {
        #expect(Self.progress([text]) == [.unreadable])
    }
}
