"""No answer before the disk: what a kill cannot show, because the page cache survives it, the system calls do."""

import os

from cases import Case, fresh
from client import post, segment
from syscalls import obstacle, parse, sync_between, wrapper


SOCKET = "TCP:[127.0.0.1:1->127.0.0.1:2]"
INTERRUPTED = f"""\
100 1.0 recvfrom(9<{SOCKET}>, "POST /Ticket/a/reserve", 22, 0, NULL, NULL) = 22
101 2.0 pwrite64(6</data/reprise.db-wal>, "", 24, 0) = 24
101 3.0 fdatasync(6</data/reprise.db-wal> <unfinished ...>
100 3.5 read(5<anon_inode:[eventfd]>, "", 8) = 8
101 4.0 <... fdatasync resumed>) = %s
100 %s sendto(9<{SOCKET}>, "HTTP/1.1 200", 12, 0, NULL, 0) = 12
"""


class Traces(Case):
    def test_a_sync_that_another_thread_comes_in_between_is_seen(self):
        def said(result, answered):
            return sync_between(parse(INTERRUPTED % (result, answered)), "/Ticket/a/reserve", "HTTP/1.1 200")

        self.assertEqual(said("0", "5.0"), (True, True, True))
        self.assertEqual(said("-1 EIO (Input/output error)", "5.0"), (True, True, False))
        self.assertEqual(said("0", "3.9"), (True, True, False), "answered before it had ended")


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
