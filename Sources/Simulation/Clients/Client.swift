import Collections
import DurableModel

/// A caller with one connection at a time: sends its requests in pieces and pipelined, loses connections, and asks
/// again where that is safe.
final class Client {
    /// Something to ask: a planned request, or what follows from its answer.
    struct Question {
        let request: Int
        let path: String
        let bytes: Bytes
        /// The status with which it must be refused.
        var expects: Int?
        var hangUp: PlannedRequest.HangUp?
        /// May be asked again although it may have been taken.
        let mayRepeat: Bool
        var sequel: PlannedRequest.Sequel?
        var notBeforeMs: Int64 = 0
    }

    private struct InFlight {
        let question: Question
        /// Where it ends in the bytes of the connection.
        let end: Int
    }

    private let recorder: TraceRecorder
    private var waiting: Deque<Question> = []
    private var inFlight: Deque<InFlight> = []
    private var connection: ServerConnection?
    private var outgoing: Bytes = []
    private var sent = 0
    private var hangsUpAt: Int?
    private var reader = ResponseReader()
    private(set) var unanswered = 0

    init(_ recorder: TraceRecorder) { self.recorder = recorder }

    func ask(_ question: Question) {
        unanswered += 1
        waiting.append(question)
    }

    var isIdle: Bool { waiting.isEmpty && inFlight.isEmpty }
    var hasUnasked: Bool { !waiting.isEmpty }

    func nextQuestionMs() -> Int64? { waiting.first?.notBeforeMs }

    // MARK: What it could do now

    func canBegin(upMs: Int64) -> Bool {
        inFlight.isEmpty && !waiting.isEmpty && (waiting.first?.notBeforeMs ?? .max) <= upMs
    }

    var canSend: Bool { sent < outgoing.count && connection?.wantsBytes == true }
    var canReceive: Bool { connection.map { !$0.toClient.isEmpty || $0.isClosed } ?? false }

    // MARK: What it does

    /// Puts one or several questions on the wire to be, on a new connection or the one that it has.
    func begin(on door: FrontDoor, life: Life, count: Int, upMs: Int64) {
        if connection == nil || connection?.isClosed == true || count % 2 == 0 {
            connection = ServerConnection(door, life)
            outgoing = []
            sent = 0
            reader = ResponseReader()
            hangsUpAt = nil
        }
        for _ in 0..<count {
            guard let question = waiting.first, question.notBeforeMs <= upMs else { return }
            waiting.removeFirst()
            let start = outgoing.count
            outgoing += question.bytes
            inFlight.append(InFlight(question: question, end: outgoing.count))
            switch question.hangUp {
            case .midRequest(let percent): hangsUpAt = start + max(1, question.bytes.count * percent / 101)
            case .beforeAnswer: hangsUpAt = outgoing.count
            case nil: continue
            }
            return
        }
    }

    /// The next bytes reach the server.
    func send(upTo count: Int) {
        guard let connection, sent < outgoing.count else { return }
        let end = min(sent + count, outgoing.count, hangsUpAt ?? .max)
        let before = sent
        sent = end
        connection.receive(outgoing[before..<end])
        for flight in inFlight where flight.end > before && flight.end <= end {
            let question = flight.question
            recorder.record(.asked(request: question.request, path: question.path, expects: question.expects))
        }
        if sent == hangsUpAt {
            connection.finish()
            lose(byOwnWill: true)
        }
    }

    /// The next bytes of answers are read.
    func receive(upTo count: Int, upMs: Int64) {
        guard let connection else { return }
        let end = min(count, connection.toClient.count)
        reader.append(connection.toClient[..<end])
        connection.toClient.removeFirst(end)
        while let answer = reader.next(), let flight = inFlight.popFirst() {
            hear(answer, flight.question, upMs)
        }
        if connection.isClosed, connection.toClient.isEmpty { lose(byOwnWill: false) }
    }

    private func hear(_ answer: Answer, _ question: Question, _ upMs: Int64) {
        recorder.record(.answered(request: question.request, answer))
        if answer.headers["retry-after"] != nil, answer.headers["x-restate-error-source"] == "ingress" {
            return askAgain(question, atMs: upMs + 300)
        }
        if answer.status == 470 { return askAgain(question, atMs: upMs + 500) }
        unanswered -= 1
        guard answer.status == 202, let sequel = question.sequel, let id = answer.invocationID else { return }
        let verb = sequel == .attach ? "attach" : "output"
        ask(
            Question(
                request: question.request, path: question.path,
                bytes: PlannedRequest.get("/restate/invocation/\(id)/\(verb)"), mayRepeat: true))
    }

    private func askAgain(_ question: Question, atMs: Int64) {
        var question = question
        question.notBeforeMs = atMs
        question.hangUp = nil
        waiting.append(question)
    }

    /// The connection is gone. What has not been sent to its end cannot have been taken.
    private func lose(byOwnWill: Bool) {
        connection = nil
        for flight in inFlight {
            if byOwnWill { recorder.record(.hungUp(request: flight.question.request)) }
            if flight.question.mayRepeat || flight.end > sent {
                askAgain(flight.question, atMs: 0)
            } else {
                unanswered -= 1
            }
        }
        inFlight = []
        outgoing = []
        sent = 0
        hangsUpAt = nil
    }

    /// The server is gone, and its sockets with it.
    func serverDied() { if connection != nil || !inFlight.isEmpty { lose(byOwnWill: false) } }
}
