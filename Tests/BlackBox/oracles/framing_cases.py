"""Requests that are nearly right: seeded mutations of good ones, by byte, by line and by what smugglers are known to
send."""

from random import Random

_GOOD = [
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /Counter/k/get?x=%20&y HTTP/1.1\r\nHost: a:80\r\nAccept: */*\r\nX-A: b c\r\n\r\n",
    b"POST /Counter/k/add HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 3\r\n\r\n123",
    b"PUT /p HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
    b"POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;n=v\r\n0123456789\r\n0\r\n\r\n",
    b"POST /t HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nz\r\n0\r\nX-T: y\r\n\r\n",
    b"POST /e HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok",
    b"GET /old HTTP/1.0\r\nConnection: keep-alive\r\nHost: a\r\n\r\n",
    b"GET http://b.example/x HTTP/1.1\r\nHost: a\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    b"DELETE /d HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    b"HEAD /h HTTP/1.1\r\nHost: a\r\n\r\n",
]
_AFTER = b"GET /after HTTP/1.1\r\nHost: a\r\n\r\n"
_BYTES = b"\x00\x01\t\n\x0b\x0c\r\x1c \x7f\x80\xa0\xff\"(),/:;<=>?@[\\]{}+-_0123456789aAzZxX"
_LINES = [
    b"Content-Length: 0", b"Content-Length: 3", b"Content-Length: 5", b"Content-Length: +3", b"Content-Length: -3",
    b"Content-Length: 3, 3", b"Content-Length: 0x3", b"Content-Length: 3 3", b"Content-Length:\t3", b"Content-Length:",
    b"Content-Length : 3", b"Content-Length\t: 3", b" Content-Length: 3", b"Content_Length: 3", b"content-length: 03",
    b"Content-Length: 3\x0b", b"Content-Length: \xa03", b"Content-Length: 99999999999999999999", b"X\r: y",
    b"Transfer-Encoding: chunked", b"Transfer-Encoding: Chunked", b"Transfer-Encoding: chunked, identity",
    b"Transfer-Encoding: identity, chunked", b"Transfer-Encoding: gzip, chunked", b"Transfer-Encoding: chunked ",
    b"Transfer-Encoding:\x0bchunked", b"Transfer-Encoding: \x00chunked", b"Transfer-Encoding : chunked",
    b"Transfer-Encoding: xchunked", b"Transfer-Encoding: chunkedx", b"Transfer-Encoding: \"chunked\"",
    b"Transfer-Encoding: chunked;x=y", b"Transfer-Encoding: ,chunked", b"Transfer-Encoding:\r\n chunked",
    b"Transfer-Encoding:\n chunked", b"X: y\r\rTransfer-Encoding: chunked", b"X: y\nTransfer-Encoding: chunked",
    b"Transfer-Encoding: identity", b"Transfer-Encoding:", b"\x00Transfer-Encoding: chunked",
    b"Host: b", b"Host:", b"Host: a b", b"Host: a/b", b"Host: a@b", b"Host : a", b"Connection: close",
    b"Connection: keep-alive", b"Connection: upgrade", b"Upgrade: websocket", b"Upgrade: h2c", b"Expect: x",
    b": y", b"no colon", b"X: \x7f", b"X: \x01", b"X: \xe9", b" folded", b"\tfolded", b"GET / HTTP/1.1", b"",
]
_CHUNKS = [b" 3", b"3 ", b"3;", b"3;a", b"3;a=b", b"3;a=\"b\"", b"3;a=\"b", b"3 ;a", b"3; a", b"+3", b"-3", b"0x3",
           b"003", b"3\t", b"3\n", b"3\r", b"", b"0", b"00", b"g", b"3;\x00", b"3;a\nb", b"fffffffffffffffff", b"3;a=;b",
           b"3,", b"3\x0b"]
_VERSIONS = [b"HTTP/1.0", b"HTTP/1.1", b"HTTP/1.2", b"HTTP/2.0", b"HTTP/0.9", b"HTTP/1.", b"http/1.1", b"HTTP/11",
             b"HTTP/1.1 ", b" HTTP/1.1", b"HTTP/01.1", b""]


def cases(seed, count, good=tuple(_GOOD), after=_AFTER):
    """Mutations of `good` requests; `after` follows most of them."""
    random = Random(seed)
    for _ in range(count):
        case = random.choice(good)
        for _ in range(random.choice((0, 1, 1, 1, 2, 2, 3))):
            if len(case) < 2:
                break
            case = random.choice(_MUTATIONS)(random, case)
        yield case + after if random.random() < 0.7 else case


def _byte_changed(random, case):
    at = random.randrange(len(case))
    byte = random.choice(_BYTES).to_bytes(1, "big")
    return random.choice((case[:at] + byte + case[at + 1:], case[:at] + byte + case[at:], case[:at] + case[at + 1:]))


def _line_end_changed(random, case):
    ends = [at for at in range(len(case) - 1) if case[at:at + 2] == b"\r\n"]
    if not ends:
        return case
    at = random.choice(ends)
    end = random.choice((b"\n", b"\r", b"\r\r\n", b"\n\r", b"\r\n\r\n", b"\r\n ", b" \r\n", b"", b"\x0b\r\n", b"\r\n\n"))
    return case[:at] + end + case[at + 2:]


def _field_added(random, case):
    lines = case.split(b"\r\n")
    lines.insert(random.randint(1, max(1, lines.index(b"") if b"" in lines else 1)), random.choice(_LINES))
    return b"\r\n".join(lines)


def _line_moved(random, case):
    lines = case.split(b"\r\n")
    line = lines.pop(random.randrange(len(lines)))
    if random.random() < 0.5:
        lines.insert(random.randint(0, len(lines)), line)
    if random.random() < 0.3:
        lines.insert(random.randint(0, len(lines)), line)
    return b"\r\n".join(lines)


def _version_changed(random, case):
    return case.replace(random.choice((b"HTTP/1.1", b"HTTP/1.0")), random.choice(_VERSIONS), 1)


def _chunk_line_changed(random, case):
    return case.replace(random.choice((b"\r\n3\r\n", b"\r\n0\r\n", b"\r\n1\r\n")),
                        b"\r\n" + random.choice(_CHUNKS) + random.choice((b"\r\n", b"\r\n", b"\n")), 1)


def _joined(random, case):
    return random.choice((b"", b"\r\n", b"\r\n\r\n", b"\n")) + case + random.choice(_GOOD)


def _cut(random, case):
    return case[:random.randrange(1, len(case) + 1)]


_MUTATIONS = [_byte_changed, _byte_changed, _line_end_changed, _field_added, _field_added, _line_moved,
              _version_changed, _chunk_line_changed, _chunk_line_changed, _joined, _cut]
