"""The ingress contract over several requests: objects, sends, idempotency, lookups and outcomes of invocations. Numbers
are those of the reference's section 11."""

import base64
import re
import time
import uuid
from datetime import datetime, timezone

import wire
from cases import fresh, in_parallel
from client import get, post, segment, wait_until
from contract import ID, Contract, J, numbered

_SCHEDULED = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{9}))?Z")
_EXPIRES = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?\+00:00")


def fresh_key():
    return ("idempotency-key", str(uuid.uuid4()))


class Objects(Contract):
    @numbered(3, 4)
    def test_3_4_state_of_an_object(self):
        name = fresh("k")
        self.assert_answer(self.post(f"/Counter/{name}/add", "1"), 200, b"1")
        self.assert_answer(self.get(f"/Counter/{name}/get"), 200, b"1")

    @numbered(5, 6, 94)
    def test_5_6_94_keys(self):
        name = fresh("key")
        for written, read, seen in (
                (f"{name}%2Fb%20c", f"{name}%2fb%20c", f"{name}/b c"), (f"{name}+b", f"{name}%2Bb", f"{name}+b"),
                (f"{name}%C3%A9", f"{name}%c3%a9", f"{name}é"), (f"{name}%", f"{name}%25", f"{name}%"),
                (f"{name}%zz", f"{name}%25zz", f"{name}%zz"), ("", "", "")):
            with self.subTest(key=written):
                self.assert_answer(self.post(f"/Counter/{written}/add", "2"), 200, b"2")
                self.assert_answer(self.get(f"/Counter/{read}/get"), 200, b"2")
                self.assertEqual(self.get(f"/restate/call/Counter/{written}/key").json(), seen)

    @numbered(90)
    def test_90_one_at_a_time(self):
        name = fresh("lane")
        self.post(f"/Counter/{name}/add", "7")
        blocked = self.send(f"/Counter/{name}/block/send", "")["invocationId"]
        awakeable = self.waits_on(f"/Counter/{name}/blockedOn")
        added = self.send(f"/Counter/{name}/add/send", "1")["invocationId"]
        wait_until(lambda: any(row["id"] == added for row in self.server.listed("?status=pending")),
                   "the second call behind the first")
        self.assert_answer(self.get(f"/Counter/{name}/get"), 200, b"7")
        self.assert_answer(self.get(f"/restate/output/{added}"), 470)
        self.resolve(awakeable)
        self.assert_answer(self.get(f"/restate/attach/{added}"), 200, b"8")
        self.assert_answer(self.get(f"/restate/attach/{blocked}"), 200, b'"go"')

    @numbered(93)
    def test_93_a_client_that_leaves_ends_nothing(self):
        name = fresh("left")
        with wire.connect(self.base) as connection:
            connection.sendall(wire.message("POST", f"/Awk/{name}/run", [J], b""))
            awakeable = self.waits_on(f"/Awk/{name}/id")
        self.resolve(awakeable)
        wait_until(lambda: [row["completion_result"] for row in self.server.listed(f"?service=Awk&key={name}")
                            if row["target_handler_name"] == "run" and row["status"] == "completed"] == ["success"],
                   "an end without a client")


