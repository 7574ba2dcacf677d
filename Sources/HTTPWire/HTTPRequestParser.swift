/// Reads requests from the bytes of a connection, however they are cut. A value: what it yields depends on nothing
/// but the bytes.
struct HTTPRequestParser: Sendable {
    enum Event: Sendable {
        /// The head is complete, the body is not, and the client waits to be asked for it.
        case continueExpected
        case request(HTTPMessage, keepsAlive: Bool, minorVersion: Int)
    }

    enum Phase: Sendable {
        case betweenRequests, head, body
    }

    private enum State: Sendable {
        case head
        case fixed(HTTPHead, length: Int)
        case chunkSize(HTTPHead)
        case chunkData(HTTPHead, remaining: Int)
        case chunkEnd(HTTPHead)
        case trailers(HTTPHead, bytesSeen: Int)
    }

    private let limits: HTTPLimits
    private var state = State.head
    private var buffer: [UInt8] = []
    private var position = 0
    /// Where the search for the end of the head or line goes on.
    private var searched = 0
    private var body: [UInt8] = []
    private var continueIsDue = false

    init(limits: HTTPLimits) { self.limits = limits }

    var phase: Phase {
        guard case .head = state else { return .body }
        return position == buffer.count ? .betweenRequests : .head
    }

    mutating func append(_ bytes: some Collection<UInt8>) {
        if position == buffer.count {
            buffer.removeAll(keepingCapacity: true)
            searched -= position
            position = 0
        } else if position > 64 << 10 {
            buffer.removeSubrange(0..<position)
            searched -= position
            position = 0
        }
        searched = max(searched, position)
        buffer.append(contentsOf: bytes)
    }

    /// Bytes of a body that is not complete.
    var bodyBytesHeld: Int {
        if case .head = state { return 0 }
        return body.count + buffer.count - position
    }

    /// The fields of the request that is being read, as far as they have arrived and make sense.
    var fields: HTTPHeaderBlock {
        switch state {
        case .head:
            HTTPHeadParser.salvagedFields(buffer[position..<min(buffer.count, position + limits.headBytesMax)])
        case .fixed(let head, _), .chunkSize(let head), .chunkData(let head, _), .chunkEnd(let head),
            .trailers(let head, _):
            head.headers
        }
    }

    /// The next event that the bytes so far hold, nil when more are needed.
    mutating func next() throws(HTTPRefusal) -> Event? {
        do throws(HTTPRefusal) {
            return try takeEvent()
        } catch {
            throw HTTPRefusal(error.status, error.message, headers: fields)
        }
    }

    private mutating func takeEvent() throws(HTTPRefusal) -> Event? {
        while true {
            switch state {
            case .head:
                guard let head = try takeHead() else { return nil }
                begin(head)
            case .fixed(let head, let length):
                guard buffer.count - position >= length else { return askForBody() }
                let bytes = Array(buffer[position..<(position + length)])
                advance(by: length)
                return finish(head, bytes)
            case .chunkSize(let head):
                guard let line = try takeLine(bytesMax: limits.chunkLineBytesMax) else { return askForBody() }
                try beginChunk(head, line)
            case .chunkData(let head, let remaining):
                let available = min(remaining, buffer.count - position)
                body.append(contentsOf: buffer[position..<(position + available)])
                advance(by: available)
                guard available == remaining else {
                    state = .chunkData(head, remaining: remaining - available)
                    return nil
                }
                state = .chunkEnd(head)
            case .chunkEnd(let head):
                guard let line = try takeLine(bytesMax: 0) else { return nil }
                guard line.isEmpty else { throw HTTPRefusal(400, "a chunk is longer than it said") }
                state = .chunkSize(head)
            case .trailers(let head, let bytesSeen):
                guard let line = try takeLine(bytesMax: limits.trailerBytesMax - bytesSeen) else { return nil }
                guard line.isEmpty else {
                    // Trailers are read and dropped: no handler may mistake them for fields.
                    state = .trailers(head, bytesSeen: bytesSeen + line.count + 2)
                    continue
                }
                return finish(head, body)
            }
        }
    }

    private mutating func askForBody() -> Event? {
        guard continueIsDue, position == buffer.count else { return nil }
        continueIsDue = false
        return .continueExpected
    }

