import DurableModel
import GRDB

/// The columns of `lasting` and of the view `invocation`: how a record becomes a row and a row a record.
enum InvocationColumns {
    /// Longer inputs go to `large_input`.
    static let inlineInputBytesMax = 1024

    /// In the order in which `bind(_: Progress)` binds and `progress(_:)` reads them.
    private static let progress = [
        "status", "lane_order", "failed_attempts", "first_failure_ms", "next_attempt_ms", "last_failure", "strikes",
        "journal_length", "completed_at_ms", "expires_at_ms", "outcome", "failure_code", "failure_message",
        "failure_metadata", "output", "packed_journal", "followers", "control",
    ]
    /// In the order in which `bind(_: Acceptance)` binds and `acceptance(_:)` reads them; `input` follows.
    private static let acceptance = [
        "id", "service", "key", "handler", "kind", "idempotency_key", "parent_serial", "parent_entry",
        "created_at_ms", "scheduled_for_ms", "seed", "promised", "headers",
    ]

    private static let names = ["serial"] + progress + acceptance + ["input"]
    static let all = names.joined(separator: ", ")

    static let insert = {
        let marks = names.map { _ in "?" }.joined(separator: ", ")
        return "INSERT INTO lasting (\(all)) VALUES (\(marks))"
    }()

    static let update = {
        let assignments = progress.map { "\($0) = ?" }.joined(separator: ", ")
        return "UPDATE lasting SET \(assignments) WHERE serial = ?"
    }()

    static let select = "SELECT \(all)"

    /// As `select`, with null in place of the columns that may be large.
    static let selectWithoutLarge = {
        let large = ["output", "packed_journal", "input"]
        return "SELECT \(names.map { large.contains($0) ? "NULL" : $0 }.joined(separator: ", "))"
    }()

    private static let firstOfProgress: CInt = 1
    private static let firstOfAcceptance = firstOfProgress + CInt(progress.count)
    private static let input = firstOfAcceptance + CInt(acceptance.count)

    static func serial(_ row: RowReader) -> InvocationSerial { InvocationSerial(row.int64(0)) }

    static func isInputElsewhere(_ row: RowReader) -> Bool { row.isNull(input) }

    static func record(_ row: RowReader) throws -> InvocationRecord {
        InvocationRecord(acceptance: try acceptance(row), progress: try progress(row))
    }

    /// For people: what can be read, and in place of the last failure why the rest cannot.
    static func readableRecord(_ row: RowReader) -> InvocationRecord {
        do {
            return try record(row)
        } catch {
            let target = InvocationTarget(
                service: row.text(firstOfAcceptance + 1), key: row.optionalText(firstOfAcceptance + 2),
                handler: row.text(firstOfAcceptance + 3))
            let id = try? InvocationID(stored: row.blob(firstOfAcceptance))
            let acceptance = Acceptance(
                id: id ?? InvocationID(partitionKey: 0, uuid: 0), target: target,
                kind: HandlerKind(rawValue: row.text(firstOfAcceptance + 4)) ?? .service, input: [],
                createdAtMs: row.int64(firstOfAcceptance + 8), seed: 0)
            var progress = Progress(status: InvocationStatus(rawValue: row.text(firstOfProgress)) ?? .paused)
            progress.lastFailure = unreadable(error)
            return InvocationRecord(acceptance: acceptance, progress: progress)
        }
    }

    static func unreadable(_ failure: any Error) -> String {
        "what is stored of this invocation does not decode: \(failure)"
    }

    static func largeInput(of serial: InvocationSerial, _ db: Database) throws -> Bytes {
        let statement = try PreparedStatement(cached: "SELECT body FROM large_input WHERE serial = ?", on: db)
        statement.bind(serial.rawValue)
        guard let body = try statement.row({ $0.blob(0) }) else { throw DecodingFailure("the input is missing") }
        return body
    }

    private static func progress(_ row: RowReader) throws -> Progress {
        let first = firstOfProgress
        let status = row.text(first)
        guard let status = InvocationStatus(rawValue: status) else {
            throw DecodingFailure("the status '\(status)' is unknown")
        }
        var progress = Progress(status: status)
        progress.laneOrder = row.optionalInt64(first + 1)
        progress.failedAttempts = row.int(first + 2)
        progress.firstFailureMs = row.optionalInt64(first + 3)
        progress.nextAttemptMs = row.optionalInt64(first + 4)
        progress.lastFailure = row.optionalText(first + 5)
        progress.strikes = row.int(first + 6)
        progress.journalLength = row.int(first + 7)
        progress.completedAtMs = row.optionalInt64(first + 8)
        progress.expiresAtMs = row.optionalInt64(first + 9)
        progress.outcome = try outcome(row)
        if let followers = row.optionalBlob(first + 16) {
            progress.followers = try decoding("the followers") {
                try StoredForm.value(of: followers) { try $0.links() }
            }
        }
        if let packed = row.optionalBlob(first + 15) {
            progress.packedJournal = try decoding("the packed journal") {
                try StoredForm.value(of: packed) { try $0.list { try $0.entry() } }
            }
        }
        if let control = row.optionalBlob(first + 17) {
            try decoding("what the invocation waits for") {
                try StoredForm.value(of: control) { try $0.readControl(into: &progress) }
            }
        }
        return progress
    }