class Sends(Contract):
    @numbered(32, 33)
    def test_32_33_accepted(self):
        for path in ("/Greeter/greet/send", "/restate/send/Greeter/greet"):
            with self.subTest(path):
                fields = self.send(path, '"Ann"')
                self.assertEqual(list(fields), ["invocationId", "status"])
                self.assertEqual(fields["status"], "Accepted")
                self.assert_answer(self.get(f"/restate/attach/{fields['invocationId']}"), 200, b'"Hello Ann"')
        name = fresh("sent")
        self.send(f"/restate/send/Counter/{name}/add", "3")
        wait_until(lambda: get(self.base, f"/Counter/{name}/get").json() == 3, "its run")

    @numbered(34, 35, 36, 39)
    def test_34_35_36_39_delays(self):
        # Bare milliseconds are ours: Restate's own Python client sends them.
        started = []
        for query, seconds in (("delay=2s", 2), ("delay=PT2S", 2), ("delay=2000ms", 2), ("DELAY=2+sec", 2),
                               ("delay=%2B1s", 1), ("delay=0.5s", 0.5), ("delay=0", 0), ("delay=1000", 1)):
            with self.subTest(query):
                counter, sent = fresh("delayed"), time.time()
                fields = self.send(f"/Counter/{counter}/add/send?{query}", "1")
                self.assertEqual(list(fields), ["invocationId", "executionTime", "status"])
                # Milliseconds may be cut on the way, never a wait shortened.
                due = instant(fields["executionTime"])
                self.assertTrue(sent + seconds - 0.002 <= due <= time.time() + seconds + 0.002, fields)
                started.append((query, counter, due))
        for query, counter, due in started:
            with self.subTest(query):
                wait_until(lambda: get(self.base, f"/Counter/{counter}/get").json() == 1, "its run")
                self.assertGreaterEqual(time.time() + 0.002, due)

    @numbered(48)
    def test_48_a_duplicate_tells_the_first_time(self):
        key, name = fresh_key(), fresh("again")
        first = self.send(f"/Counter/{name}/add/send?delay=300ms", "1", key)
        again = self.send(f"/Counter/{name}/add/send?delay=1h", "5", key)
        self.assertEqual(again, {**first, "status": "PreviouslyAccepted"})
        self.assert_answer(self.get(f"/restate/attach/{first['invocationId']}"), 200, b"1")
        done = self.send(f"/Counter/{name}/add/send", "5", key)
        self.assertEqual(done, {"invocationId": first["invocationId"], "status": "PreviouslyAccepted"})


def instant(text):
    """Seconds since 1970."""
    whole, fraction = _SCHEDULED.fullmatch(text).groups()
    return datetime.fromisoformat(whole).replace(tzinfo=timezone.utc).timestamp() + int(fraction or 0) / 1e9


class Idempotency(Contract):
    @numbered(40)
    def test_40_a_second_call_gets_the_first_result(self):
        key, name = fresh_key(), fresh("idempotent")
        first = self.post(f"/Counter/{name}/add", "5", key)
        again = self.post(f"/Counter/{name}/add", "6", ("Idempotency-Key", key[1]))
        self.assertEqual([first.body, again.body], [b"5", b"5"])
        self.assertEqual(first.invocation, again.invocation)
        self.assertNotIn("idempotency-expires", first.headers)
        self.assertRegex(again.headers["idempotency-expires"], _EXPIRES)
        kept = datetime.fromisoformat(again.headers["idempotency-expires"]).timestamp() - time.time()
        self.assertTrue(86_400 - 60 < kept <= 86_400, kept)
        self.assert_answer(self.get(f"/Counter/{name}/get"), 200, b"5")

    @numbered(41)
    def test_41_sends(self):
        key, name = fresh_key(), fresh("idempotent")
        first, again = [self.send(f"/Counter/{name}/add/send", "5", key) for _ in range(2)]
        self.assertEqual([first["status"], again["status"]], ["Accepted", "PreviouslyAccepted"])
        self.assertEqual(first["invocationId"], again["invocationId"])
        self.assert_answer(self.get(f"/restate/attach/{first['invocationId']}"), 200, b"5")

    @numbered(42, 44)
    def test_42_44_calls_join_what_runs(self):
        key, name = fresh_key(), fresh("joined")
        sent = self.send(f"/Awk/{name}/run/send", "", key)["invocationId"]
        awakeable = self.waits_on(f"/Awk/{name}/id")
        with wire.connect(self.base) as one, wire.connect(self.base) as two:
            for connection in (one, two):
                connection.sendall(wire.message("POST", f"/Awk/{name}/run", [J, key]))
            self.resolve(awakeable, b'"once"')
            for connection in (one, two):
                answer, = wire.parse(wire.read_to_end(connection))
                self.assert_sane(answer)
                self.assert_answer(answer, 200, b'"once"')
                self.assertEqual(answer.invocation, sent)
        runs = [row for row in self.server.listed(f"?service=Awk&key={name}") if row["target_handler_name"] == "run"]
        self.assertEqual([row["id"] for row in runs], [sent])

    @numbered(43)
    def test_43_a_key_belongs_to_one_target(self):
        key = fresh_key()
        one, two = fresh("target"), fresh("target")
        answers = [self.post(path, "5", key) for path in (
            f"/Counter/{one}/add", f"/Counter/{two}/add", f"/Counter/{one}/key", "/Echo/headers", "/Echo/body")]
        self.assertEqual({answer.status for answer in answers}, {200})
        self.assertEqual(len({answer.invocation for answer in answers}), len(answers))


