"""The upgrade drill: data directories that earlier builds left with work of every kind under way, opened by this one.

The fixtures are made by `make_fixture.py`, one for each version of the schema.
"""

import json
import tarfile

import crowd
import drill
import make_fixture
import offline
from cases import Case
from client import get, wait_until

_FIXTURES = sorted(make_fixture.FIXTURES.glob("schema-*.tar.xz"))


class Upgrade(Case):
    def unpacked(self, fixture):
        """A server on what the fixture holds, not yet started, and what was sent to it."""
        server = self.make_fixtures(**drill.SERVICES)
        with tarfile.open(fixture) as archive:
            archive.extractall(server.directory, filter="data")
        return server, drill.Drill(json.loads((server.directory / "drill.json").read_text()))

    def each_fixture(self):
        self.assertTrue(_FIXTURES)
        for fixture in _FIXTURES:
            with self.subTest(fixture=fixture.name):
                yield fixture

    def test_everything_goes_on_and_ends_as_it_should(self):
        for fixture in self.each_fixture():
            server, begun = self.unpacked(fixture)
            server.start()
            self.assert_sound(list(begun.finish(server, list(begun.ids))), fixture.name)
            # What has ended is on record, and so is what still waits: the next start finds it.
            server.restart()
            self.assert_sound(list(begun.finish(server, list(begun.ids))), fixture.name)
            self.assertEqual(server.stop(), 0, server.tail())
            offline.require_sound(server.data, fixture.name)

    def test_what_a_release_broke_is_paused_with_the_reason_and_the_rest_goes_on(self):
        for fixture in self.each_fixture():
            server, begun = self.unpacked(fixture)
            server.start(REPRISE_DRILL_SERVICES="altered")
            self.assert_sound(list(begun.finish(server, begun.names(altered=False))), fixture.name)
            for name in begun.names(altered=True):
                wait_until(lambda name=name: begun.shown(server, name)["status"] == "paused",
                           lambda name=name: f"{name} paused: {begun.shown(server, name)}", within=60)
                self.assertIn(drill.KINDS[name].altered, begun.shown(server, name)["last_failure"], name)
            self.assertEqual(server.stop(), 0, server.tail())
            offline.require_sound(server.data, fixture.name)

    def test_what_a_crowd_did_is_there(self):
        """Since schema 5 commits with many changes have a form of their own."""
        for fixture in self.each_fixture():
            server, _ = self.unpacked(fixture)
            if not (server.directory / "crowd.json").exists():
                self.assertIn(fixture.name, [f"schema-{number}.tar.xz" for number in range(1, 5)])
                continue
            expected = json.loads((server.directory / "crowd.json").read_text())
            self.assertTrue(any(expected["totals"].values()))
            server.start()
            self.assertEqual(crowd.results(server), expected["results"], fixture.name)
            for result in expected["results"][::50]:
                shown = get(server.admin, f"/invocations/{result}")
                self.assertEqual((shown.status, shown.json()["status"]), (200, "completed"), result)
            self.assertEqual(crowd.totals(server), expected["totals"], fixture.name)
            self.assertEqual(server.stop(), 0, server.tail())
            offline.require_sound(server.data, fixture.name)

    def test_the_schema_of_this_build_has_a_fixture(self):
        server = self.make_server().start()
        self.assertEqual(server.stop(), 0)
        schema = make_fixture.schema_of(server.data)
        self.assertIn(f"schema-{schema}.tar.xz", [fixture.name for fixture in _FIXTURES], "run make_fixture.py")
        self.assertEqual(len(_FIXTURES), schema, "every version before has one too")

    def test_a_start_that_is_killed_changes_nothing(self):
        """Killed in recovery, and at the first commits and effects after it."""
        for fixture in self.each_fixture():
            for failpoint in ("recovery:1", "before-commit:1", "after-commit:1", "after-commit:2", "before-effect:2"):
                server, begun = self.unpacked(fixture)
                server.spawn(REPRISE_FAILPOINT=failpoint)
                self.assertEqual(server.wait_end(), -9, f"{failpoint}: {server.tail()}")
                server.start()
                self.assert_sound(list(begun.finish(server, list(begun.ids))), f"{fixture.name}, {failpoint}")
                self.assertEqual(server.stop(), 0, server.tail())
