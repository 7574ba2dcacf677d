import Testing

@testable import Ingress

@Suite struct JSONReaderTests {
    static let documents: [(String, JSONValue)] = [
        ("null", .null), (" true\n", .bool(true)), ("false", .bool(false)), ("\"\"", .string("")),
        ("-0.5e+10", .number("-0.5e+10")), ("0", .number("0")), ("12E-1", .number("12E-1")),
        (#""a\"\\\/\b\f\n\r\t\u00e4\ud83d\ude00""#, .string("a\"\\/\u{8}\u{C}\n\r\tä😀")), ("\"ä\"", .string("ä")),
        ("[]", .array([])), ("[ 1 , [2]]", .array([.number("1"), .array([.number("2")])])), ("{ }", .object([])),
        (
            #"{"b": 1, "a": {}}"#,
            .object([.init(name: "b", value: .number("1")), .init(name: "a", value: .object([]))])
        ),
    ]

    @Test(arguments: documents)
    func reads(text: String, expected: JSONValue) throws {
        #expect(try JSONReader.read(Array(text.utf8)) == expected)
    }

    @Test(arguments: [
        "", " ", "nul", "nullx", "True", "'a'", "\"", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\ud800\"",
        "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"a\nb\"", "01", "-", "+1", "1.", ".5", "1e", "1 2", "[1,]", "[1 2]", "[",
        "]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{1:1}", "{\"a\":1,\"a\":2}", "{\"a\":1", "NaN", "/**/1",
        "\u{FEFF}1",
    ])
    func refuses(text: String) {
        #expect(throws: JSONError.self) { try JSONReader.read(Array(text.utf8)) }
    }

    @Test func refusesWhatIsNotUTF8() {
        #expect(throws: JSONError(message: "a string is not UTF-8", offset: 1)) {
            try JSONReader.read([0x20, 0x22, 0xC3, 0x28, 0x22])
        }
    }

    @Test func depthIsBounded() throws {
        let nested = { (depth: Int) in
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        _ = try JSONReader.read(nested(32))
        #expect(throws: JSONError.self) { try JSONReader.read(nested(33)) }
        #expect(throws: JSONError.self) { try JSONReader.read(Array(repeating: 0x5B, count: 1_000_000)) }
    }
}

@Suite struct JSONWriterTests {
    @Test func membersInOrder() {
        let bytes = JSONWriter.object { json in
            json.member("b", 1)
            json.member("a", object: { _ in })
            json.member("c", ["x", "y"])
            json.member("d", object: { $0.member("e", -5) })
            json.member("f", [])
        }
        #expect(
            String(decoding: bytes, as: UTF8.self) == #"{"b":1,"a":{},"c":["x","y"],"d":{"e":-5},"f":[]}"#)
    }

    /// What is written can be read, for every scalar that needs care.
    @Test func everyStringRoundTrips() throws {
        let texts = (0..<0x180).compactMap(Unicode.Scalar.init).map { "a\($0)b" } + ["\u{2028}", "😀", "\\u0041"]
        for text in texts {
            let bytes = JSONWriter.object { $0.member(text, text) }
            #expect(try JSONReader.read(bytes)[text] == .string(text))
            #expect(bytes.allSatisfy { $0 >= 0x20 })
        }
    }
}
