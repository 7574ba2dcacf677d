import HTTPWire

/// How long a peer may keep us waiting. What trickles in buys no time: a head has to be complete within its time-out,
/// and a body, or an answer that the peer reads, has to move at a least rate.
struct Patience {
    /// What the peer owes us.
    enum Debt: Equatable {
        case nothing
        /// To agree on a secret.
        case handshake
        /// Its next request, if it has one.
        case idle
        case head
        case body
        /// To read what we have for it.
        case reading
    }

    private var debt = Debt.idle
    /// Of the request that the debt is about: each has its own time.
    private var request = 0
    /// Of the debt, or of the last window in which enough has moved.
    private var sinceNs: UInt64
    private var bytesMoved = 0

    init(nowNs: UInt64) { sinceNs = nowNs }

    /// What is owed from now on; time goes on when it is what was owed before.
    mutating func expect(_ debt: Debt, request: Int, nowNs: UInt64) {
        guard debt != self.debt || request != self.request else { return }
        (self.debt, self.request) = (debt, request)
        restart(nowNs)
    }

    /// The peer has sent or read so many bytes.
    mutating func moved(_ bytes: Int) { bytesMoved += bytes }

    /// Whether we have waited long enough.
    mutating func isOver(nowNs: UInt64, _ configuration: HTTPServerConfiguration) -> Bool {
        switch debt {
        case .nothing: return false
        case .handshake: return hasPassed(configuration.handshakeTimeoutMs, nowNs)
        case .idle: return hasPassed(configuration.idleTimeoutMs, nowNs)
        case .head: return hasPassed(configuration.headTimeoutMs, nowNs)
        case .body: return hasStalled(configuration.bodyTimeoutMs, configuration.bytesPerSecondMin, nowNs)
        case .reading: return hasStalled(configuration.writeTimeoutMs, configuration.bytesPerSecondMin, nowNs)
        }
    }

    private mutating func hasStalled(_ windowMs: Int64, _ bytesPerSecondMin: Int, _ nowNs: UInt64) -> Bool {
        guard hasPassed(windowMs, nowNs) else { return false }
        let enough = max(1, Int(windowMs) * bytesPerSecondMin / 1_000)
        if bytesMoved < enough { return true }
        restart(nowNs)
        return false
    }

    private func hasPassed(_ timeoutMs: Int64, _ nowNs: UInt64) -> Bool {
        nowNs > sinceNs && nowNs - sinceNs > UInt64(timeoutMs) * 1_000_000
    }

    private mutating func restart(_ nowNs: UInt64) {
        sinceNs = nowNs
        bytesMoved = 0
    }
}

extension Patience.Debt {
    init(_ wait: HTTPConnectionMachine.Wait) {
        self =
            switch wait {
            case .idle: .idle
            case .head: .head
            case .body: .body
            case .answer: .nothing
            }
    }
}
