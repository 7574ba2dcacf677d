"""The ticket system from outside: sales, refusals, holds and the reset of a sold-out venue (scenarios T1 to T44)."""

import time
import uuid

from cases import Case, SharedWorldCase, fresh, in_parallel
from client import get, post, request, wait_until
from ticketing import (
    AVAILABLE, DECLINED, GATEWAY_TIMEOUT, RESERVED_ALREADY, SOLD_ALREADY, VENUE, Sale, is_confirmed, sold_to)


class Sales(SharedWorldCase):
    """One server for tests that touch nothing but names of their own."""

    options = {"latency": 0.05}

    def buy(self, seat, user, method="card_success", **options):
        response = self.tickets.checkout(seat, user, method, **options)
        self.assertTrue(is_confirmed(response), f"checkout of {seat} by {user}: {response}")
        return response

    def test_T1_T2_T3_a_sale(self):
        seat, user = fresh("sale"), fresh("user")
        response = self.buy(seat, user)
        self.assertEqual(response.headers["content-type"], "application/json")
        self.assertEqual(self.tickets.seat(seat), sold_to(user))
        entries = [entry for entry in self.tickets.map_entries() if entry["id"] == seat]
        self.assertEqual(entries, [{"id": seat, "status": "SOLD"}])
        self.world.await_mail(user)
        mail, = self.mails.to(user)
        self.assertEqual(mail["subject"], "Booking Confirmed")
        self.assertEqual(mail["body"], f"You have successfully purchased ticket {seat}.")

    def test_T4_T5_T7_a_declined_card_frees_the_seat(self):
        seat, user, other = fresh("declined"), fresh("user"), fresh("user")
        self.assert_fails(self.tickets.checkout(seat, user, "card_decline"), 500, DECLINED.format("card_decline"))
        self.assertEqual(self.tickets.seat(seat), AVAILABLE)
        self.assertEqual(self.tickets.map_status(seat), "AVAILABLE")
        self.buy(seat, other)
        self.world.server.wait_idle()
        self.assertEqual(self.mails.to(user), [])

    def test_T6_a_gateway_error_frees_the_seat(self):
        seat = fresh("error")
        self.assert_fails(self.tickets.checkout(seat, fresh("user"), "card_error"), 500, GATEWAY_TIMEOUT)
        self.assertEqual(self.tickets.seat(seat), AVAILABLE)
        self.assertEqual(self.tickets.map_status(seat), "AVAILABLE")

    def test_T6_a_charge_of_unknown_outcome_is_voided(self):
        seat, method = fresh("unknown"), fresh("card_unknown")
        self.gateway.plan[method] = "captured-error"
        self.assert_fails(self.tickets.checkout(seat, fresh("user"), method), 500, GATEWAY_TIMEOUT)
        wait_until(lambda: self.gateway.net(method) == 0, "the void of what the gateway had taken")
        self.assertEqual(len(self.gateway.of(method)), 1)
        self.assertEqual(self.tickets.seat(seat), AVAILABLE)

    def test_T8_no_payment_method_means_success(self):
        self.buy(fresh("seat"), fresh("user"), None)

    def test_T9_an_unknown_payment_method_means_success(self):
        self.buy(fresh("seat"), fresh("user"), "card_xyz")

    def test_T10_T11_a_sold_seat_is_sold_to_nobody_again(self):
        seat, owner, method = fresh("sold"), fresh("user"), fresh("card")
        self.buy(seat, owner)
        self.assert_fails(self.tickets.checkout(seat, fresh("user"), method), 500, SOLD_ALREADY)
        self.assert_fails(self.tickets.checkout(seat, owner, method), 500, SOLD_ALREADY)
        self.assertEqual(self.tickets.seat(seat), sold_to(owner))
        self.assertEqual(self.gateway.of(method), [])

    def test_T12_T13_a_checkout_under_way_holds_its_seat(self):
        seat, owner, method = fresh("held"), fresh("user"), fresh("card")
        self.gateway.hold()

        def meanwhile():
            try:
                self.gateway.wait_for_held(1)
                now = time.time() * 1000
                state = self.tickets.seat(seat)
                self.assertEqual((state["status"], state["reservedBy"]), ("RESERVED", owner))
                self.assertTrue(885_000 <= state["reservedUntil"] - now <= 900_000, state)
                self.assertEqual(self.tickets.map_status(seat), "RESERVED")
                self.assert_fails(self.tickets.checkout(seat, fresh("user"), method), 500, RESERVED_ALREADY)
            finally:
                self.gateway.release()

        first, _ = in_parallel([lambda: self.tickets.checkout(seat, owner), meanwhile])
        self.assertTrue(is_confirmed(first), f"{first}")
        self.assertEqual(self.gateway.of(method), [])

    def test_T14_looking_at_a_seat_leaves_no_trace(self):
        seat = fresh("looked-at")
        self.assertEqual(self.tickets.seat(seat), AVAILABLE)
        self.assertNotIn(seat, self.tickets.map())

    def race(self, buyers):
        """Checkouts of one seat at the same time by `(user, method)`; the winner, after everything was checked."""
        seat = fresh("raced")
        answers = in_parallel([lambda b=b: self.tickets.checkout(seat, *b, timeout=60) for b in buyers])
        winners = [buyer for buyer, answer in zip(buyers, answers) if is_confirmed(answer)]
        self.assertEqual(len(winners), 1, [str(answer) for answer in answers])
        for answer in answers:
            if not is_confirmed(answer):
                self.assertEqual(answer.status, 500, f"{answer}")
                self.assertIn(answer.message, (RESERVED_ALREADY, SOLD_ALREADY))
        self.assertEqual(self.tickets.seat(seat), sold_to(winners[0][0]))
        self.world.await_mail(winners[0][0])
        self.world.server.wait_idle()
        self.assertEqual(sum(len(self.gateway.of(method)) for method in {method for _, method in buyers}), 1)
        self.assertEqual(sum(len(self.mails.to(user)) for user in {user for user, _ in buyers}), 1)
        return winners[0]

    def test_T15_three_buyers_of_one_seat(self):
        method = fresh("card")
        self.race([(fresh("user"), method) for _ in range(3)])

    def test_T16_a_hundred_buyers_of_one_seat(self):
        method = fresh("card")
        self.race([(fresh("user"), method) for _ in range(100)])

    def test_T27_one_user_twice_at_the_same_time(self):
        user, method = fresh("user"), fresh("card")
        self.race([(user, method), (user, method)])

    def test_T17_fifty_seats_are_sold_in_parallel(self):
        seats = [fresh("p") for _ in range(50)]
        users = [fresh("user") for _ in seats]
        self.gateway.hold()

        def let_go():
            # All fifty are at the gateway at the same time: no seat waits for another.
            try:
                self.gateway.wait_for_held(50)
            finally:
                self.gateway.release()

        *answers, _ = in_parallel(
            [lambda s=s, u=u: self.tickets.checkout(s, u) for s, u in zip(seats, users)] + [let_go])
        self.assertEqual([str(answer) for answer in answers if not is_confirmed(answer)], [])

    def test_T19_reserve(self):
        seat, owner = fresh("reserved"), fresh("user")
        states = []
        for _ in range(2):
            response = self.tickets.reserve(seat, owner)
            self.assertEqual((response.status, response.body), (200, b"true"))
            states.append(self.tickets.seat(seat))
        self.assertEqual(states[0], states[1])
        self.assertEqual((states[0]["status"], states[0]["reservedBy"]), ("RESERVED", owner))
        self.assertIsInstance(states[0]["reservedUntil"], int)
        self.assert_fails(self.tickets.reserve(seat, fresh("user")), 500, RESERVED_ALREADY)

    def test_T20_confirm(self):
        seat, owner = fresh("confirmed"), fresh("user")
        self.tickets.reserve(seat, owner)
        for _ in range(2):
            response = self.tickets.call(seat, "confirm")
            self.assertEqual((response.status, response.body), (200, b"true"))
            self.assertEqual(self.tickets.seat(seat), sold_to(owner))

    def test_T21_an_available_seat_cannot_be_confirmed(self):
        seat = fresh("available")
        response = self.tickets.call(seat, "confirm")
        self.assertGreaterEqual(response.status, 400)
        self.assertEqual(response.message, "Ticket is not reserved, cannot confirm")
        self.assertEqual(self.tickets.seat(seat), AVAILABLE)

    def test_T22_release(self):
        seat = fresh("released")
        self.tickets.reserve(seat, fresh("user"))
        for _ in range(2):
            response = self.tickets.call(seat, "release")
            self.assertEqual((response.status, response.body), (200, b"true"))
            self.assertEqual(self.tickets.seat(seat), AVAILABLE)

    def test_T36_an_idempotency_key_means_one_sale(self):
        seat, user, method, key = fresh("seat"), fresh("user"), fresh("card"), str(uuid.uuid4())
        first = self.buy(seat, user, method, key=key)
        again = self.buy(seat, user, method, key=key)
        self.assertEqual((first.status, first.body, first.invocation), (again.status, again.body, again.invocation))
        self.assertEqual([charge.attempts for charge in self.gateway.of(method)], [1])
        self.assertNotIn("idempotency-expires", first.headers)
        self.assertIn("idempotency-expires", again.headers)

    def test_T37_unknown_names_are_404(self):
        for path in ("/Nothing/process", "/Checkout/nothing", "/Ticket/seat/nothing"):
            with self.subTest(path):
                response = post(self.base, path, {})
                self.assertEqual((response.status, response.json()["code"]), (404, 404), f"{response}")
                self.assertTrue(response.message)

    def test_T38_bad_input_is_refused_and_leaves_no_trace(self):
        before = self.world.server.invocation_count()
        seat, user = fresh("seat"), fresh("user")
        for body in ({}, {"ticketId": seat}, {"userId": user}, {"ticketId": "", "userId": user},
                     {"ticketId": seat, "userId": ""}, {"ticketId": seat, "userId": 7}, [], None, "text"):
            with self.subTest(body=body):
                response = post(self.base, "/Checkout/process", b"null" if body is None else body,
                                {"content-type": "application/json"}, timeout=5)
                self.assertEqual(response.status, 400, f"{response}")
        self.assertEqual(self.world.server.invocation_count(), before)


