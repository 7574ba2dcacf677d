"""Orders whose server, gateway or database fails under them: one row each, one charge, the same ids."""

import random
import re
import time

from cases import LONG, fresh, in_parallel
from client import LOST, wait_until
from orders import OrderWorld
from test_orders import OrderCase

_HITS_MAX = 200


class MidPayment(OrderCase):
    """The server dies while the gateway has the charge."""

    def setUp(self):
        super().setUp()
        self.gateway = self.make_gateway()
        self.addCleanup(self.gateway.release)
        self.world = self.make_orders(ORDER_PAYMENT_GATEWAY_URL=self.gateway.url).start()

    def assert_one_charge(self, attempts_min):
        self.assertEqual(self.gateway.violations, [])
        charge, = self.gateway.charges.values()
        self.assertEqual(charge.key, self.world.tables.order("o")["payment_id"])
        self.assertEqual(charge.amount, 30)
        self.assertGreaterEqual(charge.attempts, attempts_min)
        self.assertEqual(charge.net, 1)

    def kill_in_payment(self, times):
        for _ in range(times):
            self.gateway.wait_for_held(1)
            row, = self.world.tables.payments("o")
            view = self.world.orders.look("o")
            self.world.server.kill()
            self.gateway.release()
            wait_until(lambda: self.gateway.in_flight == 0, "the lost charge has left")
            self.gateway.hold()
            self.world.server.start()
            self.assertEqual(self.world.orders.look("o"), view)
            self.assertEqual(self.world.tables.payments("o"), [row], "nothing before the charge is repeated")

    def test_a_payment_goes_on_after_a_crash(self):
        self.gateway.hold()
        self.world.orders.send("o")
        self.kill_in_payment(1)
        self.gateway.release()
        self.assertEqual(self.world.finish("o").json(), {"order_id": "o"})
        self.assert_succeeded(self.world, "o")
        self.assert_one_charge(2)

    def test_five_crashes_in_a_row(self):
        self.gateway.hold()
        self.world.orders.send("o")
        self.kill_in_payment(5)
        self.gateway.release()
        self.assertEqual(self.world.finish("o").json(), {"order_id": "o"})
        self.assert_succeeded(self.world, "o")
        self.assert_one_charge(6)

    def test_a_gateway_that_is_down_for_a_while(self):
        self.gateway.plan["card_success"] = ["error", "captured-error", "drop", "success"]
        self.assertEqual(self.world.orders.create("o").status, 200)
        self.assert_succeeded(self.world, "o")
        self.assert_one_charge(4)

    def test_a_refund_is_made_once_whatever_crashes(self):
        self.gateway.hold()
        self.world.orders.send("o")
        self.gateway.wait_for_held(1)
        asked, _ = in_parallel([lambda: self.try_cancel(), self.crash_in_cancellation])
        self.gateway.release()
        final = wait_until(self.try_cancel, "an answer")
        self.assertTrue(final.json()["success"], f"{asked} {final}")
        self.world.wait_status("o", "CANCELLED")
        # The charge that was lost in the crash may reach the gateway after its void: there is a second one.
        self.world.server.wait_idle(within=60)
        self.assertEqual(self.gateway.net(), 0)
        self.assertEqual(self.gateway.violations, [])
        payment, = self.world.tables.payments("o")
        self.assertIn(payment["status"], ("PAYMENT_REFUNDED", "PAYMENT_FAILED"))
        self.assertEqual(self.world.tables.shipments("o"), [])
        entries = self.world.ledger.of(payment["id"])
        self.assertEqual([entry["refunded_cents"] for entry in entries],
                         [3000] if payment["status"] == "PAYMENT_REFUNDED" else [])

    def try_cancel(self):
        try:
            return self.world.orders.cancel("o")
        except LOST:
            return None

    def crash_in_cancellation(self):
        wait_until(lambda: any(item["target"].endswith("CancelOrder") for item in self.world.server.listed()),
                   "a cancellation")
        self.world.server.restart()


class Counters(OrderCase):
    def test_attempts_go_on_where_they_were(self):
        """The third of four attempts is lost in a crash: it is made again, under its number."""
        world = self.make_orders(
            ORDER_PAYMENT_MS="400", ORDER_PAYMENT_FAIL_PERCENT="40", ORDER_PAYMENT_RANDOMS="12,38,5,82").start()
        world.orders.send("o")
        wait_until(lambda: len(world.lines("Starting payment transaction")) == 3, "the third attempt", every=0.005)
        payment, = world.tables.payments("o")
        world.server.restart()
        self.assertEqual(world.finish("o").status, 200)
        self.assert_succeeded(world, "o")
        self.assertEqual(world.tables.payments("o")[0]["id"], payment["id"])
        draws = re.findall(r"Payment attempt \w+ \(random=(\d+)", world.server.log)
        self.assertEqual(draws, ["12", "38", "5", "82"])
        self.assertEqual(world.attempts(payment["id"]), (5, 3, 1))