class Lookups(Contract):
    @numbered(49, 50, 51, 57)
    def test_49_50_51_57_while_it_runs_and_after(self):
        key, name = fresh_key(), fresh("looked")
        path = f"/restate/invocation/Counter/{name}/block/{key[1]}"
        self.assert_answer(self.get(f"{path}/output"), 404)
        sent = self.send(f"/Counter/{name}/block/send", "", key)["invocationId"]
        awakeable = self.waits_on(f"/Counter/{name}/blockedOn")
        target = (f'{{"target":"idempotentInvocation","service":"Counter","key":"{name}","handler":"block",'
                  f'"idempotencyKey":"{key[1]}"}}')
        for answer in (self.get(f"/restate/invocation/{sent}/output"), self.get(f"/restate/output/{sent}"),
                       self.get(f"{path}/output"), self.post("/restate/output", target)):
            self.assert_error(answer, 470, "ingress")

        waiting = [lambda: self.get(f"/restate/invocation/{sent}/attach"), lambda: self.get(f"/restate/attach/{sent}"),
                   lambda: self.get(f"{path}/attach"), lambda: self.post("/restate/attach", target)]
        *attached, _ = in_parallel([*waiting, lambda: self.resolve(awakeable)])
        for answer in attached:
            self.assert_answer(answer, 200, b'"go"')
            self.assertEqual(answer.invocation, sent)

        for ask in (*waiting, lambda: self.get(f"/restate/invocation/{sent}/output"),
                    lambda: self.get(f"/restate/output/{sent}"), lambda: self.get(f"{path}/output"),
                    lambda: self.post("/restate/output", target)):
            answer = ask()
            self.assert_answer(answer, 200, b'"go"')
            self.assertEqual(answer.headers["content-type"], "application/json")
            self.assertRegex(answer.headers["idempotency-expires"], _EXPIRES)
            self.assertEqual(answer.invocation, sent)

    @numbered(56, 59)
    def test_56_59_by_idempotency_key(self):
        # Ours: keys in paths are decoded.
        for key in ("K1", "a b/c", "50%", "?#&="):
            with self.subTest(key):
                called = self.post("/Greeter/greet", '"Ann"', ("idempotency-key", key))
                path = f"/restate/invocation/Greeter/greet/{segment(key)}"
                for verb in ("attach", "output"):
                    answer = self.get(f"{path}/{verb}")
                    self.assert_answer(answer, 200, called.body)
                    self.assertEqual(answer.invocation, called.invocation)
                found = post(self.base, "/restate/lookup", {
                    "target": "idempotentInvocation", "service": "Greeter", "handler": "greet", "idempotencyKey": key})
                self.assertEqual(found.json(), {"invocationId": called.invocation})

    def test_any_invocation_can_be_attached_to(self):
        called = self.ask("POST", "/Echo/body", ("content-type", "text/plain"), body=b"as it is")
        self.assertEqual(called.headers["content-type"], "application/octet-stream")
        for verb in ("attach", "output"):
            answer = self.get(f"/restate/{verb}/{called.invocation}")
            self.assert_answer(answer, 200, b"as it is")
            self.assertEqual(answer.headers["content-type"], "application/octet-stream")
        empty = self.ask("POST", "/Void/ping")
        answer = self.get(f"/restate/attach/{empty.invocation}")
        self.assert_answer(answer, 200, b"")
        self.assertNotIn("content-type", answer.headers)


