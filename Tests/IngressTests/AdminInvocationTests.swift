import Admin
import DurableModel
import HTTPWire
import Testing

@testable import Ingress

@Suite struct AdminInvocationTests {
    static let childID = InvocationID.workflowRun(service: "Wf", key: "w")

    private func stored(_ change: (inout InvocationRecord, inout [JournalEntry]) -> Void = { _, _ in }) -> FakeBackend {
        let acceptance = Acceptance(
            id: LookupTests.id, target: InvocationTarget(service: "Counter", key: "k 1", handler: "add"),
            kind: .exclusive, input: Bytes("{\"a\":1}".utf8),
            headers: [HeaderField("x-restate-ingress-path", "/Counter/k%201/add")], createdAtMs: 1000, seed: 7)
        var record = InvocationRecord(acceptance: acceptance, progress: Progress(status: .running))
        var journal: [JournalEntry] = []
        change(&record, &journal)
        return FakeBackend(stored: [StoredInvocation(serial: InvocationSerial(1), record: record, journal: journal)])
    }

    private func described(_ backend: FakeBackend) throws -> JSONValue {
        let reply = adminReply("GET /invocations/\(LookupTests.idText)", backend)
        #expect(reply.status == 200)
        return try JSONReader.read(reply.body)
    }

    static let runningSummary =
        #"{"id":"\#(LookupTests.idText)","target":"Counter/k 1/add","target_service_name":"Counter","#
        + #""target_service_key":"k 1","target_handler_name":"add","target_service_ty":"virtual_object","#
        + #""invoked_by":"ingress","status":"running","created_at":"1970-01-01T00:00:01Z","journal_size":0,"#
        + #""retry_count":0"#

    @Test func listing() {
        let reply = adminReply("GET /invocations", stored())
        #expect(reply.text == #"{"invocations":["# + Self.runningSummary + "}]}")
        #expect(adminReply("GET /invocations").text == #"{"invocations":[]}"#)
    }

    @Test func description() {
        let reply = adminReply("GET /invocations/\(LookupTests.idText)", stored())
        #expect(
            reply.text == Self.runningSummary
                + #","input":{"utf8":"{\"a\":1}","length":7},"headers":[{"name":"x-restate-ingress-path","#
                + #""value":"/Counter/k%201/add"}],"journal":[]}"#)
    }

    static let filters: [(String, Int)] = [
        ("", 1), ("?status=running", 1), ("?status=paused", 0), ("?service=Counter&key=k+1", 1),
        ("?service=Counter&key=k%201&limit=1", 1), ("?service=Nope", 0), ("?key=k", 0), ("?unknown=1", 1),
    ]

    @Test(arguments: filters)
    func filtered(query: String, expectedCount: Int) throws {
        guard case .array(let found) = try JSONReader.read(adminReply("GET /invocations" + query, stored()).body)[
            "invocations"]
        else { throw UnexpectedDecision() }
        #expect(found.count == expectedCount)
    }

    @Test func failedAttemptsAndTimes() throws {
        let json = try described(stored { record, _ in
            record.progress.status = .backingOff
            record.progress.failedAttempts = 3
            record.progress.nextAttemptMs = 2500
            record.progress.lastFailure = "gateway \"down\""
            record.progress.strikes = 1
            record.acceptance.scheduledForMs = 1500
            record.acceptance.parent = ParentLink(serial: InvocationSerial(9), entry: 0)
            record.acceptance.idempotencyKey = "K"
        })
        #expect(json["status"] == .string("backing-off"))
        #expect(json["retry_count"] == .number("3"))
        #expect(json["next_retry_at"] == .string("1970-01-01T00:00:02.500000000Z"))
        #expect(json["last_failure"] == .string("gateway \"down\""))
        #expect(json["strikes"] == .number("1"))
        #expect(json["scheduled_start_at"] == .string("1970-01-01T00:00:01.500000000Z"))
        #expect(json["invoked_by"] == .string("service"))
        #expect(json["idempotency_key"] == .string("K"))
        #expect(json["completed_at"] == nil)
        #expect(json["output"] == nil)
    }

    @Test func completion() throws {
        let json = try described(stored { record, _ in
            record.progress.status = .completed
            record.progress.outcome = .failure(TerminalFailure(code: 409, message: "killed", metadata: [.init("a", "b")]))
            record.progress.completedAtMs = 2000
            record.progress.expiresAtMs = 3000
            record.progress.packedJournal = [JournalEntry(.now, completion: .time(1000))]
        })
        #expect(json["completion_result"] == .string("failure"))
        #expect(json["completion_failure"] == .string("[409] killed"))
        #expect(json["completed_at"] == .string("1970-01-01T00:00:02Z"))
        #expect(json["expires_at"] == .string("1970-01-01T00:00:03Z"))
        #expect(json["output"]?["failure"]?["code"] == .number("409"))
        guard case .array(let journal) = json["journal"] else { throw UnexpectedDecision() }
        #expect(journal.map { $0["entry_type"] } == [.string("Command: Now")])
    }

