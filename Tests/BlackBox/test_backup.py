"""`reprise backup`: whole or not there, and everything that was answered before it began is in it."""

import random
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import offline
from cases import LONG, Case
from client import get, post, wait_until
from load import Load


class Backups(Case):
    def setUp(self):
        super().setUp()
        self.folder = Path(tempfile.mkdtemp(prefix="reprise-backup-"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.server = self.make_fixtures().start()

    def backup(self, name):
        file = self.folder / name
        return file, offline.command("backup", self.server.data, file)

    def restored(self, file):
        """A server on the backup, restored as the README says: a new directory, and the file under its name."""
        server = self.make_fixtures()
        server.data.mkdir()
        shutil.copy(file, server.data / offline.DATABASE)
        return server

    def spawn(self, file):
        return subprocess.Popen([offline.BINARY, "backup", str(self.server.data), str(file)],
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def test_a_backup_of_a_running_server_is_a_database_by_itself(self):
        for number in range(1, 6):
            self.assertEqual(post(self.server.ingress, "/Counter/a/add", number, {"idempotency-key": f"{number}"}).status,
                             200)
        sleeper = post(self.server.ingress, "/Slow/sleep/send", {"ms": 100}).invocation
        file, done = self.backup("one.db")
        self.assertEqual(done.code, 0, f"{done}")
        self.assertIn(f"{file}: {file.stat().st_size} bytes, up to commit ", done.summary)
        self.assertEqual([each.name for each in self.folder.iterdir()], ["one.db"], "nothing else is left")
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        self.assertEqual(offline.require_sound(file), int(done.summary.rsplit(" ", 1)[1]))
        self.assertEqual([each.name for each in self.folder.iterdir()], ["one.db"], "verifying leaves nothing either")
        self.assertEqual(post(self.server.ingress, "/Counter/a/add", 100).json(), 115)

        server = self.restored(file)
        server.start()
        self.assertEqual(get(server.ingress, "/Counter/a/get").json(), 15)
        self.assertEqual(post(server.ingress, "/Counter/a/add", 3, {"idempotency-key": "3"}).json(), 6)
        self.assertEqual(get(server.ingress, f"/restate/invocation/{sleeper}/attach").json(), "done")
        self.assertEqual(server.stop(), 0)
        offline.require_sound(server.data)

    def test_a_backup_of_a_killed_or_stopped_server_holds_everything(self):
        self.assertEqual(post(self.server.ingress, "/Counter/a/add", 7).json(), 7)
        self.server.kill()
        killed, done = self.backup("killed.db")
        self.assertEqual(done.code, 0, f"{done}")
        self.server.start()
        self.assertEqual(self.server.stop(), 0)
        stopped, done = self.backup("stopped.db")
        self.assertEqual(done.code, 0, f"{done}")
        for file in (killed, stopped):
            offline.require_sound(file)
            server = self.restored(file).start()
            self.assertEqual(get(server.ingress, "/Counter/a/get").json(), 7)

    def test_what_cannot_be_done_leaves_nothing_behind(self):
        taken = self.folder / "taken.db"
        taken.write_text("mine")
        for source, target, expected in [
                (self.server.data, taken, "exists already"),
                (self.server.data, self.folder / "no" / "folder.db", "cannot create"),
                (self.folder, self.folder / "x.db", "there is no database at")]:
            done = offline.command("backup", source, target)
            self.assertEqual(done.code, 1, f"{done}")
            self.assertIn(expected, done.error)
            self.assertEqual(len(done.error.splitlines()), 1, done.error)
        self.assertEqual([each.name for each in self.folder.iterdir()], ["taken.db"])
        self.assertEqual(taken.read_text(), "mine")

    def test_a_disk_without_room_leaves_nothing_behind(self):
        for number in range(30):
            post(self.server.ingress, f"/Counter/k{number}/add", 1, {"x-bulk": "x" * 20_000})
        full = Path(tempfile.mkdtemp(prefix="reprise-full-", dir=self.folder))
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(full)], capture_output=True,
                                 check=False)
        if mounted.returncode != 0:
            self.skipTest("mounting a small file system is not allowed here")
        try:
            done = offline.command("backup", self.server.data, full / "backup.db")
            self.assertEqual(done.code, 1, f"{done}")
            self.assertIn("no room on the disk", done.error)
            self.assertEqual(list(full.iterdir()), [])
        finally:
            subprocess.run(["umount", "-l", str(full)], capture_output=True, check=False)

    def test_two_backups_to_one_file_do_not_meet(self):
        file = self.folder / "one.db"
        for number in range(20):
            post(self.server.ingress, f"/Counter/k{number}/add", 1, {"x-bulk": "x" * 20_000})
        both = [self.spawn(file) for _ in range(2)]
        said = [process.communicate(timeout=60)[1].decode() for process in both]
        self.assertEqual(sum(process.returncode == 0 for process in both), 1, said)
        loser, = [text for text, process in zip(said, both) if process.returncode != 0]
        self.assertTrue("under way" in loser or "exists already" in loser, loser)
        offline.require_sound(file)
        self.assertEqual([each.name for each in self.folder.iterdir()], ["one.db"])


class Kills(Case):
    """Backups of a server under load, while backups are killed midway and the server is killed and started again."""

    rounds = 40 if LONG else 4

    def test_a_finished_backup_holds_everything_answered_before_it_began(self):
        seed = self.choose_seed()
        choice = random.Random(seed)
        folder = Path(tempfile.mkdtemp(prefix="reprise-backup-"))
        self.addCleanup(shutil.rmtree, folder, True)
        server = self.make_fixtures().start()
        load = Load(server, bulk=4_000, seed=seed).start()
        wait_until(lambda: len(load.answered) > 50, "some load")
        backups = []
        try:
            for number in range(self.rounds):
                backups += self.round(number, server, load, folder, choice)
                if not server.alive:
                    server.start()
        finally:
            if not server.alive:
                server.start()
            load.stop()
        self.assert_sound(load.problems(server.ingress, load.answered, complete=True), f"seed {seed}")
        self.assertGreaterEqual(len(backups), self.rounds)
        for file, began_at in backups:
            self.audit(file, [a for a in load.answered if a.answered_at <= began_at], load, f"seed {seed}, {file.name}")

    def round(self, number, server, load, folder, choice):
        """Takes a backup in peace, one that is killed, and one whose server is killed; those that got finished."""
        finished = []

        def begin(name):
            began_at = time.monotonic()
            file = folder / f"{name}-{number}.db"
            return file, began_at, subprocess.Popen(
                [offline.BINARY, "backup", str(server.data), str(file)], stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE)

        file, began_at, process = begin("peaceful")
        error = process.communicate(timeout=60)[1].decode()
        self.assertEqual(process.returncode, 0, error)
        finished.append((file, began_at))

        file, began_at, process = begin("killed")
        # The moment of the kill is the input of this test; a start of the process takes about as long.
        time.sleep(choice.uniform(0.0, 0.12))
        process.send_signal(choice.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM]))
        process.communicate(timeout=60)
        if file.exists():
            finished.append((file, began_at))
        elif choice.random() < 0.5:
            # The next one to the same file finds what the killed one has left, and takes its place.
            began_at = time.monotonic()
            again = offline.command("backup", server.data, file)
            self.assertEqual(again.code, 0, f"{again}")
            self.assertFalse(file.with_name(file.name + ".partial").exists())
            finished.append((file, began_at))

        file, began_at, process = begin("orphaned")
        time.sleep(choice.uniform(0.0, 0.12))
        server.kill()
        if choice.random() < 0.5:
            server.start()
        error = process.communicate(timeout=60)[1].decode()
        # Its server is gone, and it does not mind.
        self.assertEqual(process.returncode, 0, error)
        finished.append((file, began_at))
        return finished

    def audit(self, file, answers, load, about):
        offline.require_sound(file, about)
        server = self.make_fixtures()
        server.data.mkdir()
        shutil.copy(file, server.data / offline.DATABASE)
        server.start()
        self.assert_sound(load.problems(server.ingress, answers, complete=False)[:20], about)
        server.kill()
        offline.require_sound(server.data, about)
