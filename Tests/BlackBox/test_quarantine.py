"""A handler that takes the whole process down is paused after a few starts; everybody else gets their result."""

import subprocess

from cases import Case, in_parallel
from client import LOST, get, post, wait_until
from server import BINARY

# Three strikes, each at a start that finds the attempt on record; the very first attempt may have taken the process
# down before it was.
_RESTARTS_MAX = 3
_SLEEPERS = 10


class Quarantine(Case):
    def setUp(self):
        super().setUp()
        # Without backtraces of the trap, which take a second each and fill the log.
        self.server = self.make_fixtures(SWIFT_BACKTRACE="enable=no").start()

    def send(self, path, body, query=""):
        answer = post(self.server.ingress, f"{path}/send{query}", body)
        self.assertEqual(answer.status, 202, f"{path}: {answer}")
        return answer.json()["invocationId"]

    def paused(self):
        return [row["id"] for row in self.server.listed("?status=paused")]

    def is_quarantined(self, culprit):
        try:
            return culprit in self.paused()
        except LOST:
            return False

    def test_a_trap_is_paused_and_the_others_finish(self):
        sleepers = [self.send("/Slow/sleep", {"ms": 500 + 100 * n}) for n in range(_SLEEPERS)]
        counted = [self.send("/Counter/survivor/add", 1) for _ in range(3)]
        culprit = self.crash()
        self.restart_until_quarantined(culprit)

        for invocation in sleepers:
            answer = get(self.server.ingress, f"/restate/invocation/{invocation}/attach")
            self.assertEqual((answer.status, answer.json()), (200, "done"), f"{answer}")
        totals = [get(self.server.ingress, f"/restate/invocation/{i}/attach").json() for i in counted]
        self.assertEqual(sorted(totals), [1, 2, 3])
        self.assertEqual(get(self.server.ingress, "/Counter/survivor/get").json(), 3)
        self.assertEqual(post(self.server.ingress, "/Counter/survivor/add", 1).json(), 4)

        self.assertEqual(self.paused(), [culprit])
        self.assertIn(culprit, self.listed_by_command_line())
        output = get(self.server.ingress, f"/restate/invocation/{culprit}/output")
        self.assertEqual(output.status, 470, f"{output}")

        # A clean stop and start changes nothing about it.
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        self.assertEqual(self.paused(), [culprit])

    def crash(self):
        """Lets the server crash in a handler; the id of the invocation. The delay is there for the acknowledgement: a
        handler may start, and trap, before its own acceptance is on disk, and then nobody ever promised anything."""
        culprit = self.send("/Crash/trap", {"crash": True}, "?delay=300ms")
        self.server.wait_end()
        return culprit

    def restart_until_quarantined(self, culprit):
        """Starts the server until it stays up with its culprit paused."""
        for _ in range(1, _RESTARTS_MAX + 1):
            self.server.spawn()
            if self.server.wait_ready_or_dead():
                wait_until(lambda: not self.server.alive or self.is_quarantined(culprit),
                           lambda: f"an end of the server or of its culprit: {self.server.unfinished()}")
                if self.server.alive:
                    return
        self.fail(f"the server still dies after {_RESTARTS_MAX} restarts")

    def listed_by_command_line(self):
        command = [str(BINARY), "invocations", "list", "--admin", self.server.admin]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=30)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        return next((line for line in ended.stdout.splitlines() if "paused" in line), ended.stdout)


class Retries(Case):
    """Errors that do not take the process down."""

    def test_a_retryable_failure_is_tried_again(self):
        server = self.make_fixtures().start()
        answers = in_parallel([
            lambda n=n: post(server.ingress, "/Fail/flaky", {"failures": n}) for n in (0, 1, 3)])
        self.assertEqual([(a.status, a.json()) for a in answers], [(200, 1), (200, 2), (200, 4)])
