"""What the tests of the ingress contract share: one server with fixtures, and what holds of every answer."""

import re

import wire
from cases import Case
from client import get, wait_until
from server import FIXTURES, Server

J = ("content-type", "application/json")
ID = re.compile(r"inv_1[0-9a-zA-Z]{33}")
VARY = "origin, access-control-request-method, access-control-request-headers"
EXPOSED = {"x-restate-id", "idempotency-expires", "x-restate-error-source"}


def numbered(*numbers):
    """Says which cases of the reference's section 11 a test is about."""
    def mark(test):
        test.numbers = set(numbers)
        return test
    return mark


class Contract(Case):
    """Every answer that goes through `ask` is held against what is true of all answers (reference 6.3 and 7.1)."""

    options = {}

    @classmethod
    def setUpClass(cls):
        cls.server = Server(cls.options, binary=FIXTURES)
        cls.addClassCleanup(cls.server.close)
        cls.server.start()
        cls.base = cls.server.ingress

    def setUp(self):
        self.servers = [self.server]

    # Asking

    def ask(self, method, target, *headers, body=b"", base=None):
        """One request as bytes; bodies that are not bytes are the caller's mistake."""
        answer = wire.send(base or self.base, method, target, headers, body)
        self.assert_sane(answer, dict(headers).get("origin"))
        return answer

    def post(self, target, body, *headers):
        """JSON text to a handler."""
        return self.ask("POST", target, J, *headers, body=body if isinstance(body, bytes) else body.encode())

    def get(self, target, *headers):
        return self.ask("GET", target, *headers)

    def send(self, target, body, *headers):
        """The body of a send that was accepted."""
        answer = self.post(target, body, *headers)
        self.assertEqual(answer.status, 202, f"{answer}")
        self.assertEqual(answer.headers["content-type"], "application/json")
        fields = answer.json()
        self.assertEqual(fields["invocationId"], answer.invocation)
        self.assertRegex(answer.invocation, ID)
        return fields

    def resolve(self, awakeable, body=b'"go"'):
        answer = self.ask("POST", f"/restate/awakeables/{awakeable}/resolve", J, body=body)
        self.assertEqual((answer.status, answer.body), (202, b""), f"{answer}")

    def waits_on(self, path):
        """The awakeable whose id a shared handler tells."""
        def find():
            answer = get(self.base, path)
            return answer.json() if answer.status == 200 and answer.body not in (b"", b"null") else None
        return wait_until(find, f"an awakeable at {path}")

    # Judging

    def assert_sane(self, answer, origin=None):
        fields = answer.headers
        self.assertNotIn("server", fields)
        self.assertIn("date", fields)
        self.assertEqual(fields.get("access-control-allow-credentials"), "true", f"{answer}")
        self.assertEqual(fields.get("vary"), VARY)
        self.assertEqual(fields.get("access-control-allow-origin"), origin)
        if answer.status == 405:
            self.assertIn("allow", fields)
        if answer.status in (429, 503):
            self.assertRegex(fields.get("retry-after", ""), r"^[1-9]\d*$")
        if answer.status >= 400:
            self.assert_error_shape(answer)

    def assert_error_shape(self, answer):
        self.assertEqual(answer.headers.get("content-type"), "application/json", f"{answer}")
        body = answer.json()
        self.assertIsInstance(body.get("message"), str)
        self.assertIsInstance(body.get("code"), int)
        self.assertEqual(answer.headers.get("x-restate-error-source"), body.get("source"), f"{answer}")
        if body["source"] == "ingress":
            self.assertEqual(body["code"], answer.status)
            self.assertIsNone(answer.invocation)
        else:
            self.assertEqual(body["source"], "invocation")
            self.assertRegex(answer.invocation or "", ID)

    def assert_answer(self, answer, status, body=None):
        self.assertEqual(answer.status, status, f"{answer}")
        if body is not None:
            self.assertEqual(answer.body, body)

    def assert_error(self, answer, status, source, message=None):
        self.assertEqual((answer.status, answer.json().get("source")), (status, source), f"{answer}")
        if message is not None:
            self.assertEqual(answer.message, message)
