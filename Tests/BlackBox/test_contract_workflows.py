"""The ingress contract for workflows, and for invocations that a person ends. Numbers are those of the reference's
section 11."""

import wire
from cases import fresh, in_parallel
from client import post, request, wait_until
from contract import Contract, J, numbered

_ALREADY = "the workflow method was already invoked"


class Workflows(Contract):
    def unblock(self, name, value='"open"', *headers):
        answer = self.post(f"/Wf/{name}/unblock", value, *headers)
        self.assert_answer(answer, 200)
        return answer

    @numbered(45, 46)
    def test_45_46_idempotency_keys(self):
        name, key = fresh("keyed"), ("idempotency-key", "k")
        for path in (f"/Wf/{name}/run", f"/Wf/{name}/run/send", f"/restate/call/Wf/{name}/run"):
            self.assert_error(self.post(path, "1", key), 400, "ingress")
        self.assert_answer(self.get(f"/restate/workflow/Wf/{name}/output"), 404)
        first = self.unblock(name, '"open"', key)
        # A second resolution would fail, but there is none.
        self.assertEqual(self.unblock(name, '"other"', key).invocation, first.invocation)

    @numbered(64, 65, 66)
    def test_64_65_66_once_for_each_key(self):
        name = fresh("once")
        first = self.send(f"/Wf/{name}/run/send", '"in"')
        again = self.send(f"/Wf/{name}/run/send", '"in"')
        self.assertEqual((first["status"], again["status"]), ("Accepted", "PreviouslyAccepted"))
        self.assertEqual(first["invocationId"], again["invocationId"])
        self.assert_error(self.get(f"/restate/workflow/Wf/{name}/output"), 470, "ingress")
        self.assert_called_already(name, first["invocationId"])
        self.unblock(name)
        self.assert_answer(self.get(f"/restate/workflow/Wf/{name}/attach"), 200, b'"in open"')
        self.assert_called_already(name, first["invocationId"])
        output = self.get(f"/restate/workflow/Wf/{name}/output")
        self.assert_answer(output, 200, b'"in open"')
        self.assertEqual(output.invocation, first["invocationId"])
        self.assertIn("idempotency-expires", output.headers)

    def assert_called_already(self, name, invocation):
        answer = self.post(f"/Wf/{name}/run", '"in"')
        self.assert_error(answer, 409, "invocation", _ALREADY)
        self.assertEqual(answer.invocation, invocation)
        self.assertNotIn("idempotency-expires", answer.headers)

    @numbered(63, 67)
    def test_63_67_attach(self):
        name = fresh("attached")
        sent = self.send(f"/Wf/{name}/run/send", '"in"')["invocationId"]
        target = f'{{"target":"workflow","workflowName":"Wf","workflowKey":"{name}"}}'
        asking = [lambda: self.get(f"/restate/workflow/Wf/{name}/attach"),
                  lambda: self.get(f"/restate/workflow/Wf/{name}/attach/ignored/too"),
                  lambda: self.get(f"/restate/attach/{sent}"), lambda: self.post("/restate/attach", target)]
        *answers, _ = in_parallel([*asking, lambda: self.unblock(name)])
        for answer in answers:
            self.assert_answer(answer, 200, b'"in open"')
            self.assertEqual(answer.invocation, sent)
        self.assert_answer(self.post("/restate/output", target), 200, b'"in open"')
        self.assertEqual(self.post("/restate/lookup", target).json(), {"invocationId": sent})

    @numbered(68)
    def test_68_one_that_never_ran(self):
        name = fresh("never")
        self.assert_error(self.get(f"/restate/workflow/Wf/{name}/output"), 404, "ingress", "invocation not found")
        self.assert_error(self.get(f"/restate/workflow/Wf/{name}/attach"), 404, "invocation", "not found")

    def test_a_shared_handler_may_come_first(self):
        name = fresh("early")
        self.unblock(name)
        self.assert_answer(self.post(f"/Wf/{name}/run", '"in"'), 200, b'"in open"')
        again = self.post(f"/Wf/{name}/unblock", '"twice"')
        self.assert_error(again, 409, "invocation", "promise was already completed")

    def test_run_or_attach(self):
        """Ours: who asks for it gets the result of the run that there is."""
        name, header = fresh("either"), ("x-reprise-run-or-attach", "true")
        with wire.connect(self.base) as one, wire.connect(self.base) as two:
            for connection in (one, two):
                connection.sendall(wire.message("POST", f"/Wf/{name}/run", [J, header], b'"in"'))
            wait_until(lambda: post(self.base, f"/Wf/{name}/isRunning").json(), "a run")
            self.unblock(name)
            answers = [wire.parse(wire.read_to_end(connection))[0] for connection in (one, two)]
        again = self.post(f"/Wf/{name}/run", '"other"', header)
        for answer in (*answers, again):
            self.assert_sane(answer)
            self.assert_answer(answer, 200, b'"in open"')
            self.assertEqual(answer.invocation, again.invocation)
        self.assertIn("idempotency-expires", again.headers)
        self.assert_error(self.post(f"/Wf/{name}/run", '"in"'), 409, "invocation", _ALREADY)
        self.assert_error(self.post(f"/Wf/{name}/run", '"in"', (header[0], "perhaps")), 400, "ingress")


