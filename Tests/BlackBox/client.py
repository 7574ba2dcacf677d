"""One HTTP request at a time, and waiting for a condition."""

import http.client
import json
import time
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

JSON = "application/json"

# What a client sees of a server that is killed under it.
LOST = (ConnectionError, http.client.HTTPException, TimeoutError, OSError)


@dataclass(frozen=True)
class Response:
    status: int
    headers: dict  # names in lower case; the first value of a repeated field
    body: bytes
    elapsed: float  # seconds

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            raise AssertionError(f"not JSON: {self}") from None

    @property
    def message(self):
        """The message of an error body, empty if there is none."""
        body = self.json() if self.body[:1] == b"{" else {}
        return body.get("message", "")

    @property
    def invocation(self):
        return self.headers.get("x-restate-id")

    def __str__(self):
        return f"HTTP {self.status} {self.text[:300]!r}"


def request(base, method, path, body=None, headers=None, timeout=30.0):
    """Sends one request on a connection of its own. `body`: bytes as they are, anything else as JSON, None for none."""
    address = urlsplit(base)
    fields = dict(headers or {})
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
        fields.setdefault("content-type", JSON)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=timeout)
    start = time.monotonic()
    try:
        connection.request(method, path, body, fields)
        answer = connection.getresponse()
        content = answer.read()
    finally:
        connection.close()
    names = {}
    for name, value in answer.getheaders():
        names.setdefault(name.lower(), value)
    return Response(answer.status, names, content, time.monotonic() - start)


def post(base, path, body=None, headers=None, timeout=30.0):
    return request(base, "POST", path, body, headers, timeout)


def get(base, path, timeout=30.0):
    return request(base, "GET", path, timeout=timeout)


def segment(text):
    """One path segment, percent-encoded."""
    return quote(text, safe="")


def wait_until(condition, what, within=10.0, every=0.02):
    """Polls `condition` until it gives something true, and returns that; an assertion fails after `within` seconds.

    `what` names the condition: a text, or a function that makes one when it is needed.
    """
    deadline = time.monotonic() + within
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise AssertionError(f"not within {within:g} s: {what() if callable(what) else what}")
        time.sleep(every)
