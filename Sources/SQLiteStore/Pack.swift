import DurableModel

/// Brief results one after the other, oldest first: what one row of `packed` holds. What finds a result and decides
/// when it goes comes first, so that the rest is read only of those that somebody asks for.
struct Pack {
    struct Member {
        var serial: InvocationSerial
        var id: InvocationID
        var expiresAtMs: Int64
        /// Where all of it is, its size included.
        fileprivate var whole: Range<Int>
        /// Where the rest is.
        fileprivate var rest: Range<Int>

        var place: RowOrder.Place {
            RowOrder.Place(serial: serial.rawValue, createdAtMs: id.acceptedAtMs, expiresAtMs: expiresAtMs)
        }

        var asCandidate: PurgeCandidate {
            PurgeCandidate(serial: serial, id: id, isPromised: false, expiresAtMs: expiresAtMs, isAlone: true)
        }
    }

    private let bytes: Bytes
    let members: [Member]

    /// Throws `DecodingFailure`.
    init(_ bytes: Bytes) throws {
        self.bytes = bytes
        var reader = ByteReader(bytes)
        let format = try reader.byte()
        guard format == StoredForm.format else {
            throw DecodingFailure("the pack has format \(format), this version reads format \(StoredForm.format)")
        }
        var members: [Member] = []
        while reader.remaining > 0 {
            let start = reader.offset
            let part = try reader.sized()
            var head = ByteReader(bytes, in: part)
            members.append(
                Member(
                    serial: InvocationSerial(try head.signed()), id: try head.invocationID(),
                    expiresAtMs: try head.signed(), whole: start..<part.upperBound,
                    rest: head.offset..<part.upperBound))
        }
        self.members = members
    }

    /// Throws `DecodingFailure`.
    func record(of member: Member) throws -> InvocationRecord {
        var reader = ByteReader(bytes, in: member.rest)
        let record = try reader.brief(member)
        try reader.requireEnd()
        return record
    }

    /// The same without the others.
    func bytes(of staying: [Member]) -> Bytes {
        var writer = ByteWriter(reserving: bytes.count)
        writer.byte(StoredForm.format)
        for member in staying { writer.copy(bytes[member.whole]) }
        return writer.bytes
    }
}

extension ByteWriter {
    /// A member of a pack.
    mutating func brief(_ record: InvocationRecord, _ serial: InvocationSerial, expiresAtMs: Int64) {
        let (acceptance, progress) = (record.acceptance, record.progress)
        sized { writer in
            writer.signed(serial.rawValue)
            writer.invocationID(acceptance.id)
            writer.signed(expiresAtMs)
            writer.target(acceptance.target)
            writer.text(acceptance.kind.rawValue)
            writer.optional(acceptance.parent) { $0.link($1) }
            writer.fixed64(acceptance.seed)
            writer.headers(acceptance.headers)
            writer.blob(acceptance.input)
            writer.optional(progress.laneOrder) { $0.signed($1) }
            writer.signed(progress.journalLength)
            writer.optional(progress.completedAtMs) { $0.signed($1) }
            writer.optional(progress.outcome) { $0.outcome($1) }
            writer.optional(progress.packedJournal) { $0.list($1) { $0.entry($1) } }
        }
    }
}

extension ByteReader {
    fileprivate mutating func brief(_ member: Pack.Member) throws -> InvocationRecord {
        let target = try target()
        let kind = try text()
        guard let kind = HandlerKind(rawValue: kind) else {
            throw DecodingFailure("the handler kind '\(kind)' is unknown")
        }
        let parent = try optional { try $0.link() }
        let seed = try fixed64()
        let headers = try headers()
        var acceptance = Acceptance(
            id: member.id, target: target, kind: kind, input: try blob(), createdAtMs: member.id.acceptedAtMs,
            seed: seed)
        acceptance.parent = parent
        acceptance.headers = headers
        var progress = Progress(status: .completed)
        progress.laneOrder = try optionalSigned()
        progress.journalLength = try integer()
        progress.completedAtMs = try optionalSigned()
        progress.expiresAtMs = member.expiresAtMs
        progress.outcome = try optional { try $0.outcome() }
        progress.packedJournal = try optional { try $0.list { try $0.entry() } }
        return InvocationRecord(acceptance: acceptance, progress: progress)
    }
}
