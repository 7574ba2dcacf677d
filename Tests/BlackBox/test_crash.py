"""Crashes of the real binary in the middle of a sale, audited from outside.

Whatever happens to the server, a sale ends in exactly one of its two outcomes, the buyer is charged once (under one
idempotency key) or not at all, and gets one mail or none. What was answered stays answered.
"""

import random
import threading
import time
import uuid

from cases import LONG, Case, fresh, in_parallel
from client import LOST, wait_until
from sinks import CAPTURED_ERROR
from ticketing import (
    AVAILABLE, DECLINED, GATEWAY_TIMEOUT, RESERVED_ALREADY, SOLD_ALREADY, Sale, is_confirmed, sold_to)

_HITS_MAX = 200


class MidPayment(Case):
    """The server dies while the gateway has the charge."""

    def setUp(self):
        super().setUp()
        self.world = self.make_world().start()
        self.sale = Sale("seat-1", "buyer", "card_1", str(uuid.uuid4()))

    def lose_server_in_payment(self):
        """The state of the seat just before the server died."""
        self.world.gateway.hold()

        def crash():
            try:
                self.world.gateway.wait_for_held(1)
                state = self.world.tickets.seat(self.sale.seat)
                self.world.server.kill()
                return state
            finally:
                self.world.gateway.release()

        answer, state = in_parallel([lambda: self.world.try_checkout(self.sale), crash])
        self.assertIsNone(answer)
        return state

    def finish(self):
        answer = self.world.checkout(self.sale)
        self.world.server.wait_idle()
        self.assert_sound(self.world.problems_of_sale(self.sale, answer), f"{answer}")
        return answer

    def test_a_checkout_goes_on_after_a_crash_and_charges_once(self):
        before = self.lose_server_in_payment()
        self.assertEqual((before["status"], before["reservedBy"]), ("RESERVED", "buyer"))
        self.world.gateway.hold()
        self.world.server.start()
        self.world.gateway.wait_for_held(1)  # Nobody asked again: the server goes on by itself.
        self.assertEqual(self.world.tickets.seat(self.sale.seat), before, "the hold has the same deadline as before")
        self.world.gateway.release()
        self.assertTrue(is_confirmed(self.finish()))
        charge, = self.world.gateway.of(self.sale.method)
        self.assertGreaterEqual(charge.attempts, 2)
        self.assertEqual(len(self.world.mails.to("buyer")), 1)

    def test_a_sent_checkout_needs_no_caller(self):
        self.lose_server_in_payment()
        self.world.server.start()
        wait_until(lambda: self.world.tickets.seat(self.sale.seat) == sold_to("buyer"), "a sold seat")
        self.world.await_mail("buyer")
        self.assertTrue(is_confirmed(self.finish()))

    def test_an_answer_survives_a_crash(self):
        first = self.world.checkout(self.sale)
        self.world.server.restart()
        again = self.finish()
        self.assertEqual((first.status, first.body, first.invocation), (again.status, again.body, again.invocation))

    def test_a_client_that_goes_away_changes_nothing(self):
        self.world.gateway.hold()
        with self.assertRaises(LOST):
            self.world.checkout(self.sale, timeout=0.5)
        self.world.gateway.release()
        self.assertTrue(is_confirmed(self.finish()))


class Walk(Case):
    """The server kills itself at the n-th hit of a failpoint, for n = 1, 2, 3 … until a sale no longer gets there."""

    def sale_of(self, path):
        """A sale that takes `path`, and the answer it must come to."""
        method = fresh(f"card_{path}")
        sale = Sale(fresh("seat"), fresh("user"), method, str(uuid.uuid4()))
        if path == "success":
            return sale, (200, "")
        if path == "decline":
            self.gateway.plan[method] = "decline"
            return sale, (500, DECLINED.format(method))
        # The gateway takes the money and says that it failed: the compensation voids, then frees the seat.
        self.gateway.plan[method] = CAPTURED_ERROR
        return sale, (500, GATEWAY_TIMEOUT)

    def attempt(self, world, sale, failpoint):
        """Runs the sale until it has ended or the server has; `(answer or None, whether the failpoint was hit)`."""
        world.server.spawn(REPRISE_FAILPOINT=failpoint)
        answer = None
        if world.server.wait_ready_or_dead():
            answer = world.try_checkout(sale)
            wait_until(lambda: not world.server.alive or not world.server.unfinished(),
                       lambda: f"an end of the sale or of the server: {world.server.unfinished()}", within=20)
            # Ends in order, so that what is on its way to the failpoint arrives there.
            if world.server.alive:
                world.server.terminate()
        code = world.server.wait_end()
        self.assertIn(code, (0, -9), world.server.tail())
        return answer, code == -9

    def audit(self, world, sale, expected, earlier, story):
        """Starts the server without failpoint; the same request must now come to its one end."""
        world.server.start()
        answer = world.checkout(sale)
        about = f"{story}: {answer}"
        self.assertEqual((answer.status, answer.message), expected, about)
        if earlier is not None:
            self.assertEqual((earlier.status, earlier.body), (answer.status, answer.body), about)
        world.server.wait_idle()
        self.assert_sound(world.problems_of_sale(sale, answer), about)
        if not is_confirmed(answer):
            self.assertEqual(world.tickets.seat(sale.seat), AVAILABLE, about)
            self.assertEqual(world.tickets.map_status(sale.seat), "AVAILABLE", about)
        world.server.kill()

    def walk(self, path, failpoint, *then):
        """Walks `failpoint`; after each hit the server dies once more at each of `then`, if it gets there."""
        self.gateway, self.mails = self.make_gateway(), self.make_mails()
        for hit in range(1, _HITS_MAX):
            world = self.make_world(gateway=self.gateway, mails=self.mails)
            sale, expected = self.sale_of(path)
            story = f"{path} with {failpoint}:{hit}"
            answer, was_hit = self.attempt(world, sale, f"{failpoint}:{hit}")
            for second in then if was_hit else ():
                later, was_hit_again = self.attempt(world, sale, second)
                answer = answer or later
                story += f", then {second} ({'hit' if was_hit_again else 'not hit'})"
            self.audit(world, sale, expected, answer, story)
            world.close()
            self.servers.remove(world.server)
            if not was_hit:
                self.assertGreater(hit, 1, f"{failpoint} was never hit: is this a debug build?")
                return
        self.fail(f"{failpoint} is still hit at {_HITS_MAX}")

    def test_success_before_commit(self):
        self.walk("success", "before-commit")

    def test_success_after_commit(self):
        self.walk("success", "after-commit")

    def test_success_before_effect(self):
        self.walk("success", "before-effect")

    def test_decline_before_commit(self):
        self.walk("decline", "before-commit")

    def test_decline_after_commit(self):
        self.walk("decline", "after-commit")

    def test_decline_before_effect(self):
        self.walk("decline", "before-effect")

    def test_compensation_before_commit(self):
        self.walk("compensation", "before-commit")

    def test_compensation_after_commit(self):
        self.walk("compensation", "after-commit")

    def test_compensation_before_effect(self):
        self.walk("compensation", "before-effect")

    def test_recovery_that_crashes_too(self):
        self.walk("success", "after-commit", "recovery:1")

    def test_compensation_whose_recovery_crashes_at_its_first_effect(self):
        self.walk("compensation", "before-effect", "before-effect:1")

    def test_compensation_whose_recovery_crashes_at_its_first_commit(self):
        self.walk("compensation", "after-commit", "before-commit:1")


