"""The order system from outside: payments that fail and retry, rows, routes, cancellations (scenarios O1 to O41)."""

import re
import time
import uuid
from collections import Counter

from cases import Case, fresh, in_parallel
from client import get, post, request, wait_until
from orders import BASKET, DECLINED_CARD, LIFE, LIFE_TRACKED, OrderWorld, units
from server import ServerDied


class OrderCase(Case):
    def make_orders(self, **environment):
        world = OrderWorld(**environment)
        self.servers.append(world.server)
        self.addCleanup(world.close)
        return world

    def assert_succeeded(self, world, order, **expected):
        self.assert_sound(world.problems(order, **expected), order)


class Life(OrderCase):
    """One server for tests that touch nothing but names of their own; a payment takes 0.3 s."""

    seconds = 0.3

    @classmethod
    def setUpClass(cls):
        cls.world = OrderWorld(ORDER_PAYMENT_MS=str(int(cls.seconds * 1000)))
        cls.addClassCleanup(cls.world.close)
        cls.world.start()
        cls.orders, cls.tables = cls.world.orders, cls.world.tables

    def setUp(self):
        self.servers = [self.world.server]

    def test_O1_to_O5_O9_an_order(self):
        order = fresh("order")
        answer = self.orders.create(order)
        self.assertEqual((answer.status, answer.json()), (200, {"order_id": order}))
        self.assertGreaterEqual(answer.elapsed, self.seconds)
        self.assert_succeeded(self.world, order)
        payment, = self.tables.payments(order)
        self.assertEqual((payment["payment_method"], payment["order_id"]), ("CREDIT_CARD", order))
        shipment, = self.tables.shipments(order)
        self.assertEqual(
            [shipment[name] for name in ("carrier", "service_type", "status", "current_location", "estimated_delivery")],
            ["FedEx", "Ground", "SHIPMENT_CREATED", "Warehouse", "2025-10-10"])
        view = self.orders.look(order)
        self.assertEqual(view["order"]["customer_id"], "customer-123")
        self.assertEqual(view["payment_info"]["payment_method"], "CREDIT_CARD")
        self.assertEqual(set(view["shipment_info"]), {
            "shipment_id", "tracking_number", "carrier", "status", "current_location", "estimated_delivery"})

    def test_O6_units_cost_ten(self):
        for quantity, total in ((1, 10.0), (3, 30.0), (7, 70.0)):
            order = fresh("order")
            self.orders.create(order, units(quantity))
            self.assertEqual(self.tables.order(order)["total_amount"], total)

    def test_O7_statuses_only_move_forward(self):
        order = fresh("order")
        self.orders.send(order)
        seen = []
        def look():
            status = self.orders.status(order)
            if not seen or seen[-1] != status:
                seen.append(status)
            return status == "COMPLETED"
        wait_until(look, "a completed order", every=0.001)
        self.assertEqual(seen[0], "PENDING")
        self.assertEqual(seen, [status for status in LIFE if status in seen])

    def test_O10_O31_what_is_unknown(self):
        self.assert_fails(self.orders.call("nobody", "GetOrder"), 404, "order not found: nobody")
        self.assert_fails(self.orders.track("nothing"), 404, "shipment not found")

    def test_O11_O12_O13_an_order_is_created_once(self):
        order = fresh("order")
        first = self.orders.send(order)
        self.assertEqual((first.status, first.json()["status"]), (202, "Accepted"))
        second = self.orders.send(order)
        self.assertEqual(second.json(), {**first.json(), "status": "PreviouslyAccepted"})
        again = "the workflow method was already invoked"
        self.assert_fails(self.orders.create(order), 409, again)
        self.assertEqual(self.orders.output(order).status, 470)
        self.assertEqual(self.orders.attach(order).json(), {"order_id": order})
        self.assertEqual(self.orders.output(order).json(), {"order_id": order})
        self.assert_fails(self.orders.create(order), 409, again)
        self.assert_succeeded(self.world, order)

    def test_O14_O15_a_payment_is_charged_once(self):
        payment = fresh("payment")
        first = self.orders.pay(payment)
        self.assertGreaterEqual(first.elapsed, self.seconds)
        self.assertEqual(first.json(), {"payment_id": payment, "status": "PAYMENT_COMPLETED"})
        row, attempts = self.tables.payment(payment), self.world.attempts(payment)
        self.assertEqual((row["status"], attempts), ("PAYMENT_COMPLETED", (1, 0, 1)))
        second = self.orders.pay(payment)
        self.assertEqual(second.body, first.body)
        self.assertEqual((self.tables.payment(payment), self.world.attempts(payment)), (row, attempts))

    def test_O16_two_at_once(self):
        payment = fresh("payment")
        answers = in_parallel([lambda: self.orders.pay(payment)] * 2)
        self.assertEqual([answer.json()["status"] for answer in answers], ["PAYMENT_COMPLETED"] * 2)
        self.assertEqual(self.world.attempts(payment), (1, 0, 1))

    def test_O17_methods(self):
        for method, text in (({"bank_transfer": {"account_number": "1"}}, "BANK_TRANSFER"),
                             ({"digitalWallet": {"walletId": "w", "provider": "x"}}, "DIGITAL_WALLET"),
                             (None, "UNKNOWN")):
            payment = fresh("payment")
            self.orders.pay(payment, method=method)
            self.assertEqual(self.tables.payment(payment)["payment_method"], text)

    def test_O25_twenty_orders_at_once(self):
        names = [fresh("order") for _ in range(20)]
        answers = in_parallel([lambda name=name: self.orders.create(name) for name in names])
        self.assertEqual({answer.status for answer in answers}, {200})
        payments = {self.tables.order(name)["payment_id"] for name in names}
        self.assertEqual(len(payments), len(names))
        under_way, most = set(), 0
        for line in self.world.lines("[Payment Object "):
            payment = line.split("[Payment Object ")[1].split("]")[0]
            if payment in payments and "Starting payment transaction" in line:
                under_way.add(payment)
            elif "Payment attempt SUCCEEDED" in line:
                under_way.discard(payment)
            most = max(most, len(under_way))
        self.assertGreater(most, 10, "payments wait for each other")
        for name in names:
            self.assert_succeeded(self.world, name)

    def test_O26_O27_a_declined_card(self):
        order = fresh("order")
        answer = self.orders.create(order, method=DECLINED_CARD)
        self.assert_fails(answer, 402, "payment failed: payment processing failed: card declined")
        payment, = self.tables.payments(order)
        self.assertEqual(self.world.attempts(payment["id"]), (1, 1, 0))
        self.assertEqual(payment["status"], "PAYMENT_FAILED")
        self.assertEqual(self.tables.order(order)["status"], "CANCELLED")
        self.assertEqual(self.tables.shipments(order), [])
        self.assertEqual(self.orders.status(order), "CANCELLED")
        again = self.orders.pay(payment["id"])
        self.assertEqual(again.json()["status"], "PAYMENT_FAILED")
        self.assertEqual(self.world.attempts(payment["id"]), (1, 1, 0))

    def test_O30_a_shipment_is_created_once(self):
        shipment = fresh("shipment")
        first, second = self.orders.ship(shipment), self.orders.ship(shipment)
        self.assertEqual(first.body, second.body)
        tracked = self.orders.track(shipment).json()
        self.assertLessEqual({"shipment_id", "status", "current_location", "estimated_delivery", "events"}, set(tracked))
        self.assertEqual(tracked["events"], [])
        self.assertEqual(len(self.tables.rows("SELECT * FROM shipments WHERE id = ?", shipment)), 1)

    def test_O32_a_status_set_by_hand(self):
        order = fresh("order")
        self.orders.create(order)
        answer = self.orders.call(order, "UpdateOrderStatus", {"order_id": order, "status": "DELIVERED"})
        self.assertEqual((answer.status, answer.json()),
                         (200, {"success": True, "message": "Order status updated successfully"}))
        self.assertEqual(self.orders.status(order), "DELIVERED")
        self.assertEqual(self.tables.order(order)["status"], "DELIVERED")
        backwards = self.orders.call(order, "UpdateOrderStatus", {"status": "PAID"})
        self.assertIs(backwards.json()["success"], False)
        self.assertEqual(self.orders.status(order), "DELIVERED")

    def test_bad_orders_leave_nothing(self):
        for body in ({}, {"customer_id": "c", "items": []},
                     {"customer_id": "c", "items": [{"product_id": "p", "quantity": 0}]}):
            order = fresh("order")
            answer = self.orders.call(order, "CreateOrder", body)
            self.assertEqual(answer.status, 400, f"{answer}")
            self.assertTrue(answer.message.startswith("input validation error: "), f"{answer}")
            self.assertEqual(self.orders.call(order, "GetOrder").status, 404)


