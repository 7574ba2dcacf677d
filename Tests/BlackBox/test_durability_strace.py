"""No answer before the disk: what a kill cannot show, because the page cache survives it, the system calls do."""

import os

from cases import Case, fresh
from client import post, segment
from syscalls import obstacle, parse, sync_between, wrapper


class Synced(Case):
    def setUp(self):
        super().setUp()
        if reason := obstacle():
            if os.environ.get("CI"):
                self.fail(reason)
            self.skipTest(reason)

    def traced(self, **environment):
        """`(found, written, synced)` of one durable request to a traced server."""
        server = self.make_server()
        output = server.directory / "trace"
        server.start(wrapper(output), **environment)
        seat = fresh("durable")
        answer = post(server.ingress, f"/Ticket/{segment(seat)}/reserve", "somebody")
        self.assertEqual(answer.status, 200, f"{answer}")
        self.assertEqual(server.stop(), 0)
        return sync_between(parse(output.read_text("utf-8", "replace")), f"/Ticket/{seat}/reserve", "HTTP/1.1 200")

    def test_the_log_is_synced_between_a_request_and_its_answer(self):
        self.assertEqual(self.traced(), (True, True, True))

    def test_this_test_notices_a_server_that_does_not_sync(self):
        found, written, synced = self.traced(REPRISE_UNSAFE_SYNCHRONOUS="normal")
        self.assertEqual((found, written, synced), (True, True, False))
