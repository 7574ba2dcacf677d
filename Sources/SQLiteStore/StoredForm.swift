import DurableModel

/// The stored form of what has no column of its own: journal commands, completions and details, headers and failure
/// metadata. A value is a format byte, then tag bytes and their fields in the order below. A tag is never reused: a
/// command that changes its fields gets a new tag and the old one stays readable.
enum StoredForm {
    static let format: UInt8 = 1
    /// Opens a completion that is preceded by its rank.
    static let rankedTag: UInt8 = 100

    static func bytes(_ write: (inout ByteWriter) -> Void) -> Bytes {
        var writer = ByteWriter()
        writer.byte(format)
        write(&writer)
        return writer.bytes
    }

    static func value<Value>(
        of bytes: Bytes, _ read: (inout ByteReader) throws -> Value
    ) throws -> Value {
        var reader = ByteReader(bytes)
        let found = try reader.byte()
        guard found == format else {
            throw DecodingFailure("the value has format \(found), this version reads format \(format)")
        }
        let value = try read(&reader)
        try reader.requireEnd()
        return value
    }
}

// MARK: - Commands

extension ByteWriter {
    mutating func command(_ command: Command) {
        switch command {
        case .getState(let name):
            byte(1)
            text(name)
        case .getStateNames: byte(2)
        case .setState(let name, let value):
            byte(3)
            text(name)
            blob(value)
        case .clearState(let name):
            byte(4)
            text(name)
        case .clearAllState: byte(5)
        case .run(let name, let policy):
            byte(6)
            text(name)
            optional(policy) { $0.policy($1) }
        case .transaction(let name, let policy):
            byte(20)
            text(name)
            optional(policy) { $0.policy($1) }
        case .call(let target, let input, let idempotencyKey):
            byte(7)
            self.target(target)
            blob(input)
            optional(idempotencyKey) { $0.text($1) }
        case .send(let target, let input, let delayMs, let idempotencyKey):
            byte(8)
            self.target(target)
            blob(input)
            optional(delayMs) { $0.signed($1) }
            optional(idempotencyKey) { $0.text($1) }
        case .sleep(let durationMs):
            byte(9)
            signed(durationMs)
        case .awakeable: byte(10)
        case .completeAwakeable(let id, let outcome):
            byte(11)
            invocationID(id.invocation)
            unsigned(UInt64(id.index))
            self.outcome(outcome)
        case .now: byte(12)
        case .getPromise(let name):
            byte(13)
            text(name)
        case .peekPromise(let name):
            byte(14)
            text(name)
        case .completePromise(let name, let outcome):
            byte(15)
            text(name)
            self.outcome(outcome)
        case .attach(let id):
            byte(16)
            invocationID(id)
        case .getOutput(let id):
            byte(17)
            invocationID(id)
        case .cancel(let id):
            byte(18)
            invocationID(id)
        case .patch(let id):
            byte(19)
            text(id)
        }
    }

    private mutating func policy(_ policy: RetryPolicy) {
        signed(policy.initialDelayMs)
        fixed64(policy.factor.bitPattern)
        signed(policy.maxDelayMs)
        optional(policy.maxAttempts) { $0.signed($1) }
        optional(policy.maxDurationMs) { $0.signed($1) }
    }

    mutating func target(_ target: InvocationTarget) {
        text(target.service)
        optional(target.key) { $0.text($1) }
        text(target.handler)
    }
}

extension ByteReader {
    mutating func command() throws -> Command {
        switch try byte() {
        case 1: return .getState(name: try text())
        case 2: return .getStateNames
        case 3: return .setState(name: try text(), value: try blob())
        case 4: return .clearState(name: try text())
        case 5: return .clearAllState
        case 6:
            return .run(name: try text(), policy: try optional { try $0.policy() })
        case 20:
            return .transaction(name: try text(), policy: try optional { try $0.policy() })
        case 7:
            return .call(target: try target(), input: try blob(), idempotencyKey: try optionalText())
        case 8:
            return .send(
                target: try target(), input: try blob(), delayMs: try optionalSigned(),
                idempotencyKey: try optionalText())
        case 9: return .sleep(durationMs: try signed())
        case 10: return .awakeable
        case 11:
            let id = AwakeableID(invocation: try invocationID(), index: try index())
            return .completeAwakeable(id, try outcome())
        case 12: return .now
        case 13: return .getPromise(name: try text())
        case 14: return .peekPromise(name: try text())
        case 15: return .completePromise(name: try text(), try outcome())
        case 16: return .attach(try invocationID())
        case 17: return .getOutput(try invocationID())
        case 18: return .cancel(try invocationID())
        case 19: return .patch(id: try text())
        case let tag: throw DecodingFailure("the command tag \(tag) is unknown")
        }
    }

    private mutating func policy() throws -> RetryPolicy {
        RetryPolicy(
            initialDelayMs: try signed(), factor: Double(bitPattern: try fixed64()), maxDelayMs: try signed(),
            maxAttempts: try optional { try $0.integer() },
            maxDurationMs: try optionalSigned())
    }

    mutating func target() throws -> InvocationTarget {
        InvocationTarget(service: try text(), key: try optionalText(), handler: try text())
    }

    mutating func optionalText() throws -> String? {
        try optional { try $0.text() }
    }

    mutating func optionalSigned() throws -> Int64? {
        try optional { try $0.signed() }
    }

    mutating func index() throws -> UInt32 {
        let value = try unsigned()
        guard let index = UInt32(exactly: value) else { throw DecodingFailure("the index \(value) is too large") }
        return index
    }
}

// MARK: - Completions and details

