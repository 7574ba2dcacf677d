import DurableModel

/// Brief results one after the other, oldest first: what one row of `packed` holds. What finds a result and decides
/// when it goes comes first, so that the rest is read only of those that somebody asks for.
///
/// After a byte for the format come parts, each after its size: a member, or a shape that members behind it refer to by
/// its number. Times are told as milliseconds since the acceptance, which the id tells. Format 1, which schema 5 wrote,
/// has no shapes and no tags: each member says everything itself.
struct Pack {
    /// What members have in common with others.
    struct Shape {
        var service: String
        var handler: String
        var kind: HandlerKind
        var headers: [Header]

        struct Header {
            var name: String
            /// nil: the path of the member's target. The ingress tells each invocation the path it was called by.
            var value: String?
        }
    }

    struct Member {
        var serial: InvocationSerial
        var id: InvocationID
        var expiresAtMs: Int64
        /// nil in a pack without shapes.
        fileprivate var shape: Int?
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

    static let format: UInt8 = 2
    private static let formatWithoutShapes: UInt8 = 1
    static let shapeTag: UInt8 = 0
    static let memberTag: UInt8 = 1

    private let bytes: Bytes
    private let hasShapes: Bool
    private var shapes: [Range<Int>] = []
    private(set) var members: [Member] = []

    /// Throws `DecodingFailure`.
    init(_ bytes: Bytes) throws {
        self.bytes = bytes
        var reader = ByteReader(bytes)
        let format = try reader.byte()
        guard format == Self.format || format == Self.formatWithoutShapes else {
            throw DecodingFailure("the pack has format \(format), this version reads up to format \(Self.format)")
        }
        hasShapes = format == Self.format
        while reader.remaining > 0 {
            let start = reader.offset
            let part = try reader.sized()
            try take(start..<part.upperBound, ByteReader(bytes, in: part))
        }
    }

    private mutating func take(_ whole: Range<Int>, _ part: ByteReader) throws {
        var part = part
        if hasShapes {
            switch try part.byte() {
            case Self.shapeTag: return shapes.append(whole)
            case Self.memberTag: break
            case let tag: throw DecodingFailure("the tag \(tag) of a part of a pack is unknown")
            }
        }
        let serial = InvocationSerial(try part.signed())
        let id = try part.invocationID()
        let expiresAtMs = try part.signed()
        let shape = hasShapes ? Int(truncatingIfNeeded: try part.unsigned()) : nil
        members.append(
            Member(
                serial: serial, id: id, expiresAtMs: hasShapes ? id.acceptedAtMs &+ expiresAtMs : expiresAtMs,
                shape: shape, whole: whole, rest: part.offset..<whole.upperBound))
    }

    /// Throws `DecodingFailure`.
    func record(of member: Member) throws -> InvocationRecord {
        var reader = ByteReader(bytes, in: member.rest)
        let shape = try member.shape.map(shape)
        let record = try shape.map { try reader.member(member, $0) } ?? reader.memberWithoutShape(member)
        try reader.requireEnd()
        return record
    }

    private func shape(_ number: Int) throws -> Shape {
        guard shapes.indices.contains(number) else {
            throw DecodingFailure("the pack has no shape \(number)")
        }
        var part = ByteReader(bytes, in: shapes[number])
        var reader = ByteReader(bytes, in: try part.sized())
        _ = try reader.byte()
        let shape = Shape(
            service: try reader.text(), handler: try reader.text(), kind: try reader.kind(),
            headers: try reader.list { Shape.Header(name: try $0.text(), value: try $0.optionalText()) })
        try reader.requireEnd()
        return shape
    }

    /// The same without the others: nothing is left of them. A shape that nobody has any more becomes an empty one,
    /// so that the rest keep their numbers.
    func bytes(of staying: [Member]) -> Bytes {
        var writer = ByteWriter(reserving: bytes.count)
        writer.byte(hasShapes ? Self.format : Self.formatWithoutShapes)
        let wanted = Set(staying.compactMap(\.shape))
        for (number, shape) in shapes.enumerated() {
            if wanted.contains(number) { writer.copy(bytes[shape]) } else { writer.sized { $0.byte(Self.shapeTag) } }
        }
        for member in staying { writer.copy(bytes[member.whole]) }
        return writer.bytes
    }
}

extension ByteReader {
    fileprivate mutating func member(_ member: Pack.Member, _ shape: Pack.Shape) throws -> InvocationRecord {
        let target = InvocationTarget(service: shape.service, key: try optionalText(), handler: shape.handler)
        let headers = shape.headers.map { HeaderField($0.name, $0.value ?? target.path) }
        let parent = try optional { try $0.link() }
        let seed = try fixed64()
        let acceptance = Acceptance(
            id: member.id, target: target, kind: shape.kind, input: try blob(), headers: headers, parent: parent,
            createdAtMs: member.id.acceptedAtMs, seed: seed)
        return InvocationRecord(acceptance: acceptance, progress: try progress(of: member) { $0.id.acceptedAtMs &+ $1 })
    }

    fileprivate mutating func memberWithoutShape(_ member: Pack.Member) throws -> InvocationRecord {
        let target = try target()
        let kind = try kind()
        let parent = try optional { try $0.link() }
        let seed = try fixed64()
        let headers = try headers()
        let acceptance = Acceptance(
            id: member.id, target: target, kind: kind, input: try blob(), headers: headers, parent: parent,
            createdAtMs: member.id.acceptedAtMs, seed: seed)
        return InvocationRecord(acceptance: acceptance, progress: try progress(of: member) { $1 })
    }

    private mutating func progress(
        of member: Pack.Member, _ timeMs: (Pack.Member, Int64) -> Int64
    ) throws -> Progress {
        var progress = Progress(status: .completed)
        progress.laneOrder = try optionalSigned()
        progress.journalLength = try integer()
        progress.completedAtMs = try optionalSigned().map { timeMs(member, $0) }
        progress.expiresAtMs = member.expiresAtMs
        progress.outcome = try optional { try $0.outcome() }
        progress.packedJournal = try optional { try $0.list { try $0.entry() } }
        return progress
    }

    fileprivate mutating func kind() throws -> HandlerKind {
        let kind = try text()
        guard let kind = HandlerKind(rawValue: kind) else {
            throw DecodingFailure("the handler kind '\(kind)' is unknown")
        }
        return kind
    }
}

extension InvocationTarget {
    /// `/service/key/handler`, without escapes.
    fileprivate var path: String { [service, key, handler].compactMap(\.self).reduce("") { "\($0)/\($1)" } }

    private var pathLength: Int {
        service.utf8.count + (key.map { $0.utf8.count + 1 } ?? 0) + handler.utf8.count + 2
    }

    /// As comparing with `path`, without making one.
    func hasPath(_ text: String) -> Bool {
        guard text.utf8.count == pathLength else { return false }
        var text = text
        return text.withUTF8 { bytes in
            var place = 0
            func follows(_ part: String) -> Bool {
                guard bytes[place] == UInt8(ascii: "/") else { return false }
                place += 1
                for byte in part.utf8 {
                    guard bytes[place] == byte else { return false }
                    place += 1
                }
                return true
            }
            return follows(service) && (key.map(follows) ?? true) && follows(handler)
        }
    }
}