    @Test func journal() throws {
        let target = InvocationTarget(service: "Svc", handler: "h")
        let failure = Outcome.failure(TerminalFailure(message: "no"))
        let awakeable = AwakeableID(invocation: LookupTests.id, index: 17)
        let reply = adminReply("GET /invocations/\(LookupTests.idText)", stored { _, journal in
            journal = [
                JournalEntry(.getState(name: "s"), completion: .value(nil)),
                JournalEntry(.getState(name: "s"), completion: .value([0x31])),
                JournalEntry(.getStateNames, completion: .names(["a", "b"])),
                JournalEntry(.setState(name: "s", value: [0x32]), completion: .done),
                JournalEntry(.clearState(name: "s"), completion: .done),
                JournalEntry(.clearAllState, completion: .done),
                JournalEntry(
                    .run(name: "pay", policy: nil),
                    detail: .run(RunProgress(
                        failedAttempts: 2, firstFailureMs: 1, nextAttemptMs: 2000, lastFailure: "503"))),
                JournalEntry(
                    .call(target: target, input: [0x33], idempotencyKey: "K"), completion: .outcome(failure),
                    detail: .child(InvocationSerial(2), Self.childID)),
                JournalEntry(
                    .send(target: target, input: [], delayMs: 5, idempotencyKey: nil),
                    completion: .done, detail: .child(InvocationSerial(3), Self.childID)),
                JournalEntry(.sleep(durationMs: 1000), detail: .due(2000)),
                JournalEntry(.awakeable, completion: .outcome(.success([0x34])), detail: .signal(17)),
                JournalEntry(.completeAwakeable(awakeable, failure), completion: .done),
                JournalEntry(.now, completion: .time(1000)),
            ]
        })
        let expected = [
            #"{"index":0,"entry_type":"Command: GetEagerState","name":"s","completed":true,"result":"Void"}"#,
            #"{"index":1,"entry_type":"Command: GetEagerState","name":"s","completed":true,"result":"#
                + #"{"success":{"utf8":"1","length":1}}}"#,
            #"{"index":2,"entry_type":"Command: GetEagerStateKeys","name":"","completed":true,"result":["a","b"]}"#,
            #"{"index":3,"entry_type":"Command: SetState","name":"s","completed":true,"#
                + #""value":{"utf8":"2","length":1}}"#,
            #"{"index":4,"entry_type":"Command: ClearState","name":"s","completed":true}"#,
            #"{"index":5,"entry_type":"Command: ClearAllState","name":"","completed":true}"#,
            #"{"index":6,"entry_type":"Command: Run","name":"pay","completed":false,"retry_count":2,"#
                + #""first_failure_at":"1970-01-01T00:00:00.001000000Z","next_retry_at":"1970-01-01T00:00:02Z","#
                + #""last_failure":"503"}"#,
            #"{"index":7,"entry_type":"Command: Call","name":"","completed":true,"target":"Svc/h","#
                + #""input":{"utf8":"3","length":1},"idempotency_key":"K","invocation_id":"\#(Self.childID.text)","#
                + #""result":{"failure":{"code":500,"message":"no"}}}"#,
            #"{"index":8,"entry_type":"Command: OneWayCall","name":"","completed":true,"target":"Svc/h","#
                + #""input":{"utf8":"","length":0},"delay_ms":5,"invocation_id":"\#(Self.childID.text)"}"#,
            #"{"index":9,"entry_type":"Command: Sleep","name":"","completed":false,"duration_ms":1000,"#
                + #""wake_up_time":"1970-01-01T00:00:02Z"}"#,
            #"{"index":10,"entry_type":"Command: Awakeable","name":"","completed":true,"signal_index":17,"#
                + #""result":{"success":{"utf8":"4","length":1}}}"#,
            #"{"index":11,"entry_type":"Command: CompleteAwakeable","name":"","completed":true,"#
                + #""id":"\#(awakeable.text)","value":{"failure":{"code":500,"message":"no"}}}"#,
            #"{"index":12,"entry_type":"Command: Now","name":"","completed":true,"result":"1970-01-01T00:00:01Z"}"#,
        ]
        #expect(reply.text.hasSuffix(#""journal":["# + expected.joined(separator: ",") + "]}"))
    }

    static let payloads: [(Bytes, String)] = [
        ([0x61, 0x0A, 0x01], #"{"utf8":"a\n\u0001","length":3}"#),
        ([0xFF], #"{"base64":"/w==","length":1}"#), ([0xFF, 0x00], #"{"base64":"/wA=","length":2}"#),
        ([0xFF, 0x00, 0x10], #"{"base64":"/wAQ","length":3}"#),
        ([0xFF, 0x00, 0x10, 0x83], #"{"base64":"/wAQgw==","length":4}"#),
        // Ends inside a character without having been cut.
        ([0x61, 0xC3], #"{"base64":"YcM=","length":2}"#),
    ]

    @Test(arguments: payloads)
    func payload(bytes: Bytes, expected: String) {
        let backend = stored { record, _ in record.acceptance.input = bytes }
        let reply = adminReply("GET /invocations/\(LookupTests.idText)", backend)
        #expect(reply.text.contains("\"input\":" + expected))
    }

    @Test func longPayloadIsCutAtACharacter() throws {
        let long = Bytes(("a" + String(repeating: "ä", count: 10_000)).utf8)
        let json = try described(stored { record, _ in record.acceptance.input = long })
        #expect(json["input"]?["utf8"] == .string("a" + String(repeating: "ä", count: 8191)))
        #expect(json["input"]?["length"] == .number("20001"))
        #expect(json["input"]?["truncated"] == .bool(true))
    }
}
