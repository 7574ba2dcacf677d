import DurableModel
import Testing

@testable import SQLiteStore

/// Results in one row, and what they say once for all.
@Suite struct PackTests {
    private func result(
        _ number: Int64, service: String = "Counter", key: String? = "a", handler: String = "add",
        kind: HandlerKind = .exclusive, headers: [HeaderField] = [], input: Bytes = [5]
    ) -> InvocationRecord {
        let target = InvocationTarget(service: service, key: key, handler: handler)
        let acceptance = Acceptance(
            id: .fresh(target: target, nowMs: 1_760_000_000_000 + number, entropy: Entropy(1, 2, UInt64(number))),
            target: target, kind: kind, input: input, headers: headers,
            parent: number % 2 == 0 ? ParentLink(serial: InvocationSerial(7), entry: 3) : nil,
            createdAtMs: 1_760_000_000_000 + number, seed: .max)
        var progress = Progress(status: .completed)
        progress.laneOrder = number
        progress.outcome = number % 3 == 0 ? .failure(TerminalFailure(code: 409, message: "no")) : .success([1])
        progress.completedAtMs = .max - number
        progress.expiresAtMs = .min + number
        progress.packedJournal = [JournalEntry(.now, completion: .time(number))]
        progress.journalLength = 1
        return InvocationRecord(acceptance: acceptance, progress: progress)
    }

    private func packed(_ records: [InvocationRecord]) -> Bytes {
        var writer = PackWriter()
        for (index, record) in records.enumerated() {
            let expiresAtMs = record.progress.expiresAtMs ?? 0
            let isTaken = writer.add(record, InvocationSerial(Int64(index)), expiresAtMs: expiresAtMs)
            #expect(isTaken)
        }
        #expect(writer.memberCount == records.count)
        return writer.bytes
    }

    private func records(_ bytes: Bytes) throws -> [InvocationRecord] {
        let pack = try Pack(bytes)
        return try pack.members.map { try pack.record(of: $0) }
    }

    /// Compared as bytes: Swift takes texts for equal that are not.
    private func text(_ records: [InvocationRecord]) -> [[UInt8]] {
        records.map { record in
            let (target, headers) = (record.acceptance.target, record.acceptance.headers)
            let names = [target.service, target.key ?? "none", target.handler] + headers.flatMap { [$0.name, $0.value] }
            return Array(names.joined(separator: "|").utf8)
        }
    }

    @Test(arguments: ["a", "a/b", "", "é", "e\u{301}", nil]) func aTargetKnowsItsPath(_ key: String?) {
        let target = InvocationTarget(service: "Counter", key: key, handler: "add")
        let path = key.map { "/Counter/\($0)/add" } ?? "/Counter/add"
        #expect(target.hasPath(path))
        for other in [path + "/", path + "x", String(path.dropLast()), String(path.dropFirst()), "", "/"] {
            #expect(!target.hasPath(other), "\(other)")
        }
        for place in path.utf8.indices {
            var bytes = Array(path.utf8)
            bytes[path.utf8.distance(from: path.utf8.startIndex, to: place)] ^= 1
            #expect(!target.hasPath(String(decoding: bytes, as: UTF8.self)))
        }
    }

    @Test func eachComesBackAsItWas() throws {
        let path = "x-restate-ingress-path"
        let some = [
            result(1, headers: [HeaderField(path, "/Counter/a/add"), HeaderField("b", "c")]),
            result(2, key: "b", headers: [HeaderField(path, "/Counter/b/add"), HeaderField("b", "c")]),
            result(3, headers: [HeaderField(path, "/Counter/b/add"), HeaderField("b", "c")]),
            result(4, headers: [HeaderField(path, "/Counter/a/add/send")]), result(5),
            result(6, headers: [HeaderField(path, "")]), result(7, key: nil, kind: .service),
            result(8, key: nil, headers: [HeaderField(path, "/Counter/add")]), result(9, handler: "get"),
            result(10, service: "Caf\u{E9}", headers: [HeaderField("\u{E9}", "\u{E9}")]),
            result(11, service: "Cafe\u{301}", headers: [HeaderField("e\u{301}", "e\u{301}")]),
            result(12, key: "a/b", headers: [HeaderField(path, "/Counter/a/b/add")]), result(13, kind: .shared),
            result(14, service: "", key: "", handler: "", headers: [HeaderField("", "///"), HeaderField("", "//")]),
        ]
        let read = try records(packed(some))
        #expect(read == some)
        #expect(text(read) == text(some))
    }

