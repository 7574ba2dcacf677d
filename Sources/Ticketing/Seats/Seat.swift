import Reprise

/// The rules of one seat, as a value: who may do what to it in which state.
///
/// Two things keep late messages harmless. The **token** names the checkout that owns a hold or a sale: only that one
/// confirms or gives it back. The **version** counts changes of status: a reset or a view update that speaks of an
/// older version is out of date and has no effect.
struct Seat: Hashable, Sendable {
    /// What is kept beside the public state.
    struct Control: Codable, Hashable, Sendable {
        var version = 0
        /// The checkout that holds or bought the seat; nil after a direct `reserve`.
        var token: String?
    }

    enum Refusal: String, Error {
        case sold = "Ticket already sold"
        case reserved = "Ticket is currently reserved"
        case notReserved = "Ticket is not reserved, cannot confirm"

        var error: TerminalError { TerminalError(rawValue) }
    }

    var state = SeatState()
    var control = Control()

    /// Holds the seat for a user. The same user may ask again: the deadline stays. With a token, the hold is that
    /// checkout's alone; a hold without token is adopted by a checkout of the same user.
    mutating func reserve(
        userID: String, token: String?, nowMs: Int64, holdMs: Int64
    ) throws(Refusal) {
        switch state.current(atMs: nowMs).status {
        case .available:
            state = SeatState(status: .reserved, reservedBy: userID, reservedUntil: nowMs + holdMs)
            control = Control(version: control.version + 1, token: token)
        case .reserved:
            guard let token else {
                guard state.reservedBy == userID else { throw .reserved }
                return
            }
            if control.token == token { return }
            guard control.token == nil, state.reservedBy == userID else { throw .reserved }
            control.token = token
        case .sold:
            throw .sold
        }
    }

    /// Sells a held seat. With a token only the hold of that token; repeating it changes nothing.
    mutating func confirm(token: String?, nowMs: Int64) throws(Refusal) {
        if let token, control.token != token { throw .notReserved }
        switch state.current(atMs: nowMs).status {
        case .available:
            throw .notReserved
        case .reserved:
            state = SeatState(status: .sold, reservedBy: state.reservedBy)
            control.version += 1
        case .sold:
            return
        }
    }

    /// Makes the seat available, whoever has it.
    mutating func release() {
        guard state.status != .available else { return }
        state = SeatState()
        control = Control(version: control.version + 1)
    }

    /// Gives back the hold of this checkout, and its sale too if it says so; nothing if the seat is not its own.
    mutating func release(token: String, includingSale: Bool) {
        guard control.token == token, state.status == .reserved || includingSale else { return }
        release()
    }

    /// Ends a hold that is over. The deadline alone decides, so the timer of an earlier hold does no harm.
    mutating func expire(nowMs: Int64) {
        guard state.current(atMs: nowMs) != state else { return }
        release()
    }

    /// Frees the seat for a new round, unless something has happened to it since the round was counted.
    mutating func reset(version: Int) {
        guard control.version <= version else { return }
        release()
    }
}