class WhilePaying(OrderCase):
    """The gateway holds the charge until the test lets it go: whoever is answered before does not wait for it."""

    def setUp(self):
        super().setUp()
        self.gateway = self.make_gateway()
        self.world = self.make_orders(ORDER_PAYMENT_GATEWAY_URL=self.gateway.url).start()
        self.orders = self.world.orders
        self.gateway.hold()
        self.addCleanup(self.gateway.release)

    def test_O8_while_the_payment_is_pending(self):
        self.orders.send("o")
        self.gateway.wait_for_held(1)
        self.assertEqual(self.orders.call("o", "GetOrder").json(), {"order": {
            "id": "o", "customer_id": "customer-123", "items": BASKET, "status": "PENDING"}})
        self.gateway.release()
        self.assertEqual(self.orders.attach("o").status, 200)

    def test_O15_who_pays_again_does_not_wait_for_the_gateway(self):
        self.gateway.release()
        first = self.orders.pay("p")
        self.assertEqual(first.json(), {"payment_id": "p", "status": "PAYMENT_COMPLETED"})
        self.gateway.hold()
        self.assertEqual(self.orders.pay("p").body, first.body)
        self.assertEqual((self.gateway.net(), len(self.gateway.charges)), (1, 1))

    def test_a_checkout_answers_at_once(self):
        answer = post(self.world.server.ingress, "/api/checkout", {
            "customer_id": "c1", "items": BASKET, "merchant_id": "m_001"})
        order = answer.json()["order_id"]
        self.assertRegex(order, r"^web-[0-9a-f]{8}$")
        self.assertEqual(answer.json(), {
            "order_id": order, "orderId": order, "invoice_url": None, "invoiceLink": None})
        self.gateway.wait_for_held(1)
        self.assertEqual(self.orders.status(order), "PENDING")
        self.gateway.release()
        self.world.wait_status(order, "COMPLETED")
        self.assert_succeeded(self.world, order)


