"""The ingress contract. Numbers are those of the conformance cases of its reference."""

import re
import subprocess
import threading
import time
import uuid
from datetime import datetime, timezone

import wire
from cases import Case, fresh, in_parallel
from client import get, post, request, wait_until
from server import Server

J = ("content-type", "application/json")
_ID = re.compile(r"^inv_1[0-9a-zA-Z]{33}$")
_BODY_MAX = 32 * 1024 * 1024

# (number, method, target, headers, body, status, source of the error or None)
REFUSALS = [
    (7, "POST", "/Counter/%FF/add", [J], b"1", 400, "ingress"),
    (10, "POST", "/Nope/greet", [J], b'"Ann"', 404, "ingress"),
    (11, "POST", "/Slow/nope", [J], b'{"ms":1}', 404, "ingress"),
    (12, "POST", "/Slow", [J], b'{"ms":1}', 400, "ingress"),
    (13, "POST", "/Counter/k1", [J], b"1", 400, "ingress"),
    (14, "POST", "/Slow/k/sleep", [J], b'{"ms":1}', 400, "ingress"),
    (15, "POST", "/Slow/sleep/send/x", [J], b'{"ms":1}', 400, "ingress"),
    (16, "POST", "/restate/call/Slow/sleep/send", [J], b'{"ms":1}', 400, "ingress"),
    (17, "POST", "/restate/bogus/x", [J], b"1", 404, "ingress"),
    (18, "GET", "/openapi/x", [], b"", 404, "ingress"),
    (20, "PUT", "/Slow/sleep", [J], b'{"ms":1}', 405, "ingress"),
    (21, "POST", "/Slow/sleep", [], b'{"ms":1}', 400, "ingress"),
    (22, "POST", "/Slow/sleep", [("content-type", "application/x-www-form-urlencoded")], b'{"ms":1}', 400, "ingress"),
    (24, "POST", "/Slow/sleep", [("content-type", "APPLICATION/JSON")], b'{"ms":1}', 400, "ingress"),
    (26, "POST", "/Slow/sleep", [J], b"", 400, "ingress"),
    ("27 (typed inputs are decoded)", "POST", "/Slow/sleep", [J], b"not json", 400, "ingress"),
    ("27 (of another type)", "POST", "/Slow/sleep", [J], b'{"ms":"long"}', 400, "ingress"),
    ("37 month", "POST", "/Slow/sleep/send?delay=1mo", [J], b'{"ms":1}', 400, "ingress"),
    ("37 negative", "POST", "/Slow/sleep/send?delay=-1s", [J], b'{"ms":1}', 400, "ingress"),
    ("37 text", "POST", "/Slow/sleep/send?delay=abc", [J], b'{"ms":1}', 400, "ingress"),
    ("37 empty", "POST", "/Slow/sleep/send?delay=", [J], b'{"ms":1}', 400, "ingress"),
    (38, "POST", "/Slow/sleep?delay=1s", [J], b'{"ms":1}', 400, "ingress"),
    (47, "POST", "/Slow/sleep", [J, ("x-name", "caf\xe9")], b'{"ms":1}', 400, "ingress"),
    (54, "GET", "/restate/invocation/garbage/attach", [], b"", 400, "ingress"),
    (58, "GET", "/restate/invocation/Nope/h/K/attach", [], b"", 404, "ingress"),
    (62, "GET", "/restate/lookup", [], b"", 405, "ingress"),
    (68, "GET", "/restate/workflow/Wf/none/output", [], b"", 404, "ingress"),
    ("77 sign_1", "POST", "/restate/awakeables/sign_1xyz/resolve", [J], b'"x"', 400, "ingress"),
    ("77 text", "POST", "/restate/awakeables/foo/resolve", [J], b'"x"', 400, "ingress"),
    (81, "POST", "/restate/health", [], b"", 405, "ingress"),
    (85, "POST", "/Slow/sleep", [J, ("x-restate-limit-key", "a/b")], b'{"ms":1}', 400, "ingress"),
    (86, "POST", "/restate/scope/s1/call/Slow/sleep", [J], b'{"ms":1}', 400, "ingress"),
]