class BetweenPaidAndShipped(OrderCase):
    def pauses(self, world):
        """When those of the order end, in milliseconds since 1970."""
        return [due_ms for due_ms, in world.server.query(
            "SELECT due_ms FROM timer JOIN invocation USING (serial) WHERE handler = 'CreateOrder' AND slot >= 0")]

    def test_five_crashes_in_a_row(self):
        """The order has paid and pauses; each start finds it there, and its pause ends when it would have ended."""
        world = self.make_orders(ORDER_PROFILE="tracking", ORDER_PAYMENT_MS="10").start()
        world.orders.send("o")
        world.wait_status("o", "PROCESSING")
        due_ms, = wait_until(lambda: self.pauses(world), "a pause")
        payment, = world.tables.payments("o")
        created = world.tables.order("o")["created_at"]
        starts_in_time = 0
        for _ in range(5):
            world.server.kill()
            # Until then: on a slow machine it comes before five starts are over.
            if time.time() * 1000 < due_ms:
                self.assertEqual(self.pauses(world), [due_ms], "it does not begin anew")
            world.server.start()
            seen = (world.orders.status("o"), world.tables.payments("o"), world.tables.shipments("o"))
            if time.time() * 1000 < due_ms:
                self.assertEqual(seen, ("PROCESSING", [payment], []))
                starts_in_time += 1
        self.assertGreater(starts_in_time, 0, "nothing has been looked at")
        world.wait_status("o", "SHIPPED")
        self.assertGreaterEqual(time.time() * 1000, due_ms)
        shipment, = world.tables.shipments("o")
        world.server.restart()
        self.assertEqual(world.finish("o").json(), {"order_id": "o"})
        self.assert_succeeded(world, "o", end="DELIVERED")
        row = world.tables.order("o")
        self.assertEqual((row["created_at"], row["payment_id"], row["shipment_id"], row["tracking_number"]),
                         (created, payment["id"], shipment["id"], shipment["tracking_number"]))
        self.assertEqual(world.attempts(payment["id"]), (1, 0, 1))


class Walk(OrderCase):
    """The server kills itself at the n-th hit of a failpoint, for n = 1, 2, 3 … until an order no longer gets there:
    before, during and after the payment, between PAID and SHIPPED, and behind."""

    def walk(self, failpoint, hits_min=5):
        """The statuses of the row at the crashes."""
        seen = set()
        for hit in range(1, _HITS_MAX):
            world = self.make_orders(ORDER_PAYMENT_MS="10")
            world.server.spawn(REPRISE_FAILPOINT=f"{failpoint}:{hit}")
            was_accepted = False
            if world.server.wait_ready_or_dead():
                try:
                    was_accepted = world.orders.create("o").status == 200
                except LOST:
                    pass
                if world.server.alive:
                    world.server.terminate()
            was_hit = world.server.wait_end() == -9
            before = self.ids(world)
            seen |= {row["status"] for row in world.tables.rows("SELECT status FROM orders")}
            world.server.start()
            if not was_accepted:
                # The client asks again, as clients do; it may have been accepted before.
                self.assertIn(world.orders.send("o").status, (202,))
            self.assertEqual(world.finish("o").json(), {"order_id": "o"}, f"{failpoint}:{hit}")
            world.server.wait_idle()
            self.assert_sound(world.problems("o"), f"{failpoint}:{hit}")
            after = self.ids(world)
            self.assertEqual({name: after[name] for name in before}, before, f"{failpoint}:{hit}")
            world.close()
            self.servers.remove(world.server)
            if not was_hit:
                self.assertGreater(hit, hits_min, f"{failpoint} was hardly ever hit: is this a debug build?")
                return seen
        self.fail(f"{failpoint} is still hit at {_HITS_MAX}")

    @staticmethod
    def ids(world):
        """What is written so far and must stay."""
        found = {}
        for table in ("orders", "payments", "shipments"):
            rows = world.tables.rows(f"SELECT * FROM {table}")
            assert len(rows) <= 1, f"{table}: {rows}"
            for row in rows:
                found[table] = row["id"], row["created_at"], row.get("tracking_number") if table == "shipments" else None
        return found

    def test_before_commit(self):
        self.assertLessEqual({"PENDING", "PAID"}, self.walk("before-commit"))

    def test_after_commit(self):
        self.assertLessEqual({"PENDING", "PAID"}, self.walk("after-commit"))

    def test_before_effect(self):
        self.assertLessEqual({"PENDING", "PAID"}, self.walk("before-effect"))

    def test_before_the_entry_in_the_ledger(self):
        self.walk("before-transaction", hits_min=1)

    def test_inside_the_entry_in_the_ledger(self):
        self.walk("inside-transaction", hits_min=1)

    def test_after_the_entry_in_the_ledger(self):
        self.walk("after-transaction", hits_min=1)

    def test_five_crashes_in_a_row_on_the_way(self):
        """Each start comes a little further."""
        world = self.make_orders(ORDER_PAYMENT_MS="10")
        world.server.start()
        world.orders.send("o")
        world.server.kill()
        before = self.ids(world)
        for _ in range(5):
            world.server.spawn(REPRISE_FAILPOINT="after-commit:5")
            self.assertEqual(world.server.wait_end(), -9, world.server.tail())
            after = self.ids(world)
            self.assertEqual({name: after[name] for name in before}, before)
            before = after
        world.server.start()
        self.assertEqual(world.finish("o").json(), {"order_id": "o"})
        self.assert_succeeded(world, "o")
        after = self.ids(world)
        self.assertEqual({name: after[name] for name in before}, before)


