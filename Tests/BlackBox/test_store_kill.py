"""The store alone, killed at random moments inside commits and checkpoints: what it opens with is a gap-free prefix of all
commits that holds every one that was acknowledged. The contents of each commit follow from its number
(`StoreWorkout.swift`), so the child compares everything it finds with the number of the last commit it finds."""

import random
import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import offline
import server
from cases import LONG, Case
from client import wait_until


class Workout:
    """One child that commits until it is killed, and what it said."""

    def __init__(self, data, *options):
        self.process = subprocess.Popen(
            [str(server.FIXTURES), "store-workout", str(data), *options], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        self.lines = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            # The last line may have been cut by the kill.
            if line.endswith("\n"):
                self.lines.append(line.strip())

    def wait_for_lines(self, count):
        wait_until(lambda: len(self.lines) >= count or self.process.poll() is not None,
                   lambda: f"{count} lines: {self.lines[:3]}", within=30, every=0.001)

    def end(self, kill=True):
        if kill:
            self.process.kill()
        code = self.process.wait(30)
        self.reader.join(30)
        self.process.stdout.close()
        return code

    @property
    def recovered(self):
        assert self.lines and self.lines[0].startswith("recovered "), self.lines[:3]
        return int(self.lines[0].split()[1])

    @property
    def acknowledged(self):
        """The last commit that was said to be durable; what was recovered is."""
        assert all(int(b) == int(a) + 1 for a, b in zip(self.lines[1:], self.lines[2:])), "commits are out of order"
        return int(self.lines[-1].split()[-1])


class KilledStore(Case):
    rounds = 600 if LONG else 60

    def setUp(self):
        super().setUp()
        self.folder = Path(tempfile.mkdtemp(prefix="reprise-workout-"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.data = self.folder / "data"

    def test_what_is_recovered_is_a_prefix_with_everything_acknowledged(self):
        seed = self.choose_seed()
        choice = random.Random(seed)
        acknowledged = 0
        unheard = 0
        for number in range(self.rounds):
            about = f"seed {seed}, round {number}"
            child = Workout(self.data)
            try:
                # Sometimes in the opening, mostly among commits.
                if choice.random() < 0.8:
                    child.wait_for_lines(1 + choice.randrange(60))
                # The moment of the kill is the input of this test.
                time.sleep(choice.uniform(0, 0.02))
            finally:
                code = child.end()
            self.assertEqual(code, -9, f"{about}: {child.lines[:3]}")
            if not child.lines:
                continue
            self.assertIn(child.recovered, (acknowledged, acknowledged + 1), about)
            unheard += child.recovered - acknowledged
            acknowledged = child.acknowledged
            if number % 3 == 0:
                offline.require_sound(self.data, about)
        self.assertGreater(acknowledged, self.rounds)
        self.say(f"{acknowledged} commits, {unheard} of them killed before they were acknowledged")

    def test_the_child_notices_what_is_wrong(self):
        """The comparison above proves nothing if it finds nothing."""
        child = Workout(self.data, "--commits", "97")
        self.assertEqual(child.end(kill=False), 0)
        unnoticed = []
        for statement in [
                "UPDATE meta SET value = value + 1 WHERE key = 'clockMs'",
                "UPDATE meta SET value = value - 1 WHERE key = 'clockMs'",
                "DELETE FROM lasting WHERE serial = 70", "DELETE FROM brief WHERE serial = 68",
                "DELETE FROM journal WHERE serial = 93 AND idx = 1",
                "DELETE FROM timer WHERE serial = 95", "DELETE FROM large_input WHERE serial = 90",
                "UPDATE state SET value = x'00' WHERE key = '3' AND name = 'total'",
                "DELETE FROM promise WHERE key = '4'", "UPDATE lasting SET output = x'00' WHERE serial = 65",
                "INSERT INTO timer VALUES (60, 0, 5)",
                "INSERT INTO state VALUES ('Workout', '3', 'extra', x'00')"]:
            data = offline.copy(self.data, self.folder / f"copy-{len(list(self.folder.iterdir()))}")
            with offline.database(data) as db:
                db.executescript(statement)
            child = Workout(data, "--commits", "1")
            if child.end(kill=False) != 3:
                unnoticed.append(f"{statement}: {child.lines}")
        self.assertFalse(unnoticed, "\n".join(unnoticed))
