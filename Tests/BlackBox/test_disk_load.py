"""A disk that fills up under load: clients are told to come back, nothing answered is lost, and work goes on by itself when
there is room again; also for a server that is killed, and started again, while there is none."""

import shutil
import subprocess
import unittest

import offline
from cases import Case
from client import LOST, get, wait_until
from load import Load
from server import FIXTURES, Server
from test_disk import mount_small_disk

_CLIENTS = 8


class FullDiskUnderLoad(Case):
    def setUp(self):
        super().setUp()
        self.disk = mount_small_disk()
        if self.disk is None:
            raise unittest.SkipTest("mounting a small file system is not allowed here")
        self.addCleanup(shutil.rmtree, self.disk, True)
        self.addCleanup(subprocess.run, ["umount", "-l", str(self.disk)], capture_output=True, check=False)
        (self.disk / "server").mkdir()
        self.server = Server(directory=self.disk / "server", binary=FIXTURES)
        self.servers.append(self.server)
        self.addCleanup(self.server.close)
        self.server.start()
        self.filler = self.disk / "filler"

    def fill(self, load):
        """Takes all the room there is, again and again, until clients are refused: the ballast gives some back."""
        before = sum(answer.refusals for answer in load.answers)

        def is_refused():
            free = shutil.disk_usage(self.disk).free
            with open(self.filler, "ab") as file:
                try:
                    file.write(b"\0" * free)
                except OSError:
                    pass  # The server was faster.
            return sum(answer.refusals for answer in load.answers) > before + _CLIENTS

        wait_until(is_refused, "clients that are refused", within=60, every=0.05)

    def empty(self):
        self.filler.unlink()

    def is_served(self, load):
        answered = len(load.answered)
        wait_until(lambda: len(load.answered) > answered + 20 * _CLIENTS,
                   lambda: f"more than {answered} answers: {len(load.answered)}", within=60)

    def audit(self, load):
        self.assertGreater(sum(answer.refusals for answer in load.answers), _CLIENTS)
        self.assertGreater(len(load.answered), 100)
        self.assert_sound(load.problems(self.server.ingress, load.answered, complete=True)[:20], "after the load")
        self.server.kill()
        offline.require_sound(self.server.data)
        self.server.start()
        self.assert_sound(load.problems(self.server.ingress, load.answered, complete=True)[:20], "after a kill")

    def test_nothing_answered_is_lost_and_work_goes_on_by_itself(self):
        load = Load(self.server, _CLIENTS, bulk=4_000).start()
        try:
            wait_until(lambda: len(load.answered) > 100, "some load")
            for _ in range(2):
                self.fill(load)
                self.assertEqual(get(self.server.ingress, "/restate/health").status, 200, "alive, and says so")
                self.empty()
                self.is_served(load)
        finally:
            self.filler.unlink(missing_ok=True)
            load.stop()
        self.audit(load)

    def test_a_server_that_is_killed_on_a_full_disk_goes_on_when_there_is_room(self):
        load = Load(self.server, _CLIENTS, bulk=4_000).start()
        try:
            wait_until(lambda: len(load.answered) > 100, "some load")
            self.fill(load)
            self.server.kill()
            self.server.spawn()
            # Without any room it cannot open, and says so in one line; with a little it waits for more.
            wait_until(lambda: not self.server.alive or self.is_ready() or "cannot write" in self.last_log(),
                       lambda: f"a server that is up or has said why not\n{self.server.tail()}", within=30)
            if not self.server.alive:
                self.assertEqual(self.server.wait_end(), 1, self.server.tail())
                self.assertIn("no room on the disk", self.last_log())
                self.assertEqual(len(self.last_log().splitlines()), 2, self.last_log())
            self.empty()
            if not self.server.alive:
                self.server.spawn()
            self.assertTrue(self.server.wait_ready_or_dead(), self.server.tail())
            self.is_served(load)
        finally:
            self.filler.unlink(missing_ok=True)
            load.stop()
        self.audit(load)

    def test_a_start_on_a_full_disk_lives_on_the_ballast(self):
        load = Load(self.server, _CLIENTS, bulk=4_000).start()
        try:
            wait_until(lambda: len(load.answered) > 100, "some load")
            self.server.kill()
            with open(self.filler, "wb") as file:
                file.write(b"\0" * shutil.disk_usage(self.disk).free)
            self.server.spawn()
            self.assertTrue(self.server.wait_ready_or_dead(), self.server.tail())
            self.assertFalse((self.server.data / "ballast").exists())
            wait_until(lambda: sum(answer.refusals for answer in load.answers) > _CLIENTS, "new work is refused")
            self.empty()
            self.is_served(load)
        finally:
            self.filler.unlink(missing_ok=True)
            load.stop()
        self.audit(load)

    def last_log(self):
        """The log of the last start, with its headline."""
        return self.server.log.rsplit("--- start", 1)[-1]

    def is_ready(self):
        try:
            return self.server.alive and self.server.is_ready()
        except LOST:
            return False
