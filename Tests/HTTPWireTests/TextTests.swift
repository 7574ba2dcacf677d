import Testing

@testable import HTTPWire

@Suite struct PercentEncodingTests {
    static let segments: [(String, String?)] = [
        ("", ""), ("plain", "plain"), ("a%2Fb%20c", "a/b c"), ("a+b", "a+b"), ("%C3%A9", "\u{E9}"), ("%c3%a9", "\u{E9}"),
        ("%", "%"), ("%2", "%2"), ("%zz%41", "%zzA"), ("%%41", "%A"), ("%25%34%31", "%41"), ("%00", "\u{0}"),
        ("%FF", nil), ("%C3", nil), ("\u{E9}%41", "\u{E9}A"),
    ]

    @Test(arguments: segments)
    func segment(text: String, expected: String?) {
        #expect(PercentEncoding.decodedSegment(text[...]) == expected)
    }

    static let forms = [("a+b%2B", "a b+"), ("%FF", "\u{FFFD}"), ("%", "%"), ("", "")]

    @Test(arguments: forms)
    func form(text: String, expected: String) {
        #expect(PercentEncoding.decodedForm(text[...]) == expected)
    }
}

@Suite struct JSONStringTests {
    static let texts = [
        ("", #""""#), ("a/b", #""a/b""#), ("\"\\", #""\"\\""#), ("\n\r\t", #""\n\r\t""#),
        ("\u{0}\u{1F}\u{7F}", "\"\\u0000\\u001f\u{7F}\""), ("\u{E9}\u{1F600}", "\"\u{E9}\u{1F600}\""),
    ]

    @Test(arguments: texts)
    func isEscaped(text: String, expected: String) {
        var bytes = Array("x".utf8)
        JSONString.append(text, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "x" + expected)
    }
}