class RandomKills(OrderCase):
    """Orders at a gateway that fails now and then, while the server is killed at random moments."""

    orders = 20
    kills = 40 if LONG else 6

    def test_every_order_ends_once(self):
        seed = self.choose_seed()
        chance = random.Random(seed)
        gateway = self.make_gateway(latency=0.05)
        gateway.plan["card_success"] = ["error", "captured-error", "success"]
        world = self.make_orders(ORDER_PAYMENT_GATEWAY_URL=gateway.url).start()
        names = [fresh("order") for _ in range(self.orders)]
        for name in names:
            self.assertEqual(world.orders.send(name).status, 202)
        for _ in range(self.kills):
            # The moment of the crash is the input of this test.
            time.sleep(chance.uniform(0.05, 0.6))
            world.server.restart()
        self.await_end(world.server)
        for name in names:
            self.assertEqual(world.finish(name).json(), {"order_id": name})
            self.assert_succeeded(world, name)
        self.assertEqual(gateway.violations, [])
        self.assertEqual((gateway.net(), len(gateway.charges)), (len(names), len(names)))


class Database(OrderCase):
    """The tables are locked, or away, for a while: steps wait, everybody else goes on, nothing is lost."""

    def test_a_locked_database(self):
        world = self.make_orders().start()
        self.assertEqual(world.orders.create("first").status, 200)
        lock = world.tables.lock()
        names = [fresh("order") for _ in range(100)]
        for name in names:
            self.assertEqual(world.orders.send(name).status, 202)
        wait_until(lambda: len(world.lines('step "save-order-row" failed')) >= 1, "a step that has to wait")
        # More steps wait than there are threads: other handlers go on.
        answer = world.orders.call(names[-1], "GetOrder")
        self.assertEqual((answer.status, answer.json()["order"]["status"]), (200, "PENDING"))
        self.assertLess(answer.elapsed, 1)
        self.assertEqual(world.tables.order("first")["status"], "COMPLETED", "it can be read all the time")
        lock.close()
        for name in names:
            self.assertEqual(world.finish(name).status, 200)
            self.assert_succeeded(world, name)

    def test_a_database_that_comes_later_and_one_that_is_moved_away(self):
        base = OrderWorld().server
        self.addCleanup(base.close)
        folder = base.directory / "later"
        path = folder / "orders.db"
        world = self.make_orders(ORDERS_DB=str(path))
        world.tables.path = path
        world.start()
        world.orders.send("o")
        wait_until(lambda: world.lines('step "save-order-row" failed'), "a step that has to wait")
        self.assertEqual(world.orders.status("o"), "PENDING")
        folder.mkdir()
        self.assertEqual(world.finish("o").status, 200)
        self.assert_succeeded(world, "o")
        path.rename(folder / "away.db")
        world.orders.send("p")
        wait_until(lambda: world.lines("is gone"), "a step that has to wait")
        (folder / "away.db").rename(path)
        self.assertEqual(world.finish("p").status, 200)
        self.assert_succeeded(world, "p")
        self.assert_succeeded(world, "o")