class BuiltInGateway(Case):
    """Without sinks: the simulated gateway and mailer."""

    def test_T1_T4_T34_T35(self):
        server = self.make_server().start()
        base = server.ingress
        body = {"ticketId": "s", "userId": "u1", "paymentMethodId": "card_success"}
        sale = post(base, "/Checkout/process", body)
        self.assertTrue(is_confirmed(sale), f"{sale}")
        self.assertGreaterEqual(sale.elapsed, 0.5)
        for text in ("Sending email to u1", "Subject: Booking Confirmed",
                     "Body: You have successfully purchased ticket s.", "Email sent successfully"):
            wait_until(lambda text=text: text in server.log, f"the log line {text!r}")
        refused = post(base, "/Checkout/process", {**body, "ticketId": "s2", "paymentMethodId": "card_decline"})
        self.assert_fails(refused, 500, DECLINED.format("card_decline"))
        self.assertGreaterEqual(refused.elapsed, 0.5)

        with self.subTest("T34: the gateway as a route"):
            charged = post(base, "/api/mock-payment", {"amount": 100, "paymentMethodId": "card_success"})
            self.assertEqual((charged.status, charged.json()["success"]), (200, True), f"{charged}")
            self.assertEqual(uuid.UUID(charged.json()["transactionId"]).version, 4)
            self.assertEqual(charged.headers["x-version"], "v2")
            for method, status, error in (
                    ("card_decline", 402, "Insufficient funds"), ("card_error", 503, "Gateway timeout")):
                answer = post(base, "/api/mock-payment", {"amount": 100, "paymentMethodId": method})
                self.assertEqual((answer.status, answer.json()), (status, {"error": error}))
                self.assertGreaterEqual(answer.elapsed, 0.5)
            keyed = [post(base, "/api/mock-payment", {"amount": 1, "paymentMethodId": "card_success"},
                          {"idempotency-key": "k"}).json()["transactionId"] for _ in range(2)]
            self.assertEqual(keyed[0], keyed[1])
            self.assertEqual(request(base, "DELETE", "/api/mock-payment/k").status, 200)

        with self.subTest("T35: another method"):
            answer = get(base, "/api/mock-payment")
            self.assertEqual((answer.status, answer.text), (405, "Method not allowed"))


