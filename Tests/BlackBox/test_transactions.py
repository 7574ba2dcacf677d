"""Transactional steps of the real binary: exactly once, whatever is killed when, and out of reach of the engine's data."""

import random
import sqlite3
import threading
import time

import offline
from cases import LONG, Case, fresh, in_parallel
from client import LOST, get, post, wait_until
from server import ServerDied

FAILPOINTS = ("before-transaction", "inside-transaction", "after-transaction")
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


class Books(Case):
    def setUp(self):
        super().setUp()
        self.server = self.make_fixtures()

    def entries(self):
        return [text for text, in self.server.query("SELECT text FROM books_entry ORDER BY number")]

    def execute(self, *statements, attempts=1):
        body = {"statements": [s if isinstance(s, dict) else {"sql": s} for s in statements]}
        if attempts:
            body["attempts"] = attempts
        return post(self.server.ingress, "/Books/execute", body)

    def send(self, handler, body):
        answer = post(self.server.ingress, f"/Books/{handler}/send", body)
        self.assertEqual(answer.status, 202, f"{answer}")
        return answer.invocation

    def result(self, invocation):
        def ask():
            try:
                answer = get(self.server.ingress, f"/restate/invocation/{invocation}/attach", timeout=30)
            except LOST:
                return None
            return None if answer.status == 503 else answer
        return wait_until(ask, f"a result of {invocation}", 60)


class ExactlyOnce(Books):
    def test_a_crash_before_inside_and_after_it(self):
        for failpoint in FAILPOINTS:
            self.server = self.make_fixtures()
            self.server.start(REPRISE_FAILPOINT=f"{failpoint}:1")
            ask = lambda: post(self.server.ingress, "/Books/append", failpoint, {"idempotency-key": "one"})
            with self.assertRaises(LOST):
                ask()
            self.assertEqual(self.server.wait_end(), -9, failpoint)
            expected = [failpoint] if failpoint == "after-transaction" else []
            self.assertEqual(self.entries(), expected, f"after a crash at {failpoint}")
            self.server.start()
            self.assertEqual(ask().json(), 1)
            self.assertEqual(self.entries(), [failpoint])
            self.assertEqual(self.server.stop(), 0)
            offline.require_sound(self.server.data)

    def test_five_crashes_in_a_row_at_each(self):
        for failpoint in FAILPOINTS:
            self.server = self.make_fixtures()
            self.server.start()
            names = [fresh(failpoint) for _ in range(8)]
            self.server.kill()
            self.server.start(REPRISE_FAILPOINT=f"{failpoint}:2")
            asked = []
            for name in names:
                try:
                    self.send("append", name)
                    asked.append(name)
                except LOST:
                    break
            self.assertEqual(self.server.wait_end(), -9)
            for _ in range(4):
                self.server.spawn(REPRISE_FAILPOINT=f"{failpoint}:1")
                if self.server.wait_ready_or_dead():
                    wait_until(lambda: not self.server.alive or not self.server.unfinished(), "a crash, or the end")
                if self.server.alive:
                    break
            if not self.server.alive:
                self.server.start()
            self.await_end(self.server, within=10)
            entries = self.entries()
            self.assertEqual(len(entries), len(set(entries)), "no entry twice")
            self.assertLessEqual(set(asked), set(entries), "none lost")

    def test_the_order_of_results_survives_a_crash(self):
        for failpoint, hit in (("after-transaction", 1), ("after-transaction", 2), ("inside-transaction", 2),
                               ("before-effect", 3), ("after-commit", 2)):
            self.server = self.make_fixtures()
            self.server.start(REPRISE_FAILPOINT=f"{failpoint}:{hit}")
            ask = lambda: post(self.server.ingress, "/Books/race", ["a", "b", "c"], {"idempotency-key": "one"})
            with self.assertRaises(LOST):
                ask()
            self.assertEqual(self.server.wait_end(), -9)
            self.server.start()
            self.assertEqual(ask().json(), [1, 1, 2, 3], f"{failpoint}:{hit}")
            self.assertEqual(self.entries(), ["a", "b", "c"])

    def test_random_kills_under_load(self):
        seed = self.choose_seed()
        chance = random.Random(seed)
        self.server.start()
        asked = {}
        for _ in range(30 if LONG else 6):
            names = [fresh("entry") for _ in range(40)]
            deadline = time.monotonic() + chance.uniform(0.05, 0.5)

            def load(name):
                try:
                    asked[name] = self.send("append", name)
                except LOST:
                    pass
            for name in names:
                if time.monotonic() > deadline:
                    break
                load(name)
            self.server.restart()
        self.assertGreater(len(asked), 20)
        self.await_end(self.server)
        for name, invocation in asked.items():
            self.assertEqual(self.result(invocation).status, 200, name)
        self.server.wait_idle()
        entries = self.entries()
        self.assertEqual(len(entries), len(set(entries)), "no entry twice")
        self.assertLessEqual(set(asked), set(entries), "none lost")
        self.assertEqual(self.server.stop(), 0)
        offline.require_sound(self.server.data)

    def test_a_stop_in_order_loses_nothing(self):
        self.server.start()
        invocations = [self.send("append", f"e{number}") for number in range(50)]
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        for invocation in invocations:
            self.assertEqual(self.result(invocation).status, 200)
        self.assertEqual(sorted(self.entries()), sorted(f"e{number}" for number in range(50)))


