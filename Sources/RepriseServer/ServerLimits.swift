import EngineCore
import HTTPTransport

/// What a server takes before it refuses at the door: with 413 or 431 what is too large, with 429 or 503 and
/// `Retry-After` what is too much. Calls between handlers, sends and timers are never refused.
public struct ServerLimits: Sendable, Hashable {
    /// Bytes of a request's line and headers together.
    public var headBytesMax = 64 << 10
    /// Bytes of one request body.
    public var bodyBytesMax = 32 << 20
    /// Bytes of all bodies that are arriving or whose requests are being answered.
    public var bodyBytesInFlightMax = 256 << 20
    /// Bytes of answers that their clients have not read; a connection that would make it more is cut off.
    public var outgoingBytesInFlightMax = 512 << 20
    /// Open connections to the ingress.
    public var connectionsMax = 10_000
    /// Listeners to streams of events. Each may leave a quarter of a MiB unread before it is cut off.
    public var eventListenersMax = 1_000
    /// Handlers that execute or wait at the same time.
    public var liveAttemptsMax = 10_000
    /// Invocations that wait for one key of an object.
    public var laneDepthMax = 100_000
    /// Entries of one invocation's journal; an invocation that wants more is paused.
    public var journalEntriesMax = 1_000_000
    /// Bytes of names and values stored under one key of an object; an invocation that wants more is paused.
    public var objectStateBytesMax = 16 << 20
    /// A handler that has waited so long for a result leaves memory, and is replayed when the result is there.
    public var inactivityTimeout = Duration.seconds(60)
    /// A handler that neither waits for anything nor returns for so long is logged, and counted in the metrics.
    public var stuckAfter = Duration.seconds(60)
    /// A request's line and headers have to arrive within this time, and so has a TLS handshake.
    public var headTimeout = Duration.seconds(10)
    /// In each such time a body has to move by 500 bytes a second.
    public var bodyTimeout = Duration.seconds(30)
    /// A connection without a request is kept open for so long.
    public var idleTimeout = Duration.seconds(60)
    /// In each such time a peer has to take 500 bytes a second of what it is sent.
    public var writeTimeout = Duration.seconds(60)
    /// A request that would wait longer in the queues before the engine is refused with 503, as long as the queue
    /// stands and there are at least `requestsInFlightMin` requests in flight.
    public var queueDelayMax = Duration.milliseconds(5)
    /// With fewer requests in flight nobody is refused for being one too many. Twice as many are the most for a second
    /// after the queue has been too long.
    public var requestsInFlightMin = 256

    /// How long the statements of one transactional step may take; it fails above. Nothing else is committed meanwhile.
    public var transactionTimeMax = Duration.milliseconds(250)

    public init() {}
}

extension EngineLimits {
    init(_ limits: ServerLimits) {
        self.init()
        liveAttemptsMax = limits.liveAttemptsMax
        laneDepthMax = limits.laneDepthMax
        journalEntriesMax = limits.journalEntriesMax
        objectStateBytesMax = limits.objectStateBytesMax
        inactivityMs = Int64(limits.inactivityTimeout / .milliseconds(1))
        stuckAfterMs = Int64(limits.stuckAfter / .milliseconds(1))
    }
}

extension EventFeed.Limits {
    init(_ limits: ServerLimits) {
        self.init()
        listenersMax = limits.eventListenersMax
    }
}

extension OverloadGuard.Limits {
    init(_ limits: ServerLimits) {
        self.init()
        queueDelayMax = limits.queueDelayMax
        requestsInFlightMin = limits.requestsInFlightMin
    }
}

extension HTTPServerConfiguration {
    mutating func apply(_ limits: ServerLimits) {
        self.limits.headBytesMax = limits.headBytesMax
        self.limits.bodyBytesMax = limits.bodyBytesMax
        // One body must fit, or it would be refused for ever with the advice to try again.
        bodyBytesInFlightMax = max(limits.bodyBytesInFlightMax, limits.bodyBytesMax)
        outgoingBytesInFlightMax = limits.outgoingBytesInFlightMax
        connectionsMax = limits.connectionsMax
        headTimeoutMs = Int64(limits.headTimeout / .milliseconds(1))
        handshakeTimeoutMs = headTimeoutMs
        bodyTimeoutMs = Int64(limits.bodyTimeout / .milliseconds(1))
        idleTimeoutMs = Int64(limits.idleTimeout / .milliseconds(1))
        writeTimeoutMs = Int64(limits.writeTimeout / .milliseconds(1))
    }
}