class Holds(Case):
    """Holds that run out after two seconds."""

    def setUp(self):
        super().setUp()
        self.world = self.make_world(TICKET_HOLD_MS="2000").start()
        self.tickets = self.world.tickets

    def reserve(self, seat, user):
        """Holds a seat; when that hold runs out, in milliseconds since 1970."""
        self.assertEqual(self.tickets.reserve(seat, user).status, 200)
        return self.tickets.seat(seat)["reservedUntil"]

    def await_expiry(self, seat, deadline):
        wait_until(lambda: self.tickets.seat(seat) == AVAILABLE, f"the end of the hold on {seat}", within=10)
        self.assertGreaterEqual(time.time() * 1000, deadline)

    def test_T23_a_hold_runs_out(self):
        self.await_expiry("s", self.reserve("s", "u1"))
        # The seat itself goes by the clock; the map hears of it when the timer's turn has come.
        wait_until(lambda: self.tickets.map_status("s") != "RESERVED", "a seat map without the hold")
        answer = self.tickets.checkout("s", "u2")
        self.assertTrue(is_confirmed(answer), f"{answer}")

    def test_T24_a_hold_runs_out_while_the_server_is_down(self):
        deadline = self.reserve("s", "u1")
        self.world.server.kill()
        wait_until(lambda: time.time() * 1000 > deadline, "the deadline of the hold")
        self.world.server.start()
        self.assertEqual(self.tickets.seat("s"), AVAILABLE)

    def test_T24_a_restart_does_not_move_the_deadline(self):
        deadline = self.reserve("s", "u1")
        self.world.server.restart()
        self.assertIn(self.tickets.seat("s")["reservedUntil"], (deadline, None))
        self.await_expiry("s", deadline)

    def test_T25_the_timer_of_a_spent_hold_is_inert(self):
        answer = self.tickets.checkout("bought", "u1")
        self.assertTrue(is_confirmed(answer), f"{answer}")
        # A hold that began after the sale ends after the timer of the sale's own hold.
        self.await_expiry("clock", self.reserve("clock", "u2"))
        self.assertEqual(self.tickets.seat("bought"), sold_to("u1"))
        self.assertEqual(self.tickets.map_status("bought"), "SOLD")


