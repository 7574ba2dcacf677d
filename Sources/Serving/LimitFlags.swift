import ArgumentParser
import RepriseServer

/// A flag for every limit at the door.
struct LimitFlags: ParsableArguments {
    static let variables = """
        REPRISE_HEAD_BYTES_MAX, REPRISE_BODY_BYTES_MAX, REPRISE_BODY_BYTES_IN_FLIGHT_MAX,
        REPRISE_OUTGOING_BYTES_IN_FLIGHT_MAX, REPRISE_CONNECTIONS_MAX,
        REPRISE_LIVE_ATTEMPTS_MAX, REPRISE_LANE_DEPTH_MAX, REPRISE_JOURNAL_ENTRIES_MAX, REPRISE_OBJECT_STATE_BYTES_MAX,
        REPRISE_INACTIVITY_TIMEOUT_MS, REPRISE_STUCK_AFTER_MS, REPRISE_TRANSACTION_TIME_MAX_MS,
        REPRISE_EVENT_LISTENERS_MAX, REPRISE_QUEUE_DELAY_MAX_MS, REPRISE_REQUESTS_IN_FLIGHT_MIN,
        REPRISE_HEAD_TIMEOUT_MS, REPRISE_BODY_TIMEOUT_MS, REPRISE_IDLE_TIMEOUT_MS, REPRISE_WRITE_TIMEOUT_MS
        """

    @Option(help: "Bytes of a request's line and headers; 431 above.")
    var headBytesMax = Environment.value("REPRISE_HEAD_BYTES_MAX") ?? String(ServerLimits().headBytesMax)

    @Option(help: "Bytes of a request body; 413 above.")
    var bodyBytesMax = Environment.value("REPRISE_BODY_BYTES_MAX") ?? String(ServerLimits().bodyBytesMax)

    @Option(help: "Bytes of all bodies that are held; 503 above.")
    var bodyBytesInFlightMax =
        Environment.value("REPRISE_BODY_BYTES_IN_FLIGHT_MAX") ?? String(ServerLimits().bodyBytesInFlightMax)

    @Option(help: "Bytes of answers that nobody has read yet; connections are cut off above.")
    var outgoingBytesInFlightMax =
        Environment.value("REPRISE_OUTGOING_BYTES_IN_FLIGHT_MAX") ?? String(ServerLimits().outgoingBytesInFlightMax)

    @Option(help: "Connections; 503 above.")
    var connectionsMax = Environment.value("REPRISE_CONNECTIONS_MAX") ?? String(ServerLimits().connectionsMax)

    @Option(help: "Listeners to streams of events; 503 above.")
    var eventListenersMax =
        Environment.value("REPRISE_EVENT_LISTENERS_MAX") ?? String(ServerLimits().eventListenersMax)

    @Option(help: "Handlers in memory at a time; waiting ones are suspended above, and 429 if all are at work.")
    var liveAttemptsMax = Environment.value("REPRISE_LIVE_ATTEMPTS_MAX") ?? String(ServerLimits().liveAttemptsMax)

    @Option(help: "Invocations that wait for one key; 429 above.")
    var laneDepthMax = Environment.value("REPRISE_LANE_DEPTH_MAX") ?? String(ServerLimits().laneDepthMax)

    @Option(help: "Entries of one invocation's journal; it is paused above.")
    var journalEntriesMax =
        Environment.value("REPRISE_JOURNAL_ENTRIES_MAX") ?? String(ServerLimits().journalEntriesMax)

    @Option(help: "Bytes stored under one key of an object; the invocation is paused above.")
    var objectStateBytesMax =
        Environment.value("REPRISE_OBJECT_STATE_BYTES_MAX") ?? String(ServerLimits().objectStateBytesMax)

    @Option(help: "Milliseconds after which a waiting handler leaves memory, to be replayed later.")
    var inactivityTimeoutMs =
        Environment.value("REPRISE_INACTIVITY_TIMEOUT_MS") ?? milliseconds(ServerLimits().inactivityTimeout)

    @Option(help: "Milliseconds after which a handler that neither waits nor returns is logged.")
    var stuckAfterMs =
        Environment.value("REPRISE_STUCK_AFTER_MS") ?? milliseconds(ServerLimits().stuckAfter)