    @Test func whatMembersHaveInCommonIsWrittenOnce() {
        func size(_ count: Int64) -> Int {
            packed(
                (1...count).map {
                    result(
                        12 * $0, key: "\($0)",
                        headers: [
                            HeaderField("x-restate-ingress-path", "/Counter/\($0)/add"),
                            HeaderField("content-type", "application/json"),
                        ])
                }
            ).count
        }
        let common = "Counter" + "add" + "exclusive" + "x-restate-ingress-path" + "content-type" + "application/json"
        #expect(size(1) - (size(3) - size(2)) > common.utf8.count)
    }

    @Test func whoStaysKeepsWhatItSharedWithWhoLeaves() throws {
        let some = [result(1), result(2, handler: "get"), result(3), result(4, handler: "get")]
        let pack = try Pack(packed(some))
        #expect(try records(pack.bytes(of: Array(pack.members[2...]))) == Array(some[2...]))
        #expect(try records(pack.bytes(of: [pack.members[3]])) == [some[3]])
    }

    @Test func nothingIsLeftOfWhoLeaves() throws {
        func held(_ secret: String) -> InvocationRecord { result(1, headers: [HeaderField("token", secret)]) }
        let some = [held("first"), held("second"), held("third"), held("second")]
        let pack = try Pack(packed(some))
        let bytes = pack.bytes(of: [pack.members[1], pack.members[3]])
        #expect(try records(bytes) == [some[1], some[3]])
        for (secret, isThere) in [("first", false), ("second", true), ("third", false)] {
            #expect(bytes.contains(Array(secret.utf8)) == isThere, "\(secret)")
        }
        let again = try Pack(bytes)
        #expect(try records(again.bytes(of: [again.members[1]])) == [some[3]])
    }

    @Test func aLargeOneIsRefusedAndLeavesNothing() throws {
        var writer = PackWriter()
        let large = result(2, handler: "large", input: Bytes(repeating: 0, count: PackedRows.usualBytesMax))
        let (first, next) = (result(1), result(3, handler: "get"))
        var areTaken = [writer.add(first, InvocationSerial(0), expiresAtMs: .min + 1)]
        let before = writer.bytes
        areTaken.append(writer.add(large, InvocationSerial(1), expiresAtMs: 0))
        #expect(writer.bytes == before && writer.memberCount == 1)
        areTaken.append(writer.add(next, InvocationSerial(1), expiresAtMs: .min + 3))
        #expect(areTaken == [true, false, true])
        #expect(try records(writer.bytes) == [first, next])
    }

    /// What schema 5 wrote: no shapes, and times as they are.
    @Test func packsOfAnEarlierVersionAreReadAndThinned() throws {
        let some = (1...3).map { result($0, headers: [HeaderField("a", "b")]) }
        var writer = ByteWriter()
        writer.byte(1)
        for (index, record) in some.enumerated() {
            let (acceptance, progress) = (record.acceptance, record.progress)
            writer.sized { part in
                part.signed(index)
                part.invocationID(acceptance.id)
                part.signed(progress.expiresAtMs ?? 0)
                part.target(acceptance.target)
                part.text(acceptance.kind.rawValue)
                part.optional(acceptance.parent) { $0.link($1) }
                part.fixed64(acceptance.seed)
                part.headers(acceptance.headers)
                part.blob(acceptance.input)
                part.optional(progress.laneOrder) { $0.signed($1) }
                part.signed(progress.journalLength)
                part.optional(progress.completedAtMs) { $0.signed($1) }
                part.optional(progress.outcome) { $0.outcome($1) }
                part.optional(progress.packedJournal) { $0.list($1) { $0.entry($1) } }
            }
        }
        #expect(try records(writer.bytes) == some)
        let pack = try Pack(writer.bytes)
        #expect(try records(pack.bytes(of: [pack.members[1]])) == [some[1]])
    }

    @Test func whatNobodyWroteIsRefused() throws {
        let bytes = packed([result(1)])
        #expect(throws: DecodingFailure("the pack has format 3, this version reads up to format 2")) {
            try Pack([3] + bytes.dropFirst())
        }
        // The first part is the shape: without it the member refers to none.
        let size = Int(bytes[1]) | Int(bytes[2]) << 8
        let orphan = try Pack([2] + bytes.dropFirst(1 + 4 + size))
        #expect(throws: DecodingFailure("the pack has no shape 0")) { try orphan.record(of: orphan.members[0]) }
    }
}
