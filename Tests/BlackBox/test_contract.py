"""The ingress contract, request by request: the cases of the reference's section 11 that are one request and one
answer, and the sentences of its other sections. `Coverage` shows that no case is forgotten."""

import unittest
from pathlib import Path
from typing import NamedTuple

from client import request
from contract import ID, Contract, J, numbered

_FORM = ("content-type", "application/x-www-form-urlencoded")
_UNKNOWN = "inv_1fBuS9KMPNrt0zQBGdilypucn1EeT7AO5j"
_AWAKEABLE = "sign_1XaULgbTwP4YBl2OeOiizwzgRDEewO7H5AAAAEQ"


class Row(NamedTuple):
    case: object  # its number in section 11, or the section that says it
    method: str
    target: str
    headers: list
    body: bytes
    status: int
    message: str = ""  # a part of the message of an error


# What is refused, by the ingress, without leaving anything behind.
REFUSED = [
    Row(7, "POST", "/Counter/%FF/add", [J], b"1", 400, "UTF-8"),
    Row(10, "POST", "/Nope/greet", [J], b'"Ann"', 404, "register"),
    Row(11, "POST", "/Greeter/nope", [J], b'"Ann"', 404, "'nope' of service 'Greeter'"),
    Row(12, "POST", "/Greeter", [J], b'"Ann"', 400, "bad path"),
    Row(13, "POST", "/Counter/k1", [J], b"1", 400, "bad path"),
    Row(14, "POST", "/Greeter/k/greet", [J], b'"Ann"', 400, "bad path"),
    Row(15, "POST", "/Greeter/greet/send/x", [J], b'"Ann"', 400, "bad path"),
    Row(16, "POST", "/restate/call/Greeter/greet/send", [J], b'"Ann"', 400, "bad path"),
    Row(17, "POST", "/restate/bogus/x", [J], b'"Ann"', 404, "not found"),
    Row(18, "GET", "/openapi/x", [], b"", 404, "not found"),
    Row(19, "POST", "/Priv/h", [J], b'"Ann"', 400, "private"),
    Row(20, "PUT", "/Greeter/greet", [J], b'"Ann"', 405, "GET, POST"),
    Row(21, "POST", "/Greeter/greet", [], b'"Ann"', 400, "content-type is missing"),
    Row(22, "POST", "/Greeter/greet", [_FORM], b'"Ann"', 400, "application/json"),
    Row(24, "POST", "/Greeter/greet", [("content-type", "APPLICATION/JSON")], b'"Ann"', 400, "application/json"),
    Row(26, "POST", "/Typed/h", [J], b"", 400, "the body is empty"),
    # Ours: typed inputs are decoded before anything is accepted.
    Row(27, "POST", "/Typed/h", [J], b"not json", 400, "input validation error: "),
    Row("27", "POST", "/Typed/h", [J], b'{"item":"x"}', 400, "input validation error: "),
    Row("27", "POST", "/Typed/h/send", [J], b'{"item":"x","count":"1"}', 400, "input validation error: "),
    Row(29, "POST", "/Void/ping", [J], b"{}", 400, "no input"),
    Row("29", "POST", "/Void/ping", [J], b"", 400, "no input"),
    Row("29", "POST", "/Void/ping", [], b"x", 400, "no input"),
    Row(37, "POST", "/Greeter/greet/send?delay=1mo", [J], b'"Ann"', 400, "bad delay '1mo'"),
    Row("37", "POST", "/Greeter/greet/send?delay=-1s", [J], b'"Ann"', 400, "bad delay"),
    Row("37", "POST", "/Greeter/greet/send?delay=abc", [J], b'"Ann"', 400, "bad delay"),
    Row("37", "POST", "/Greeter/greet/send?delay=", [J], b'"Ann"', 400, "bad delay"),
    Row("37", "POST", "/Greeter/greet/send?delay=+10s", [J], b'"Ann"', 400, "bad delay"),
    Row(38, "POST", "/Greeter/greet?delay=1s", [J], b'"Ann"', 400, "send"),
    Row("38", "POST", "/Greeter/greet?delay=abc", [J], b'"Ann"', 400, "bad delay"),
    Row(47, "POST", "/Greeter/greet", [J, ("x-name", "caf\xe9")], b'"Ann"', 400, "x-name"),
    Row("47", "POST", "/Greeter/greet", [J, ("idempotency-key", "caf\xe9")], b'"Ann"', 400, "idempotency-key"),
    Row(52, "GET", f"/restate/output/{_UNKNOWN}", [], b"", 404, "invocation not found"),
    Row(54, "GET", "/restate/invocation/garbage/attach", [], b"", 400, "bad invocation id"),
    Row(55, "POST", f"/restate/invocation/{_UNKNOWN}/attach", [], b"", 405, "GET"),
    Row(58, "GET", "/restate/invocation/Nope/h/K/attach", [], b"", 404, "'Nope' not found"),
    # Ours: 400, where Restate answers 500.
    Row(61, "POST", "/restate/lookup", [J], b"{}", 400, "target"),
    Row("61", "POST", "/restate/lookup", [J], b"{", 400, "at byte 1"),
    Row("61", "POST", "/restate/attach", [J], b'{"target":"odd"}', 400, "odd"),
    Row("61", "POST", "/restate/output", [J], b'{"target":"invocation"}', 400, "invocationId"),
    Row(62, "GET", "/restate/lookup", [], b"", 405, "POST"),
    Row(77, "POST", "/restate/awakeables/sign_1xyz/resolve", [J], b'"x"', 400, "bad awakeable id"),
    Row("77", "POST", "/restate/awakeables/foo/resolve", [J], b'"x"', 400, "bad awakeable id"),
    Row(79, "GET", f"/restate/awakeables/{_AWAKEABLE}/resolve", [], b"", 405, "POST"),
    Row("79", "POST", f"/restate/awakeables/{_AWAKEABLE}/bogus", [], b"", 404, "not found"),
    Row("79", "POST", f"/restate/awakeables/{_AWAKEABLE}", [], b"", 400, "resolve"),
    Row(81, "POST", "/restate/health", [], b"", 405, "GET"),
    Row(85, "POST", "/Greeter/greet", [J, ("x-restate-limit-key", "a/b")], b'"Ann"', 400, "scope"),
    Row("85", "POST", "/Greeter/greet?limit-key=a", [J], b'"Ann"', 400, "scope"),
    Row("85", "POST", "/Greeter/greet", [J, ("x-restate-limit-key", "a/b/c")], b'"Ann"', 400, "bad limit key"),
    Row(86, "POST", "/restate/scope/s1/call/Greeter/greet", [J], b'"Ann"', 400, "not enabled"),
    Row(87, "POST", "/restate/scope/bad%20scope%21/call/Greeter/greet", [J], b'"Ann"', 400, "bad scope"),

    Row("1.1", "GET", "/", [], b"", 400, "bad path"),
    Row("1.1", "POST", "/foo", [], b"", 400, "bad path"),
    Row("1.1", "GET", "/openapi", [], b"", 400, "bad path"),
    Row("1.1", "GET", "/restate", [], b"", 400, "bad path"),
    Row("1.1", "POST", "/Greeter/a/b/c/d/e/f/g", [], b"", 400, "bad path"),
    Row("1.2", "POST", "/Greeter/gr%65et", [J], b'"Ann"', 404, "gr%65et"),
    Row("1.2", "POST", "/Counter/k/send", [J], b"1", 404, "handler 'send'"),
    Row("1.2", "POST", "/Greeter/send", [J], b'"Ann"', 404, "handler 'send'"),
    Row("1.2", "POST", "/Counter/k/add/send/x", [J], b"1", 400, "bad path"),
    Row("1.2", "POST", "/restate/call/Counter/add", [J], b"1", 400, "bad path"),
    Row("1.2", "POST", "/restate/send/Greeter/k/greet", [J], b'"Ann"', 400, "bad path"),
    Row("1.2", "POST", "/restate/scope/s1/foo/Greeter/greet", [J], b'"Ann"', 400, "bad path"),
    Row("1.3", "PUT", "/Priv/h", [J], b"1", 400, "private"),
    Row("1.3", "DELETE", "/Greeter/greet?delay=abc", [], b"", 405, "GET, POST"),
    Row("1.3", "POST", "/Greeter/greet?delay=abc", [_FORM], b"x", 400, "content-type"),
    Row("1.4", "HEAD", "/restate/health", [], b"", 405),
    Row("1.5", "POST", "/Greeter/greet", [("content-type", "json")], b'"Ann"', 400, "application/json"),
    Row("1.5", "GET", "/Typed/h", [], b"", 400, "content-type is missing"),
    Row("3.5", "POST", "/restate/scope/s1/call/Nope/greet", [J], b'"Ann"', 404, "'Nope'"),
    Row("3.5", "POST", "/restate/lookup", [J],
        b'{"target":"workflow","workflowName":"W","workflowKey":"k","scope":"s"}', 400, "not enabled"),
    Row("4.1", "GET", f"/restate/invocation/{_UNKNOWN}", [], b"", 400, "attach"),
    Row("4.1", "GET", f"/restate/invocation/{_UNKNOWN}/bogus", [], b"", 404, "not found"),
    Row("4.1", "GET", f"/restate/invocation/{_UNKNOWN}/attach/x", [], b"", 404, _UNKNOWN),
    Row("4.1", "GET", f"/restate/attach/{_UNKNOWN}/x", [], b"", 400, "bad path"),
    Row("4.1", "POST", "/restate/lookup/x", [], b"", 400, "bad path"),
    Row("4.1", "POST", "/restate/invocation/garbage/attach", [], b"", 400, "bad invocation id"),
    Row("4.1", "GET", "/restate/attach", [], b"", 405, "POST"),
    Row("4.1", "GET", "/restate/invocation/Counter/add/K/attach", [], b"", 400, "bad path"),
    Row("4.1", "GET", "/restate/invocation/Greeter/greet/%FF/output", [], b"", 400, "UTF-8"),
    Row("4.3", "GET", "/restate/invocation/Greeter/greet/never/output", [], b"", 404, "invocation not found"),
    Row("4.3", "GET", "/restate/workflow/None/k/output/ignored", [], b"", 404, "invocation not found"),
    Row("5", "GET", f"/restate/a/{_AWAKEABLE}/reject", [], b"", 405, "POST"),
    Row("5", "POST", f"/restate/a/{_AWAKEABLE[:-1]}/resolve", [], b"", 400, "bad awakeable id"),
]