class Routes(OrderCase):
    """`/api/checkout` and `/api/orders`."""

    def setUp(self):
        super().setUp()
        self.world = self.make_orders(ORDER_PAYMENT_MS="300").start()
        self.orders = self.world.orders
        self.base = self.world.server.ingress

    def checkout(self, body=None, **headers):
        body = body or {"customer_id": "c1", "items": BASKET, "merchant_id": "m_001"}
        return post(self.base, "/api/checkout", body, headers)

    def test_a_checkout_with_a_key_is_one_order(self):
        key = {"idempotency-key": str(uuid.uuid4())}
        names = {self.checkout(**key).json()["order_id"] for _ in range(3)}
        self.assertEqual(len(names), 1)
        self.world.wait_status(*names, "COMPLETED")
        self.assertEqual(len(self.world.tables.rows("SELECT * FROM orders")), 1)

    def test_a_bad_checkout_is_refused(self):
        for body, text in ((b"nonsense", "invalid JSON body"), ({"items": BASKET}, "customer_id and items are required"),
                           ({"customer_id": "c", "items": []}, "customer_id and items are required")):
            answer = post(self.base, "/api/checkout", body)
            self.assertEqual((answer.status, answer.text), (400, text))
        self.assertEqual(get(self.base, "/api/checkout").status, 405)

    def test_O41_orders_are_shown(self):
        first = self.checkout().json()["order_id"]
        self.world.wait_status(first, "COMPLETED")
        self.orders.create("declined", method=DECLINED_CARD)
        pending = self.checkout({"customer_id": "c2", "items": units(1)}).json()["order_id"]
        wait_until(lambda: self.world.tables.rows("SELECT 1 FROM orders WHERE id = ?", pending), "the row")
        shown = get(self.base, f"/api/orders/{first}").json()
        row = self.world.tables.order(first)
        self.assertEqual(
            {name: shown["order"][name] for name in ("id", "customer_id", "status", "total_amount", "payment_id",
                                                     "shipment_id", "tracking_number")},
            {name: row[name] for name in ("id", "customer_id", "status", "total_amount", "payment_id", "shipment_id",
                                          "tracking_number")})
        self.assertRegex(shown["order"]["updated_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertEqual(shown["payment"], {"status": "PAYMENT_COMPLETED", "invoice_url": None})
        unknown = get(self.base, "/api/orders/nobody")
        self.assertEqual((unknown.status, unknown.text), (404, "order not found or DB unavailable"))
        listed = get(self.base, "/api/orders").json()["orders"]
        self.assertEqual([order["id"] for order in listed], [pending, "declined", first])
        self.assertEqual(set(listed[0]), {"id", "customer_id", "status", "total_amount", "payment_id", "payment_status",
                                          "invoice_url", "updated_at", "items"})
        self.assertEqual((listed[0]["payment_id"], listed[0]["payment_status"]), (None, None))
        self.assertEqual(listed[2]["payment_status"], "PAYMENT_COMPLETED")
        self.assertEqual(listed[0]["items"], [{"product_id": "p", "name": "p", "quantity": 1, "unit_price": 10}])
        paged, token = [], ""
        while token is not None:
            page = get(self.base, f"/api/orders?page_size=2&page_token={token}").json()
            paged += [order["id"] for order in page["orders"]]
            token = page.get("next_page_token")
        self.assertEqual(paged, [order["id"] for order in listed])
        mine = get(self.base, "/api/orders?customer_id=c2").json()["orders"]
        self.assertEqual([order["id"] for order in mine], [pending])

    def test_a_cancellation_before_the_payment_is_through(self):
        order = self.checkout().json()["order_id"]
        answer = self.orders.cancel(order)
        self.assertEqual((answer.status, answer.json()["success"]), (200, True), f"{answer}")
        self.assertEqual(self.orders.status(order), "CANCELLED")
        self.assertEqual(self.world.tables.order(order)["status"], "CANCELLED")
        self.assertEqual(self.world.tables.shipments(order), [])
        self.assertEqual(self.orders.cancel(order).json(), {"success": True, "message": "Order already cancelled"})
        self.world.server.wait_idle()
        self.assertTrue({row["status"] for row in self.world.tables.payments(order)}
                        <= {"PAYMENT_FAILED", "PAYMENT_REFUNDED"})

    def test_a_completed_order_is_not_cancelled(self):
        self.orders.create("done")
        answer = self.orders.cancel("done")
        self.assertEqual((answer.status, answer.json()), (
            409, {"success": False, "message": "Cannot cancel order that has already been completed"}))
        self.assert_succeeded(self.world, "done")
        self.assertEqual(self.orders.cancel("nobody").status, 404)


class Retries(OrderCase):
    """Draws that are known beforehand: one server for each sequence."""

    def attempts_of(self, randoms, attempt_ms=300):
        world = self.make_orders(
            ORDER_PAYMENT_MS=str(attempt_ms), ORDER_PAYMENT_FAIL_PERCENT="40", ORDER_PAYMENT_RANDOMS=randoms).start()
        answer = world.orders.create("o")
        self.assertEqual(answer.status, 200, f"{answer}")
        payment = world.tables.order("o")["payment_id"]
        draws = re.findall(r"Payment attempt (FAILED|SUCCEEDED) \(random=(\d+) (<|>=) 40\)", "\n".join(
            world.lines(f"[Payment Object {payment}]")))
        self.assertEqual([int(draw) for _, draw, _ in draws], [int(draw) for draw in randoms.split(",")])
        self.assertEqual([(word == "FAILED", sign == "<") for word, _, sign in draws],
                         [(int(draw) < 40,) * 2 for _, draw, _ in draws])
        starts, failed, succeeded = world.attempts(payment)
        self.assertEqual((starts, succeeded), (len(draws), 1))
        self.assertGreaterEqual(answer.elapsed, starts * attempt_ms / 1000)
        self.assert_succeeded(world, "o")
        world.close()
        return starts, failed

    def test_O18_one_and_two_attempts(self):
        self.assertEqual(self.attempts_of("67"), (1, 0))
        self.assertEqual(self.attempts_of("23,55"), (2, 1))

    def test_O19_three_and_four_attempts(self):
        self.assertEqual(self.attempts_of("12,38,82"), (3, 2))
        self.assertEqual(self.attempts_of("15,8,31,72"), (4, 3))

    def test_O1_O18_O19_with_the_five_seconds_of_the_gateway(self):
        """The worked scenarios at their real length, side by side."""
        def order(randoms):
            world = self.make_orders(
                ORDER_PAYMENT_MS="5000", ORDER_PAYMENT_FAIL_PERCENT="40", ORDER_PAYMENT_RANDOMS=randoms).start()
            answer = world.orders.create("o")
            self.assertEqual((answer.status, answer.json()), (200, {"order_id": "o"}))
            self.assert_succeeded(world, "o")
            return answer.elapsed
        worked = {"67": (5, 7), "23,55": (10, 12), "12,38,82": (15, 18), "15,8,31,72": (20, 25)}
        for randoms, elapsed in zip(worked, in_parallel([lambda r=randoms: order(r) for randoms in worked])):
            least, most = worked[randoms]
            self.assertTrue(least <= elapsed <= most, f"{randoms}: {elapsed:.1f} s")

    def test_O20_the_boundary(self):
        self.assertEqual(self.attempts_of("39,40"), (2, 1))

    def test_O21_a_payment_that_never_succeeds_and_its_cancellation(self):
        world = self.make_orders(ORDER_PAYMENT_FAIL_PERCENT="100").start()
        world.orders.send("o")
        payment = wait_until(lambda: world.tables.payments("o"), "a payment")[0]["id"]
        wait_until(lambda: world.attempts(payment)[1] >= 3, "three failures")
        # Its text says "declined", and is no reason not to try again.
        self.assertTrue(world.lines("payment gateway error: transaction declined (simulated failure)"))
        self.assertEqual(world.orders.status("o"), "PENDING")
        self.assertEqual(world.tables.payment(payment)["status"], "PAYMENT_PROCESSING")
        self.assertEqual(world.tables.shipments("o"), [])
        answer = world.orders.cancel("o")
        self.assertEqual((answer.status, answer.json()), (
            200, {"success": True, "message": "Order cancelled successfully"}))
        world.server.wait_idle()
        self.assertEqual(world.tables.payment(payment)["status"], "PAYMENT_FAILED")
        attempts = world.attempts(payment)
        self.assertEqual(attempts[0], attempts[1])

    def test_O23_O24_two_hundred_payments(self):
        world = self.make_orders(ORDER_PAYMENT_MS="10", ORDER_PAYMENT_FAIL_PERCENT="40").start()
        payments = [fresh("payment") for _ in range(200)]
        # Chunks: the machine has two cores.
        for start in range(0, len(payments), 50):
            answers = in_parallel([lambda p=p: world.orders.pay(p) for p in payments[start:start + 50]])
            self.assertEqual({answer.json()["status"] for answer in answers}, {"PAYMENT_COMPLETED"})
        attempts = Counter(world.attempts(payment)[0] for payment in payments)
        mean = sum(number * count for number, count in attempts.items()) / len(payments)
        self.assertTrue(0.46 <= attempts[1] / len(payments) <= 0.74, attempts)
        self.assertTrue(1.37 <= mean <= 1.97, attempts)
        starts = len(world.lines("Starting payment transaction"))
        failed = [int(text) for text in re.findall(r"FAILED \(random=(\d+) < 40\)", world.server.log)]
        succeeded = [int(text) for text in re.findall(r"SUCCEEDED \(random=(\d+) >= 40\)", world.server.log)]
        self.assertEqual((starts, len(succeeded)), (len(failed) + len(succeeded), len(payments)))
        self.assertTrue(all(draw < 40 for draw in failed) and all(draw >= 40 for draw in succeeded))

    def test_O29_attempts_have_a_bound(self):
        world = self.make_orders(ORDER_PAYMENT_FAIL_PERCENT="100", ORDER_PAYMENT_MAX_ATTEMPTS="3").start()
        answer = world.orders.create("o")
        self.assertEqual(answer.status, 500, f"{answer}")
        self.assertIn("payment failed", answer.message)
        payment, = world.tables.payments("o")
        self.assertEqual(world.attempts(payment["id"]), (3, 3, 0))
        self.assertEqual(payment["status"], "PAYMENT_FAILED")
        self.assertEqual(world.tables.order("o")["status"], "CANCELLED")
        self.assertEqual(world.orders.status("o"), "CANCELLED")


class Tracking(OrderCase):
    def test_O38_every_status_can_be_watched(self):
        """Looked at once a second from beginning to end, in the course of which the server is killed."""
        world = self.make_orders(ORDER_PROFILE="tracking", ORDER_PAYMENT_MS="1000").start()
        world.orders.send("o")
        seen, begun = Counter(), {}
        def look():
            status = world.orders.look("o")["order"]["status"]
            if status == "PROCESSING" and seen[status] == 1:
                # A sleep survives a restart with its deadline.
                world.server.restart()
            seen[status] += 1
            begun.setdefault(status, time.monotonic())
            if row := world.tables.rows("SELECT status FROM orders WHERE id = 'o'"):
                self.assertLessEqual(abs(LIFE_TRACKED.index(row[0]["status"]) - LIFE_TRACKED.index(status)), 1)
            return seen["DELIVERED"] >= 2
        wait_until(look, lambda: f"a delivered order, seen {seen}", within=60, every=1.0)
        self.assertEqual([status for status in LIFE_TRACKED if seen[status] < 2], [])
        self.assertEqual(list(begun), LIFE_TRACKED)
        for status, following, least in zip(LIFE_TRACKED, LIFE_TRACKED[1:], (6, 5, 10)):
            # Both ends are seen up to a second, and the time of one look, late.
            self.assertGreater(begun[following] - begun[status], least - 2, f"time in {status}")
        self.assert_succeeded(world, "o", end="DELIVERED")
        shipment, = world.tables.shipments("o")
        self.assertEqual((shipment["status"], shipment["current_location"]), ("SHIPMENT_DELIVERED", "Delivered"))
        view = world.orders.look("o")
        self.assertEqual((view["shipment_info"]["carrier"], view["payment_info"]["payment_method"]),
                         ("FedEx", "CREDIT_CARD"))

    def test_a_tracked_order_is_taken_back_on_its_way(self):
        world = self.make_orders(ORDER_PROFILE="tracking", ORDER_PAYMENT_MS="10").start()
        world.orders.send("o")
        world.wait_status("o", "PROCESSING")
        payment, = world.tables.payments("o")
        answer = world.orders.cancel("o").json()
        self.assertTrue(answer["success"], f"{answer}")
        world.wait_status("o", "CANCELLED")
        self.assertEqual(world.tables.payment(payment["id"])["status"], "PAYMENT_REFUNDED")
        entry, = world.ledger.of(payment["id"])
        self.assertEqual((entry["amount_cents"], entry["refunded_cents"]), (3000, 3000))
        self.assertEqual(world.tables.shipments("o"), [])

    def test_an_unknown_profile_stops_the_start(self):
        world = self.make_orders(ORDER_PROFILE="fast")
        with self.assertRaises(ServerDied):
            world.start()
        self.assertIn("ORDER_PROFILE must be document or tracking, not 'fast'", world.server.log)
