@testable import HTTPWire

/// What a connection made of some bytes, without regard to how they came.
struct Transcript: Equatable {
    var requests: [Request] = []
    /// Statuses of what was sent without anybody replying: refusals and `100 Continue`.
    var ownAnswers: [Int] = []
    var isClosed = false

    struct Request: Equatable {
        var method: String
        var target: String
        var headers: [String]
        var body: String
    }
}

/// Feeds `pieces` one after the other and answers every request at once.
func feed(_ pieces: [ArraySlice<UInt8>], limits: HTTPLimits = HTTPLimits()) -> Transcript {
    var machine = HTTPConnectionMachine(limits: limits)
    var transcript = Transcript()
    for piece in pieces where !transcript.isClosed {
        absorb(machine.received(piece, date: "D"), &transcript, &machine)
    }
    return transcript
}

private func absorb(
    _ actions: [HTTPConnectionMachine.Action], _ transcript: inout Transcript, _ machine: inout HTTPConnectionMachine
) {
    for action in actions {
        switch action {
        case .deliver(let number, let message):
            transcript.requests.append(
                Transcript.Request(
                    method: message.method, target: message.target,
                    headers: (0..<message.headers.count).map {
                        "\(message.headers.name(at: $0)): \(message.headers.value(at: $0))"
                    }, body: String(decoding: message.body, as: UTF8.self)))
            absorb(machine.reply(to: number, HTTPReply(status: 200), date: "D"), &transcript, &machine)
        case .send(let bytes):
            // Several answers may leave in one piece.
            let answers = String(decoding: bytes, as: UTF8.self).split(separator: "HTTP/1.1 ")
            transcript.ownAnswers += answers.compactMap { Int($0.prefix(3)) }.filter { $0 != 200 }
        case .streamBegan, .streamEnded: break
        case .close, .closeLingering:
            transcript.isClosed = true
        }
    }
}

/// Every way to cut `text`: whole, byte by byte, and in two at every index.
func everyCut(of text: String) -> [[ArraySlice<UInt8>]] {
    let bytes = Array(text.utf8)
    var cuts: [[ArraySlice<UInt8>]] = [[bytes[...]], bytes.indices.map { bytes[$0...$0] }]
    for index in 1..<max(bytes.count, 2) where index < bytes.count { cuts.append([bytes[..<index], bytes[index...]]) }
    return cuts
}
