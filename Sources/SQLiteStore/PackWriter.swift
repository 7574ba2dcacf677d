import DurableModel

/// A pack that grows by one member at a time.
struct PackWriter {
    private var writer = ByteWriter(reserving: 2 * PackedRows.usualBytesMax)
    private var shapes: [Pack.Shape] = []
    private(set) var memberCount = 0

    var bytes: Bytes { writer.bytes }
    var isFull: Bool { writer.bytes.count >= PackedRows.usualBytesMax }

    /// False, and nothing has happened, for a large one: it would be read, and written again, for the sake of its
    /// neighbours.
    mutating func add(_ record: InvocationRecord, _ serial: InvocationSerial, expiresAtMs: Int64) -> Bool {
        if writer.bytes.isEmpty { writer.byte(Pack.format) }
        let (start, shapeCount) = (writer.bytes.count, shapes.count)
        let shape = shape(of: record.accepted.acceptance)
        writer.member(record, serial, expiresAtMs: expiresAtMs, shape: shape)
        guard writer.bytes.count - start <= PackedRows.usualBytesMax else {
            shapes.removeSubrange(shapeCount...)
            let before = writer.bytes[..<start]
            writer = ByteWriter(reserving: 2 * PackedRows.usualBytesMax)
            writer.copy(before)
            return false
        }
        memberCount += 1
        return true
    }

    mutating func clear() {
        writer.clear()
        shapes.removeAll(keepingCapacity: true)
        memberCount = 0
    }

    private mutating func shape(of acceptance: Acceptance) -> Int {
        if let known = shapes.lastIndex(where: { $0.isThat(of: acceptance) }) { return known }
        let shape = Pack.Shape(acceptance)
        writer.shape(shape)
        shapes.append(shape)
        return shapes.count - 1
    }
}

extension Pack.Shape {
    fileprivate init(_ acceptance: Acceptance) {
        service = acceptance.target.service
        handler = acceptance.target.handler
        kind = acceptance.kind
        headers = acceptance.headers.map {
            Header(name: $0.name, value: acceptance.target.hasPath($0.value) ? nil : $0.value)
        }
    }

    /// By bytes: what is stored comes back as it was.
    fileprivate func isThat(of acceptance: Acceptance) -> Bool {
        kind == acceptance.kind && headers.count == acceptance.headers.count
            && handler.hasSameBytes(as: acceptance.target.handler)
            && service.hasSameBytes(as: acceptance.target.service)
            && zip(headers, acceptance.headers).allSatisfy { own, other in
                guard own.name.hasSameBytes(as: other.name) else { return false }
                return own.value?.hasSameBytes(as: other.value) ?? acceptance.target.hasPath(other.value)
            }
    }
}

extension ByteWriter {
    fileprivate mutating func shape(_ shape: Pack.Shape) {
        sized { writer in
            writer.byte(Pack.shapeTag)
            writer.text(shape.service)
            writer.text(shape.handler)
            writer.text(shape.kind.rawValue)
            writer.list(shape.headers) { writer, header in
                writer.text(header.name)
                writer.optional(header.value) { $0.text($1) }
            }
        }
    }

    fileprivate mutating func member(
        _ record: InvocationRecord, _ serial: InvocationSerial, expiresAtMs: Int64, shape: Int
    ) {
        let accepted = record.accepted
        let acceptedAtMs = accepted.acceptance.id.acceptedAtMs
        sized { writer in
            writer.byte(Pack.memberTag)
            writer.signed(serial.rawValue)
            writer.invocationID(accepted.acceptance.id)
            writer.signed(expiresAtMs &- acceptedAtMs)
            writer.unsigned(UInt64(shape))
            writer.optional(accepted.acceptance.target.key) { $0.text($1) }
            writer.optional(accepted.acceptance.parent) { $0.link($1) }
            writer.fixed64(accepted.acceptance.seed)
            writer.blob(accepted.acceptance.input)
            writer.optional(record.progress.laneOrder) { $0.signed($1) }
            writer.signed(record.progress.journalLength)
            writer.optional(record.progress.completedAtMs) { $0.signed($1 &- acceptedAtMs) }
            writer.optional(record.progress.outcome) { $0.outcome($1) }
            writer.optional(record.progress.packedJournal) { $0.list($1) { $0.entry($1) } }
        }
    }
}
