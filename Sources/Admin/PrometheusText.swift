import DurableModel

/// Prometheus' text exposition format, version 0.0.4.
struct PrometheusText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private var text = ""

    static func render(_ metrics: MetricsSnapshot) -> [UInt8] {
        var page = PrometheusText()
        page.header("reprise_http_requests_total", "counter", "Answered ingress requests by class of status.")
        for (index, count) in metrics.requests.counts.enumerated() {
            page.sample("reprise_http_requests_total", "{status=\"\(index + 1)xx\"}", String(count))
        }
        page.single("reprise_turns_total", "counter", "Turns of the engine.", metrics.turns)
        page.single("reprise_commits_total", "counter", "Synced commits.", metrics.commits)
        page.header("reprise_turns_per_commit", "gauge", "Turns per commit since the start.")
        let ratio = metrics.commits == 0 ? 0 : Double(metrics.turns) / Double(metrics.commits)
        page.sample("reprise_turns_per_commit", "", String(ratio))
        page.histogram("reprise_commit_duration_seconds", "Time until a commit is synced.", metrics.commitTime)
        page.header("reprise_attempts", "gauge", "Handler attempts in memory; parked ones wait for something.")
        let running = max(0, metrics.liveAttempts - metrics.parkedAttempts)
        page.sample("reprise_attempts", "{state=\"running\"}", String(running))
        page.sample("reprise_attempts", "{state=\"parked\"}", String(metrics.parkedAttempts))
        page.single(
            "reprise_attempts_stuck", "gauge", "Attempts that have neither parked nor returned for a minute.",
            metrics.stuckAttempts)
        page.single("reprise_lanes", "gauge", "Key lanes with an owner.", metrics.lanes)
        page.single("reprise_backlog_turns", "gauge", "Turns that are not yet durable.", metrics.backlogTurns)
        page.single(
            "reprise_invocations_paused", "gauge", "Invocations that wait for a person.", metrics.pausedInvocations)
        page.single("reprise_database_bytes", "gauge", "Size of the database file.", metrics.databaseBytes)
        page.single("reprise_wal_bytes", "gauge", "Size of the write-ahead log.", metrics.walBytes)
        page.single("reprise_connections", "gauge", "Open client connections.", metrics.connections)
        return Array(page.text.utf8)
    }

    private mutating func single(_ name: String, _ type: String, _ help: String, _ value: some BinaryInteger) {
        header(name, type, help)
        sample(name, "", String(value))
    }

    private mutating func histogram(_ name: String, _ help: String, _ histogram: DurationHistogram) {
        header(name, "histogram", help)
        var cumulative: UInt64 = 0
        for (index, count) in histogram.counts.enumerated() {
            cumulative += count
            let bounds = DurationHistogram.boundsUs
            let bound = index < bounds.count ? Self.seconds(bounds[index]) : "+Inf"
            sample(name + "_bucket", "{le=\"\(bound)\"}", String(cumulative))
        }
        sample(name + "_sum", "", Self.seconds(histogram.sumUs))
        sample(name + "_count", "", String(cumulative))
    }

    private mutating func header(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    private mutating func sample(_ name: String, _ labels: String, _ value: String) {
        text += "\(name)\(labels) \(value)\n"
    }

    /// Microseconds as decimal seconds, exactly.
    private static func seconds(_ us: UInt64) -> String {
        let fraction = String(us % 1_000_000)
        var digits = String(repeating: "0", count: 6 - fraction.count) + fraction
        while digits.hasSuffix("0") { digits.removeLast() }
        return String(us / 1_000_000) + (digits.isEmpty ? "" : "." + digits)
    }
}