    private static func outcome(_ row: RowReader) throws -> Outcome? {
        let first = firstOfProgress
        guard let kind = row.optionalText(first + 10) else { return nil }
        switch kind {
        case "success": return .success(row.blob(first + 14))
        case "failure":
            var failure = TerminalFailure(code: row.int(first + 11), message: row.text(first + 12))
            if let metadata = row.optionalBlob(first + 13) {
                failure.metadata = try decoding("the metadata of the failure") {
                    try StoredForm.value(of: metadata) { try $0.metadata() }
                }
            }
            return .failure(failure)
        default: throw DecodingFailure("the outcome '\(kind)' is unknown")
        }
    }

    private static func acceptance(_ row: RowReader) throws -> Acceptance {
        let first = firstOfAcceptance
        let kind = row.text(first + 4)
        guard let kind = HandlerKind(rawValue: kind) else {
            throw DecodingFailure("the handler kind '\(kind)' is unknown")
        }
        let target = InvocationTarget(
            service: row.text(first + 1), key: row.optionalText(first + 2), handler: row.text(first + 3))
        var acceptance = Acceptance(
            id: try InvocationID(stored: row.blob(first)), target: target, kind: kind, input: row.blob(input),
            createdAtMs: row.int64(first + 8), seed: UInt64(bitPattern: row.int64(first + 10)))
        acceptance.idempotencyKey = row.optionalText(first + 5)
        if let parent = row.optionalInt64(first + 6) {
            acceptance.parent = ParentLink(serial: InvocationSerial(parent), entry: row.int(first + 7))
        }
        acceptance.scheduledForMs = row.optionalInt64(first + 9)
        acceptance.isPromised = row.int64(first + 11) != 0
        if let headers = row.optionalBlob(first + 12) {
            acceptance.headers = try decoding("the headers") {
                try StoredForm.value(of: headers) { try $0.headers() }
            }
        }
        return acceptance
    }

    /// Says in a failure what was being read.
    static func decoding<Value>(
        _ subject: String, _ read: () throws -> Value
    ) throws -> Value {
        do {
            return try read()
        } catch let failure as DecodingFailure {
            throw DecodingFailure("\(subject): \(failure.description)")
        }
    }
}

extension PreparedStatement {
    func bind(_ progress: Progress) {
        bind(progress.status.rawValue)
        bind(progress.laneOrder)
        bind(progress.failedAttempts)
        bind(progress.firstFailureMs)
        bind(progress.nextAttemptMs)
        bind(progress.lastFailure)
        bind(progress.strikes)
        bind(progress.journalLength)
        bind(progress.completedAtMs)
        bind(progress.expiresAtMs)
        bind(progress.outcome)
        bind(packed: progress.packedJournal)
        bind(progress.followers.isEmpty ? nil : StoredForm.bytes { $0.links(progress.followers) })
        bind(progress.hasControl ? StoredForm.bytes { $0.control(of: progress) } : nil)
    }

    func bind(packed journal: [JournalEntry]?) {
        bind(journal.map { journal in StoredForm.bytes { $0.list(journal) { $0.entry($1) } } })
    }

    /// Five columns: what it is, code, message and metadata of a failure, output of a success.
    func bind(_ outcome: Outcome?) {
        switch outcome {
        case nil: for _ in 0..<5 { bindNull() }
        case .success(let output):
            bind("success" as StaticString)
            for _ in 0..<3 { bindNull() }
            bind(output)
        case .failure(let failure):
            bind("failure" as StaticString)
            bind(failure.code)
            bind(failure.message)
            bind(failure.metadata.isEmpty ? nil : StoredForm.bytes { $0.metadata(failure.metadata) })
            bindNull()
        }
    }

    func bind(_ acceptance: Acceptance) {
        bind(acceptance.id.stored)
        bind(acceptance.target.service)
        bind(acceptance.target.key)
        bind(acceptance.target.handler)
        bind(acceptance.kind.rawValue)
        bind(acceptance.idempotencyKey)
        bind(acceptance.parent?.serial.rawValue)
        bind(acceptance.parent.map { Int64($0.entry) })
        bind(acceptance.createdAtMs)
        bind(acceptance.scheduledForMs)
        bind(Int64(bitPattern: acceptance.seed))
        bind(acceptance.isPromised)
        bind(acceptance.headers.isEmpty ? nil : StoredForm.bytes { $0.headers(acceptance.headers) })
    }
}

extension InvocationID {
    /// Uuid first: those of a time lie side by side in the index.
    var stored: Bytes {
        Bytes(unsafeUninitializedCapacity: 24) { bytes, count in
            for place in 0..<16 { bytes[place] = UInt8(truncatingIfNeeded: uuid >> UInt128(8 * (15 - place))) }
            for place in 0..<8 {
                bytes[16 + place] = UInt8(truncatingIfNeeded: partitionKey >> UInt64(8 * (7 - place)))
            }
            count = 24
        }
    }

    init(stored bytes: Bytes) throws {
        guard bytes.count == 24 else { throw DecodingFailure("an invocation id has 24 bytes, not \(bytes.count)") }
        self.init(
            partitionKey: bytes[16...].reduce(0) { $0 << 8 | UInt64($1) },
            uuid: bytes[..<16].reduce(0) { $0 << 8 | UInt128($1) })
    }
}