class Reach(Books):
    def setUp(self):
        super().setUp()
        self.server.start()

    def assert_refused(self, reason, *statements):
        answer = self.execute(*statements)
        self.assertEqual((answer.status, answer.message), (500, reason), f"{statements}: {answer}")

    def test_the_data_of_the_engine_is_out_of_reach(self):
        for table in ("lasting", "brief", "journal", "state", "meta", "timer", "promise", "service_migration"):
            reason = f"table {table} is not one of the service's"
            self.assert_refused(reason, f"SELECT * FROM {table}")
            self.assert_refused(reason, f"SELECT count(*) FROM {table}")
            self.assert_refused(reason, f"DELETE FROM {table}")
            self.assert_refused(reason, "INSERT INTO books_entry (text) VALUES ('x')", f"DELETE FROM {table}")
        view = "table invocation is not one of the service's"
        self.assert_refused(view, "SELECT * FROM invocation")
        self.assert_refused(view, "INSERT INTO books_entry (text) VALUES ('x')", "SELECT count(*) FROM invocation")
        self.assert_refused("cannot modify invocation because it is a view", "DELETE FROM invocation")
        self.assertEqual(self.entries(), [])

    def test_there_is_no_control_of_the_transaction(self):
        for statement in ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT a", "RELEASE a"):
            insert = "INSERT INTO books_entry (text) VALUES ('x')"
            self.assert_refused("transactions belong to the server", insert, statement, insert)
        self.assert_refused("PRAGMA synchronous belongs to the server", "PRAGMA synchronous = OFF")
        self.assert_refused("other databases are out of reach", "ATTACH '/tmp/x.db' AS x")
        self.assertEqual(self.entries(), [])

    def test_statements_values_and_rows(self):
        answer = self.execute({"sql": "INSERT INTO books_entry (text) VALUES (?), (?)", "values": ["a", None]},
                              "SELECT number, text FROM books_entry ORDER BY number")
        self.assertEqual(answer.json(), {"changes": 2, "columns": ["number", "text"], "rows": [[1, "a"], [2, None]]})
        # With the server's file at hand anybody can read it, while the server runs.
        self.assertEqual(self.entries(), ["a", None])

    def test_a_service_without_tables_is_told(self):
        answer = post(self.server.ingress, "/Bookless/count")
        self.assert_fails(answer, 500, "transaction 'count' is not possible: the service declares no tables")


