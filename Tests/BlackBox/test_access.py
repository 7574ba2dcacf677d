"""Who may use the server: bearer tokens, the page's cookie, origins, and the names of the admin port."""

import base64
import os
import signal
import subprocess

import wire
from cases import Case
from client import get, post, request, wait_until
from server import BINARY, ROOT

J = [("content-type", "application/json")]
SHOP, OLD = (base64.b64encode(os.urandom(24)).decode().replace("+", "-") for _ in range(2))
ADMIN = "-" + base64.b64encode(os.urandom(24)).decode()  # what a command line could take for an option


def bearer(token):
    return {"authorization": f"Bearer {token}"}


class Tokens(Case):
    """One server that asks for tokens on both ports."""

    def setUp(self):
        super().setUp()
        self.server = self.make_fixtures()
        self.shop = self.write("shop", f"# the shop\n{SHOP}\n\n{OLD}\n")
        self.admin = self.write("admin", ADMIN)
        self.server.start(REPRISE_AUTH_TOKEN_FILE=self.shop, REPRISE_ADMIN_AUTH_TOKEN_FILE=self.admin)
        self.base = self.server.ingress

    def write(self, name, text):
        path = self.server.directory / name
        path.write_text(text)
        path.chmod(0o600)
        return str(path)

    def assert_refused(self, answer, challenge='Bearer realm="reprise"'):
        self.assertEqual(answer.status, 401, answer)
        self.assertEqual(answer.headers["www-authenticate"], challenge)
        self.assertEqual(answer.headers["content-type"], "application/json")
        self.assertEqual(answer.json()["code"], 401)
        self.assertIn("bearer token", answer.message)

    def greet(self, headers=None):
        return post(self.base, "/Greeter/greet", "Ann", headers)

    def test_callers_show_a_token(self):
        for token in (SHOP, OLD):
            self.assertEqual(self.greet(bearer(token)).json(), "Hello Ann")
        self.assertEqual(self.greet({"authorization": f"bearer  {SHOP}"}).status, 200)
        rows = self.server.invocation_count()
        self.assert_refused(self.greet())
        invalid = 'Bearer realm="reprise", error="invalid_token"'
        for token in (ADMIN, SHOP[:-1], SHOP + "A", SHOP.swapcase(), f"{SHOP}, {OLD}", "x"):
            self.assert_refused(self.greet(bearer(token)), invalid)
        for wrong in (f"Basic {SHOP}", SHOP, f"Bearer{SHOP}"):
            self.assert_refused(self.greet({"authorization": wrong}))
        for path in ("/restate/invocation/inv_1/attach", "/Nope/x", "/restate/health/x", "//restate//health", "/",
                     "/page/headers", "/page/other", "/restate/awakeables/x/resolve", "/openapi/x"):
            for method in ("GET", "POST"):
                self.assert_refused(request(self.base, method, path))
        self.assertEqual(self.server.invocation_count(), rows)

    def test_a_wrong_token_ends_its_connection_and_locks_nobody_out(self):
        right = wire.message("POST", "/Greeter/greet", [*J, *bearer(SHOP).items()], b'"Ann"', close=False)
        wrong = wire.message("POST", "/Greeter/greet", [*J, *bearer(ADMIN).items()], b'"Ann"', close=False)
        rows = self.server.invocation_count()
        with wire.connect(self.base) as kept:
            for _ in range(100):
                self.assertEqual([answer.status for answer in wire.exchange(self.base, wrong * 8)], [401])
            kept.sendall(right)
            self.assertIn(b"200 OK", kept.recv(65536))
        self.assertEqual([answer.status for answer in wire.exchange(self.base, right + wrong + right)], [200, 401])
        self.assertEqual(self.greet(bearer(SHOP)).status, 200)
        self.assertEqual(self.server.invocation_count() - rows, 3)

    def test_what_is_open(self):
        self.assertEqual(get(self.base, "/restate/health").status, 200)
        self.assertEqual(get(self.base, "/restate/health?x").status, 200)
        self.assertEqual(get(self.base, "/page").text, "who are you?")
        self.assertEqual(get(self.server.admin, "/health").status, 200)
        asked = request(self.base, "OPTIONS", "/Greeter/greet", headers={
            "origin": "https://shop.example", "access-control-request-method": "POST",
            "access-control-request-headers": "authorization"})
        self.assertEqual(asked.status, 200)
        self.assertEqual(asked.headers["access-control-allow-headers"], "authorization")
        refused = request(self.base, "POST", "/Greeter/greet", b"", {"origin": "https://shop.example"})
        self.assertEqual(refused.status, 401)
        self.assertEqual(refused.headers["access-control-allow-origin"], "https://shop.example")

    def test_no_body_is_taken_from_who_shows_none(self):
        with wire.connect(self.base) as connection:
            connection.sendall(b"POST /Greeter/greet HTTP/1.1\r\nhost: h\r\ncontent-length: 30000000\r\n"
                               b"expect: 100-continue\r\n\r\n")
            (answer,) = wire.parse(wire.read_to_end(connection))
        self.assert_refused(answer)
        self.assertEqual(answer.headers["connection"], "close")
        head = wire.exchange(self.base, b"HEAD /Greeter/greet HTTP/1.1\r\nhost: h\r\n\r\n".replace(b"HEAD", b"GET"))
        self.assertEqual([each.status for each in head], [401])

    def test_the_cookie_of_our_own_page(self):
        host = self.base.removeprefix("http://")
        cookie = {"cookie": f"theme=dark; reprise_token={SHOP}"}
        self.assertEqual(self.greet({**cookie, "origin": self.base}).status, 200)
        self.assertEqual(self.greet({**cookie, "sec-fetch-site": "same-origin", "origin": self.base}).status, 200)
        self.assertEqual(request(self.base, "GET", "/page/headers", headers=cookie).status, 200)
        self.assert_refused(self.greet({**cookie, "origin": "https://evil.example"}))
        self.assert_refused(self.greet({**cookie, "origin": f"http://{host.split(':')[0]}:1"}))
        self.assert_refused(self.greet({**cookie, "sec-fetch-site": "same-site", "origin": "http://localhost:1"}))
        self.assert_refused(self.greet(cookie))
        self.assert_refused(self.greet({"cookie": "reprise_token=wrong", "origin": self.base}),
                            'Bearer realm="reprise", error="invalid_token"')

    def test_no_credential_is_shown_logged_or_journaled(self):
        headers = {**bearer(SHOP), "cookie": f"a=b; reprise_token={OLD}", "proxy-authorization": f"Bearer {SHOP}"}
        seen = request(self.base, "POST", "/Echo/headers", headers=headers)
        self.assertEqual(seen.status, 200)
        names = {name for name, _ in seen.json()}
        self.assertFalse(names & {"authorization", "cookie", "proxy-authorization"}, names)
        route = dict(request(self.base, "GET", "/page/headers", headers=headers).json())
        self.assertEqual(route.get("cookie"), "a=b")
        self.assertNotIn("authorization", route)
        self.greet(bearer("wrong-" + SHOP))
        self.server.process.send_signal(signal.SIGHUP)
        self.wait_for_log("--admin-auth-token-file: 1 tokens read again")
        self.assertEqual(self.server.stop(), 0)
        for path in [self.server.log_path, *self.server.data.rglob("*")]:
            if path.is_file():
                content = path.read_bytes()
                for token in (SHOP, OLD, ADMIN):
                    self.assertNotIn(token.encode(), content, path)

    def wait_for_log(self, text, times=1):
        wait_until(lambda: self.server.log.count(text) >= times, lambda: f"'{text}' in\n{self.server.tail()}")

    def test_tokens_are_read_again(self):
        fresh = base64.b64encode(os.urandom(24)).decode()
        self.write("shop", fresh + "\n")
        self.assertEqual(self.greet(bearer(SHOP)).status, 200, "not before it is told")
        self.server.process.send_signal(signal.SIGHUP)
        self.wait_for_log("--auth-token-file: 1 tokens read again")
        self.assertEqual(self.greet(bearer(fresh)).status, 200)
        self.assertEqual(self.greet(bearer(SHOP)).status, 401)
        self.write("shop", "no token\n")
        self.server.process.send_signal(signal.SIGHUP)
        self.wait_for_log("line 1 is no bearer token")
        os.unlink(self.shop)
        self.server.process.send_signal(signal.SIGHUP)
        self.wait_for_log(f"--auth-token-file: '{self.shop}' cannot be read; the tokens read before stay in force")
        self.assertEqual(self.greet(bearer(fresh)).status, 200)

    def test_the_admin_port(self):
        for path in ("/invocations", "/metrics", "/version", "/v2/invocations", "/nope"):
            self.assert_refused(get(self.server.admin, path))
            self.assert_refused(request(self.server.admin, "GET", path, headers=bearer(SHOP)),
                                'Bearer realm="reprise", error="invalid_token"')
        self.assert_refused(request(self.server.admin, "PATCH", "/invocations/inv_1/cancel"))
        for path in ("/invocations", "/metrics", "/version"):
            self.assertEqual(request(self.server.admin, "GET", path, headers=bearer(ADMIN)).status, 200)
        evil = request(self.server.admin, "GET", "/version", headers={**bearer(ADMIN), "origin": "https://evil.example"})
        self.assertFalse([name for name in evil.headers if name.startswith("access-control")], evil.headers)

    def reprise(self, *arguments, **environment):
        host = self.server.admin.removeprefix("http://")
        return subprocess.run(
            [BINARY, "invocations", *arguments, "--admin", host], capture_output=True, text=True, timeout=30,
            check=False, env={**os.environ, **environment})

    def test_the_command_line_shows_a_token(self):
        invocation = post(self.base, "/Slow/sleep/send?delay=1h", {"ms": 1}, bearer(SHOP)).json()["invocationId"]
        refused = self.reprise("list")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("a bearer token is needed here", refused.stderr)
        for arguments, environment in (
                (["--admin-auth-token", ADMIN], {}), (["--admin-auth-token-file", self.admin], {}),
                ([], {"REPRISE_ADMIN_AUTH_TOKEN": ADMIN}), ([], {"REPRISE_ADMIN_AUTH_TOKEN_FILE": self.admin})):
            shown = self.reprise("list", *arguments, **environment)
            self.assertEqual(shown.returncode, 0, shown.stderr)
            self.assertIn(invocation, shown.stdout)
        self.assertEqual(self.reprise("cancel", invocation, REPRISE_ADMIN_AUTH_TOKEN=ADMIN).returncode, 0)


