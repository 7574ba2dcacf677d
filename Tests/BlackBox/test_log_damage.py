"""Damage to the write-ahead log of a killed server: it starts on a gap-free prefix of what it had committed and says up to
which commit, or refuses in one clear line; it never serves a mixture. (`Tests/SQLiteStoreTests/LogDamageTests.swift` does
the same to the store alone, in far more variants.)"""

import random
import re
import shutil
import tempfile
from pathlib import Path

import offline
from cases import LONG, Case
from client import wait_until
from load import Load

_CLIENTS = 6


class LogDamage(Case):
    variants = 150 if LONG else 16

    def test_a_damaged_log_costs_its_end_or_the_start(self):
        seed = self.choose_seed()
        choice = random.Random(seed)
        folder = Path(tempfile.mkdtemp(prefix="reprise-log-damage-"))
        self.addCleanup(shutil.rmtree, folder, True)
        server = self.make_fixtures().start()
        load = Load(server, clients=_CLIENTS, bulk=1_000, seed=seed).start()
        wait_until(lambda: len(load.answered) > 300, "some load", within=60)
        server.kill()
        killed = offline.copy(server.data, folder / "killed")
        server.start()
        load.stop()
        server.kill()
        last = offline.require_sound(offline.copy(killed, folder / "undamaged"))

        outcomes = {"whole": 0, "prefix": 0, "refused": 0}
        for variant in range(self.variants):
            data = offline.copy(killed, folder / f"variant-{variant}")
            about = f"seed {seed}, variant {variant}: {self.damage(data / (offline.DATABASE + '-wal'), choice)}"
            outcomes[self.outcome(data, load, last, about)] += 1
            shutil.rmtree(data)
        self.say(f"of {last} commits: {outcomes}")

    def damage(self, log, choice):
        """Cuts the end off, or changes a byte or a block somewhere; more often near the end, as losses of power do."""
        size = log.stat().st_size
        place = choice.randrange(size) if choice.random() < 0.5 else size - 1 - choice.randrange(min(size, 40_000))
        with open(log, "r+b") as file:
            if choice.random() < 0.5:
                file.truncate(place)
                return f"cut to {place} of {size} bytes"
            length = choice.choice([1, 1, 512, 4096])
            file.seek(place)
            before = file.read(length)
            file.seek(place)
            file.write(bytes(byte ^ 0x5a for byte in before))
            return f"{len(before)} bytes at {place} of {size} changed"

    def outcome(self, data, load, last, about):
        before = offline.verify(data)
        server = self.make_fixtures()
        shutil.move(data, server.data)
        data.mkdir()
        server.spawn()
        if not server.wait_ready_or_dead():
            self.assertEqual(server.wait_end(), 1, f"{about}\n{server.tail()}")
            said = server.log.splitlines()[1:]
            self.assertEqual(len(said), 1, f"{about}\n{server.tail()}")
            self.assertIn(str(server.data), said[0], about)
            self.assertNotEqual(before.code, 0, f"{about}: verify found nothing, the server says {said[0]}")
            return "refused"
        self.assertEqual(before.code, 0, f"{about}: the server starts, verify says {before}")
        recovered = int(re.search(r"recovered up to commit (\d+)", server.log).group(1))
        self.assertLessEqual(recovered, last, about)
        self.assertEqual(int(before.summary.rsplit(" ", 1)[1]), recovered, about)
        # What was under way goes on: then the books must be square.
        server.wait_idle(within=60)
        self.assert_sound(list(self.problems(server, load)), about)
        server.kill()
        offline.require_sound(server.data, about)
        return "whole" if recovered == last else "prefix"

    def problems(self, server, load):
        """Each client asked one thing after the other: what is there of it has no gap, and the objects hold its sum."""
        there = {key for key, in server.query("SELECT idempotency_key FROM invocation")}
        totals = {}
        for client, answers in enumerate(load.answers_by_client):
            is_there = [answer.key in there for answer in answers]
            count = sum(is_there)
            if not all(is_there[:count]):
                yield f"client {client}: {is_there.index(False)} is missing, and a later one of {count} is there"
            for answer in answers[:count]:
                if answer.path.startswith("/Counter/"):
                    key = answer.path.split("/")[2]
                    totals[key] = totals.get(key, 0) + answer.amount
        stored = {key: int(value) for key, value in server.query(
            "SELECT key, value FROM state WHERE service = 'Counter' AND name = 'total'")}
        if stored != totals:
            yield f"the counters are {stored}, the invocations add up to {totals}"
