"""`reprise verify`: silent about what a server leaves behind, however it ended, and loud about every kind of damage."""

import shutil
import tempfile
from pathlib import Path

import crowd
import drill
import offline
from cases import Case
from client import get, post, request, wait_until

SECOND_BRIEF = ("CREATE TEMP TABLE again AS SELECT * FROM brief; UPDATE again SET serial = serial + 1000, {};"
                " INSERT INTO brief SELECT * FROM again")
# What is done to a sound directory, and what has to be said about it. `{name}` stands for the serial of that kind.
DAMAGE = [
    # Rows that belong to each other.
    ("DELETE FROM journal WHERE serial = {step-retry} AND idx = 0", "journal entry 0 is missing, the next one is 1"),
    ("DELETE FROM lasting WHERE serial = {sleeping}", "journal entries of invocation {sleeping}, which does not exist"),
    ("DELETE FROM lasting WHERE serial = {sleeping}", "timers of invocation {sleeping}, which does not exist"),
    ("DELETE FROM lasting WHERE serial = {completed-large}",
     "an input of invocation {completed-large}, which does not exist"),
    ("DELETE FROM large_input WHERE serial = {completed-large}", "its input is missing"),
    ("UPDATE lasting SET input = x'00' WHERE serial = {completed-large}", "has two inputs"),
    ("DELETE FROM timer WHERE serial = {sleeping}", "the timer of entry 0, due at"),
    ("DELETE FROM timer WHERE serial = {scheduled}", "the timer of its start, due at"),
    ("DELETE FROM timer WHERE serial = {backing-off}", "the timer of its next attempt, due at"),
    ("DELETE FROM timer WHERE serial = {step-retry}", "the timer of entry 1, due at"),
    ("UPDATE timer SET due_ms = due_ms + 1 WHERE serial = {scheduled}", "the timer of its start is due at"),
    ("INSERT INTO timer VALUES ({paused}, -1, 5)", "the timer of its next attempt, due at 5, is for nothing"),
    ("UPDATE lasting SET parent_entry = 7 WHERE parent_serial = {calling}", "which does not know of it"),
    ("DELETE FROM lasting WHERE parent_serial = {calling}", "entry 0 waits for invocation"),
    ("UPDATE lasting SET followers = NULL WHERE serial = {awakeable}", "which does not know of it"),
    ("DELETE FROM promise WHERE key = 'w-1'", "entry 0 waits for the promise 'word', which does not exist"),
    ("UPDATE promise SET content = (SELECT content FROM promise WHERE key = 'w-2') WHERE key = 'w-1'",
     "entry 0 waits for the promise 'word', which does not know of it"),
    ("UPDATE promise SET content = x'0102' WHERE key = 'w-1'", "promise 'word' of DrillWorkflow/w-1: does not decode"),
    ("UPDATE lasting SET control = x'01ff' WHERE serial = {suspended-sleep}", "does not decode: what the invocation"),
    ("UPDATE lasting SET lane_order = (SELECT lane_order FROM invocation WHERE serial = {queued-1})"
     " WHERE serial = {queued-2}", "have the same place"),
    ("UPDATE lasting SET lane_order = NULL WHERE serial = {queued-1}", "is pending without a place in its lane"),
    ("UPDATE lasting SET status = 'running' WHERE serial = {queued-2}", "is running behind invocation"),
    # Rows that contradict themselves.
    ("UPDATE lasting SET outcome = NULL WHERE serial = {completed-large}", "is completed without an outcome"),
    ("UPDATE lasting SET expires_at_ms = NULL WHERE serial = {completed-large}", "is completed and never expires"),
    ("UPDATE lasting SET status = 'completed' WHERE serial = {paused}", "is completed without a time of completion"),
    ("UPDATE lasting SET status = 'running' WHERE serial = {completed-large}", "has an outcome but is running"),
    ("UPDATE lasting SET journal_length = 9 WHERE serial = {completed-state}", "journal entries instead of 9"),
    # Rows that are out of order.
    ("UPDATE brief SET created_at_ms = created_at_ms - 1 WHERE serial = {completed}", ", its id says "),
    (SECOND_BRIEF.format("created_at_ms = 5"), "began before its predecessor"),
    (SECOND_BRIEF.format("expires_at_ms = 5"), "expires before its predecessor"),
    ("UPDATE brief SET serial = {sleeping} WHERE serial = {completed}", "{sleeping} is both in lasting and in brief"),
    # Rows that do not decode.
    ("UPDATE lasting SET status = 'lost' WHERE serial = {paused}", "the status 'lost' is unknown"),
    ("UPDATE lasting SET kind = 'odd' WHERE serial = {paused}", "the handler kind 'odd' is unknown"),
    ("UPDATE lasting SET id = x'0102' WHERE serial = {paused}", "an invocation id has 24 bytes, not 2"),
    ("UPDATE brief SET outcome = 'maybe' WHERE serial = {completed}", "the outcome 'maybe' is unknown"),
    ("UPDATE brief SET packed_journal = x'0105' WHERE serial = {completed}", "does not decode: the packed journal"),
    ("UPDATE lasting SET followers = x'0109' WHERE serial = {paused}", "does not decode: the followers"),
    ("UPDATE lasting SET headers = x'02' WHERE serial = {paused}", "does not decode: the headers"),
    ("UPDATE lasting SET failure_metadata = x'01ff' WHERE serial = {failed-with-key}",
     "does not decode: the metadata of the failure"),
    ("UPDATE journal SET command = x'01c8' WHERE serial = {sleeping}", "journal entry 0 does not decode: the command tag"),
    ("UPDATE journal SET detail = x'0102' WHERE serial = {step-retry} AND idx = 1", "journal entry 1 does not decode"),
    ("UPDATE journal SET completion = x'01' WHERE serial = {step-retry} AND idx = 0", "journal entry 0 does not decode"),
    # Numbers of the engine.
    ("UPDATE meta SET value = 3 WHERE key = 'serialCeiling'", "meta: serialCeiling is 3, but there is an invocation"),
    ("DELETE FROM meta WHERE key = 'clockMs'", "meta: clockMs is missing, but an invocation began after"),
    ("UPDATE meta SET value = -1 WHERE key = 'recentUncleanStops'", "meta: recentUncleanStops is -1"),
    ("UPDATE meta SET value = 2 WHERE key = 'isOpen'", "meta: isOpen is 2"),
    # The file.
    ("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name ="
     " 'timer') WHERE name = 'invocation_live'", "the file: "),
]

