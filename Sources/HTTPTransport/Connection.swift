import Glibc
import HTTPWire
import TLS

/// One accepted socket: pumps bytes between it and the protocol machine.
///
/// `@unchecked Sendable`: every stored `var` is touched on the loop's queue only; other threads reach it through the
/// loop.
final class Connection: @unchecked Sendable {
    let descriptor: Int32
    private let loop: ConnectionLoop
    private let server: HTTPServer
    private var machine: HTTPConnectionMachine
    /// nil: the bytes of the wire are those of the machine.
    private(set) var tls: TLSSession?

    /// What the loop is asked to tell.
    private(set) var interest: Poller.Interest = .read

    private var unsent: [UInt8] = []
    private var sent = 0
    private var closesWhenSent = false
    /// The peer is refused and may be sending still.
    private var lingers = false
    /// Nothing more is sent; what comes is thrown away. Since when.
    private var lingeringSinceNs: UInt64?
    private var isEnded = false
    /// Bytes of bodies that the server has counted: by request that is being answered, and of the one that arrives.
    private var bodyBytes: [(request: Int, count: Int)] = []
    private var arrivingBodyBytes = 0

    /// What begins the streamed reply that is next, and what is told of its end once it has begun.
    private var streamStarts: [Int: StreamStart] = [:]
    private var whenStreamEnds: (@Sendable () -> Void)?

    /// Bytes of answers that the server has counted.
    private var outgoingBytes = 0

    private var patience: Patience

    init(_ descriptor: Int32, on loop: ConnectionLoop, of server: HTTPServer) {
        self.descriptor = descriptor
        self.loop = loop
        self.server = server
        machine = HTTPConnectionMachine(
            limits: server.configuration.limits, refusalForm: server.configuration.refusalForm,
            admission: server.configuration.admission)
        tls = server.configuration.tls?.makeSession()
        patience = Patience(nowNs: loop.nowNs)
    }

    func start() {
        guard loop.add(self) else { return end() }
        // Without memory for a session nothing is said in the clear instead.
        if tls == nil, server.configuration.tls != nil { return end() }
        takeStock()
    }

    /// This is one connection too many.
    func turnAway() {
        // Nobody handshakes with those for whom there is no room.
        guard tls == nil else { return end() }
        let refusal = HTTPRefusal(503, "too many connections are open; try again later", retryAfterSeconds: 1)
        perform(machine.turnAway(refusal, date: loop.date.text))
    }

    // MARK: In

    /// The socket has something to say.
    func isReady(_ ready: Poller.Interest) {
        if ready.contains(.write) { flush() }
        guard !isEnded, !ready.isDisjoint(with: [.read, .lost]) else { return }
        if reads {
            read()
        } else if ready.isDisjoint(with: .lost) {
            // Asked for until now: to take it back each time and to ask again costs two system calls a request.
            ask(for: interest.subtracting(.read))
        } else {
            end()
        }
    }

    private func read() {
        switch Socket.read(descriptor, into: loop.buffer) {
        case .wouldBlock: break
        case .bytes where lingeringSinceNs != nil: break
        case .finished where lingeringSinceNs != nil: end()
        case .bytes(let count):
            if unsent.isEmpty { patience.moved(count) }
            let bytes = UnsafeRawBufferPointer(rebasing: loop.buffer[..<count])
            if let tls { decrypt(bytes, tls) } else { received(bytes) }
        case .finished: perform(machine.peerFinished())
        case .failed: end()
        }
    }

    private func received(_ bytes: UnsafeRawBufferPointer) {
        let actions = machine.received(bytes, date: loop.date.text)
        let isRoom = accountForArriving(machine.bodyBytesHeld)
        perform(actions)
        if !isRoom, !isEnded { perform(machine.turnAway(.bodiesTooMany, date: loop.date.text)) }
    }

    private func decrypt(_ bytes: UnsafeRawBufferPointer, _ tls: TLSSession) {
        if !tls.isEstablished, tls.looksLikeHTTP(bytes) {
            self.tls = nil
            return perform(machine.turnAway(.notTLS, date: loop.date.text))
        }
        let reading = tls.receive(bytes, through: loop.plaintext) { bytes in
            received(bytes)
            return !isEnded && lingeringSinceNs == nil
        }
        guard !isEnded else { return }
        // The handshake's answers, or why there is none.
        transmit(tls.takeOutgoing())
        switch reading {
        case .wouldBlock: perform([])
        case .finished: perform(machine.peerFinished())
        case .failed: perform([.close])
        }
    }