class Ended(Contract):
    def steer(self, invocation, operation):
        answer = request(self.server.admin, "PATCH", f"/invocations/{invocation}/{operation}")
        self.assertIn(answer.status, (200, 202), f"{answer}")

    def queued(self, name):
        """The id of the call that waits for the object."""
        def find():
            rows = self.server.listed(f"?service=Counter&key={name}&status=pending")
            return rows[0]["id"] if rows else None
        return wait_until(find, "a call in the queue")

    @numbered(88)
    def test_88_a_queued_call_is_cancelled(self):
        name = fresh("cancelled")
        self.send(f"/Counter/{name}/block/send", "")
        awakeable = self.waits_on(f"/Counter/{name}/blockedOn")
        with wire.connect(self.base) as connection:
            connection.sendall(wire.message("POST", f"/Counter/{name}/add", [J], b"1"))
            queued = self.queued(name)
            self.steer(queued, "cancel")
            answer, = wire.parse(wire.read_to_end(connection))
        self.assert_sane(answer)
        self.assert_error(answer, 409, "invocation", "canceled")
        self.assertEqual(answer.invocation, queued)
        self.assert_error(self.get(f"/restate/output/{queued}"), 404, "ingress")
        self.resolve(awakeable)
        wait_until(lambda: not self.server.listed(f"?service=Counter&key={name}&status=running"), "an end")
        self.assert_answer(self.get(f"/Counter/{name}/get"), 200, b"0")

    @numbered(89)
    def test_89_a_running_call_is_killed(self):
        name = fresh("killed")
        with wire.connect(self.base) as connection:
            connection.sendall(wire.message("POST", f"/Awk/{name}/run", [J]))
            self.waits_on(f"/Awk/{name}/id")
            running, = [row["id"] for row in self.server.listed(f"?service=Awk&key={name}")
                        if row["target_handler_name"] == "run"]
            self.steer(running, "kill")
            answer, = wire.parse(wire.read_to_end(connection))
        self.assert_sane(answer)
        self.assert_error(answer, 409, "invocation", "killed")
        self.assertEqual(answer.invocation, running)
        # The object is free again.
        self.send(f"/Awk/{name}/run/send", "")


class KnownIDs(Contract):
    """Ids that Restate gives to the same targets (reference 8.4)."""

    def test_lookups_are_interchangeable(self):
        for target, expected in (
                ('{"target":"workflow","workflowName":"MyWorkflow","workflowKey":"wf-1"}',
                 "inv_1jFEjVDI9dt16WD9yJBs6iubtTvgXH215i"),
                ('{"target":"workflow","workflowName":"MyWorkflow","workflowKey":"my-key"}',
                 "inv_17AIHiTltkYA0Y9idz2RgS4ebTR1u5UGRx"),
                ('{"target":"idempotentInvocation","service":"greeter.Greeter","key":"mygreet","handler":"greet",'
                 '"idempotencyKey":"myid"}', "inv_1clg1xaiGu6n1dkKW6VEnAROPwVDYoHkZg")):
            self.assertEqual(self.post("/restate/lookup", target).json(), {"invocationId": expected})