class Failures(Contract):
    @numbered(69, 72)
    def test_69_72_a_terminal_error(self):
        key, body = fresh_key(), '{"code":418,"message":"no \\"tea\\"","metadata":{"a":"b"}}'
        expected = b'{"code":418,"message":"no \\"tea\\"","metadata":{"a":"b"},"source":"invocation"}'
        first, again = [self.post("/Fail/fail", body, key) for _ in range(2)]
        for answer in (first, again, self.get(f"/restate/output/{first.invocation}")):
            self.assert_answer(answer, 418, expected)
            self.assertEqual(answer.invocation, first.invocation)
        self.assertNotIn("idempotency-expires", first.headers)
        self.assertRegex(again.headers["idempotency-expires"], _EXPIRES)

    @numbered(70, 71)
    def test_70_71_codes(self):
        for given, status, code in ((None, 500, 500), (1000, 500, 1000), (99, 500, 99), (70_000, 500, 500),
                                    (-1, 500, 500), (999, 999, 999), (301, 301, 301), (204, 500, 204),
                                    (100, 500, 100)):
            with self.subTest(code=given):
                body = '{"message":"no"}' if given is None else f'{{"code":{given},"message":"no"}}'
                answer = self.post("/Fail/fail", body)
                self.assert_answer(
                    answer, status, f'{{"code":{code},"message":"no","source":"invocation"}}'.encode())
                self.assertEqual(answer.headers["x-restate-error-source"], "invocation")


class Awakeables(Contract):
    def waiting(self, finish):
        """The answer of a run whose awakeable `finish` completes."""
        name = fresh("awk")
        answer, _ = in_parallel(
            [lambda: self.post(f"/Awk/{name}/run", ""), lambda: finish(self.waits_on(f"/Awk/{name}/id"))])
        return answer

    @numbered(73, 74)
    def test_73_74_resolved(self):
        for path in ("/restate/awakeables/{}/resolve", "/restate/a/{}/resolve", "/restate/a/{}/resolve/ignored"):
            def finish(awakeable, path=path):
                for body in (b'"x"', b'"too late"'):
                    answer = self.ask("POST", path.format(awakeable), J, body=body)
                    self.assert_answer(answer, 202, b"")
                    self.assertNotIn("content-type", answer.headers)
                    self.assertIsNone(answer.invocation)
            self.assert_answer(self.waiting(finish), 200, b'"x"')

    @numbered(75)
    def test_75_rejected(self):
        def finish(awakeable):
            self.assert_answer(
                self.ask("POST", f"/restate/a/{awakeable}/reject", ("content-type", "text/plain"), body=b"nope"), 202)
        self.assert_error(self.waiting(finish), 500, "invocation", "nope")

    def test_an_id_with_another_index_completes_nothing(self):
        """Least of all the reserved ones: in Restate index 1 cancels the invocation."""
        def finish(awakeable):
            raw = base64.urlsafe_b64decode(awakeable.removeprefix("sign_1") + "=" * 2)
            for index in (0, 1, 2, 15, 16, 17, int.from_bytes(raw[24:], "big") + 1):
                other = base64.urlsafe_b64encode(raw[:24] + index.to_bytes(4, "big")).decode().rstrip("=")
                if "sign_1" + other != awakeable:
                    self.resolve("sign_1" + other, b'"wrong"')
            self.resolve(awakeable, b'"right"')
        self.assert_answer(self.waiting(finish), 200, b'"right"')

    def test_the_padding_of_base64_is_no_matter(self):
        def finish(awakeable):
            text = awakeable.removeprefix("sign_1")
            self.resolve(awakeable + "=" * (-len(text) % 4), b'"padded"')
        self.assert_answer(self.waiting(finish), 200, b'"padded"')