# The same for what commits with many changes leave.
PACK_AGAIN = ("INSERT INTO packed SELECT last_serial + 1000000, last_created_ms, last_expires_ms, member_count, members"
              " FROM packed ORDER BY last_serial LIMIT 1")
DAMAGE_OF_CROWD = [
    ("UPDATE packed SET member_count = member_count + 1", " members"),
    ("UPDATE packed SET last_created_ms = last_created_ms + 1", "says something else than its last member"),
    ("UPDATE packed SET members = x'01050000'", "does not decode: the value ends"),
    ("UPDATE packed SET members = x'03'", "does not decode: the pack has format 3"),
    ("UPDATE packed SET members = x'020100000009'", "does not decode: the tag 9 of a part of a pack is unknown"),
    ("UPDATE packed SET members = substr(members, 1, length(members) - 1)", "does not decode: a size of"),
    (PACK_AGAIN, "is out of order"),
    ("UPDATE brief SET serial = (SELECT max(last_serial) FROM packed) WHERE serial = (SELECT max(serial) FROM brief)",
     "is both in a row of its own and packed"),
    ("INSERT INTO timer SELECT max(last_serial), 0, 5 FROM packed", "is for nothing"),
    ("UPDATE meta SET value = (SELECT max(last_serial) FROM packed) WHERE key = 'serialCeiling'", "serialCeiling is "),
    ("UPDATE meta SET value = 5 WHERE key = 'clockMs'", "which is what clockMs says"),
    ("UPDATE recent_state SET changes = x'0105'", "recent_state: does not decode"),
]


