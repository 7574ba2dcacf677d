import HTTPWire

/// What a connection makes of some bytes when every request is answered at once.
struct Transcript: Equatable {
    struct Request: Equatable {
        var method: String
        var target: String
        var body: [UInt8]
    }

    var requests: [Request] = []
    /// The status of what was refused, after the requests.
    var refusal: Int?
    var isClosed = false
    /// What the connection waits for at the end.
    var wait = HTTPConnectionMachine.Wait.idle

    /// Feeds `pieces` one after the other.
    init(of pieces: [ArraySlice<UInt8>], limits: HTTPLimits = HTTPLimits()) {
        let statuses = Statuses()
        var machine = HTTPConnectionMachine(limits: limits) { refusal in
            statuses.last = refusal.status
            return HTTPReply(status: refusal.status)
        }
        for piece in pieces where !isClosed { absorb(machine.received(piece, date: "D"), &machine) }
        refusal = statuses.last
        if !isClosed { wait = machine.wait }
    }

    private mutating func absorb(_ actions: [HTTPConnectionMachine.Action], _ machine: inout HTTPConnectionMachine) {
        for action in actions {
            switch action {
            case .deliver(let number, let message):
                requests.append(Request(method: message.method, target: message.target, body: message.body))
                absorb(machine.reply(to: number, HTTPReply(status: 200), date: "D"), &machine)
            case .close, .closeLingering: isClosed = true
            default: break
            }
        }
    }
}

/// The last refusal's status.
///
/// `@unchecked Sendable`: written while its one owner feeds the machine, by the thread that does so.
private final class Statuses: @unchecked Sendable {
    var last: Int?
}