# What is taken, answered at once, and how.
ANSWERED = [
    Row(1, "POST", "/Greeter/greet", [J], b'"Ann"', 200, '"Hello Ann"'),
    Row(2, "POST", "/restate/call/Greeter/greet", [J], b'"Ann"', 200, '"Hello Ann"'),
    Row(8, "POST", "/Greeter/greet/", [J], b'"Ann"', 200, '"Hello Ann"'),
    Row(9, "POST", "//Greeter/greet", [J], b'"Ann"', 200, '"Hello Ann"'),
    Row(23, "POST", "/Greeter/greet", [("content-type", "application/json; charset=utf-8")], b'"Ann"', 200,
        '"Hello Ann"'),
    Row(25, "POST", "/Greeter/greet", [], b"", 200, '"Hello nobody"'),
    Row("25", "GET", "/Greeter/greet", [], b"", 200, '"Hello nobody"'),
    Row("1.2", "POST", "/restate/call/Counter/call-1/add", [J], b"4", 200, "4"),
    Row("1.4", "GET", "/Greeter/greet", [J], b'"Ann"', 200, '"Hello Ann"'),
    Row("1.5", "POST", "/Echo/headers?x=y", [_FORM], b"anything", 200),
    Row("1.5", "POST", "/Typed/h", [J], b'{"count":2,"item":"x"}', 200, '{"count":2,"item":"x"}'),
    Row("1.5", "POST", "/Greeter/greet", [J, ("connection", "Upgrade, HTTP2-Settings"), ("upgrade", "h2c"),
                                          ("http2-settings", "AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA")],
        b'"Ann"', 200, '"Hello Ann"'),
    Row("3.1", "POST", "/Greeter/greet", [J, ("idempotency-key", "")], b'"Ann"', 200, '"Hello Ann"'),
    Row("3.5", "POST", "/Greeter/greet", [J, ("x-restate-limit-key", "")], b'"Ann"', 200, '"Hello Ann"'),
]