    /// Something from another thread for the peer.
    func take(_ outgoing: ConnectionLoop.Outgoing, for request: Int) {
        switch outgoing {
        case .reply(let reply): self.reply(to: request, reply)
        case .stream(let reply, let start):
            if !isEnded { streamStarts[request] = start }
            self.reply(to: request, reply)
        case .piece(let bytes): stream(bytes, to: request)
        case .endOfStream:
            if !isEnded { perform(machine.endStream(of: request, date: loop.date.text)) }
        }
    }

    private func reply(to request: Int, _ reply: HTTPReply) {
        releaseBody(of: request)
        guard !isEnded else { return }
        let date = loop.date.text
        perform(machine.reply(to: request, reply, date: date))
    }

    private func releaseBody(of request: Int) {
        guard let place = bodyBytes.firstIndex(where: { $0.request == request }) else { return }
        server.releaseBody(bodyBytes[place].count)
        bodyBytes.swapAt(place, bodyBytes.count - 1)
        bodyBytes.removeLast()
    }

    private func stream(_ bytes: [UInt8], to request: Int) {
        guard !isEnded else { return }
        perform(machine.stream(bytes, to: request))
        if unsent.count - sent > server.configuration.streamUnsentBytesMax { end() }
    }

    private func beginStream(_ request: Int) {
        guard !isEnded else { return }
        guard let start = streamStarts.removeValue(forKey: request) else {
            return loop.hand(.endOfStream, to: self, request: request)
        }
        whenStreamEnds = start(ReplyStream(self, request, loop))
    }

    private func endStream() {
        let tell = whenStreamEnds.take()
        tell?()
    }

    /// False when the bytes that are held would be more than the server may hold; then they are not counted.
    private func accountForArriving(_ held: Int) -> Bool {
        let more = held - arrivingBodyBytes
        if more > 0 {
            guard server.takeBody(more) else { return false }
        } else {
            server.releaseBody(-more)
        }
        arrivingBodyBytes = held
        return true
    }

    func drain() { perform(machine.drain(date: loop.date.text)) }

    func checkTimeout(nowNs: UInt64) {
        let configuration = server.configuration
        if let since = lingeringSinceNs {
            if nowNs > since, nowNs - since > UInt64(configuration.lingerTimeoutMs) * 1_000_000 { end() }
            return
        }
        guard patience.isOver(nowNs: nowNs, configuration) else { return }
        if unsent.isEmpty { perform(machine.timedOut(date: loop.date.text)) } else { end() }
    }

    /// What the peer owes us now, and what it makes us hold.
    private func takeStock() {
        guard !isEnded else { return }
        patience.expect(
            debt, request: machine.requestsTaken,
            nowNs: loop.nowNs)
        let held = machine.replyBytesHeld + unsent.count - sent
        let counted = held > server.configuration.freeOutgoingBytes ? held : 0
        if counted != outgoingBytes {
            guard server.countOutgoing(counted - outgoingBytes) else { return end() }
            outgoingBytes = counted
        }
    }

    private var debt: Patience.Debt {
        if let tls, !tls.isEstablished { return .handshake }
        return unsent.isEmpty ? Patience.Debt(machine.wait) : .reading
    }

    // MARK: Out

    private func perform(_ actions: consuming [HTTPConnectionMachine.Action]) {
        // The one is the rule. Taken out of the array, nothing of it is counted twice.
        if actions.count == 1, let only = actions.popLast() {
            perform(only)
        } else {
            for action in actions { perform(action) }
        }
        takeStock()
        if closesWhenSent, unsent.isEmpty { return finishSending() }
        updateReading()
    }

    private func perform(_ action: consuming HTTPConnectionMachine.Action) {
        switch consume action {
        case .deliver(let request, let message): deliver(request, message)
        case .send(let bytes): send(bytes)
        case .streamBegan(let request): beginStream(request)
        case .streamEnded: endStream()
        case .close: closesWhenSent = true
        case .closeLingering:
            closesWhenSent = true
            lingers = true
        }
    }