extension ByteWriter {
    mutating func completion(_ completion: Completion) {
        switch completion {
        case .done: byte(1)
        case .value(let value):
            byte(2)
            optional(value) { $0.blob($1) }
        case .names(let names):
            byte(3)
            list(names) { $0.text($1) }
        case .time(let timeMs):
            byte(4)
            signed(timeMs)
        case .outcome(let outcome):
            byte(5)
            self.outcome(outcome)
        case .elapsed: byte(6)
        case .outcomeSoFar(let outcome):
            byte(7)
            optional(outcome) { $0.outcome($1) }
        }
    }

    /// The completion with its rank, if it has one.
    mutating func completion(of entry: JournalEntry) {
        guard let completion = entry.completion else { return }
        if entry.completionRank > 0 {
            byte(StoredForm.rankedTag)
            unsigned(UInt64(entry.completionRank))
        }
        self.completion(completion)
    }

    mutating func detail(_ detail: EntryDetail) {
        switch detail {
        case .none: byte(1)
        case .run(let progress):
            byte(2)
            signed(progress.failedAttempts)
            optional(progress.firstFailureMs) { $0.signed($1) }
            optional(progress.nextAttemptMs) { $0.signed($1) }
            optional(progress.lastFailure) { $0.text($1) }
        case .child(let serial, let id):
            byte(3)
            signed(serial.rawValue)
            invocationID(id)
        case .due(let dueMs):
            byte(4)
            signed(dueMs)
        case .signal(let index):
            byte(5)
            unsigned(UInt64(index))
        }
    }
}

extension ByteReader {
    mutating func rankedCompletion() throws -> (completion: Completion, rank: Int) {
        let tag = try byte()
        guard tag == StoredForm.rankedTag else { return (try completion(tag: tag), 0) }
        let value = try unsigned()
        guard let rank = Int(exactly: value) else { throw DecodingFailure("the rank \(value) is too large") }
        return (try completion(tag: try byte()), rank)
    }

    mutating func completion() throws -> Completion { try completion(tag: try byte()) }

    private mutating func completion(tag: UInt8) throws -> Completion {
        switch tag {
        case 1: return .done
        case 2: return .value(try optional { try $0.blob() })
        case 3: return .names(try list { try $0.text() })
        case 4: return .time(try signed())
        case 5: return .outcome(try outcome())
        case 6: return .elapsed
        case 7: return .outcomeSoFar(try optional { try $0.outcome() })
        case let tag: throw DecodingFailure("the completion tag \(tag) is unknown")
        }
    }

    mutating func detail() throws -> EntryDetail {
        switch try byte() {
        case 1: return .none
        case 2:
            return .run(
                RunProgress(
                    failedAttempts: try integer(), firstFailureMs: try optionalSigned(),
                    nextAttemptMs: try optionalSigned(), lastFailure: try optionalText()))
        case 3: return .child(InvocationSerial(try signed()), try invocationID())
        case 4: return .due(try signed())
        case 5: return .signal(try index())
        case let tag: throw DecodingFailure("the detail tag \(tag) is unknown")
        }
    }
}

// MARK: - Entries, outcomes, ids, headers

extension ByteWriter {
    mutating func entry(_ entry: JournalEntry) {
        command(entry.command)
        optional(entry.completion) { writer, _ in writer.completion(of: entry) }
        detail(entry.detail)
    }

    mutating func outcome(_ outcome: Outcome) {
        switch outcome {
        case .success(let value):
            byte(1)
            blob(value)
        case .failure(let failure):
            byte(2)
            signed(failure.code)
            text(failure.message)
            metadata(failure.metadata)
        }
    }

    mutating func metadata(_ metadata: [TerminalFailure.Metadata]) {
        list(metadata) { writer, item in
            writer.text(item.name)
            writer.text(item.value)
        }
    }

    mutating func links(_ links: [ParentLink]) {
        list(links) { $0.link($1) }
    }

    mutating func link(_ link: ParentLink) {
        signed(link.serial.rawValue)
        signed(link.entry)
    }

    mutating func headers(_ headers: [HeaderField]) {
        list(headers) { writer, header in
            writer.text(header.name)
            writer.text(header.value)
        }
    }

    mutating func invocationID(_ id: InvocationID) {
        fixed64(id.partitionKey)
        fixed64(id.uuidLow)
        fixed64(id.uuidHigh)
    }
}

extension ByteReader {
    mutating func entry() throws -> JournalEntry {
        let command = try command()
        let completion = try optional { try $0.rankedCompletion() }
        var entry = JournalEntry(command, completion: completion?.completion, detail: try detail())
        entry.completionRank = completion?.rank ?? 0
        return entry
    }

    mutating func outcome() throws -> Outcome {
        switch try byte() {
        case 1: return .success(try blob())
        case 2:
            return .failure(
                TerminalFailure(code: try integer(), message: try text(), metadata: try metadata()))
        case let tag: throw DecodingFailure("the outcome tag \(tag) is unknown")
        }
    }

    mutating func metadata() throws -> [TerminalFailure.Metadata] {
        try list { TerminalFailure.Metadata(try $0.text(), try $0.text()) }
    }

    mutating func links() throws -> [ParentLink] {
        try list { try $0.link() }
    }

    mutating func link() throws -> ParentLink {
        ParentLink(serial: InvocationSerial(try signed()), entry: try integer())
    }

    mutating func headers() throws -> [HeaderField] {
        try list { HeaderField(try $0.text(), try $0.text()) }
    }

    mutating func invocationID() throws -> InvocationID {
        let partitionKey = try fixed64()
        let low = try fixed64()
        let high = try fixed64()
        return InvocationID(partitionKey: partitionKey, uuidHigh: high, uuidLow: low)
    }
}
