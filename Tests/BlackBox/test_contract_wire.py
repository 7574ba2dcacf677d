"""The ingress contract where it touches HTTP: limits, refusals before a handler is known, headers and CORS. Numbers are
those of the reference's section 11."""

import json
import threading

import wire
from cases import fresh
from client import post, wait_until
from contract import EXPOSED, Contract, J, numbered

_BODY_MAX = 32 << 20
_ORIGIN = ("origin", "http://a")


class EarlyRefusals(Contract):
    """Ours: what is refused before anybody knows what is asked has the form of every other refusal."""

    def refused(self, head, *rest):
        """The answer to bytes, sent while it may come already."""
        with wire.connect(self.base) as connection:
            sender = threading.Thread(target=send_all, args=(connection, [head, *rest]))
            sender.start()
            answers = wire.parse(wire.read_to_end(connection))
            sender.join()
        self.assertEqual(len(answers), 1)
        answer = answers[0]
        self.assertEqual(answer.headers.get("connection"), "close")
        self.assert_sane(answer, "http://a")
        self.assertIn("x-restate-id", answer.headers["access-control-expose-headers"])
        return answer

    @numbered(30)
    def test_30_a_declared_length(self):
        head = wire.message("POST", "/Greeter/greet", [J, _ORIGIN, ("content-length", str(_BODY_MAX + 1))])
        for body in (b"", bytes(_BODY_MAX + 1)):
            # All of it may be sent before the answer is read.
            self.assert_error(self.refused(head, body), 413, "ingress", f"the body is longer than {_BODY_MAX} bytes")

    @numbered(31)
    def test_31_chunks_without_end(self):
        head = wire.message("POST", "/Greeter/greet", [J, _ORIGIN, ("transfer-encoding", "chunked")])
        chunk = b"%x\r\n" % (1 << 20) + b"1" * (1 << 20) + b"\r\n"
        answer = self.refused(head, *[chunk] * 40)
        self.assert_error(answer, 413, "ingress", f"the body is longer than {_BODY_MAX} bytes")

    def test_what_is_not_http_as_we_speak_it(self):
        origin = b"origin: http://a\r\n"
        for title, data, status in (
                ("two lengths", b"POST /a/b HTTP/1.1\r\nhost: h\r\n" + origin
                 + b"content-length: 1\r\ncontent-length: 2\r\n\r\nx", 400),
                ("no host", b"GET /a/b HTTP/1.1\r\n" + origin + b"\r\n", 400),
                ("a bad chunk", b"POST /a/b HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n" + origin
                 + b"\r\nx\r\n", 400),
                ("a long target", b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nhost: h\r\n" + origin + b"\r\n", 414),
                ("an expectation", b"GET /a/b HTTP/1.1\r\nhost: h\r\nexpect: more\r\n" + origin + b"\r\n", 417),
                ("many fields", b"GET /a/b HTTP/1.1\r\nhost: h\r\n" + origin + b"x: y\r\n" * 300 + b"\r\n", 431),
                ("long fields", b"GET /a/b HTTP/1.1\r\nhost: h\r\n" + origin + b"x: " + b"y" * 70_000, 431),
                ("another coding", b"GET /a/b HTTP/1.1\r\nhost: h\r\ntransfer-encoding: gzip, chunked\r\n" + origin
                 + b"\r\n", 501),
                ("another version", b"GET /a/b HTTP/3.0\r\n" + origin + b"\r\n", 505)):
            with self.subTest(title):
                self.assert_error(self.refused(data), status, "ingress")

    def test_http_2_is_refused_in_words(self):
        with wire.connect(self.base) as connection:
            connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            answer, = wire.parse(wire.read_to_end(connection))
        self.assert_sane(answer)
        self.assert_error(answer, 505, "ingress")


def send_all(connection, pieces):
    try:
        for piece in pieces:
            connection.sendall(piece)
    except OSError:
        pass  # The server need not read to the end.


class Limits(Contract):
    options = {"REPRISE_LIVE_ATTEMPTS_MAX": "3", "REPRISE_LANE_DEPTH_MAX": "1", "REPRISE_BODY_BYTES_MAX": "1000"}

    @numbered(91)
    def test_91_too_many_at_a_time(self):
        name, gate = fresh("busy"), self.server.directory / fresh("gate")
        self.send(f"/Awk/{name}/run/send", "")
        self.waits_on(f"/Awk/{name}/id")
        self.send(f"/Awk/{name}/run/send", "")
        self.assert_error(
            self.post(f"/Awk/{name}/run/send", ""), 429, "ingress", "1 invocations wait for this key; try again later")
        for _ in range(3):  # Who waits makes room for who works.
            self.send("/Slow/work/send", json.dumps({"untilFile": str(gate)}))
        rows = self.server.invocation_count()
        for path in ("/Greeter/greet", "/Greeter/greet/send", f"/Counter/{name}/get"):
            self.assert_error(
                self.post(path, "", _ORIGIN), 429, "ingress", "3 invocations are executing; try again later")
        self.assertEqual(self.server.invocation_count(), rows)
        self.assertEqual(self.get("/restate/health").status, 200)
        gate.touch()
        wait_until(lambda: post(self.base, "/Greeter/greet", "Ann").status == 200, "room again")

    def test_another_limit_for_bodies(self):
        self.assert_answer(self.post("/Echo/body", "x" * 1000), 200)
        self.assert_error(self.post("/Echo/body", "x" * 1001), 413, "ingress", "the body is longer than 1000 bytes")


class Headers(Contract):
    @numbered(84)
    def test_84_what_a_handler_sees(self):
        answer = self.post(
            "/Echo/headers?x=%20y", "1", ("X-Custom", "v"), ("authorization", "Bearer secret"), ("cookie", "secret"),
            ("proxy-authorization", "secret"), ("x-r", "1"), ("x-r", "2"), ("idempotency-key", fresh("echo")),
            ("idempotency-expires", "never"), ("x-restate-ingress-path", "/spoofed"), ("x-restate-id", "spoofed"),
            ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"), ("user-agent", "test/1"),
            ("x-restateclient-retry-attempt", "1"), ("upgrade", "h2c"))
        # Ours: credentials are never journaled, so no handler sees them; nobody speaks in the server's name.
        self.assertEqual(answer.json(), [
            ["x-restate-ingress-path", "/Echo/headers?x=%20y"], ["content-type", "application/json"],
            ["x-custom", "v"], ["x-r", "1"],
            ["traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"], ["user-agent", "test/1"],
            ["x-restateclient-retry-attempt", "1"], ["upgrade", "h2c"], ["content-length", "1"]])
        path = self.get("//Echo/headers/?q").json()[0]
        self.assertEqual(path, ["x-restate-ingress-path", "/Echo/headers?q"])

    def test_credentials_may_hold_any_bytes(self):
        self.assert_answer(self.post("/Greeter/greet", '"Ann"', ("cookie", "caf\xe9")), 200)

    def test_an_absolute_target_is_its_own_host(self):
        answer, = wire.exchange(self.base, (
            b"POST http://example.test/Greeter/greet HTTP/1.1\r\nhost: other\r\nconnection: close\r\n\r\n"))
        self.assert_answer(answer, 200, b'"Hello nobody"')
        # The admin port answers for its own names only, whichever way a name comes.
        for target, host, status in (("http://127.0.0.1/health", "evil.test", 200), ("/health", "evil.test", 421),
                                     ("http://evil.test/health", "127.0.0.1", 421)):
            answer, = wire.exchange(self.server.admin, (
                f"GET {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").encode())
            self.assertEqual(answer.status, status, target)


class CrossOrigin(Contract):
    @numbered(82)
    def test_82_any_preflight(self):
        asked = [_ORIGIN, ("access-control-request-method", "PATCH"),
                 ("access-control-request-headers", "x-one,content-type")]
        for target in ("/anything", "/restate/health", "/Counter/k/add", "*", "/"):
            with self.subTest(target):
                answer = self.ask("OPTIONS", target, *asked)
                self.assert_answer(answer, 200, b"")
                self.assertEqual(answer.headers["access-control-allow-methods"], "PATCH")
                self.assertEqual(answer.headers["access-control-allow-headers"], "x-one,content-type")
                self.assertNotIn("access-control-max-age", answer.headers)
        plain = self.ask("OPTIONS", "/anything")
        self.assert_answer(plain, 200, b"")
        self.assertNotIn("access-control-allow-methods", plain.headers)

    @numbered(83, 95)
    def test_83_95_headers_of_answers(self):
        # `assert_sane` has looked at the origin, at `vary` and for a `server` field.
        for answer in (
                self.get("/restate/health", _ORIGIN), self.post("/Greeter/greet", '"Ann"', _ORIGIN),
                self.post("/Greeter/greet/send", '"Ann"', _ORIGIN), self.get("/Nope/x", _ORIGIN),
                self.post("/Fail/fail", '{"message":"no"}', _ORIGIN),
                self.ask("POST", "/restate/a/sign_1XaULgbTwP4YBl2OeOiizwzgRDEewO7H5AAAAEQ/resolve", _ORIGIN),
                self.post("/restate/lookup", '{"target":"workflow","workflowName":"a","workflowKey":"b"}', _ORIGIN)):
            exposed = set(answer.headers["access-control-expose-headers"].split(", "))
            self.assertLessEqual(EXPOSED, exposed, "ours: a page may read the id")
        self.assertNotIn("access-control-expose-headers", self.get("/restate/health").headers)
