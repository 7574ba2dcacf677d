/// Every rule of RFC 9112 and RFC 9110 that guards against request smuggling and response splitting: the clause, bytes
/// that put it to the test, and what becomes of them. Each row's bytes are followed by a request for `/after`: it is
/// seen exactly when the row leaves no doubt where its own requests end.
enum FramingTable {
    struct Row: Sendable {
        var clause: String
        var bytes: String
        var outcome: Outcome
    }

    enum Outcome: Sendable, Equatable {
        /// Method, target and body of each request; the one after them is seen too.
        case taken([String])
        /// Refused with this status after these requests, and nothing that follows is looked at.
        case refused(Int, after: [String] = [])
        /// Taken, but the connection ends: nothing that follows is looked at.
        case takenLast([String])
    }

    static let after = "GET /after HTTP/1.1\r\nHost: a\r\n\r\n"

    private static func get(_ fields: String) -> String { "GET / HTTP/1.1\r\n\(fields)\r\n" }
    private static func post(_ fields: String, _ body: String = "") -> String {
        "POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\(body)"
    }
    private static func chunked(_ body: String) -> String { post("Transfer-Encoding: chunked\r\n", body) }

    static let rows = requestLines + targets + hosts + fields + lengths + encodings + chunks + trailers + connections

    // MARK: RFC 9112 sections 2 and 3