class Contract(Case):
    """One server with the services made for tests; every test uses keys of its own."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server({"REPRISE_TEST_SERVICES": "1"})
        cls.addClassCleanup(cls.server.close)
        cls.server.start()
        cls.base = cls.server.ingress

    def setUp(self):
        self.servers = [self.server]

    def assert_error(self, answer, status, source, message=None):
        self.assertEqual(answer.status, status, f"{answer}")
        body = answer.json()
        self.assertEqual((body.get("code"), body.get("source")), (status, source), f"{answer}")
        self.assertEqual(answer.headers.get("x-restate-error-source"), source)
        self.assertIsInstance(body.get("message"), str)
        if message is not None:
            self.assertEqual(body["message"], message)

    def send(self, path, body, **headers):
        answer = post(self.base, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        self.assertEqual(answer.status, 202, f"{answer}")
        self.assertEqual(answer.json()["invocationId"], answer.invocation)
        return answer

    def test_refusals_leave_nothing_behind(self):
        rows, listed = self.server.invocation_count(), len(self.server.listed())
        for number, method, target, headers, body, status, source in REFUSALS:
            with self.subTest(case=number):
                self.assert_error(wire.send(self.base, method, target, headers, body), status, source)
        self.assertEqual(self.server.invocation_count(), rows)
        self.assertEqual(len(self.server.listed()), listed)

    def test_1_2_8_9_23_ways_to_call(self):
        for number, target, content_type in (
                (1, "/Slow/sleep", "application/json"), (2, "/restate/call/Slow/sleep", "application/json"),
                (8, "/Slow/sleep/", "application/json"), (9, "//Slow/sleep", "application/json"),
                (23, "/Slow/sleep", "application/json; charset=utf-8")):
            with self.subTest(case=number):
                answer = wire.send(self.base, "POST", target, [("content-type", content_type)], b'{"ms":1}')
                self.assertEqual((answer.status, answer.body), (200, b'"done"'), f"{answer}")
                self.assertEqual(answer.headers["content-type"], "application/json")
                self.assertRegex(answer.invocation, _ID)
                self.assertNotIn("server", answer.headers)

    def test_3_4_5_6_94_objects_and_their_keys(self):
        name = fresh("k")
        for written, read in ((name, name), (f"{name}%2Fb%20c", f"{name}%2fb%20c"), (f"{name}+b", f"{name}%2Bb"),
                              (f"{name}-%C3%A9", f"{name}-%c3%a9")):
            with self.subTest(key=written):
                added = wire.send(self.base, "POST", f"/Counter/{written}/add", [J], b"2")
                self.assertEqual((added.status, added.body), (200, b"2"), f"{added}")
                found = wire.send(self.base, "GET", f"/Counter/{read}/get")
                self.assertEqual((found.status, found.body), (200, b"2"), f"{found}")
        self.assertEqual(wire.send(self.base, "GET", f"/Counter/{name}%20b/get").body, b"0", "+ is not a space")
        self.assertEqual(wire.send(self.base, "POST", "/Counter//add", [J], b"1").status, 200)

    def test_28_a_handler_that_returns_nothing(self):
        answer = wire.send(self.base, "POST", "/GameManager/reset")
        self.assertEqual((answer.status, answer.body), (200, b""), f"{answer}")
        self.assertNotIn("content-type", answer.headers)

    def test_30_31_too_large(self):
        head = wire.message("POST", "/Slow/sleep", [J, ("content-length", str(_BODY_MAX + 1))])
        declared, = wire.exchange(self.base, head)
        self.assertEqual((declared.status, declared.text), (413, "length limit exceeded"))
        self.assertTrue(declared.headers["content-type"].startswith("text/plain"))
        chunk = b"%x\r\n" % (1 << 20) + b"1" * (1 << 20) + b"\r\n"
        head = wire.message("POST", "/Slow/sleep", [J, ("transfer-encoding", "chunked")])
        with wire.connect(self.base) as connection:
            try:
                connection.sendall(head)
                for _ in range(33):
                    connection.sendall(chunk)
            except OSError:
                pass  # It answers as soon as it has seen enough.
            answers = wire.parse(wire.read_to_end(connection))
        if answers:  # A reset may overtake the answer to a client that still sends.
            self.assert_error(answers[0], 413, "ingress")
        self.assertEqual(get(self.base, "/restate/health").status, 200)

    def test_32_33_sends(self):
        for path in ("/Slow/sleep/send", "/restate/send/Slow/sleep"):
            with self.subTest(path):
                answer = self.send(path, {"ms": 1})
                self.assertEqual(answer.json(), {"invocationId": answer.invocation, "status": "Accepted"})
                self.assertRegex(answer.invocation, _ID)

    def test_34_35_36_delayed_sends(self):
        for query, delay in (("delay=2s", 2), ("delay=PT2S", 2), ("delay=2000ms", 2), ("DELAY=2+sec", 2),
                             ("delay=0", 0)):
            with self.subTest(query):
                counter, now = fresh("delayed"), time.time()
                body = self.send(f"/Counter/{counter}/add/send?{query}", 1).json()
                due = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{9})?Z", body["executionTime"])
                self.assertTrue(due, body)
                moment = datetime.fromisoformat(due.group(1)).replace(tzinfo=timezone.utc).timestamp()
                self.assertTrue(now + delay - 2 <= moment <= time.time() + delay + 1, body)
                wait_until(lambda counter=counter: get(self.base, f"/Counter/{counter}/get").json() == 1, "its run")

    def test_40_41_43_72_idempotency(self):
        key, counter = str(uuid.uuid4()), fresh("idempotent")
        first, again = [post(self.base, f"/Counter/{counter}/add", 5, {"idempotency-key": key}) for _ in range(2)]
        self.assertEqual((first.body, again.body, again.invocation), (b"5", b"5", first.invocation))
        self.assertNotIn("idempotency-expires", first.headers)
        self.assertRegex(again.headers["idempotency-expires"], r"^\d{4}-\d\d-\d\dT[\d:.]+\+00:00$")
        self.assertEqual(get(self.base, f"/Counter/{counter}/get").json(), 5)
        other = post(self.base, f"/Counter/{fresh('other')}/add", 5, {"idempotency-key": key})
        self.assertNotEqual(other.invocation, first.invocation)

        sends = [self.send(f"/Counter/{counter}/add/send", 1, idempotency_key=f"s-{key}") for _ in range(2)]
        self.assertEqual([s.json()["status"] for s in sends], ["Accepted", "PreviouslyAccepted"])
        self.assertEqual(sends[0].invocation, sends[1].invocation)

        failure = {"code": 418, "message": "teapot", "metadata": {"a": "b"}}
        fails = [post(self.base, "/Fail/fail", failure, {"idempotency-key": f"f-{key}"}) for _ in range(2)]
        self.assertEqual((fails[0].status, fails[0].body), (fails[1].status, fails[1].body))
        self.assertIn("idempotency-expires", fails[1].headers)

    def test_42_44_callers_attach_to_what_runs(self):
        key = {"idempotency-key": str(uuid.uuid4())}
        name = fresh("attached")
        sent = post(self.base, f"/Awk/{name}/run/send", {}, key)
        awakeable = self.awakeable(name)
        running = get(self.base, f"/restate/invocation/{sent.invocation}/output")
        self.assert_error(running, 470, "ingress")
        callers = [lambda: post(self.base, f"/Awk/{name}/run", {}, key),
                   lambda: post(self.base, f"/Awk/{name}/run", {}, key),
                   lambda: get(self.base, f"/restate/invocation/{sent.invocation}/attach"),
                   lambda: get(self.base, f"/restate/attach/{sent.invocation}")]
        *answers, resolved = in_parallel(
            [*callers, lambda: post(self.base, f"/restate/awakeables/{awakeable}/resolve", "value")])
        self.assertEqual((resolved.status, resolved.body), (202, b""))
        for answer in answers:
            self.assertEqual((answer.status, answer.json(), answer.invocation), (200, "value", sent.invocation))
        after = get(self.base, f"/restate/output/{sent.invocation}")
        self.assertEqual((after.status, after.json()), (200, "value"))
        self.assertIn("idempotency-expires", after.headers)
        with self.subTest("55: another method"):
            answer = post(self.base, f"/restate/invocation/{sent.invocation}/attach", {})
            self.assert_error(answer, 405, "ingress")
        with self.subTest("57: by its key"):
            path = f"/restate/invocation/Awk/{name}/run/{key['idempotency-key']}/output"
            self.assertEqual(get(self.base, path).json(), "value")
        with self.subTest("59, 60: lookup"):
            target = {"target": "idempotentInvocation", "service": "Awk", "key": name, "handler": "run",
                      "idempotencyKey": key["idempotency-key"]}
            self.assertEqual(post(self.base, "/restate/lookup", target).json(), {"invocationId": sent.invocation})
            target = {"target": "invocation", "invocationId": sent.invocation}
            self.assertEqual(post(self.base, "/restate/lookup", target).json(), {"invocationId": sent.invocation})

    def awakeable(self, name):
        """The id on which the object `name` waits."""
        def find():
            answer = post(self.base, f"/Awk/{name}/id")
            found = answer.json() if answer.status == 200 and answer.body else None
            return found if found else None
        return wait_until(find, f"the awakeable of {name}")

    def test_52_53_unknown_invocations(self):
        spare = Server({"REPRISE_TEST_SERVICES": "1"})
        self.addCleanup(spare.close)
        spare.start()
        unknown = post(spare.ingress, "/Slow/sleep", {"ms": 1}).invocation
        output = get(self.base, f"/restate/output/{unknown}")
        self.assert_error(output, 404, "ingress")
        self.assertIsNone(output.invocation)
        attach = get(self.base, f"/restate/attach/{unknown}")
        self.assert_error(attach, 404, "invocation", "not found")
        self.assertEqual(attach.invocation, unknown)

    def test_69_70_71_terminal_errors(self):
        for code, status in ((418, 418), (500, 500), (1000, 500)):
            with self.subTest(code=code):
                body = {"code": code, "message": "no", "metadata": {"a": "b"}}
                answer = post(self.base, "/Fail/fail", body)
                self.assertEqual(answer.status, status, f"{answer}")
                self.assertEqual(answer.json(), {**body, "source": "invocation"})
                self.assertEqual(answer.headers["x-restate-error-source"], "invocation")
                self.assertRegex(answer.invocation, _ID)
        plain = post(self.base, "/Fail/fail", {"code": 500, "message": "no", "metadata": {}})
        self.assertEqual(plain.json(), {"code": 500, "message": "no", "source": "invocation"})

    def test_73_74_75_78_79_awakeables(self):
        def waiting(finish):
            name = fresh("awk")
            answer, _ = in_parallel(
                [lambda: post(self.base, f"/Awk/{name}/run", {}), lambda: finish(self.awakeable(name))])
            return answer

        def finish(path, body, headers=None):
            def act(awakeable):
                answer = post(self.base, path.format(awakeable), body, headers)
                self.assertEqual((answer.status, answer.body), (202, b""), f"{answer}")
                self.assertEqual(get(self.base, path.format(awakeable)).status, 405)
                self.assertEqual(post(self.base, f"/restate/awakeables/{awakeable}/bogus").status, 404)
                self.assertEqual(post(self.base, f"/restate/awakeables/{awakeable}").status, 400)
                self.assertEqual(post(self.base, path.format(awakeable), body).status, 202, "a second time")
            return act

        for path in ("/restate/awakeables/{}/resolve", "/restate/a/{}/resolve"):
            with self.subTest(path):
                answer = waiting(finish(path, "x"))
                self.assertEqual((answer.status, answer.json()), (200, "x"))
        with self.subTest("78: with the padding of base64"):
            def padded(awakeable):
                encoded = awakeable.removeprefix("sign_1")
                finish("/restate/a/{}/resolve", "x")(awakeable + "=" * (-len(encoded) % 4))
            answer = waiting(padded)
            self.assertEqual((answer.status, answer.json()), (200, "x"))
        rejected = waiting(finish("/restate/awakeables/{}/reject", b"nope", {"content-type": "text/plain"}))
        self.assert_error(rejected, 500, "invocation", "nope")

    def test_80_82_83_95_health_and_cors(self):
        answer = wire.send(self.base, "GET", "/restate/health", [("origin", "http://a")])
        services = set(answer.json()["services"])
        self.assertLessEqual({"Checkout", "Ticket", "SeatMap", "GameManager", "Counter"}, services)
        self.assertEqual(answer.headers["access-control-allow-origin"], "http://a")
        self.assertNotIn("server", answer.headers)
        asked = [("origin", "http://a"), ("access-control-request-method", "POST"),
                 ("access-control-request-headers", "x-one")]
        options = wire.send(self.base, "OPTIONS", "/anything", asked)
        self.assertEqual((options.status, options.body), (200, b""))
        self.assertEqual(options.headers["access-control-allow-origin"], "http://a")
        self.assertEqual(options.headers["access-control-allow-methods"], "POST")
        self.assertEqual(options.headers["access-control-allow-headers"], "x-one")
        self.assertEqual(options.headers["access-control-allow-credentials"], "true")

    def test_keys_are_compared_by_their_bytes(self):
        name = fresh("caf")
        composed, decomposed = f"{name}%C3%A9", f"{name}e%CC%81"
        self.assertEqual(post(self.base, f"/Counter/{composed}/add", 1).json(), 1)
        self.assertEqual(post(self.base, f"/Counter/{decomposed}/add", 10).json(), 10)
        self.assertEqual(get(self.base, f"/Counter/{composed}/get").json(), 1)

    def test_90_one_at_a_time(self):
        name = fresh("lane")
        first = self.send(f"/Awk/{name}/run/send", {}).invocation
        held = self.awakeable(name)  # A shared handler answers while the exclusive one waits.
        queued = self.send(f"/Awk/{name}/run/send", {}).invocation
        wait_until(lambda: any(row["id"] == queued for row in self.server.listed("?status=pending")),
                   "the second call behind the first")
        self.assertEqual(get(self.base, f"/restate/invocation/{first}/output").status, 470)
        post(self.base, f"/restate/awakeables/{held}/resolve", "one")
        self.assertEqual(get(self.base, f"/restate/invocation/{first}/attach").json(), "one")
        wait_until(lambda: self.awakeable(name) != held, "the turn of the second call")
        post(self.base, f"/restate/awakeables/{self.awakeable(name)}/resolve", "two")
        self.assertEqual(get(self.base, f"/restate/invocation/{queued}/attach").json(), "two")

    def test_93_a_client_that_leaves_ends_nothing(self):
        name = fresh("left")
        with wire.connect(self.base) as connection:
            connection.sendall(wire.message("POST", f"/Awk/{name}/run", [J], b"{}"))
            awakeable = self.awakeable(name)
        post(self.base, f"/restate/awakeables/{awakeable}/resolve", "x")
        wait_until(lambda: not [row for row in self.server.unfinished() if row[1] == name], "an end without a client")

    def test_curl_as_in_the_readme(self):
        url = f"{self.base}/Counter/{fresh('curl')}/add"
        forms = [["-H", "content-type: application/json", "-d", "3"]]
        if "--json" in subprocess.run(["curl", "--help", "all"], capture_output=True, text=True).stdout:
            forms.append(["--json", "3"])
        for number, form in enumerate(forms, 1):
            ended = subprocess.run(["curl", "-sS", "--fail", url, *form], capture_output=True, text=True, timeout=30)
            self.assertEqual((ended.returncode, ended.stdout), (0, str(3 * number)), ended.stderr)

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
