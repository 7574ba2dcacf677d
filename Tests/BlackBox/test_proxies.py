"""Behind proxies: no request that the proxy saw as one becomes two, and none gets past it in another's body."""

import sys
from pathlib import Path

import wire
from cases import LONG, Case
from client import get, post, wait_until
from proxies import Haproxy, Nginx, Varnish

sys.path.insert(0, str(Path(__file__).with_name("oracles")))
from framing_cases import cases  # noqa: E402  (found by the path that was just set)

_CASES = 20_000 if LONG else 1_500
_SMUGGLED = (b"POST /Counter/smuggled/add HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
             b"Content-Length: 1\r\n\r\n1")
_SIZE = b"%x" % len(_SMUGGLED)
# Good requests whose bodies would be requests if somebody read their framing differently.
_GOOD = (
    b"POST /Echo/body HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(_SMUGGLED) + _SMUGGLED,
    b"POST /Echo/body HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
    + _SIZE + b"\r\n" + _SMUGGLED + b"\r\n0\r\n\r\n",
    b"POST /Echo/body HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    b"POST /Echo/body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-T: y\r\n\r\n",
    b"GET /restate/health HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(_SMUGGLED) + _SMUGGLED,
    b"GET /restate/health HTTP/1.1\r\nHost: a\r\nX-A: b\r\n\r\n",
    b"HEAD /restate/health HTTP/1.1\r\nHost: a\r\n\r\n",
    b"OPTIONS /Echo/body HTTP/1.1\r\nHost: a\r\n\r\n",
)


class Proxies(Case):
    def check(self, kind, **settings):
        if not kind.path():
            self.skipTest(f"{kind.binary} is not installed")
        server = self.make_fixtures().start()
        proxy = kind(server.ingress, **settings)
        self.addCleanup(proxy.close)
        proxy.start()
        seen, passed = self.requests(server), proxy.passed_on()
        for number, case in enumerate(cases(3, _CASES, _GOOD, _SMUGGLED), 1):
            self.send(proxy.base, case)
            if number % 100 == 0 or number == _CASES:
                # The proxy may count a moment late, and the server may be refusing still what it was passed.
                wait_until(lambda: self.requests(server) - seen <= proxy.passed_on() - passed, lambda: (
                    f"up to case {number} the proxy passed on {proxy.passed_on() - passed} requests, and "
                    f"{self.requests(server) - seen} were seen"), 5)
        self.assertIn(get(server.ingress, "/Counter/smuggled/get").body, (b"0", b"null"), "nothing got past the proxy")
        self.assertGreater(proxy.passed_on() - passed, _CASES // 20, "most cases are not refused by the proxy already")
        for number in range(1, 21):
            answer = post(proxy.base, "/Echo/body", b"%d" % number, {"content-type": "text/plain"})
            self.assertEqual((answer.status, answer.body), (200, b"%d" % number), "answers are not mixed up")

    def send(self, base, case):
        """Whatever comes back: it is the server's count that matters."""
        try:
            with wire.connect(base, 0.3) as connection:
                connection.sendall(case)
                connection.shutdown(1)
                while connection.recv(65536):
                    pass
        except OSError:
            pass

    @staticmethod
    def requests(server):
        text = get(server.admin, "/metrics").text
        return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("reprise_http_requests_total{"))

    def test_nginx(self):
        self.check(Nginx, buffering="on")

    def test_nginx_that_streams(self):
        self.check(Nginx, buffering="off")

    def test_haproxy(self):
        self.check(Haproxy, accept="")

    def test_haproxy_that_takes_everything(self):
        self.check(Haproxy, accept="option accept-invalid-http-request")

    def test_varnish(self):
        self.check(Varnish)
