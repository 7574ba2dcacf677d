"""The server as a process: how it starts, ends, and is looked at."""

import re
import shutil
import socket
import subprocess
import uuid

import wire
from cases import Case, in_parallel
from client import LOST, get, post, wait_until
from server import Server
from ticketing import is_confirmed, sold_to


class Process(Case):
    """How the server starts and ends."""

    def test_a_second_server_on_the_same_data_fails_at_once(self):
        first = self.make_server().start()
        second = Server(directory=first.directory)
        command = [first.binary, "serve", "--data-dir", str(first.data),
                   "--ingress", second.ingress.removeprefix("http://"),
                   "--admin", second.admin.removeprefix("http://")]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=30)
        self.assertNotEqual(ended.returncode, 0)
        self.assertGreater(ended.returncode, 0, "ended by a signal")
        said = (ended.stdout + ended.stderr).strip()
        self.assertEqual(len(said.splitlines()), 1, said)
        self.assertIn(str(first.data), said)
        self.assertEqual(get(first.ingress, "/restate/health").status, 200)

    def test_a_port_in_use_is_said_in_one_line(self):
        first = self.make_server().start()
        second = self.make_server()
        second.ingress = first.ingress
        second.spawn()
        self.assertGreater(second.wait_end(), 0)
        self.assertIn(first.ingress.rsplit(":", 1)[-1], second.log.splitlines()[-1])

    def test_the_bound_addresses_are_printed(self):
        server = self.make_server()
        server.ingress = server.admin = "http://127.0.0.1:0"
        server.spawn()
        for name in ("ingress", "admin"):
            found = wait_until(
                lambda name=name: re.search(rf"{name} listening on (127\.0\.0\.1:[1-9]\d*)", server.log), name)
            setattr(server, name, f"http://{found.group(1)}")
        wait_until(server.is_ready, "a ready server on a port of its choice")

    def test_sigterm_ends_an_idle_server_with_0(self):
        server = self.make_server().start()
        self.assertEqual(server.stop(), 0)
        server.start()
        self.assertEqual(server.stop(), 0)

    def test_sigterm_answers_or_continues_what_is_under_way(self):
        world = self.make_world().start()
        world.gateway.hold()
        key = str(uuid.uuid4())

        def terminate():
            try:
                world.gateway.wait_for_held(1)
                world.server.terminate()
                # No new work is taken from the moment on at which nobody listens any more.
                wait_until(lambda: not accepts(world.server.ingress), "a closed listener")
            finally:
                world.gateway.release()
            return world.server.wait_end()

        def checkout():
            try:
                return world.tickets.checkout("s", "u1", "card_1", key)
            except LOST:
                return None

        answer, code = in_parallel([checkout, terminate])
        self.assertEqual(code, 0, world.server.tail())
        world.server.start()
        again = world.tickets.checkout("s", "u1", "card_1", key)
        self.assertTrue(is_confirmed(again), f"{again}")
        if answer is not None and answer.status != 503:
            self.assertEqual((answer.status, answer.body), (again.status, again.body))
        self.assertEqual(world.tickets.seat("s"), sold_to("u1"))
        self.assertEqual(world.gateway.net("card_1"), 1)
        self.assertEqual(len(world.gateway.of("card_1")), 1)

    def test_an_unfinished_sleep_does_not_hold_up_a_stop(self):
        server = self.make_fixtures().start()
        sent = post(server.ingress, "/Slow/sleep/send", {"ms": 3_000}).invocation
        self.assertEqual(server.stop(), 0)
        server.start()
        answer = get(server.ingress, f"/restate/invocation/{sent}/attach")
        self.assertEqual((answer.status, answer.json()), (200, "done"))

    def test_the_data_directory_is_private(self):
        server = self.make_server().start()
        self.assertEqual(server.data.stat().st_mode & 0o777, 0o700)

    def test_the_admin_lists_invocations(self):
        server = self.make_fixtures().start()
        sent = post(server.ingress, "/Slow/sleep", {"ms": 1}).invocation
        self.assertEqual([row["id"] for row in server.listed("?status=completed")], [sent])
        if shutil.which("sqlite3"):
            shown = subprocess.run(
                ["sqlite3", "-readonly", str(server.data / "reprise.db"), "SELECT service, status FROM invocation"],
                capture_output=True, text=True, timeout=30)
            self.assertEqual(shown.stdout.split(), ["Slow|completed"], shown.stderr)


def accepts(base):
    try:
        wire.connect(base, 2).close()
        return True
    except (ConnectionError, socket.timeout):
        return False