    @Option(help: "Milliseconds that the statements of one transactional step may take; it fails above.")
    var transactionTimeMaxMs =
        Environment.value("REPRISE_TRANSACTION_TIME_MAX_MS") ?? milliseconds(ServerLimits().transactionTimeMax)

    @Option(help: "Milliseconds for a request's line and headers to arrive; 408 above.")
    var headTimeoutMs =
        Environment.value("REPRISE_HEAD_TIMEOUT_MS") ?? milliseconds(ServerLimits().headTimeout)

    @Option(help: "Milliseconds in each of which a body has to move by 500 bytes a second; 408 below.")
    var bodyTimeoutMs =
        Environment.value("REPRISE_BODY_TIMEOUT_MS") ?? milliseconds(ServerLimits().bodyTimeout)

    @Option(help: "Milliseconds that a connection is kept open without a request.")
    var idleTimeoutMs =
        Environment.value("REPRISE_IDLE_TIMEOUT_MS") ?? milliseconds(ServerLimits().idleTimeout)

    @Option(help: "Milliseconds in each of which a peer has to read 500 bytes a second of its answer.")
    var writeTimeoutMs =
        Environment.value("REPRISE_WRITE_TIMEOUT_MS") ?? milliseconds(ServerLimits().writeTimeout)

    @Option(help: "Milliseconds that a request may have to wait for the engine; 503 above.")
    var queueDelayMaxMs =
        Environment.value("REPRISE_QUEUE_DELAY_MAX_MS") ?? milliseconds(ServerLimits().queueDelayMax)

    @Option(help: "Requests in flight below which nobody is refused for the queue's length.")
    var requestsInFlightMin =
        Environment.value("REPRISE_REQUESTS_IN_FLIGHT_MIN") ?? String(ServerLimits().requestsInFlightMin)

    func limits() throws -> ServerLimits {
        var limits = ServerLimits()
        try Self.set(&limits.headBytesMax, headBytesMax, "--head-bytes-max")
        try Self.set(&limits.bodyBytesMax, bodyBytesMax, "--body-bytes-max")
        try Self.set(&limits.bodyBytesInFlightMax, bodyBytesInFlightMax, "--body-bytes-in-flight-max")
        try Self.set(
            &limits.outgoingBytesInFlightMax, outgoingBytesInFlightMax, "--outgoing-bytes-in-flight-max")
        try Self.set(&limits.connectionsMax, connectionsMax, "--connections-max")
        try Self.set(&limits.eventListenersMax, eventListenersMax, "--event-listeners-max")
        try Self.set(&limits.liveAttemptsMax, liveAttemptsMax, "--live-attempts-max")
        try Self.set(&limits.laneDepthMax, laneDepthMax, "--lane-depth-max")
        try Self.set(&limits.journalEntriesMax, journalEntriesMax, "--journal-entries-max")
        try Self.set(&limits.objectStateBytesMax, objectStateBytesMax, "--object-state-bytes-max")
        try Self.set(&limits.inactivityTimeout, inactivityTimeoutMs, "--inactivity-timeout-ms")
        try Self.set(&limits.stuckAfter, stuckAfterMs, "--stuck-after-ms")
        try Self.set(&limits.transactionTimeMax, transactionTimeMaxMs, "--transaction-time-max-ms")
        try Self.set(&limits.queueDelayMax, queueDelayMaxMs, "--queue-delay-max-ms")
        try Self.set(&limits.headTimeout, headTimeoutMs, "--head-timeout-ms")
        try Self.set(&limits.bodyTimeout, bodyTimeoutMs, "--body-timeout-ms")
        try Self.set(&limits.idleTimeout, idleTimeoutMs, "--idle-timeout-ms")
        try Self.set(&limits.writeTimeout, writeTimeoutMs, "--write-timeout-ms")
        try Self.set(&limits.requestsInFlightMin, requestsInFlightMin, "--requests-in-flight-min")
        return limits
    }

    private static func set(_ limit: inout Duration, _ text: String, _ option: String) throws {
        var milliseconds = 0
        try set(&milliseconds, text, option)
        limit = .milliseconds(milliseconds)
    }

    private static func set(_ limit: inout Int, _ text: String, _ option: String) throws {
        // `Int` alone would take "+5".
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text), number > 0 else {
            throw ConfigurationError(option, text, "a number of at least 1")
        }
        limit = number
    }
}

private func milliseconds(_ limit: Duration) -> String { String(Int64(limit / .milliseconds(1))) }
