"""A disk without room: nothing that was answered is lost, nothing is answered that is not kept, and work goes on when
there is room again."""

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from cases import Case
from client import LOST, get, post, wait_until
from server import FIXTURES, Server

_BULK = "x" * 20_000


def mount_small_disk():
    """A file system of 48 MiB, None where that is not allowed."""
    directory = tempfile.mkdtemp(prefix="reprise-small-disk.")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", directory], capture_output=True, check=False)
    if mounted.returncode == 0:
        return Path(directory)
    shutil.rmtree(directory)
    return None


class FullDisk(Case):
    def fill(self, server):
        """Sends until the server takes no more; the totals that were answered, by key."""
        answered = {}
        for number in range(100_000):
            key = f"k{number % 50}"
            try:
                answer = post(server.ingress, f"/Counter/{key}/add", 1, {"x-bulk": _BULK}, timeout=3)
            except LOST:
                # This one met the full disk: it waits with its commit. Those after it are refused.
                answer = post(server.ingress, f"/Counter/{key}/add", 1)
            if answer.status != 200:
                self.assertEqual(answer.status, 503, f"{answer}")
                self.assertIn("retry-after", {name.lower() for name in answer.headers})
                self.assertTrue(answer.message)
                return answered
            answered[key] = answer.json()
        self.fail("the disk never filled up")

    def assert_kept(self, server, answered):
        for key, total in answered.items():
            # The request that met the full disk may have been recorded without an answer.
            self.assertIn(get(server.ingress, f"/Counter/{key}/get").json(), (total, total + 1), key)

    def test_a_database_at_its_limit_loses_nothing(self):
        server = self.make_fixtures()
        server.start(REPRISE_MAX_PAGES="300")
        answered = self.fill(server)
        self.assertGreater(len(answered), 5)
        self.assertEqual(get(server.ingress, "/restate/health").status, 200, "alive, and says so")
        server.kill()
        server.start()
        self.assert_kept(server, answered)
        self.assertEqual(post(server.ingress, "/Counter/new/add", 1).json(), 1)

    def test_a_server_whose_disk_is_full_can_be_stopped(self):
        server = self.make_fixtures()
        server.start(REPRISE_MAX_PAGES="300", REPRISE_DRAIN_SECONDS="1")
        answered = self.fill(server)
        server.terminate()
        self.assertEqual(server.wait_end(within=20), 0, server.tail())
        server.start()
        self.assert_kept(server, answered)

    def test_a_full_disk_is_waited_out(self):
        disk = mount_small_disk()
        if disk is None:
            raise unittest.SkipTest("mounting a small file system is not allowed here")
        try:
            server = Server(directory=disk / "server", binary=FIXTURES)
            (disk / "server").mkdir()
            self.addCleanup(server.close)
            server.start()
            filler = disk / "filler"
            free = shutil.disk_usage(disk).free
            filler.write_bytes(b"\0" * (free - (4 << 20)))
            answered = self.fill(server)
            filler.unlink()
            wait_until(lambda: post(server.ingress, "/Counter/new/add", 1).status == 200, "room again", within=20)
            self.assert_kept(server, answered)
            server.kill()
            server.start()
            self.assert_kept(server, answered)
            server.kill()
        finally:
            subprocess.run(["umount", "-l", str(disk)], capture_output=True, check=False)
            shutil.rmtree(disk, ignore_errors=True)