class Venue(Case):
    """Sold-out venues: each test needs the venue for itself."""

    def setUp(self):
        super().setUp()
        self.world = self.make_world().start()
        self.tickets = self.world.tickets

    def sell(self, seats):
        answers = in_parallel([lambda s=s: self.tickets.checkout(s, f"user-{s}") for s in seats])
        self.assertEqual([str(answer) for answer in answers if not is_confirmed(answer)], [])

    def sold(self):
        return sorted(seat for seat, status in self.tickets.map().items() if status == "SOLD")

    def await_reset(self):
        free = dict.fromkeys(VENUE, "AVAILABLE")
        wait_until(lambda: free.items() <= self.tickets.map().items(),
                   lambda: f"a free seat map: {self.tickets.map()}")
        wait_until(lambda: all(self.tickets.seat(seat) == AVAILABLE for seat in VENUE), "fifty free tickets")

    def test_T29_the_fiftieth_sale_starts_a_new_round(self):
        self.sell(VENUE[:49])
        self.assertEqual(self.sold(), sorted(VENUE[:49]))
        self.assertNotIn("Triggering auto-reset", self.world.server.log)
        self.sell(VENUE[49:])
        self.await_reset()
        wait_until(lambda: "All seats sold! Triggering auto-reset..." in self.world.server.log, "the log line")
        self.assertEqual(self.world.gateway.net(), 50)
        self.sell(VENUE[:1])
        self.world.server.wait_idle()
        self.assertEqual(self.tickets.seat(VENUE[0]), sold_to(f"user-{VENUE[0]}"))
        self.assertEqual(self.sold(), VENUE[:1])

    def test_T31_seats_outside_the_venue_start_no_round(self):
        others = [f"x-{n}" for n in range(1, 61)]
        self.sell(["seat-1"])
        self.sell(others[:30])
        self.sell(others[30:])
        self.world.server.wait_idle()
        self.assertEqual(self.sold(), sorted(["seat-1", *others]))
        self.assertEqual(self.tickets.seat("seat-1"), sold_to("user-seat-1"))
        self.assertNotIn("Triggering auto-reset", self.world.server.log)

    def test_T33_a_reset_by_hand(self):
        self.sell(VENUE[:3])
        answer = post(self.world.server.ingress, "/GameManager/reset")
        self.assertEqual((answer.status, answer.body), (200, b""), f"{answer}")
        self.await_reset()
        self.assertEqual(len([e for e in self.tickets.map_entries() if e["id"] in set(VENUE)]), 50)