    private mutating func begin(_ head: HTTPHead) {
        continueIsDue = head.expectsContinue
        body = []
        state =
            switch head.framing {
            case .length(let length): .fixed(head, length: length)
            case .chunked: .chunkSize(head)
            }
    }

    private mutating func finish(_ head: HTTPHead, _ bytes: [UInt8]) -> Event {
        state = .head
        body = []
        continueIsDue = false
        let message = HTTPMessage(method: head.method, target: head.target, headers: head.headers, body: bytes)
        return .request(message, keepsAlive: head.keepsAlive, minorVersion: head.minorVersion)
    }

    private mutating func advance(by count: Int) {
        position += count
        searched = position
    }

    // MARK: Pieces

    private mutating func takeHead() throws(HTTPRefusal) -> HTTPHead? {
        // RFC 9112 section 2.2: an empty line before the request line is ignored.
        if buffer.count - position >= 2, buffer[position] == HTTPGrammar.cr, buffer[position + 1] == HTTPGrammar.lf {
            advance(by: 2)
        }
        guard let end = endOfHead() else {
            guard buffer.count - position <= limits.headBytesMax else { throw headTooLong() }
            try refuseOtherProtocols()
            return nil
        }
        guard end - position <= limits.headBytesMax else { throw headTooLong() }
        let head = try HTTPHeadParser.parse(buffer[position..<end], limits)
        advance(by: end - position)
        return head
    }

    private func headTooLong() -> HTTPRefusal {
        HTTPRefusal(431, "request line and fields are longer than \(limits.headBytesMax) bytes")
    }

    /// The preface of HTTP/2 (RFC 9113 section 3.4) has an empty line after its first; the head parser sees that. TLS
    /// on this port would wait for ever.
    private func refuseOtherProtocols() throws(HTTPRefusal) {
        if buffer[position...].first == 0x16 { throw HTTPRefusal(400, "this port does not speak TLS") }
    }

    /// The index after the first empty line that follows another line. A bare line feed ends the search: the head
    /// parser refuses it.
    private mutating func endOfHead() -> Int? {
        var index = max(searched, position)
        while index < buffer.count {
            if buffer[index] == HTTPGrammar.lf {
                if index == position || buffer[index - 1] != HTTPGrammar.cr { return index + 1 }
                if index >= position + 3, buffer[index - 2] == HTTPGrammar.lf { return index + 1 }
            }
            index += 1
        }
        searched = buffer.count
        return nil
    }

    /// One line without its CR LF, nil when it is not complete.
    private mutating func takeLine(bytesMax: Int) throws(HTTPRefusal) -> ArraySlice<UInt8>? {
        guard let lf = buffer[position...].firstIndex(of: HTTPGrammar.lf) else {
            guard buffer.count - position <= bytesMax + 1 else {
                throw HTTPRefusal(400, "a line of the body is too long")
            }
            return nil
        }
        guard lf > position, buffer[lf - 1] == HTTPGrammar.cr else {
            throw HTTPRefusal(400, "a line feed stands alone")
        }
        let line = buffer[position..<(lf - 1)]
        guard line.count <= bytesMax else { throw HTTPRefusal(400, "a line of the body is too long") }
        guard line.allSatisfy(HTTPGrammar.isFieldValue) else {
            throw HTTPRefusal(400, "a line of the body holds control characters")
        }
        advance(by: lf + 1 - position)
        return line
    }

    private mutating func beginChunk(_ head: HTTPHead, _ line: ArraySlice<UInt8>) throws(HTTPRefusal) {
        // chunk-size [ chunk-ext ]: extensions are allowed and mean nothing here.
        let digits = HTTPGrammar.trimmed(line.prefix { $0 != UInt8(ascii: ";") })
        guard let size = HTTPGrammar.hexadecimal(digits) else {
            throw HTTPRefusal(400, "a chunk does not begin with its size")
        }
        guard body.count + size <= limits.bodyBytesMax else {
            throw HTTPRefusal(413, "the body is longer than \(limits.bodyBytesMax) bytes")
        }
        continueIsDue = false
        state = size == 0 ? .trailers(head, bytesSeen: 0) : .chunkData(head, remaining: size)
    }
}