    private static let requestLines: [Row] = [
        Row(clause: "9112 2.1: a message is a line, fields, an empty line", bytes: get("Host: a\r\n"), outcome: .taken(["GET / "])),
        Row(clause: "9112 2.2: one empty line before a request line is ignored", bytes: "\r\n" + get("Host: a\r\n"), outcome: .taken(["GET / "])),
        // It "SHOULD ignore at least one"; more are a sign of bytes that belong to something else.
        Row(clause: "9112 2.2: and no second one", bytes: "\r\n\r\n" + get("Host: a\r\n"), outcome: .refused(400)),
        Row(clause: "9112 2.2: a line may not end with LF alone (it MAY be taken; proxies differ)", bytes: "GET / HTTP/1.1\nHost: a\r\n\r\n", outcome: .refused(400)),
        Row(clause: "9112 2.2: nor a field line", bytes: "GET / HTTP/1.1\r\nHost: a\n\r\n", outcome: .refused(400)),
        Row(clause: "9112 2.2: nor the head", bytes: "GET / HTTP/1.1\r\nHost: a\r\n\n", outcome: .refused(400)),
        Row(clause: "9112 2.2: nor begin with LF", bytes: "\n" + get("Host: a\r\n"), outcome: .refused(400)),
        Row(clause: "9112 2.2: a bare CR is an error in the request line", bytes: "GET /\r HTTP/1.1\r\nHost: a\r\n\r\n", outcome: .refused(400)),
        Row(clause: "9112 2.2: in a field", bytes: get("Host: a\r\nX: a\rY: b\r\n"), outcome: .refused(400)),
        Row(clause: "9112 2.2: and before the empty line", bytes: "GET / HTTP/1.1\r\nHost: a\r\n\r\r\n\r\n", outcome: .refused(400)),
        Row(clause: "9112 2.2: no white space between request line and first field", bytes: get(" Host: a\r\n"), outcome: .refused(400)),
        Row(clause: "9112 2.2: however it is written", bytes: get("\tX: y\r\nHost: a\r\n"), outcome: .refused(400)),
        Row(clause: "9112 2.3: the version is exact", bytes: "GET / HTTP/1.1x\r\nHost: a\r\n\r\n", outcome: .refused(400)),
        Row(clause: "9112 2.3: and has no leading zero", bytes: "GET / HTTP/01.1\r\nHost: a\r\n\r\n", outcome: .refused(400)),
        Row(clause: "9112 2.3: and its case matters", bytes: "GET / Http/1.1\r\nHost: a\r\n\r\n", outcome: .refused(400)),
        Row(clause: "9112 2.3: other versions are not guessed at", bytes: "GET / HTTP/1.9\r\nHost: a\r\n\r\n", outcome: .refused(505)),
        Row(clause: "9112 2.3: nor is HTTP/0.9", bytes: "GET /\r\n\r\n", outcome: .refused(400)),
        Row(clause: "9113 3.4: nor HTTP/2", bytes: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", outcome: .refused(505)),
        Row(clause: "9112 3: single spaces (a recipient MAY split at any white space; then targets differ)", bytes: "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", outcome: .refused(400)),
        Row(clause: "9112 3: not two", bytes: "GET /  HTTP/1.1\r\nHost: a\r\n\r\n", outcome: .refused(400)),
        Row(clause: "9112 3: not before the method", bytes: " GET / HTTP/1.1\r\nHost: a\r\n\r\n", outcome: .refused(400)),
        Row(clause: "9112 3: not after the version", bytes: "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", outcome: .refused(400)),
        Row(clause: "9112 3.2: white space in the target is not repaired", bytes: "GET /a HTTP/1.1 HTTP/1.1\r\nHost: a\r\n\r\n", outcome: .refused(400)),
        Row(clause: "9110 9.1: the method is a token", bytes: "GE\u{7f}T / HTTP/1.1\r\nHost: a\r\n\r\n", outcome: .refused(400)),
        // Unknown methods are the application's business (405): their framing is no different.
        Row(clause: "9110 9.1: any token", bytes: "M-SEARCH! / HTTP/1.1\r\nHost: a\r\n\r\n", outcome: .taken(["M-SEARCH! / "])),
    ]

    private static let targets: [Row] = [
        Row(clause: "9112 3.2.1: origin form", bytes: "GET /a?b HTTP/1.1\r\nHost: a\r\n\r\n", outcome: .taken(["GET /a?b "])),
        Row(clause: "9112 3.2.2: absolute form; its authority is the host", bytes: "GET http://b/x HTTP/1.1\r\nHost: a\r\n\r\n", outcome: .taken(["GET /x "])),
        Row(clause: "9110 4.2.4: a user name in the authority is an error", bytes: "GET http://a@b/ HTTP/1.1\r\nHost: a\r\n\r\n", outcome: .refused(400)),
        Row(clause: "9110 4.2.1: an empty authority too", bytes: "GET http:/x HTTP/1.1\r\nHost: a\r\n\r\n", outcome: .refused(400)),
        Row(clause: "3986 3.2: and one that is none", bytes: "GET http://a\\b/ HTTP/1.1\r\nHost: a\r\n\r\n", outcome: .refused(400)),
        Row(clause: "9112 3.2.3: authority form is for CONNECT, and this server is no tunnel", bytes: "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", outcome: .refused(501)),
        Row(clause: "9110 9.3.6: in no form", bytes: "CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n", outcome: .refused(501)),
        Row(clause: "9112 3.2.4: asterisk form is for OPTIONS", bytes: "GET * HTTP/1.1\r\nHost: a\r\n\r\n", outcome: .refused(400)),
        Row(clause: "9112 3.2: anything else", bytes: "GET a/b HTTP/1.1\r\nHost: a\r\n\r\n", outcome: .refused(400)),
        Row(clause: "3986 2: control characters", bytes: "GET /\u{0}a HTTP/1.1\r\nHost: a\r\n\r\n", outcome: .refused(400)),
    ]

    private static let hosts: [Row] = [
        Row(clause: "9112 3.2: Host is there", bytes: get(""), outcome: .refused(400)),
        Row(clause: "9112 3.2: once", bytes: get("Host: a\r\nHost: b\r\n"), outcome: .refused(400)),
        Row(clause: "9112 3.2: in HTTP/1.0 too", bytes: "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", outcome: .refused(400)),
        Row(clause: "9112 3.2: but may be missing there", bytes: "GET / HTTP/1.0\r\n\r\n", outcome: .takenLast(["GET / "])),
        Row(clause: "9112 3.2: may be empty", bytes: get("Host:\r\n"), outcome: .taken(["GET / "])),
        Row(clause: "9112 3.2: is a host with a port", bytes: get("Host: [::1]:80\r\n"), outcome: .taken(["GET / "])),
        Row(clause: "9112 3.2: not two hosts", bytes: get("Host: a b\r\n"), outcome: .refused(400)),
        Row(clause: "9112 3.2: not a URL", bytes: get("Host: http://a/\r\n"), outcome: .refused(400)),
        Row(clause: "9112 3.2: not a user", bytes: get("Host: a@b\r\n"), outcome: .refused(400)),
        Row(clause: "9112 3.2: not a path", bytes: get("Host: a/b\r\n"), outcome: .refused(400)),
        Row(clause: "9112 3.2: not a word for a port", bytes: get("Host: a:b\r\n"), outcome: .refused(400)),
        Row(clause: "9112 3.2: not an open bracket", bytes: get("Host: [::1\r\n"), outcome: .refused(400)),
        Row(clause: "9112 3.2.2: also beside an absolute form", bytes: "GET http://a/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", outcome: .refused(400)),
    ]

    // MARK: RFC 9112 section 5

    private static let fields: [Row] = [
        Row(clause: "9112 5.1: no white space before the colon", bytes: get("Host: a\r\nX : y\r\n"), outcome: .refused(400)),
        Row(clause: "9112 5.1: of any kind", bytes: get("Host: a\r\nTransfer-Encoding\t: chunked\r\n"), outcome: .refused(400)),
        Row(clause: "9112 5.1: white space around the value is not part of it", bytes: post("Content-Length: \t3 \t\r\n", "abc"), outcome: .taken(["POST / abc"])),
        Row(clause: "9112 5.2: no line folding", bytes: get("Host: a\r\nX: y\r\n z\r\n"), outcome: .refused(400)),
        Row(clause: "9112 5.2: with a tab neither", bytes: get("Host: a\r\nTransfer-Encoding:\r\n\tchunked\r\n"), outcome: .refused(400)),
        Row(clause: "9112 5: a field line has a colon", bytes: get("Host: a\r\nX\r\n"), outcome: .refused(400)),
        Row(clause: "9110 5.1: and a name", bytes: get("Host: a\r\n: y\r\n"), outcome: .refused(400)),
        Row(clause: "9110 5.6.2: that is a token", bytes: get("Host: a\r\nContent-Length\u{0}: 3\r\n"), outcome: .refused(400)),
        Row(clause: "9110 5.6.2: without quotes", bytes: get("Host: a\r\n\"Content-Length\": 3\r\n"), outcome: .refused(400)),
        Row(clause: "9110 5.6.2: of ASCII letters", bytes: get("Host: a\r\nX\u{e9}: 3\r\n"), outcome: .refused(400)),
        Row(clause: "9110 5.1: its case does not matter", bytes: post("cOnTeNt-LeNgTh: 3\r\n", "abc"), outcome: .taken(["POST / abc"])),
        Row(clause: "9110 5.1: a similar name is another", bytes: post("Content_Length: 3\r\n"), outcome: .taken(["POST / "])),
        Row(clause: "9110 5.5: NUL in a value", bytes: get("Host: a\r\nX: a\u{0}b\r\n"), outcome: .refused(400)),
        Row(clause: "9110 5.5: other control characters", bytes: get("Host: a\r\nX: a\u{b}b\r\n"), outcome: .refused(400)),
        Row(clause: "9110 5.5: DEL", bytes: get("Host: a\r\nX: a\u{7f}\r\n"), outcome: .refused(400)),
    ]

    // MARK: RFC 9112 section 6

    private static let lengths: [Row] = [
        Row(clause: "9112 6.3: no length, no body", bytes: post(""), outcome: .taken(["POST / "])),
        Row(clause: "9112 6.3: in GET neither", bytes: get("Host: a\r\n"), outcome: .taken(["GET / "])),
        Row(clause: "9110 8.6: a length counts for every method", bytes: get("Host: a\r\nContent-Length: 3\r\n") + "abc", outcome: .taken(["GET / abc"])),
        Row(clause: "9110 8.6: digits", bytes: post("Content-Length: 003\r\n", "abc"), outcome: .taken(["POST / abc"])),
        Row(clause: "9110 8.6: no sign", bytes: post("Content-Length: +3\r\n", "abc"), outcome: .refused(400)),
        Row(clause: "9110 8.6: no minus zero", bytes: post("Content-Length: -0\r\n"), outcome: .refused(400)),
        Row(clause: "9110 8.6: no fraction", bytes: post("Content-Length: 3.0\r\n", "abc"), outcome: .refused(400)),
        Row(clause: "9110 8.6: no exponent", bytes: post("Content-Length: 3e0\r\n", "abc"), outcome: .refused(400)),
        Row(clause: "9110 8.6: no hexadecimal", bytes: post("Content-Length: 0x3\r\n", "abc"), outcome: .refused(400)),
        Row(clause: "9110 8.6: no separator", bytes: post("Content-Length: 1_0\r\n", "abc"), outcome: .refused(400)),
        Row(clause: "9110 8.6: no space within", bytes: post("Content-Length: 1 0\r\n", "abc"), outcome: .refused(400)),
        Row(clause: "9110 8.6: no other script's digits", bytes: post("Content-Length: \u{0663}\r\n", "abc"), outcome: .refused(400)),
        Row(clause: "9110 8.6: nothing is not zero", bytes: post("Content-Length:\r\n"), outcome: .refused(400)),
        Row(clause: "9110 8.6: overflow", bytes: post("Content-Length: 18446744073709551619\r\n", "abc"), outcome: .refused(400)),
        Row(clause: "9110 8.6: leading zeros do not hide it", bytes: post("Content-Length: 0000000000000000000000003\r\n", "abc"), outcome: .refused(400)),
        // A list of equal values MAY be taken for one; nobody needs it.
        Row(clause: "9110 8.6: no list", bytes: post("Content-Length: 3, 3\r\n", "abc"), outcome: .refused(400)),
        Row(clause: "9112 6.3: no second length", bytes: post("Content-Length: 3\r\nContent-Length: 4\r\n", "abc"), outcome: .refused(400)),
        Row(clause: "9112 6.3: not even the same", bytes: post("Content-Length: 3\r\ncontent-length: 3\r\n", "abc"), outcome: .refused(400)),
        Row(clause: "9110 15.5.14: too long is said before it is read", bytes: post("Content-Length: 33554433\r\n"), outcome: .refused(413)),
    ]

    private static let encodings: [Row] = [
        Row(clause: "9112 6.1: chunked", bytes: chunked("3\r\nabc\r\n0\r\n\r\n"), outcome: .taken(["POST / abc"])),
        Row(clause: "9112 7: case does not matter", bytes: post("Transfer-Encoding: CHUNKED\r\n", "0\r\n\r\n"), outcome: .taken(["POST / "])),
        Row(clause: "9112 6.1: with a length it is an error", bytes: post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9112 6.1: in either order", bytes: post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9112 6.1: in HTTP/1.0 too", bytes: "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", outcome: .refused(400)),
        Row(clause: "9112 6.3: chunked comes last", bytes: post("Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9112 6.3: over several lines too", bytes: post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9112 6.3: and is there", bytes: post("Transfer-Encoding: gzip\r\n", "0\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9112 6.3: identity is no coding any more", bytes: post("Transfer-Encoding: identity\r\nContent-Length: 3\r\n", "abc"), outcome: .refused(400)),
        Row(clause: "9112 7.1: not twice", bytes: post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9112 7.1: on two lines neither", bytes: post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9112 6.1: other codings are not implemented", bytes: post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), outcome: .refused(501)),
        Row(clause: "9112 7: chunked has no parameter", bytes: post("Transfer-Encoding: chunked;q=1\r\n", "0\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9110 5.6.1: an empty element is not skipped", bytes: post("Transfer-Encoding: ,chunked\r\n", "0\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9110 5.6.1: nor at the end", bytes: post("Transfer-Encoding: chunked,\r\n", "0\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9112 6.1: nothing is no coding", bytes: post("Transfer-Encoding:\r\n"), outcome: .refused(400)),
        Row(clause: "9112 7: quotes are not taken off", bytes: post("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9112 7: nor is a control character", bytes: post("Transfer-Encoding: \u{b}chunked\r\n", "0\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9112 7: nor a word before it", bytes: post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), outcome: .refused(400)),
    ]

    // MARK: RFC 9112 section 7.1

    private static let chunks: [Row] = [
        Row(clause: "9112 7.1: hexadecimal in either case", bytes: chunked("a\r\n0123456789\r\nA;x\r\n0123456789\r\n0\r\n\r\n"), outcome: .taken(["POST / 01234567890123456789"])),
        Row(clause: "9112 7.1: with leading zeros", bytes: chunked("0003\r\nabc\r\n000\r\n\r\n"), outcome: .taken(["POST / abc"])),
        Row(clause: "9112 7.1: a size is there", bytes: chunked("\r\nabc\r\n0\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9112 7.1: without 0x", bytes: chunked("0x3\r\nabc\r\n0\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9112 7.1: without a sign", bytes: chunked("+3\r\nabc\r\n0\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9112 7.1: without space before it", bytes: chunked(" 3\r\nabc\r\n0\r\n\r\n"), outcome: .refused(400)),
        // BWS before the semicolon is in the grammar; the strictest parsers refuse it, and no client writes it.
        Row(clause: "9112 7.1.1: nor after it", bytes: chunked("3 \r\nabc\r\n0\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9112 7.1.1: nor before an extension", bytes: chunked("3 ;x\r\nabc\r\n0\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9112 7.1: overflow", bytes: chunked("10000000000000003\r\nabc\r\n0\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9112 7.1: the line ends with CR LF", bytes: chunked("3\nabc\r\n0\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9112 7.1: not with CR", bytes: chunked("3\rabc\r\n0\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9112 7.1: and so does the data", bytes: chunked("3\r\nabc\n0\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9112 7.1: which is not shorter than announced", bytes: chunked("4\r\nabc\r\n0\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9112 7.1: nor longer", bytes: chunked("2\r\nabc\r\n0\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9112 7.1: the last line ends with CR LF", bytes: chunked("0\n\n"), outcome: .refused(400)),
        Row(clause: "9112 7.1: and the body", bytes: chunked("0\r\n\n"), outcome: .refused(400)),
        Row(clause: "9112 7.1.1: extensions are ignored", bytes: chunked("3;a=b;c=\"d;\\\"e\";f\r\nabc\r\n0;g\r\n\r\n"), outcome: .taken(["POST / abc"])),
        Row(clause: "9112 7.1.1: but are such", bytes: chunked("3;\r\nabc\r\n0\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9112 7.1.1: with a value that is one", bytes: chunked("3;a=\r\nabc\r\n0\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9112 7.1.1: and ends", bytes: chunked("3;a=\"b\r\nabc\r\n0\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9112 7.1.1: no LF hides in them", bytes: chunked("3;a\nxx\r\nabc\r\n0\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9112 7.1.1: nor CR", bytes: chunked("3;a\rxx\r\nabc\r\n0\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9112 7.1.1: quotes hide neither", bytes: chunked("3;a=\"\n\"\r\nabc\r\n0\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9112 7.1.1: one is not too long", bytes: chunked("3;a=" + String(repeating: "b", count: 5_000) + "\r\nabc\r\n0\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9112 7.1.1: and together they are not most of the body", bytes: chunked(String(repeating: "1;" + String(repeating: "b", count: 1_000) + "\r\na\r\n", count: 20) + "0\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9112 7.1: many small chunks are no attack", bytes: chunked(String(repeating: "1\r\na\r\n", count: 5_000) + "0\r\n\r\n"), outcome: .taken(["POST / " + String(repeating: "a", count: 5_000)])),
    ]

    private static let trailers: [Row] = [
        Row(clause: "9110 6.5.1: trailers are dropped", bytes: chunked("0\r\nX: y\r\nAuthorization: z\r\n\r\n"), outcome: .taken(["POST / "])),
        Row(clause: "9110 6.5.1: but none may frame the message", bytes: chunked("0\r\nTransfer-Encoding: chunked\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9110 6.5.1: with a length neither", bytes: chunked("0\r\ncontent-LENGTH: 9\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9110 6.5.1: or say whom it is for", bytes: chunked("0\r\nHost: b\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9112 7.1.2: trailers are fields", bytes: chunked("0\r\nGET / HTTP/1.1\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9112 5.1: without space before the colon", bytes: chunked("0\r\nX : y\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9112 5.2: without folding", bytes: chunked("0\r\nX: y\r\n z\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9112 2.2: that end with CR LF", bytes: chunked("0\r\nX: y\n\r\n"), outcome: .refused(400)),
        Row(clause: "9110 5.5: without control characters", bytes: chunked("0\r\nX: \u{0}\r\n\r\n"), outcome: .refused(400)),
        Row(clause: "9110 5.4: not too many", bytes: chunked("0\r\n" + String(repeating: "X: y\r\n", count: 257) + "\r\n"), outcome: .refused(431)),
        Row(clause: "9110 5.4: nor too long", bytes: chunked("0\r\nX: " + String(repeating: "y", count: 17_000) + "\r\n\r\n"), outcome: .refused(400)),
    ]

    // MARK: RFC 9112 section 9, RFC 9110 sections 7.8 and 10.1.1

    private static let connections: [Row] = [
        Row(clause: "9112 9.3: HTTP/1.0 ends after its answer", bytes: "GET / HTTP/1.0\r\nHost: a\r\n\r\n", outcome: .takenLast(["GET / "])),
        Row(clause: "9112 9.3: unless asked", bytes: "GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n", outcome: .taken(["GET / "])),
        Row(clause: "9112 9.6: after close nothing is taken", bytes: get("Host: a\r\nConnection: close\r\n"), outcome: .takenLast(["GET / "])),
        Row(clause: "9112 9.6: in a list", bytes: get("Host: a\r\nConnection: keep-alive , Close\r\n"), outcome: .takenLast(["GET / "])),
        Row(clause: "9112 9.6: on a second line", bytes: get("Host: a\r\nConnection: keep-alive\r\nConnection: close\r\n"), outcome: .takenLast(["GET / "])),
        Row(clause: "9110 7.8: an upgrade is not taken up, so the framing stays", bytes: get("Host: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"), outcome: .taken(["GET / "])),
        Row(clause: "9113 3.1: nor is h2c", bytes: get("Host: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"), outcome: .taken(["GET / "])),
        Row(clause: "9110 7.6.1: Connection does not take fields away", bytes: post("Connection: content-length\r\nContent-Length: 3\r\n", "abc"), outcome: .taken(["POST / abc"])),
        Row(clause: "9110 10.1.1: other expectations fail", bytes: post("Expect: 100-continue, x\r\nContent-Length: 3\r\n", "abc"), outcome: .refused(417)),
        Row(clause: "9112 9.3.2: pipelined requests stay apart", bytes: post("Content-Length: 3\r\n", "abc") + chunked("1\r\nd\r\n0\r\n\r\n") + get("Host: a\r\n"), outcome: .taken(["POST / abc", "POST / d", "GET / "])),
        Row(clause: "9112 11.2: what was smuggled is a body", bytes: post("Content-Length: 35\r\n", "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"), outcome: .taken(["POST / GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"])),
        Row(clause: "9112 11.2: a good request before a bad one is answered", bytes: get("Host: a\r\n") + post("Content-Length: x\r\n"), outcome: .refused(400, after: ["GET / "])),
    ]
}