class Failures(Books):
    def test_a_failed_step_rolls_back_alone_and_is_executed_again(self):
        self.server.start()
        self.assertEqual(self.execute("INSERT INTO books_entry VALUES (7, 'in the way')").status, 200)
        blocked = self.send("execute", {"statements": [
            {"sql": "INSERT INTO books_entry (text) VALUES ('first')"},
            {"sql": "INSERT INTO books_entry VALUES (7, 'second')"}]})
        wait_until(lambda: 'step "execute" failed' in self.server.log, "a failed execution")
        self.assertIn("UNIQUE constraint failed: books_entry.number", self.server.log)
        # Everybody else goes on, and what they do stays.
        self.assertEqual(self.execute("INSERT INTO books_entry VALUES (1, 'beside')").status, 200)
        self.assertEqual(self.entries(), ["beside", "in the way"])
        self.assertEqual(self.execute("DELETE FROM books_entry WHERE number = 7").status, 200)
        self.assertEqual(self.result(blocked).json()["changes"], 2)
        self.assertEqual(sorted(self.entries()), ["beside", "first", "second"])

    def test_failures_are_counted_over_restarts(self):
        self.server.start()
        blocked = self.send("execute", {"statements": [{"sql": "INSERT INTO books_entry VALUES (1, 2, 3)"}]})
        shown = lambda: get(self.server.admin, f"/invocations/{blocked}").json()["journal"]
        wait_until(lambda: shown() and shown()[0].get("retry_count", 0) >= 2, "two failed executions")
        before = shown()[0]["retry_count"]
        self.server.restart()
        self.assertGreaterEqual(shown()[0]["retry_count"], before)

    def test_a_step_has_a_time_limit_and_holds_up_nobody_for_longer(self):
        self.server.start(REPRISE_TRANSACTION_TIME_MAX_MS="100")
        slow = self.send("execute", {"attempts": 3, "statements": [
            {"sql": "INSERT INTO books_entry (text) VALUES ('x')"}, {"sql": ENDLESS}]})
        calls = in_parallel([lambda: post(self.server.ingress, f"/Counter/{fresh('k')}/add", 1)] * 8)
        self.assertEqual([answer.status for answer in calls], [200] * 8)
        answer = self.result(slow)
        self.assertEqual((answer.status, answer.message), (500, "it took longer than 0.1 seconds"))
        self.assertEqual(self.entries(), [])

    def test_the_limit_is_a_quarter_of_a_second_unless_set(self):
        self.server.start()
        answer = self.execute(ENDLESS)
        self.assertEqual((answer.status, answer.message), (500, "it took longer than 0.25 seconds"))
        self.assertGreater(answer.elapsed, 0.25)

    def test_another_programs_lock_delays_it(self):
        self.server.start()
        lock = sqlite3.connect(self.server.data / "reprise.db", timeout=5, isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        # Its acceptance cannot be committed either: the answer comes when the lock is gone.
        ask = threading.Thread(target=lambda: answers.append(post(self.server.ingress, "/Books/append", "late")))
        answers = []
        ask.start()
        time.sleep(1.5)  # The lock is there for a while.
        lock.execute("ROLLBACK")
        ask.join(30)
        lock.close()
        self.assertEqual([answer.json() for answer in answers], [1])
        self.assertEqual(self.entries(), ["late"])

    def test_a_changed_migration_stops_the_start(self):
        self.server.start()
        self.assertEqual(self.server.stop(), 0)
        with self.assertRaises(ServerDied):
            self.server.start(REPRISE_BOOKS_ALTERED="1")
        self.assertIn("migration '1: entries' of 'books' was made with other statements", self.server.log)
        self.server.start()
        self.assertEqual(self.execute("SELECT 1").status, 200)

    def test_a_backup_has_the_tables(self):
        self.server.start()
        self.assertEqual(self.execute("INSERT INTO books_entry (text) VALUES ('kept')").status, 200)
        copy = self.server.directory / "copy.db"
        ended = offline.command("backup", self.server.data, copy)
        self.assertEqual(ended.code, 0, f"{ended}")
        connection = sqlite3.connect(copy)
        self.addCleanup(connection.close)
        self.assertEqual(connection.execute("SELECT text FROM books_entry").fetchall(), [("kept",)])
        offline.require_sound(copy)
