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
        case fixed(HTTPHead, remaining: Int)
        case chunkSize(HTTPHead)
        case chunkData(HTTPHead, remaining: Int)
        case chunkEnd(HTTPHead)
        case trailers(HTTPHead, bytesSeen: Int, count: Int)
    }

    private let limits: HTTPLimits
    private let admission: HTTPAdmission?
    private var state = State.head
    private var buffer: [UInt8] = []
    private var position = 0
    /// Where the search for the end of the head or line goes on.
    private var searched = 0
    private var body: [UInt8] = []
    private var continueIsDue = false
    /// An empty line stood before the request line already.
    private var hasSkippedEmptyLine = false
    /// What chunked framing cost beyond a fair share of its data.
    private var chunkExcessBytes = 0

    init(limits: HTTPLimits, admission: HTTPAdmission? = nil) {
        self.limits = limits
        self.admission = admission
    }

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
    private var fields: HTTPHeaderBlock {
        headBeingCompleted?.message.headers
            ?? HTTPHeadParser.salvagedFields(buffer[position..<min(buffer.count, position + limits.headBytesMax)])
    }

    /// Memory that is held, used or not.
    var bytesReserved: Int { buffer.capacity + body.capacity }

    /// The next event that the bytes so far hold, nil when more are needed.
    mutating func next() throws(HTTPRefusal) -> Event? {
        do throws(HTTPRefusal) {
            return try takeEvent()
        } catch {
            throw about(error)
        }
    }

    /// The refusal with what is known of the request that it is about.
    func about(_ refusal: HTTPRefusal) -> HTTPRefusal {
        var refusal = refusal
        refusal.headers = fields
        refusal.isAnswerToHead = buffer[position...].starts(with: "HEAD ".utf8)
        if let head = headBeingCompleted { refusal.isAnswerToHead = head.message.method == "HEAD" }
        return refusal
    }

    private var headBeingCompleted: HTTPHead? {
        switch state {
        case .head: nil
        case .fixed(let head, _), .chunkSize(let head), .chunkData(let head, _), .chunkEnd(let head),
            .trailers(let head, _, _):
            head
        }
    }

    private mutating func takeEvent() throws(HTTPRefusal) -> Event? {
        while true {
            switch state {
            case .head:
                guard let head = try takeHead() else { return nil }
                if admission == nil, case .length(let length) = head.framing, buffer.count - position >= length {
                    // All of it is there, which spares to remember the head.
                    let bytes = Array(buffer[position..<(position + length)])
                    advance(by: length)
                    return finish(head, bytes)
                }
                begin(head)
                if let refusal = admission?(head.message) { throw refusal }
            case .fixed(let head, let remaining):
                guard let bytes = takeBody(remaining) else { return askForBody() }
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
            case .trailers(let head, let bytesSeen, let count):
                guard let line = try takeLine(bytesMax: limits.trailerBytesMax - bytesSeen) else { return nil }
                if line.isEmpty { return finish(head, body) }
                // Trailers are read and dropped: no handler may mistake them for fields.
                let name = try HTTPHeadParser.split(field: line.span).name
                if framesMessages(line.span.extracting(name)) {
                    throw HTTPRefusal(400, "a trailer would change what it ends")
                }
                guard count < limits.fieldsMax else {
                    throw HTTPRefusal(431, "there are more than \(limits.fieldsMax) trailers")
                }
                state = .trailers(head, bytesSeen: bytesSeen + line.count + 2, count: count + 1)
            }
        }
    }

    private func framesMessages(_ name: ByteSpan) -> Bool {
        HTTPGrammar.equals(name, "content-length") || HTTPGrammar.equals(name, "transfer-encoding")
            || HTTPGrammar.equals(name, "host")
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
            case .length(let length): .fixed(head, remaining: length)
            case .chunked: .chunkSize(head)
            }
    }

    private mutating func finish(_ head: HTTPHead, _ bytes: [UInt8]) -> Event {
        state = .head
        body = []
        continueIsDue = false
        hasSkippedEmptyLine = false
        chunkExcessBytes = 0
        var message = head.message
        message.body = bytes
        return .request(message, keepsAlive: head.keepsAlive, minorVersion: head.minorVersion)
    }

    private mutating func advance(by count: Int) {
        position += count
        searched = position
        // A connection that waits for its next request should not hold what the last one needed.
        if position == buffer.count, buffer.capacity > keptBytesMax {
            buffer = []
            position = 0
            searched = 0
        }
    }

    /// Room that stays with an idle connection.
    private var keptBytesMax: Int { 4 << 10 }

    // MARK: Pieces

    private mutating func takeHead() throws(HTTPRefusal) -> HTTPHead? {
        guard position < buffer.count else { return nil }
        // RFC 9112 section 2.2: an empty line before the request line is ignored.
        if !hasSkippedEmptyLine, buffer.count >= position + 2, buffer[position] == HTTPGrammar.cr,
            buffer[position + 1] == HTTPGrammar.lf
        {
            advance(by: 2)
            hasSkippedEmptyLine = true
        }
        guard let end = endOfHead() else {
            guard buffer.count - position <= limits.headBytesMax else { throw headTooLong() }
            try refuseOtherProtocols()
            return nil
        }
        guard end - position <= limits.headBytesMax else { throw headTooLong() }
        let head = try HTTPHeadParser.parse(buffer.span.extracting(position..<end), limits)
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
        if let end = Self.endOfHead(buffer.span, from: position, searchedTo: max(searched, position)) { return end }
        searched = buffer.count
        return nil
    }

    private static func endOfHead(_ bytes: ByteSpan, from position: Int, searchedTo searched: Int) -> Int? {
        var index = searched
        while index < bytes.count {
            if bytes[index] == HTTPGrammar.lf {
                if index <= position + 1 || bytes[index - 1] != HTTPGrammar.cr { return index + 1 }
                if index >= position + 3, bytes[index - 2] == HTTPGrammar.lf { return index + 1 }
            }
            index += 1
        }
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

    /// A body of known length once it is complete. Until then it is gathered apart from the buffer, which stays small.
    private mutating func takeBody(_ remaining: Int) -> [UInt8]? {
        let available = min(remaining, buffer.count - position)
        if available == remaining, body.isEmpty {
            let bytes = Array(buffer[position..<(position + available)])
            advance(by: available)
            return bytes
        }
        guard case .fixed(let head, _) = state, available > 0 else { return nil }
        continueIsDue = false
        if body.capacity < body.count + available {
            // Grows with what has come, not with what was announced.
            body.reserveCapacity(min(body.count + remaining, 2 * (body.count + available)))
        }
        body.append(contentsOf: buffer[position..<(position + available)])
        advance(by: available)
        guard available == remaining else {
            state = .fixed(head, remaining: remaining - available)
            return nil
        }
        return body
    }

    private mutating func beginChunk(_ head: HTTPHead, _ line: ArraySlice<UInt8>) throws(HTTPRefusal) {
        guard let size = HTTPChunkLine.size(line) else {
            throw HTTPRefusal(400, "a chunk does not begin with its size")
        }
        guard body.count + size <= limits.bodyBytesMax else {
            throw HTTPRefusal(413, "the body is longer than \(limits.bodyBytesMax) bytes")
        }
        // Long extensions on tiny chunks would make us read far more than anybody gets to see.
        chunkExcessBytes = max(0, chunkExcessBytes + line.count + 2 - 16 - 2 * size)
        guard chunkExcessBytes <= limits.chunkExcessBytesMax else {
            throw HTTPRefusal(400, "the chunks are mostly framing")
        }
        continueIsDue = false
        state = size == 0 ? .trailers(head, bytesSeen: 0, count: 0) : .chunkData(head, remaining: size)
    }
}