class Cloud(Case):
    def test_the_script_for_a_remote_server(self):
        server = self.make_server(TICKET_PAYMENT_MS="1", TICKET_EMAIL_MS="1")
        path = server.directory / "tokens"
        path.write_text(SHOP)
        server.start(REPRISE_AUTH_TOKEN_FILE=str(path))
        script = [str(ROOT / "scripts/test-cloud.sh"), server.ingress]
        for _ in range(2):
            ended = subprocess.run(script, capture_output=True, text=True, timeout=60, check=False,
                                   env={**os.environ, "RESTATE_AUTH_TOKEN": SHOP})
            self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
            self.assertIn("3 passed, 0 failed", ended.stdout)
        ended = subprocess.run(script, capture_output=True, text=True, timeout=60, check=False,
                               env={**os.environ, "RESTATE_AUTH_TOKEN": ""})
        self.assertEqual(ended.returncode, 1)
        self.assertIn("0 passed, 3 failed", ended.stdout)
        self.assertIn("HTTP 401", ended.stdout)


class Origins(Case):
    def test_only_those_named(self):
        server = self.make_fixtures().start(REPRISE_CORS_ORIGIN="https://shop.example, http://localhost:3000")
        for origin, allowed in (("https://shop.example", True), ("http://localhost:3000", True),
                                ("https://evil.example", False), ("null", False), ("http://localhost:3001", False)):
            for method, path in (("POST", "/Greeter/greet"), ("GET", "/restate/health"), ("OPTIONS", "/Greeter/greet"),
                                 ("GET", "/Nope/x"), ("GET", "/page/headers"), ("OPTIONS", "/page/headers")):
                with self.subTest(origin=origin, method=method, path=path):
                    answer = request(server.ingress, method, path, headers={
                        "origin": origin, "access-control-request-method": "POST"})
                    self.assertEqual(answer.headers.get("access-control-allow-origin"), origin if allowed else None)
                    self.assertIn("origin", answer.headers["vary"])
        refused = wire.exchange(server.ingress, b"NO\r\norigin: https://evil.example\r\n\r\n")
        self.assertNotIn("access-control-allow-origin", refused[0].headers)

    def test_names_of_the_admin_port(self):
        server = self.make_fixtures().start(REPRISE_ADMIN_HOST="Reprise.Internal,other")
        for host, status in (("reprise.internal", 200), ("REPRISE.internal:9070", 200), ("other", 200),
                             ("localhost", 200), ("192.168.1.7:9070", 200), ("[fd00::1]", 200), ("evil.example", 421),
                             ("internal", 421), ("1.2.3.4.evil.example", 421)):
            with self.subTest(host):
                self.assertEqual(request(server.admin, "GET", "/version", headers={"host": host}).status, status)


