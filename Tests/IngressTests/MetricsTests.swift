import Admin
import DurableModel
import HTTPWire
import Testing

@Suite struct MetricsTests {
    private func page(_ snapshot: MetricsSnapshot) -> HTTPReply {
        adminReply("GET /metrics", FakeBackend(snapshot: snapshot))
    }

    @Test func samples() {
        var snapshot = MetricsSnapshot()
        for status in [200, 202, 404, 470, 503, 999, 50] { snapshot.requests.add(status: status) }
        snapshot.turns = 30
        snapshot.commits = 12
        snapshot.liveAttempts = 5
        snapshot.parkedAttempts = 2
        snapshot.stuckAttempts = 1
        snapshot.lanes = 3
        snapshot.backlogTurns = 4
        snapshot.pausedInvocations = 6
        snapshot.databaseBytes = 4096
        snapshot.walBytes = 1024
        snapshot.connections = 7
        let reply = page(snapshot)
        #expect(reply.header("content-type") == "text/plain; version=0.0.4; charset=utf-8")
        let lines = Set(reply.text.split(separator: "\n").map(String.init))
        for expected in [
            #"reprise_http_requests_total{status="1xx"} 1"#, #"reprise_http_requests_total{status="2xx"} 2"#,
            #"reprise_http_requests_total{status="3xx"} 0"#, #"reprise_http_requests_total{status="4xx"} 2"#,
            #"reprise_http_requests_total{status="5xx"} 2"#, "reprise_turns_total 30", "reprise_commits_total 12",
            "reprise_turns_per_commit 2.5", #"reprise_attempts{state="running"} 3"#,
            #"reprise_attempts{state="parked"} 2"#, "reprise_attempts_stuck 1", "reprise_lanes 3", "reprise_backlog_turns 4",
            "reprise_invocations_paused 6", "reprise_database_bytes 4096", "reprise_wal_bytes 1024",
            "reprise_connections 7",
        ] {
            #expect(lines.contains(expected), "\(expected)")
        }
    }

    @Test func histogramIsCumulative() {
        var snapshot = MetricsSnapshot()
        for us in [100, 101, 1000, 2_000_000, 60_000_000] as [UInt64] { snapshot.commitTime.record(us: us) }
        let lines = page(snapshot).text.split(separator: "\n").filter {
            $0.hasPrefix("reprise_commit_duration_seconds")
        }
        #expect(lines == [
            #"reprise_commit_duration_seconds_bucket{le="0.0001"} 1"#,
            #"reprise_commit_duration_seconds_bucket{le="0.00025"} 2"#,
            #"reprise_commit_duration_seconds_bucket{le="0.0005"} 2"#,
            #"reprise_commit_duration_seconds_bucket{le="0.001"} 3"#,
            #"reprise_commit_duration_seconds_bucket{le="0.0025"} 3"#,
            #"reprise_commit_duration_seconds_bucket{le="0.005"} 3"#,
            #"reprise_commit_duration_seconds_bucket{le="0.01"} 3"#,
            #"reprise_commit_duration_seconds_bucket{le="0.025"} 3"#,
            #"reprise_commit_duration_seconds_bucket{le="0.05"} 3"#,
            #"reprise_commit_duration_seconds_bucket{le="0.1"} 3"#,
            #"reprise_commit_duration_seconds_bucket{le="0.25"} 3"#,
            #"reprise_commit_duration_seconds_bucket{le="0.5"} 3"#,
            #"reprise_commit_duration_seconds_bucket{le="1"} 3"#,
            #"reprise_commit_duration_seconds_bucket{le="2.5"} 4"#,
            #"reprise_commit_duration_seconds_bucket{le="5"} 4"#,
            #"reprise_commit_duration_seconds_bucket{le="10"} 4"#,
            #"reprise_commit_duration_seconds_bucket{le="+Inf"} 5"#,
            "reprise_commit_duration_seconds_sum 62.001201",
            "reprise_commit_duration_seconds_count 5",
        ])
    }

    /// Each family has its help and type once, before its samples, and every line is one of the three.
    @Test func exposition() {
        var described: Set<Substring> = []
        for line in page(MetricsSnapshot()).text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            let words = line.split(separator: " ", omittingEmptySubsequences: false)
            if line.hasPrefix("# TYPE ") {
                #expect(["counter", "gauge", "histogram"].contains(words[3]))
                #expect(described.insert(words[2]).inserted)
            } else if !line.hasPrefix("# HELP ") {
                #expect(words.count == 2 && Double(words[1]) != nil, "\(line)")
                let name = words[0].prefix { $0 != "{" }
                #expect(described.contains { name == $0 || name.hasPrefix($0 + "_") }, "\(line)")
            }
        }
        #expect(described.count == 13)
    }
}