class BrokenGateway(SharedWorldCase):
    """Connections that end before the gateway has answered: nobody knows whether it took the money."""

    def test_a_charge_without_an_answer_stands_only_for_a_sale(self):
        for number, plan in enumerate((["drop", "success"], ["drop"], ["captured-error", "success"])):
            with self.subTest(plan=plan):
                sale = Sale(fresh("seat"), fresh("user"), fresh("card"), f"no-answer-{number}")
                self.gateway.plan[sale.method] = plan
                answer = self.world.checkout(sale)
                if not is_confirmed(answer):
                    self.assert_fails(answer, 500, GATEWAY_TIMEOUT)
                    self.assertEqual(self.tickets.seat(sale.seat), AVAILABLE)
                self.world.server.wait_idle()
                self.assert_sound(self.world.problems_of_sale(sale, answer), f"{answer}")


class BrokenMail(Case):
    def test_T44_a_mail_that_failed_is_sent_after_a_crash(self):
        world = self.make_world(mails=self.make_mails("fail")).start()
        self.assertTrue(is_confirmed(world.tickets.checkout("s", "u1")))
        wait_until(lambda: world.mails.attempts, "an attempt to send the mail")
        world.server.kill()
        world.mails.mode = "accept"
        world.server.start()
        world.await_mail("u1", within=20)
        world.server.wait_idle()
        self.assertEqual(len(world.mails.to("u1")), 1)

    def test_T44_a_mail_whose_receipt_is_lost_keeps_its_id(self):
        world = self.make_world(mails=self.make_mails("lose-answer")).start()
        self.assertTrue(is_confirmed(world.tickets.checkout("s", "u1")))
        wait_until(lambda: len(world.mails.to("u1")) >= 2, "a second attempt", within=20)
        self.assertEqual(len(world.mails.ids("u1")), 1)

    def test_T44_a_sale_does_not_wait_for_a_broken_mail_system(self):
        for mode in ("fail", "drop", "hang"):
            with self.subTest(mode):
                world = self.make_world(mails=self.make_mails(mode)).start()
                answer = world.tickets.checkout("s", "u1", timeout=10)
                self.assertTrue(is_confirmed(answer), f"{answer}")
                wait_until(lambda: world.mails.attempts, "an attempt to send the mail")
                self.assertEqual(world.tickets.seat("s"), sold_to("u1"))
                self.assertEqual(world.gateway.net(), 1)
                world.server.kill()