class Verify(Case):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="reprise-verify-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)

    def new_path(self):
        path = Path(tempfile.mkdtemp(dir=self.folder)) / "data"
        return path

    def server_with_everything(self):
        server = self.make_fixtures(**drill.SERVICES, **drill.OUTAGE)
        return server, drill.Drill.begin(server)

    def test_what_a_server_leaves_behind_is_sound(self):
        server, _ = self.server_with_everything()
        beside = offline.verify(server.data)
        self.assertEqual(beside.code, 2, "a directory in use cannot be verified")
        self.assertIn("in use by another server", beside.error)
        self.assertEqual(len(beside.error.splitlines()), 1, beside.error)
        server.kill()
        before = {file.name: file.read_bytes() for file in server.data.iterdir() if file.name in ("reprise.db",)}
        killed = offline.require_sound(server.data, "killed")
        self.assertGreater(killed, 10)
        after = {name: (server.data / name).read_bytes() for name in before}
        self.assertEqual(before, after, "verifying changes nothing")
        server.start()
        self.assertIn(f"recovered up to commit {killed}", server.log)
        self.assertEqual(server.stop(), 0)
        self.assertGreater(offline.require_sound(server.data, "stopped"), killed)

    def test_every_damage_is_found_and_named(self):
        server, begun = self.server_with_everything()
        self.assertEqual(server.stop(), 0)
        with offline.database(server.data) as db:
            serials = {name: self.serial_of(db, name) for name in begun.ids}
        self.assert_named(server, DAMAGE, serials)

    def test_damage_of_what_a_crowd_left_is_found_and_named(self):
        server = self.make_fixtures(**drill.SERVICES).start()
        crowd.totals(server)
        crowd.press(server)
        offline.require_sound(offline.copy(server.data, self.new_path()), "killed under load")
        self.assert_named(server, DAMAGE_OF_CROWD, {})

    def assert_named(self, server, damages, serials):
        unnamed = []
        for statement, expected in damages:
            data = offline.copy(server.data, self.new_path())
            with offline.database(data) as db:
                db.executescript(named(statement, serials))
            found = offline.verify(data)
            if found.code != 1 or not any(named(expected, serials) in line for line in found.problems):
                unnamed.append(f"{statement}\n  should say: {named(expected, serials)}\n  {found}")
        self.assertFalse(unnamed, "\n".join(unnamed))

    def serial_of(self, db, name):
        """By what only this kind has."""
        kind = drill.KINDS[name]
        service, *key, handler = kind.path.strip("/").split("/")
        rows = db.execute(
            "SELECT serial FROM invocation WHERE service = ? AND handler = ? AND key IS ? ORDER BY serial",
            (service, handler, key[0] if key else None)).fetchall()
        alike = [other for other in drill.KINDS if drill.KINDS[other].path == kind.path]
        # Those that rest were sent first.
        alike.sort(key=lambda other: not drill.KINDS[other].rests)
        return rows[alike.index(name)][0]

    def test_what_is_withdrawn_before_it_begins_leaves_nothing(self):
        server = self.make_fixtures().start()
        first = post(server.ingress, "/Counter/o/add", 5).invocation
        post(server.ingress, "/Counter/o/block/send")
        wait_until(lambda: get(server.ingress, "/Counter/o/blockedOn").json(), "a lane that is taken")
        again = request(server.admin, "PATCH", f"/invocations/{first}/restart-as-new?from=1").json()["new_invocation_id"]
        self.assertEqual(request(server.admin, "PATCH", f"/invocations/{again}/cancel").status, 200)
        server.kill()
        offline.require_sound(server.data)

    def test_pages_of_rubbish_are_found(self):
        server = self.make_fixtures().start()
        for number in range(100):
            post(server.ingress, f"/Counter/k{number}/add", 1, {"x-bulk": "x" * 2_000})
        self.assertEqual(server.stop(), 0)
        size = (server.data / offline.DATABASE).stat().st_size
        self.assertGreater(size, 20 * 4096)
        with offline.database(server.data) as db:
            of_schema = {number for number, in db.execute("SELECT pageno FROM dbstat WHERE name = 'sqlite_schema'")}
        # What the tables are nobody can tell without these: such a file is not even opened.
        for page in (page for page in range(10, size // 4096, 8) if page + 1 not in of_schema):
            data = offline.copy(server.data, self.new_path())
            with open(data / offline.DATABASE, "r+b") as file:
                file.seek(page * 4096)
                file.write(b"\xa5" * 4096)
            found = offline.verify(data)
            self.assertEqual(found.code, 1, f"page {page}: {found}")
            self.assertTrue(found.problems, f"page {page}: {found}")

    def test_what_is_no_data_directory_cannot_be_opened(self):
        empty = self.new_path()
        empty.mkdir()
        rubbish = self.new_path()
        rubbish.mkdir()
        (rubbish / offline.DATABASE).write_bytes(b"no database at all, " * 1_000)
        foreign = self.new_path()
        foreign.mkdir()
        with offline.database(foreign) as db:
            db.execute("CREATE TABLE somebody (elses INTEGER)")
        newer = offline.copy(foreign, self.new_path())
        with offline.database(newer) as db:
            db.execute("CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
            db.execute("INSERT INTO grdb_migrations VALUES ('99: of the future')")
        for path, expected in [
                (self.folder / "nowhere", "cannot open"), (empty, "no reprise.db"), (rubbish, "is damaged"),
                (foreign, "no database of this version"), (newer, "written by a newer version")]:
            found = offline.verify(path)
            self.assertEqual(found.code, 2, f"{path}: {found}")
            self.assertIn(expected, found.error)
            self.assertEqual(len(found.error.splitlines()), 1, found.error)


def named(text, serials):
    for name, serial in serials.items():
        text = text.replace("{" + name + "}", str(serial))
    return text