class RandomKills(Case):
    """Twenty buyers at a time, two for each seat, while the server is killed at random moments."""

    buyers = 20
    kills = 100 if LONG else 10  # an even number
    outcomes = ("success", "success", "success", "decline", CAPTURED_ERROR)

    def setUp(self):
        super().setUp()
        self.world = self.make_world(latency=0.05).start()
        self.over = threading.Event()

    def test_nothing_acknowledged_is_lost(self):
        self.seed = self.choose_seed()
        try:
            *bought, _ = in_parallel([lambda n=n: self.buy_until_over(n) for n in range(self.buyers)]
                                     + [self.kill_at_random])
        finally:
            self.over.set()
        sales = [sale for each in bought for sale in each]
        self.assertGreaterEqual(len(sales), self.buyers)
        self.await_end(self.world.server)
        self.audit(sales)

    def kill_at_random(self):
        moments = random.Random(self.seed)
        try:
            for _ in range(self.kills):
                # The moment of the crash is the input of this test.
                time.sleep(moments.uniform(0.05, 0.8))
                self.world.server.restart()
        finally:
            self.over.set()
        # Buyers may wait for one that is quarantined.
        self.await_end(self.world.server, within=90)

    def buy_until_over(self, buyer):
        """Buys seat after seat, asking again under the same key until there is an answer."""
        choice = random.Random(f"{self.seed}-{buyer}")
        done = []
        while not self.over.is_set() or not done:
            number = len(done)
            sale = Sale(f"r-{buyer // 2}-{number}", f"user-{buyer}-{number}", f"card-{buyer}-{number}",
                        f"key-{buyer}-{number}")
            with self.world.gateway.lock:
                self.world.gateway.plan[sale.method] = choice.choice(self.outcomes)
            answer = wait_until(lambda: self.world.try_checkout(sale),
                                lambda: f"an answer to {sale}, unfinished: {self.world.server.unfinished()}",
                                within=90)
            done.append((sale, answer))
        return done

    def audit(self, sales):
        problems = [*self.world.gateway.violations, *self.world.mails.violations]
        seats = self.world.tickets.map()
        winners = {}
        for sale, answer in sales:
            allowed = {SOLD_ALREADY, RESERVED_ALREADY, DECLINED.format(sale.method), GATEWAY_TIMEOUT}
            if is_confirmed(answer):
                winners.setdefault(sale.seat, []).append(sale.user)
            elif answer.status != 500 or answer.message not in allowed:
                problems.append(f"{sale}: unexpected {answer}")
            again = self.world.checkout(sale)
            if (again.status, again.body) != (answer.status, answer.body):
                problems.append(f"{sale}: {answer} was answered, now it is {again}")
            problems += [f"{sale}: {line}" for line in self.problems_of(sale, answer)]
        for seat in sorted({sale.seat for sale, _ in sales}):
            users = winners.get(seat, [])
            state = self.world.tickets.seat(seat)
            if len(users) > 1:
                problems.append(f"{seat} was sold to {users}")
            if state != (sold_to(users[0]) if users else AVAILABLE):
                problems.append(f"{seat} is {state}, answers of success went to {users}")
            if seats.get(seat, "AVAILABLE") != state["status"]:
                problems.append(f"{seat} is {state}, the seat map says {seats.get(seat)}")
        self.assert_sound(problems[:30], f"{len(problems)} problems after {self.kills} kills, seed {self.seed}")

    def problems_of(self, sale, answer):
        """Money and mail of one sale; its seat is looked at once, with those who competed for it."""
        won = int(is_confirmed(answer))
        charges = self.world.gateway.of(sale.method)
        if len(charges) > 1:
            yield f"{len(charges)} idempotency keys: {charges}"
        if self.world.gateway.net(sale.method) != won:
            yield f"answer {answer}, but charges {charges}"
        if len(self.world.mails.ids(sale.user)) != won:
            yield f"answer {answer}, but mails {self.world.mails.to(sale.user)}"
