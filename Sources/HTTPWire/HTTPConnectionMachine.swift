/// One connection without its socket: bytes and replies go in, actions come out. Orders pipelined replies.
package struct HTTPConnectionMachine: ~Copyable, Sendable {
    package enum Action: Sendable {
        /// Answer it with `reply(to:)` and this number.
        case deliver(request: Int, HTTPMessage)
        case send([UInt8])
        /// The head of a streamed reply is out: pieces may come, by `stream(_:to:)`, until `endStream`.
        case streamBegan(request: Int)
        /// No piece of this reply is wanted any more.
        case streamEnded(request: Int)
        /// Close once everything sent is flushed.
        case close
        /// The same, but the peer may be sending still: read what comes and throw it away until it has seen the answer,
        /// or the close would make its system drop the answer unread (RFC 9112 section 9.6).
        case closeLingering
    }

    /// What the peer keeps us waiting for; each has its time-out.
    package enum Wait: Sendable, Equatable {
        /// The next request, or nothing.
        case idle
        case head
        case body
        /// Nothing: we owe an answer.
        case answer
    }

    private struct Exchange {
        let number: Int
        let isHead: Bool
        var keepsAlive: Bool
        let minorVersion: Int
        var reply: HTTPReply?
        /// Its head is out and its body goes on.
        var isStreaming = false

        /// And nothing of the answer is out.
        var isAnswered: Bool { reply != nil && !isStreaming }
        var beginsStream: Bool { !isHead && reply?.isStream ?? false }
    }

    package typealias RefusalForm = @Sendable (HTTPRefusal) -> HTTPReply

    private let limits: HTTPLimits
    private let refusalForm: RefusalForm
    private var parser: HTTPRequestParser
    private var exchanges: [Exchange] = []
    private var nextNumber = 0
    /// No further request is taken: the last one said so, the bytes made no sense, or the server drains.
    private var takesNoMore = false
    private var isClosed = false
    private var peerIsDone = false
    private var isDraining = false
    /// Answered after all exchanges before it.
    private var refusal: HTTPRefusal?

    /// `refusalForm` makes the answers to what is no request.
    package init(
        limits: HTTPLimits, refusalForm: @escaping RefusalForm = { $0.reply }, admission: HTTPAdmission? = nil
    ) {
        self.limits = limits
        self.refusalForm = refusalForm
        parser = HTTPRequestParser(limits: limits, admission: admission)
    }

    /// Whether bytes should be read from the peer now.
    package var wantsBytes: Bool {
        // Who listens to a stream says nothing, but should be heard when it leaves.
        !peerIsDone && (takesNoMore ? isStreaming : exchanges.count < limits.pipelinedMax)
    }

    private var isStreaming: Bool { !exchanges.isEmpty && exchanges[0].isStreaming }

    /// Bytes of a body that is not complete, and so not with anybody else yet.
    package var bodyBytesHeld: Int { takesNoMore ? 0 : parser.bodyBytesHeld }

    /// How many requests have been delivered.
    package var requestsTaken: Int { nextNumber }

    /// Bytes of replies that wait for those before them.
    package var replyBytesHeld: Int {
        exchanges.count < 2 ? 0 : exchanges.reduce(0) { $0 + ($1.reply?.body.count ?? 0) }
    }

    package var wait: Wait {
        if !exchanges.isEmpty { return .answer }
        switch parser.phase {
        case .betweenRequests: return .idle
        case .head: return .head
        case .body: return .body
        }
    }

    package mutating func received(_ bytes: some Collection<UInt8>, date: @autoclosure () -> String) -> [Action] {
        guard !takesNoMore else { return [] }
        parser.append(bytes)
        return takeRequests(date: date())
    }

    /// The same for other targets, whose compiler cannot make one of the other that knows what it is given.
    package mutating func received(_ bytes: UnsafeRawBufferPointer, date: @autoclosure () -> String) -> [Action] {
        guard !takesNoMore else { return [] }
        parser.append(bytes)
        return takeRequests(date: date())
    }

    /// The peer will send nothing more. What it has asked is answered still; but a stream has no end by itself, and its
    /// listener has most likely left.
    package mutating func peerFinished() -> [Action] {
        peerIsDone = true
        takesNoMore = true
        if isStreaming { return abandonStream() + close() }
        return exchanges.isEmpty ? close() : []
    }

    package mutating func reply(to number: Int, _ reply: HTTPReply, date: @autoclosure () -> String) -> [Action] {
        guard let index = exchanges.indices.first(where: { exchanges[$0].number == number }) else { return [] }
        guard exchanges[index].reply == nil else { return [] }
        exchanges[index].reply = reply
        guard index == 0 else { return [] }
        let date = date()
        var actions = flush(date: date)
        // Bytes that were read ahead may hold requests that had to wait for room.
        if !takesNoMore { actions += takeRequests(date: date) }
        return actions
    }

    /// More of the reply to this request, which is a stream that has begun; nothing once it has ended.
    package func stream(_ bytes: [UInt8], to number: Int) -> [Action] {
        guard let first = exchanges.first, first.isStreaming, first.number == number, !bytes.isEmpty else { return [] }
        return [.send(HTTPSerializer.piece(bytes[...], minorVersion: first.minorVersion))]
    }

    /// The stream is complete; the connection goes on if it can.
    package mutating func endStream(of number: Int, date: @autoclosure () -> String) -> [Action] {
        guard let first = exchanges.first, first.isStreaming, first.number == number else { return [] }
        let date = date()
        var actions = finishStream()
        actions += flush(date: date)
        if !takesNoMore { actions += takeRequests(date: date) }
        return actions
    }

    /// Take no further request; close when the last answer is out. Streams, which have no end by themselves, end now.
    package mutating func drain(date: @autoclosure () -> String) -> [Action] {
        takesNoMore = true
        isDraining = true
        if isStreaming { return finishStream() + flush(date: date()) }
        return exchanges.isEmpty ? close() : []
    }

    /// Ends the stream that is at the front as its framing demands.
    private mutating func finishStream() -> [Action] {
        let first = exchanges.removeFirst()
        let end = HTTPSerializer.end(minorVersion: first.minorVersion)
        var actions: [Action] = [.streamEnded(request: first.number)]
        if !end.isEmpty { actions.append(.send(end)) }
        if !first.keepsAlive || takesNoMore && exchanges.isEmpty && refusal == nil { actions += close() }
        return actions
    }

    /// There is nobody to end it for.
    private mutating func abandonStream() -> [Action] {
        let first = exchanges.removeFirst()
        return [.streamEnded(request: first.number)]
    }

    /// There is no room for this peer, or for the request that it is sending.
    package mutating func turnAway(_ refusal: HTTPRefusal, date: String) -> [Action] {
        guard !takesNoMore else { return [] }
        return refuse(parser.about(refusal), date: date)
    }

    /// The peer took too long.
    package mutating func timedOut(date: String) -> [Action] {
        guard exchanges.isEmpty, !takesNoMore else { return [] }
        switch parser.phase {
        case .betweenRequests: return close()
        case .head, .body:
            return turnAway(HTTPRefusal(408, "the request did not arrive in time"), date: date)
        }
    }

    private mutating func takeRequests(date: @autoclosure () -> String) -> [Action] {
        var actions: [Action] = []
        do throws(HTTPRefusal) {
            while !takesNoMore, exchanges.count < limits.pipelinedMax, let event = try parser.next() {
                switch consume event {
                case .continueExpected:
                    // It would overtake answers that are still owed; the client sends its body anyway in a while.
                    if exchanges.isEmpty { actions.append(.send(HTTPSerializer.continuation)) }
                case .request(let message, let keepsAlive, let minorVersion):
                    exchanges.append(
                        Exchange(
                            number: nextNumber, isHead: message.method == "HEAD", keepsAlive: keepsAlive,
                            minorVersion: minorVersion))
                    actions.append(.deliver(request: nextNumber, message))
                    nextNumber += 1
                    if !keepsAlive { takesNoMore = true }
                }
            }
        } catch {
            actions += refuse(error, date: date())
        }
        return actions
    }

    private mutating func refuse(_ refusal: HTTPRefusal, date: String) -> [Action] {
        takesNoMore = true
        self.refusal = refusal
        return flush(date: date)
    }

    /// Sends every reply that is next in order.
    private mutating func flush(date: String) -> [Action] {
        var bytes: [UInt8] = []
        var closes = false
        var lingers = false
        while !exchanges.isEmpty, exchanges[0].isAnswered {
            if exchanges[0].beginsStream { return sent(bytes) + beginStream(date: date) }
            // The one is the rule, and nothing has to move up then.
            let first = exchanges.count == 1 ? exchanges.removeLast() : exchanges.removeFirst()
            guard let reply = first.reply else { continue }
            let isLast = takesNoMore && exchanges.isEmpty && refusal == nil
            let keepsAlive = first.keepsAlive && !isLast
            let framed = HTTPSerializer.bytes(
                of: reply, date: date, isHead: first.isHead, keepsAlive: keepsAlive, minorVersion: first.minorVersion)
            if bytes.isEmpty { bytes = framed } else { bytes += framed }
            if !keepsAlive { closes = true }
        }
        if exchanges.isEmpty, let refusal {
            bytes += HTTPSerializer.bytes(
                of: refusalForm(refusal), date: date, isHead: refusal.isAnswerToHead, keepsAlive: false,
                minorVersion: 1)
            closes = true
            lingers = !peerIsDone
        }
        var actions = sent(bytes)
        if closes { actions += close(lingering: lingers) }
        return actions
    }

    private func sent(_ bytes: [UInt8]) -> [Action] { bytes.isEmpty ? [] : [.send(bytes)] }

    /// Sends the head of the reply at the front, a stream. A peer without chunks can be sent nothing after it.
    private mutating func beginStream(date: String) -> [Action] {
        let first = exchanges[0]
        guard let reply = first.reply else { return [] }
        exchanges[0].isStreaming = true
        if first.minorVersion == 0 { dropWhatFollows() }
        let keepsAlive = exchanges[0].keepsAlive && !(takesNoMore && exchanges.count == 1 && refusal == nil)
        let head = HTTPSerializer.bytes(
            of: reply, date: date, isHead: false, keepsAlive: keepsAlive, minorVersion: first.minorVersion)
        let actions: [Action] = [.send(head), .streamBegan(request: first.number)]
        if isDraining { return actions + finishStream() + flush(date: date) }
        return peerIsDone ? actions + abandonStream() + close() : actions
    }

    private mutating func dropWhatFollows() {
        takesNoMore = true
        refusal = nil
        exchanges[0].keepsAlive = false
        exchanges.removeSubrange(1...)
    }

    private mutating func close(lingering: Bool = false) -> [Action] {
        guard !isClosed else { return [] }
        isClosed = true
        takesNoMore = true
        return [lingering ? .closeLingering : .close]
    }
}
