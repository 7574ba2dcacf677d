"""Cancel, kill, pause, resume, purge, restart as new: over the admin port and the command line, with kills around."""

import json
import subprocess
import unittest
from concurrent.futures import ThreadPoolExecutor

from cases import Case, fresh
from client import get, post, request, wait_until
from server import BINARY, FIXTURES, Server


def steer(server, invocation, operation, query=""):
    return request(server.admin, "PATCH", f"/invocations/{invocation}/{operation}{query}")


class Shared(Case):
    """One server for all tests of a class."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server(binary=FIXTURES)
        cls.addClassCleanup(cls.server.close)
        cls.server.start()

    def setUp(self):
        self.servers = [self.server]


class Steering(Shared):

    def send(self, path, body=None, **headers):
        answer = post(self.server.ingress, path + "/send", body, headers=headers)
        self.assertEqual(answer.status, 202, answer)
        return answer.json()["invocationId"]

    def status(self, invocation):
        answer = get(self.server.admin, f"/invocations/{invocation}")
        return answer.json()["status"] if answer.status == 200 else None

    def wait_status(self, invocation, status):
        wait_until(lambda: self.status(invocation) == status, lambda: f"{status}, not {self.status(invocation)}")

    def attach(self, invocation):
        return get(self.server.ingress, f"/restate/invocation/{invocation}/attach")

    def counter(self, key):
        return get(self.server.ingress, f"/Counter/{key}/get").json()

    def hold(self):
        """An invocation that has counted one and waits in a call."""
        key = fresh("undo")
        invocation = self.send("/Undo/hold", key)
        wait_until(lambda: self.counter(key) == 1, "the handler to hold")
        return invocation, key

    def test_cancel_runs_compensations_and_reaches_the_callee(self):
        invocation, key = self.hold()
        self.assertEqual(steer(self.server, invocation, "cancel").status, 202)
        answer = self.attach(invocation)
        self.assertEqual((answer.status, answer.json()["message"]), (409, "Cancelled"))
        self.assertEqual(self.counter(key), 0)
        wait_until(lambda: not [i for i in self.server.listed("?service=Slow") if i["status"] != "completed"],
                   "the callee to end too")
        self.assertEqual(steer(self.server, invocation, "cancel").status, 409)

    def test_a_cancel_that_was_answered_survives_a_kill(self):
        invocation, key = self.hold()
        self.assertEqual(steer(self.server, invocation, "cancel").status, 202)
        self.server.restart()
        self.assertEqual(self.attach(invocation).status, 409)
        self.assertEqual(self.counter(key), 0)
        wait_until(lambda: not [i for i in self.server.listed("?service=Slow") if i["status"] != "completed"],
                   "the callee to end too")

    def test_what_has_not_begun_is_taken_back(self):
        later = post(self.server.ingress, "/Slow/sleep/send?delay=1h", {"ms": 1}).json()["invocationId"]
        answer = steer(self.server, later, "cancel")
        self.assertEqual((answer.status, answer.body), (200, b""))
        self.assertEqual(self.attach(later).status, 404)
        self.assertEqual(steer(self.server, later, "cancel").status, 404)

    def test_kill_ends_at_once_without_compensation(self):
        invocation, key = self.hold()
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(self.attach, invocation)
            answer = steer(self.server, invocation, "kill")
            self.assertEqual((answer.status, answer.body), (200, b""))
            self.assertEqual((waiting.result().status, waiting.result().json()["message"]), (409, "killed"))
        self.assertEqual(self.counter(key), 1, "nothing was undone")
        wait_until(lambda: not [i for i in self.server.listed("?service=Slow") if i["status"] != "completed"],
                   "the callee to be killed too")

    def test_kill_frees_the_key(self):
        key = fresh("block")
        blocker = self.send(f"/Counter/{key}/block")
        wait_until(lambda: self.status(blocker) == "running", "the blocker to run")
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(post, self.server.ingress, f"/Counter/{key}/add", 5)
            wait_until(lambda: self.server.listed(f"?key={key}&status=pending"), "a call to queue")
            steer(self.server, blocker, "kill")
            self.assertEqual(waiting.result().json(), 5)

    def test_pause_and_resume(self):
        invocation, key = self.hold()
        self.assertEqual(steer(self.server, invocation, "pause").status, 202)
        self.assertEqual(self.status(invocation), "paused")
        self.assertEqual(steer(self.server, invocation, "pause").status, 200)
        self.server.restart()
        self.assertEqual(self.status(invocation), "paused")
        self.assertEqual(steer(self.server, invocation, "resume").status, 200)
        self.wait_status(invocation, "running")
        steer(self.server, invocation, "cancel")
        self.assertEqual(self.attach(invocation).status, 409)
        self.assertEqual(self.counter(key), 0, "replayed, not executed again")

    def test_purge_and_restart_as_new(self):
        invocation = self.send("/Greeter/greet", "Ada", **{"idempotency-key": fresh("key")})
        self.assertEqual(self.attach(invocation).status, 200)
        answer = steer(self.server, invocation, "restart-as-new")
        self.assertEqual(answer.status, 200, answer)
        again = answer.json()["new_invocation_id"]
        self.assertNotEqual(again, invocation)
        self.assertEqual(self.attach(again).json(), "Hello Ada")
        self.assertEqual(steer(self.server, invocation, "purge-journal").status, 200)
        self.assertEqual(self.attach(invocation).json(), "Hello Ada")
        self.assertEqual(steer(self.server, invocation, "purge").status, 200)
        self.assertEqual(self.attach(invocation).status, 404)
        self.server.restart()
        self.assertEqual(self.attach(invocation).status, 404)

    def test_a_workflow_that_is_purged_can_run_again(self):
        key = fresh("wf")
        first = self.send(f"/Wf/{key}/run")
        post(self.server.ingress, f"/Wf/{key}/unblock", "x")
        self.assertEqual(self.attach(first).status, 200)
        self.assertEqual(steer(self.server, first, "restart-as-new").status, 422)
        self.assertEqual(steer(self.server, first, "purge").status, 200)
        answer = post(self.server.ingress, f"/Wf/{key}/run/send")
        self.assertEqual(answer.json()["status"], "Accepted")
        output = get(self.server.ingress, f"/restate/workflow/Wf/{key}/output")
        self.assertEqual(output.status, 470, "the promise of the first run is gone")

    def test_states_in_which_it_makes_no_sense(self):
        key = fresh("busy")
        owner, queued = self.send(f"/Counter/{key}/block"), self.send(f"/Counter/{key}/add", 1)
        self.wait_status(owner, "running")
        for operation, expected in {"pause": 409, "resume": 425, "restart-as-new": 425, "purge": 409}.items():
            with self.subTest("queued", operation=operation):
                self.assertEqual(steer(self.server, queued, operation).status, expected)
        for operation, expected in {"resume": 200, "restart-as-new": 409, "purge": 409, "purge-journal": 409}.items():
            with self.subTest("running", operation=operation):
                self.assertEqual(steer(self.server, owner, operation).status, expected)
        self.assertEqual(steer(self.server, owner, "kill").status, 200)
        for operation, expected in {"kill": 409, "cancel": 409, "pause": 409, "resume": 409}.items():
            with self.subTest("completed", operation=operation):
                answer = steer(self.server, owner, operation)
                self.assertEqual(answer.status, expected)
                self.assertIn("completed", answer.json()["message"])

    def test_requests_that_are_wrong(self):
        self.assertEqual(steer(self.server, "inv_nonsense", "kill").status, 400)
        self.assertEqual(steer(self.server, "inv_1jFEjVDI9dt16WD9yJBs6iubtTvgXH215i", "kill").status, 404)
        invocation = self.send("/Greeter/greet")
        self.assertEqual(steer(self.server, invocation, "resume", "?deployment=dp_1").status, 400)
        self.assertEqual(steer(self.server, invocation, "restart-as-new", "?from=x").status, 400)
        answer = post(self.server.admin, f"/invocations/{invocation}/kill")
        self.assertEqual((answer.status, answer.headers["allow"]), (405, "PATCH"))

    def test_the_older_form(self):
        invocation, key = self.hold()
        self.assertEqual(request(self.server.admin, "DELETE", f"/invocations/{invocation}").status, 202)
        self.assertEqual(self.attach(invocation).status, 409)
        self.assertEqual(self.counter(key), 0)
        nobody = "inv_1jFEjVDI9dt16WD9yJBs6iubtTvgXH215i"
        self.assertEqual(request(self.server.admin, "DELETE", f"/invocations/{nobody}?mode=kill").status, 202)
        self.assertEqual(request(self.server.admin, "DELETE", f"/invocations/{nobody}?mode=x").status, 400)

    def reprise(self, *arguments):
        return subprocess.run([BINARY, "invocations", *arguments, "--admin", self.server.admin], text=True,
                              capture_output=True, timeout=60, check=False)

    def test_on_the_command_line(self):
        invocation, key = self.hold()
        shown = json.loads(self.reprise("show", invocation).stdout)
        self.assertEqual(shown["status"], "running")
        self.assertEqual(self.reprise("pause", invocation).stdout, f"{invocation} paused\n")
        self.assertIn(invocation, self.reprise("list", "--status", "paused").stdout)
        self.assertEqual(self.reprise("resume", invocation).stdout, f"{invocation} goes on\n")
        self.assertEqual(self.reprise("cancel", invocation).stdout, f"{invocation} will hear of it at its next wait\n")
        self.assertEqual(self.attach(invocation).status, 409)
        self.assertEqual(self.counter(key), 0)
        again = self.reprise("restart-as-new", invocation).stdout.split()
        self.assertEqual(again[:3], [invocation, "restarted", "as"])
        self.assertEqual(self.reprise("kill", again[3]).stdout, f"{again[3]} killed\n")
        both = self.reprise("purge", invocation, "inv_nonsense")
        self.assertEqual((both.returncode, both.stdout), (1, f"{invocation} purged\n"))
        self.assertIn("inv_nonsense: ", both.stderr)

    def test_a_key_that_looks_like_an_option(self):
        for key in ("-5", "--key"):
            self.assertEqual(post(self.server.ingress, f"/Counter/{key}/add", 1).status, 200)
            listed = self.reprise("list", "--key", key)
            self.assertEqual(listed.stdout.count("Counter"), 1, listed)


class Deadlocks(Shared):
    """Restate hangs here; this engine fails the youngest call and names the cycle."""

    def tie(self, *path):
        return post(self.server.ingress, f"/Knot/{path[0]}/tie", {"path": list(path[1:])})

    def test_an_object_that_calls_itself(self):
        answer = self.tie("a", "a")
        self.assertEqual(answer.status, 409, answer)
        self.assertTrue(answer.json()["message"].startswith("deadlock: Knot/a/tie (inv_1"), answer)
        self.assertEqual(self.tie("a", "b").json(), "loose", "the key is free again")

    def test_over_another_object(self):
        self.assertEqual(self.tie("a", "b", "a").status, 409)
        self.assertEqual(self.tie("a", "b", "c").json(), "loose")

    def test_crossing_calls_never_hang(self):
        with ThreadPoolExecutor(8) as pool:
            paths = [("x", "y", "z"), ("y", "z", "x"), ("z", "x", "y"), ("y", "x", "z")] * 10
            for answer in pool.map(lambda path: self.tie(*path), paths):
                self.assertIn(answer.status, (200, 409), answer)


class Suspension(Case):
    def test_whoever_waits_long_leaves_memory_and_comes_back(self):
        server = self.make_fixtures(REPRISE_INACTIVITY_TIMEOUT_MS="100")
        server.start()
        invocation = post(server.ingress, "/Slow/sleep/send", {"ms": 4_000}).json()["invocationId"]
        wait_until(lambda: server.query("SELECT status FROM invocation")[0][0] == "suspended", "the handler to leave")
        metrics = get(server.admin, "/metrics").body.decode()
        self.assertIn('reprise_attempts{state="parked"} 0', metrics)
        server.restart()
        self.assertEqual(get(server.ingress, f"/restate/invocation/{invocation}/attach").json(), "done")

    def test_more_sleepers_than_handlers_may_be_live(self):
        server = self.make_fixtures(REPRISE_LIVE_ATTEMPTS_MAX="50")
        server.start()
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda _: post(server.ingress, "/Slow/sleep/send", {"ms": 3_000}), range(600)))
        self.assertEqual({answer.status for answer in answers}, {202})
        server.wait_idle(60)
        self.assertEqual(server.query("SELECT count(*) FROM invocation WHERE outcome = 'success'")[0][0], 600)

    def test_a_long_journal_is_replayed(self):
        server = self.make_fixtures(REPRISE_INACTIVITY_TIMEOUT_MS="100")
        server.start()
        invocation = post(server.ingress, "/Bulk/steps/send", {"count": 10_000, "sleepMs": 4_000}).json()["invocationId"]
        wait_until(lambda: server.query("SELECT status FROM invocation")[0][0] == "suspended", "the handler to leave")
        server.restart()
        answer = get(server.ingress, f"/restate/invocation/{invocation}/attach")
        self.assertEqual(answer.json(), 10_000)

    def test_a_fan_out_of_ten_thousand_calls(self):
        server = self.make_fixtures()
        server.start()
        self.assertEqual(post(server.ingress, "/Bulk/fanOut", 10_000, timeout=240).json(), 10_000 * 9_999 // 2)
        server.stop()


class Stuck(Case):
    """Handlers that neither wait through their context nor return are named."""

    def setUp(self):
        super().setUp()
        self.server = self.make_fixtures(REPRISE_STUCK_AFTER_MS="300")
        self.server.start()

    def metric(self):
        text = get(self.server.admin, "/metrics").text
        return [line for line in text.splitlines() if line.startswith("reprise_attempts_stuck ")]

    def check(self, handler):
        sent = post(self.server.ingress, f"/Naughty/{handler}/send", 4_000).json()["invocationId"]
        wait_until(lambda: self.metric() == ["reprise_attempts_stuck 1"], "the metric")
        lines = [line for line in self.server.log.splitlines() if "has neither waited" in line]
        self.assertEqual(len(lines), 1, lines)
        self.assertIn(f"Naughty/{handler}", lines[0])
        self.assertIn(sent, lines[0])
        self.assertEqual(get(self.server.admin, "/health").status, 200)
        answer = get(self.server.ingress, f"/restate/invocation/{sent}/attach")
        self.assertEqual(answer.status, 200)
        wait_until(lambda: self.metric() == ["reprise_attempts_stuck 0"], "the metric to go down")

    def test_who_waits_for_something_outside(self):
        self.check("wander")

    def test_who_computes_and_lets_nobody_else_go_on(self):
        self.check("spin")


class CancelledSale(Case):
    """A checkout that is cancelled while the gateway has the charge: the seat is free again and no money moved."""

    def test_it_is_undone(self):
        for is_killed in (False, True):
            with self.subTest(is_killed=is_killed):
                self.cancel_while_paying(is_killed)

    def cancel_while_paying(self, is_killed):
        world = self.make_world().start()
        seat, method = fresh("seat"), fresh("card")
        world.gateway.hold()
        sent = post(world.server.ingress, "/Checkout/process/send",
                    {"ticketId": seat, "userId": "u", "paymentMethodId": method})
        world.gateway.wait_for_held(1)
        invocation = sent.json()["invocationId"]
        self.assertEqual(steer(world.server, invocation, "cancel").status, 202)
        if is_killed:
            world.server.kill()
        world.gateway.release()
        if is_killed:
            world.server.start()
        answer = get(world.server.ingress, f"/restate/invocation/{invocation}/attach")
        self.assertEqual((answer.status, answer.message), (409, "Cancelled"))
        world.server.wait_idle()
        self.assertEqual(world.gateway.net(method), 0)
        self.assertEqual(world.tickets.seat(seat)["status"], "AVAILABLE")
        self.assertEqual(world.tickets.map_status(seat), "AVAILABLE")
        self.assertEqual(world.mails.to("u"), [])


if __name__ == "__main__":
    unittest.main()