class Flags(Case):
    def test_what_cannot_be_used_is_said_in_one_line(self):
        server = self.make_server()
        empty = server.directory / "empty"
        empty.write_text("# nothing\n")
        bad = server.directory / "bad"
        bad.write_text("good-token\nse cret\n")
        for arguments, said in (
                (["--auth-token-file", "/nonexistent/x"], "--auth-token-file: '/nonexistent/x' cannot be read"),
                (["--auth-token-file", str(empty)], f"--auth-token-file: '{empty}': there is no token in it"),
                (["--admin-auth-token-file", str(bad)], f"--admin-auth-token-file: '{bad}': line 2 is no bearer token: "
                 "letters, digits, -._~+/ and final = make one"),
                (["--cors-origin", "shop.example"],
                 "--cors-origin: 'shop.example' is not an origin such as https://shop.example, or *"),
                (["--cors-origin", "https://shop.example/"],
                 "--cors-origin: 'https://shop.example/' is not an origin such as https://shop.example, or *"),
                (["--admin-host", "a:80"], "--admin-host: 'a:80' is not a name without port, such as reprise.internal")):
            with self.subTest(arguments):
                ended = subprocess.run([str(BINARY), "serve", "--data-dir", str(server.data), "--ingress", "127.0.0.1:0",
                                        "--admin", "127.0.0.1:0", *arguments],
                                       capture_output=True, text=True, timeout=30, check=False)
                self.assertEqual((ended.returncode, ended.stderr), (1, f"reprise: {said}\n"))

    def test_a_terminal_that_closes_ends_a_server_without_files(self):
        server = self.make_server().start()
        server.process.send_signal(signal.SIGHUP)
        self.assertEqual(server.wait_end(), -signal.SIGHUP)

    def test_what_is_weak_is_said(self):
        server = self.make_server()
        path = server.directory / "tokens"
        path.write_text("short\n")
        path.chmod(0o644)
        server.admin = server.admin.replace("127.0.0.1", "0.0.0.0")
        server.start(REPRISE_AUTH_TOKEN_FILE=str(path))
        wait_until(lambda: "can read" in server.log, server.tail)
        self.assertIn("may read and steer everything: see --admin-auth-token-file", server.log)
        self.assertIn("a token is shorter than 16 characters", server.log)
        self.assertIn(f"everybody on this machine can read '{path}'", server.log)
        self.assertNotIn("short\n", server.log)
