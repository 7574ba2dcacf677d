import Testing

@testable import Reprise

@Suite struct PayloadCodecTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test(arguments: [
        "", "plain", "quote\"", "back\\slash", "slash/", "tab\t", "line\nbreak\r", "\u{0}\u{1F}", "\u{7F}", "ü€🎫",
        "\u{2028}\u{2029}", "e\u{301}", "\u{FEFF}x", "<script>&'",
    ])
    func stringsHaveTheSameBytesBothWays(_ text: String) throws {
        let codec = PayloadCodec<String>.automatic()
        let encoded = try codec.encode(text)
        #expect(encoded == (try JSONText.encode(text)))
        #expect(Array(try codec.decode(encoded).utf8) == Array(text.utf8))
        #expect(try codec.decode(encoded) == JSONText.decode(String.self, from: encoded))
    }

    @Test(arguments: [Int64.min, -1, 0, 1, 10, 99, 1_234_567_890, .max])
    func integersHaveTheSameBytesBothWays(_ number: Int64) throws {
        let codec = PayloadCodec<Int64>.automatic()
        #expect(try codec.encode(number) == JSONText.encode(number))
        #expect(try codec.decode(codec.encode(number)) == number)
        #expect(try PayloadCodec<UInt64>.automatic().decode(bytes("18446744073709551615")) == .max)
        #expect(try PayloadCodec<Int8>.automatic().decode(bytes("-128")) == -128)
    }

    /// Whatever the fast path does not take, Foundation judges: nothing is accepted or refused differently.
    @Test(arguments: [
        "5", "-0", "05", "+5", "5.0", "5.5", "1e2", " 7 ", "9223372036854775808", "-", "", "\"5\"", "true", "null",
        "5 5",
    ])
    func oddNumbersAreJudgedAlike(_ text: String) {
        let slow = try? JSONText.decode(Int64.self, from: bytes(text))
        #expect((try? PayloadCodec<Int64>.automatic().decode(bytes(text))) == slow)
    }

    @Test(arguments: [
        "\"a\"", " \"a\" ", "\"a", "a", "\"a\"b\"", "\"\\u0041\"", "\"\u{1}\"", "\"\\ud83c\\udfab\"", "\"", "\"\"\"",
        "null",
    ])
    func oddStringsAreJudgedAlike(_ text: String) {
        let slow = try? JSONText.decode(String.self, from: bytes(text))
        #expect((try? PayloadCodec<String>.automatic().decode(bytes(text))) == slow)
    }

    @Test func invalidUTF8IsNoString() {
        for broken: [UInt8] in [[0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22]] {
            let slow = try? JSONText.decode(String.self, from: broken)
            #expect((try? PayloadCodec<String>.automatic().decode(broken)) == slow)
            #expect(slow == nil)
        }
    }

    @Test func boolsAreWords() throws {
        let codec = PayloadCodec<Bool>.automatic()
        #expect(try codec.encode(true) == bytes("true"))
        #expect(try codec.encode(false) == bytes("false"))
        #expect(try codec.decode(bytes(" false")) == false)
        #expect(throws: (any Error).self) { try codec.decode(bytes("1")) }
    }

    @Test func journaledJSONHasOneForm() throws {
        struct Value: Codable, Sendable { let zebra, apple, path: String }
        let encoded = try PayloadCodec<Value>.automatic().encode(Value(zebra: "z", apple: "a", path: "a/b"))
        #expect(encoded == bytes(#"{"apple":"a","path":"a/b","zebra":"z"}"#))
    }

    @Test func anEmptyBodyIsNilForOptionalsOnly() throws {
        let optional = PayloadCodec<Int?>.automatic()
        #expect(optional.input == .json(isRequired: false))
        #expect(try optional.decode([]) == nil)
        #expect(try optional.decode(bytes("null")) == nil)
        #expect(try optional.decode(bytes("5")) == 5)
        #expect(try optional.encode(nil) == bytes("null"))
        let required = PayloadCodec<Int>.automatic()
        #expect(required.input == .json(isRequired: true))
        #expect(required.problem(in: []) == "the body is empty, JSON expected")
        #expect(required.problem(in: bytes("5")) == nil)
    }

    @Test func nothingAndBytes() throws {
        #expect(try PayloadCodec<Void>.nothing().encode(()) == [])
        #expect(PayloadCodec<Void>.nothing().problem(in: bytes("anything")) == nil)
        #expect(PayloadCodec<Void>.nothing().input == .ignored)
        #expect(PayloadCodec<Void>.nothing(.noInput).input == .forbidden)
        #expect(PayloadCodec<Void>.nothing().output == .none)
        let raw = PayloadCodec<RawBytes>.automatic()
        #expect(raw.input == .bytes)
        #expect(raw.output == .bytes(contentType: "application/octet-stream"))
        #expect(try raw.decode([0, 255]) == RawBytes([0, 255]))
        #expect(try raw.encode(RawBytes([0, 255])) == [0, 255])
    }

    @Test func problemsNameTheField() {
        struct Inner: Codable, Sendable { let count: Int }
        struct Order: Codable, Sendable, ValidatedInput {
            let user: String
            let inner: Inner
            var problem: String? { user.isEmpty ? "user must not be empty" : nil }
        }
        let codec = PayloadCodec<Order>.automatic()
        #expect(codec.problem(in: bytes(#"{"user":"u","inner":{"count":1}}"#)) == nil)
        #expect(codec.problem(in: bytes(#"{"user":"","inner":{"count":1}}"#)) == "user must not be empty")
        #expect(codec.problem(in: bytes(#"{"user":"u"}"#)) == "missing field 'inner'")
        #expect(codec.problem(in: bytes(#"{"user":"u","inner":{}}"#)) == "missing field 'inner.count'")
        #expect(
            codec.problem(in: bytes(#"{"user":"u","inner":{"count":"x"}}"#))?.hasPrefix("field 'inner.count': ") == true
        )
        #expect(codec.problem(in: bytes("{"))?.isEmpty == false)
    }
}
