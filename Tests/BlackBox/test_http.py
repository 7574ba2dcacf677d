"""HTTP as a client meets it: framing, pipelining, curl, and keys as bytes."""

import subprocess

import wire
from cases import Case, fresh
from client import get, post
from server import FIXTURES, Server

J = ("content-type", "application/json")


class Http(Case):
    """One server with the services made for tests; every test uses keys of its own."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server(binary=FIXTURES)
        cls.addClassCleanup(cls.server.close)
        cls.server.start()
        cls.base = cls.server.ingress

    def setUp(self):
        self.servers = [self.server]

    def test_keys_are_compared_by_their_bytes(self):
        name = fresh("caf")
        composed, decomposed = f"{name}%C3%A9", f"{name}e%CC%81"
        self.assertEqual(post(self.base, f"/Counter/{composed}/add", 1).json(), 1)
        self.assertEqual(post(self.base, f"/Counter/{decomposed}/add", 10).json(), 10)
        self.assertEqual(get(self.base, f"/Counter/{composed}/get").json(), 1)

    def test_curl_as_in_the_readme(self):
        url = f"{self.base}/Counter/{fresh('curl')}/add"
        forms = [["-H", "content-type: application/json", "-d", "3"]]
        if "--json" in subprocess.run(["curl", "--help", "all"], capture_output=True, text=True).stdout:
            forms.append(["--json", "3"])
        for number, form in enumerate(forms, 1):
            ended = subprocess.run(["curl", "-sS", "--fail", url, *form], capture_output=True, text=True, timeout=30)
            self.assertEqual((ended.returncode, ended.stdout), (0, str(3 * number)), ended.stderr)

    def test_curl_asks_before_it_sends_much(self):
        body = "x" * (2 << 20)
        command = ["curl", "-sS", "-v", f"{self.base}/Echo/body", "-H", "content-type: text/plain",
                   "-H", "expect: 100-continue", "--data-binary", "@-"]
        ended = subprocess.run(command, input=body, capture_output=True, text=True, timeout=30)
        self.assertEqual((ended.returncode, ended.stdout), (0, body), ended.stderr)
        self.assertIn("100 Continue", ended.stderr)

    def test_pipelined_requests_are_answered_in_order(self):
        name = fresh("pipelined")
        data = b"".join(
            wire.message("POST", f"/Counter/{name}/add", [J], b"1", close=False) for _ in range(9))
        data += wire.message("POST", f"/Counter/{name}/add", [J], b"1")
        answers = wire.exchange(self.base, data)
        self.assertEqual([answer.body for answer in answers], [str(n).encode() for n in range(1, 11)])

    def test_framing_that_is_not_plain_is_refused(self):
        rows = self.server.invocation_count()
        body = b'{"ms":1}'
        head = b"POST /Slow/sleep HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\n"
        for title, lines in (
                ("two lengths", b"content-length: 8\r\ncontent-length: 9\r\n"),
                ("a signed length", b"content-length: +8\r\n"),
                ("length and chunks", b"content-length: 8\r\ntransfer-encoding: chunked\r\n"),
                ("white space before the colon", b"content-length : 8\r\n"),
                ("a folded line", b"content-length: 8\r\nx-a: b\r\n c\r\n"),
                ("a bare line feed", b"content-length: 8\nx-a: b\r\n")):
            with self.subTest(title):
                answers = wire.exchange(self.base, head + lines + b"connection: close\r\n\r\n" + body)
                self.assertEqual([answer.status for answer in answers], [400])
        self.assertEqual(self.server.invocation_count(), rows)