    private func deliver(_ request: Int, _ message: HTTPMessage) {
        let headBytes = message.headBytes
        let bytes = message.body.count + (headBytes > server.configuration.freeHeadBytes ? headBytes : 0)
        guard server.takeBody(bytes) else {
            var refusal = HTTPRefusal.bodiesTooMany
            refusal.headers = message.headers
            return loop.hand(.reply(server.configuration.refusalForm(refusal)), to: self, request: request)
        }
        if bytes > 0 { bodyBytes.append((request, bytes)) }
        let handle = ReplyHandle(self, on: loop, request: request, headers: message.headers)
        server.onRequest(message, handle)
    }

    /// The answer to a request whose handle was dropped. On any thread.
    func answer(toDropped headers: HTTPHeaderBlock) -> HTTPReply {
        server.configuration.refusalForm(.dropped(headers))
    }

    private func send(_ bytes: [UInt8]) {
        guard let tls else { return transmit(bytes) }
        guard tls.write(bytes) else { return end() }
        transmit(tls.takeOutgoing())
    }

    private func transmit(_ bytes: [UInt8]) {
        guard !bytes.isEmpty, !isEnded else { return }
        guard unsent.isEmpty else {
            // A stream may never catch up, so what has been sent must not pile up.
            if sent > server.configuration.streamUnsentBytesMax {
                unsent.removeFirst(sent)
                sent = 0
            }
            return unsent.append(contentsOf: bytes)
        }
        switch Socket.write(descriptor, bytes[...]) {
        case .bytes(bytes.count): break
        case .bytes(let count): keep(bytes[count...])
        case .wouldBlock: keep(bytes[...])
        case .finished, .failed: end()
        }
    }

    private func keep(_ bytes: ArraySlice<UInt8>) {
        unsent = Array(bytes)
        sent = 0
        ask(for: interest.union(.write))
    }

    /// The socket takes bytes again.
    private func flush() {
        guard !isEnded, sent < unsent.count else { return }
        switch Socket.write(descriptor, unsent[sent...]) {
        case .bytes(let count):
            sent += count
            patience.moved(count)
        case .wouldBlock: return
        case .finished, .failed: return end()
        }
        guard sent == unsent.count else { return takeStock() }
        unsent = []
        sent = 0
        takeStock()
        ask(for: interest.subtracting(.write))
        if closesWhenSent { return finishSending() }
        updateReading()
    }

    private func finishSending() {
        if let tls {
            tls.sayGoodbye()
            transmit(tls.takeOutgoing())
            guard !isEnded, unsent.isEmpty else { return }
        }
        guard lingers else { return end() }
        guard lingeringSinceNs == nil else { return }
        lingeringSinceNs = loop.nowNs
        shutdown(descriptor, Int32(SHUT_WR))
        updateReading()
    }

    /// A peer that does not read its answers, or has too many requests open, is not read from.
    private var reads: Bool {
        if lingeringSinceNs != nil { return true }
        return machine.wantsBytes && unsent.count - sent <= server.configuration.unsentBytesMax
    }

    private func updateReading() {
        if !isEnded, reads { ask(for: interest.union(.read)) }
    }

    private func ask(for wanted: Poller.Interest) {
        guard wanted != interest, !isEnded else { return }
        interest = wanted
        loop.changeInterest(of: self)
    }

    /// Lets go of the peer. The socket itself is closed when the loop has dealt with everything that it was told.
    func end() {
        guard !isEnded else { return }
        isEnded = true
        endStream()
        streamStarts = [:]
        for bytes in bodyBytes { server.releaseBody(bytes.count) }
        bodyBytes = []
        server.releaseBody(arrivingBodyBytes)
        arrivingBodyBytes = 0
        _ = server.countOutgoing(-outgoingBytes)
        loop.remove(self)
    }

    func closeSocket() {
        shutdown(descriptor, Int32(SHUT_WR))
        close(descriptor)
        server.connectionEnded(on: loop)
    }
}

extension HTTPRefusal {
    fileprivate static let bodiesTooMany = HTTPRefusal(
        503, "too many request bodies are held in memory; try again later", retryAfterSeconds: 1)
    fileprivate static let notTLS = HTTPRefusal(400, "this port speaks TLS: use https")
}
