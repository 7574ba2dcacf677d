"""A server with many callers at once, whose commits pack results and write state later: what it said is there after a kill,
and what is there was done once."""

import crowd
import drill
import offline
from cases import Case


class Crowd(Case):
    def test_what_was_said_before_a_kill_is_there_once(self):
        server = self.make_fixtures(**drill.SERVICES)
        said, asked = 0, 0
        for _ in range(3):
            said += crowd.press(server)
            found = offline.require_sound(server.data, "killed under load")
            server.start()
            self.assertIn(f"recovered up to commit {found}", server.log)
            kept = server.query("SELECT (SELECT sum(member_count) FROM packed) + (SELECT count(*) FROM invocation)")
            done = sum(crowd.totals(server).values())
            # Each call has left its result, those that only ask too.
            self.assertEqual(done, kept[0][0] - asked)
            self.assertGreaterEqual(done, said, "an answer was given and the call is not there")
            asked += len(crowd.KEYS)
            # Of those who never heard whether they were done.
            said = done
        self.assertEqual(server.stop(), 0, server.tail())
        self.assertEqual(server.query("SELECT count(*) FROM recent_state"), [(0,)])
        stored = server.query("SELECT sum(CAST(value AS INTEGER)) FROM state WHERE key LIKE 'crowd-%'")
        self.assertEqual(stored, [(done,)])