class OneRequest(Contract):
    def test_refusals_leave_nothing_behind(self):
        rows, listed = self.server.invocation_count(), len(self.server.listed("?limit=1000"))
        for row in REFUSED:
            with self.subTest(case=row.case, request=f"{row.method} {row.target}"):
                if row.method == "HEAD":  # Its answer has no body, whatever its length says.
                    answer = request(self.base, row.method, row.target)
                    self.assertEqual((answer.status, answer.body), (row.status, b""))
                    continue
                answer = self.ask(row.method, row.target, *row.headers, body=row.body)
                self.assert_error(answer, row.status, "ingress")
                self.assertIn(row.message, answer.message)
        self.assertEqual(self.server.invocation_count(), rows)
        self.assertEqual(len(self.server.listed("?limit=1000")), listed)

    def test_what_is_answered(self):
        for row in ANSWERED:
            with self.subTest(case=row.case, request=f"{row.method} {row.target}"):
                answer = self.ask(row.method, row.target, *row.headers, body=row.body)
                self.assert_answer(answer, row.status, row.message.encode() or None)
                self.assertEqual(answer.headers["content-type"], "application/json")
                self.assertRegex(answer.invocation, ID)
                self.assertNotIn("idempotency-expires", answer.headers)

    @numbered(28)
    def test_28_nothing_in_and_nothing_out(self):
        for method in ("POST", "GET"):
            answer = self.ask(method, "/Void/ping")
            self.assert_answer(answer, 200, b"")
            self.assertNotIn("content-type", answer.headers)
            self.assertRegex(answer.invocation, ID)

    @numbered(19)
    def test_19_a_private_handler_is_not_called(self):
        self.assert_error(self.post("/Priv/h", "1"), 400, "ingress")
        self.assertEqual(self.server.query("SELECT count(*) FROM invocation WHERE service = 'Priv'"), [(0,)])

    @numbered(53)
    def test_53_attaching_to_the_unknown(self):
        for path in (f"/restate/attach/{_UNKNOWN}", f"/restate/invocation/{_UNKNOWN}/attach"):
            answer = self.get(path)
            self.assert_error(answer, 404, "invocation", "not found")
            self.assertEqual(answer.body, b'{"code":404,"message":"not found","source":"invocation"}')
            self.assertEqual(answer.invocation, _UNKNOWN)

    @numbered(60)
    def test_60_lookup_says_back_an_id(self):
        answer = self.post("/restate/lookup", f'{{"target":"invocation","invocationId":"{_UNKNOWN}","other":[1]}}')
        self.assert_answer(answer, 200, f'{{"invocationId":"{_UNKNOWN}"}}'.encode())
        self.assertEqual(answer.headers["content-type"], "application/json")
        self.assertIsNone(answer.invocation)

    @numbered(76, 78)
    def test_76_78_completing_what_nobody_waits_for(self):
        for text in (_AWAKEABLE, _AWAKEABLE + "==", "prom_1NMyOAvDK2CcBjUH4Rmb7eGBp0DNNDnmsAAAAAQ"):
            for path in ("awakeables", "a"):
                for verb in ("resolve", "reject", "resolve/ignored"):
                    answer = self.ask("POST", f"/restate/{path}/{text}/{verb}")
                    self.assert_answer(answer, 202, b"")
                    self.assertNotIn("content-type", answer.headers)
                    self.assertIsNone(answer.invocation)

    @numbered(80)
    def test_80_health(self):
        for path in ("/restate/health", "/restate/health/ignored"):
            answer = self.get(path)
            self.assertEqual(answer.status, 200)
            self.assertLessEqual({"Greeter", "Counter", "Priv"}, set(answer.json()["services"]))


# Out of our scope.
_EXCLUDED = {92}


class Coverage(unittest.TestCase):
    def test_every_case_has_its_test(self):
        covered = {row.case for row in REFUSED + ANSWERED if isinstance(row.case, int)}
        folder = str(Path(__file__).parent)
        for suite in unittest.defaultTestLoader.discover(folder, "test_contract*.py", folder):
            for group in suite:
                for test in group:
                    covered |= getattr(getattr(test, test._testMethodName), "numbers", set())
        self.assertEqual(sorted(set(range(1, 96)) - _EXCLUDED - covered), [], "without a test")
        self.assertEqual(sorted(covered & _EXCLUDED), [], "tested, yet listed as not")
