"""Requests as bytes, for what an HTTP library would not send."""

import socket
from urllib.parse import urlsplit

from client import Response

_READ_BYTES = 65536


def connect(base, timeout=30.0):
    address = urlsplit(base)
    return socket.create_connection((address.hostname, address.port), timeout)


def message(method, target, headers=(), body=b"", close=True):
    """The bytes of a request. `headers` are pairs; a content-length is added for a body unless one is given."""
    fields = [("host", "localhost"), *headers]
    names = {name.lower() for name, _ in headers}
    if (body or method == "POST") and not names & {"content-length", "transfer-encoding"}:
        fields.append(("content-length", str(len(body))))
    if close:
        fields.append(("connection", "close"))
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields), "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def exchange(base, data, timeout=30.0):
    """Sends `data` and reads until the server closes; what it answered, in order."""
    with connect(base, timeout) as connection:
        try:
            connection.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # It may answer and close before it has read everything.
        return parse(read_to_end(connection))


def send(base, method, target, headers=(), body=b"", timeout=30.0):
    """One request, one answer."""
    answers = exchange(base, message(method, target, headers, body), timeout)
    assert len(answers) == 1, f"{method} {target}: {len(answers)} answers"
    return answers[0]


def read_to_end(connection):
    received = bytearray()
    while True:
        try:
            chunk = connection.recv(_READ_BYTES)
        except ConnectionResetError:
            return bytes(received)
        if not chunk:
            return bytes(received)
        received += chunk


def parse(data):
    """Responses that stand one after the other; those to HEAD are not among them. Interim answers are left out."""
    answers = []
    while data:
        head, separator, rest = data.partition(b"\r\n\r\n")
        assert separator, f"an unfinished response: {data[:200]!r}"
        status_line, *lines = head.decode("latin-1").split("\r\n")
        version, status = status_line.split(" ")[:2]
        assert version == "HTTP/1.1", status_line
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers.setdefault(name.lower(), value.strip())
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body, data = _dechunk(rest)
        else:
            length = int(headers.get("content-length", "0"))
            body, data = rest[:length], rest[length:]
            assert len(body) == length, f"{len(body)} of {length} bytes: {head!r}"
        if int(status) >= 200:
            answers.append(Response(int(status), headers, body, 0.0))
    return answers


def _dechunk(data):
    body = b""
    while True:
        size, _, data = data.partition(b"\r\n")
        count = int(size.split(b";")[0], 16)
        if not count:
            return body, data.partition(b"\r\n")[2]
        body, data = body + data[:count], data[count + 2:]
