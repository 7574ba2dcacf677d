"""Reservations from outside: holds that are confirmed, cancelled or left to expire (scenarios H1 to H36)."""

import time
import uuid
from datetime import datetime, timezone

from cases import Case, fresh, in_parallel
from client import LOST, get, post, request, wait_until
from server import Server

NOBODY = "11111111-2222-4333-8444-555555555555"


def milliseconds(text):
    """A time of a record; its form is part of the contract."""
    return round(datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc).timestamp() * 1000)


class Reservations:
    """Calls of the reservation API at `base`."""

    def __init__(self, base):
        self.base = base

    def reserve(self, seat, user=None, headers=None):
        return post(self.base, "/reserve", {"seatId": seat, **({"userId": user} if user else {})}, headers)

    def confirm(self, reservation, user=None):
        return post(self.base, f"/confirm/{reservation}", {"userId": user} if user else None)

    def cancel(self, reservation, user=None):
        return post(self.base, f"/cancel/{reservation}", {"userId": user} if user else None)

    def look(self, reservation):
        return get(self.base, f"/reservation/{reservation}")

    def record(self, reservation):
        answer = self.look(reservation)
        assert answer.status == 200, f"GET /reservation/{reservation}: {answer}"
        return answer.json()["reservation"]

    def workflow(self, reservation):
        return get(self.base, f"/workflow/{reservation}")

    def result(self, reservation):
        """The result of the workflow, None while it has none."""
        answer = get(self.base, f"/restate/workflow/reservation-workflow/{reservation}/output")
        return answer.json() if answer.status == 200 else None


class ReservationCase(Case):
    """Tests that share one server and use seats of their own."""

    hold_ms = 900_000

    @classmethod
    def setUpClass(cls):
        cls.server = Server({"RESERVATION_HOLD_MS": str(cls.hold_ms)})
        cls.addClassCleanup(cls.server.close)
        cls.server.start()
        cls.base = cls.server.ingress
        cls.api = Reservations(cls.base)

    def setUp(self):
        self.servers = [self.server]

    def hold(self, seat, user=None):
        answer = self.api.reserve(seat, user)
        self.assertEqual(answer.status, 201, f"{answer}")
        return answer.json()["reservationId"]

    def assert_answer(self, response, code, **fields):
        self.assertEqual(response.status, code, f"{response}")
        body = response.json()
        self.assertEqual({name: body.get(name) for name in fields}, fields, f"{response}")
        return body


class Holds(ReservationCase):
    def test_H1_a_hold(self):
        answer = self.api.reserve(fresh("A1"), "user123")
        body = self.assert_answer(
            answer, 201, status="held", expiresIn="15 minutes",
            message="Reservation created with 15-minute hold. Please confirm before expiration.")
        self.assertEqual(str(uuid.UUID(body["reservationId"])), body["reservationId"])
        self.assertEqual(body["workflowInstanceId"], body["reservationId"])
        self.assertIsInstance(body["workflowStatus"], dict)
        self.assertEqual(answer.headers["content-type"], "application/json")

    def test_H2_H3_without_a_seat(self):
        for body in ({}, {"userId": "u"}, {"seatId": ""}, {"seatId": None}, {"seatId": 7}):
            with self.subTest(body=body):
                answer = post(self.base, "/reserve", body)
                self.assertEqual((answer.status, answer.json()), (400, {"error": "seatId is required"}))

    def test_H4_what_is_no_json_reserves_nothing(self):
        before = len(self.server.listed("?service=Seat"))
        for body in (b"nonsense", b"", b"[]", b"null", b'{"seatId":'):
            with self.subTest(body=body):
                answer = post(self.base, "/reserve", body, {"content-type": "application/json"})
                self.assert_answer(answer, 500, error="Failed to create reservation")
                self.assertTrue(answer.json()["details"])
        self.assert_answer(post(self.base, "/reserve", {"seatId": fresh("s"), "userId": 5}), 400,
                           error="userId must be a string")
        self.assertEqual(len(self.server.listed("?service=Seat")), before)

    def test_H5_H7_the_record(self):
        seat = fresh("B2")
        record = self.api.record(self.hold(seat))
        self.assertEqual(set(record), {"reservationId", "seatId", "status", "createdAt", "expiresAt"})
        self.assertEqual((record["seatId"], record["status"]), (seat, "held"))
        self.assertEqual(milliseconds(record["expiresAt"]) - milliseconds(record["createdAt"]), 900_000)
        self.assertEqual(self.api.record(self.hold(fresh("B2"), "user456"))["userId"], "user456")

    def test_H6_what_was_reserved_can_be_read_at_once(self):
        for _ in range(20):
            answer = self.api.look(self.hold(fresh("H6")))
            self.assertEqual(answer.status, 200, f"{answer}")
            self.assertIn(answer.json()["timeRemaining"], ("14m 59s", "15m 0s"))
            self.assertEqual(answer.json()["reservation"]["status"], "held")

    def test_H8_H9_H10_H17_a_confirmation(self):
        reservation = self.hold(fresh("C3"), "u")
        before = time.time() * 1000
        body = self.assert_answer(
            self.api.confirm(reservation), 200, message="Reservation confirmed successfully")
        after = time.time() * 1000
        record = body["reservation"]
        self.assertEqual(record["status"], "confirmed")
        self.assertTrue(int(before) <= milliseconds(record["confirmedAt"]) <= after, f"{body}")
        wait_until(lambda: self.api.result(reservation) == {"status": "confirmed"}, "the end of the workflow", 1)
        again = self.assert_answer(self.api.confirm(reservation), 200, message="Reservation is already confirmed")
        self.assertEqual(again["reservation"], record)
        seen = self.api.look(reservation).json()
        self.assertEqual(seen, {"reservation": record, "timeRemaining": None})
        self.assertNotIn("expiredAt", record)

    def test_H17_a_confirmation_takes_the_timer_away(self):
        reservation = self.hold(fresh("timer"))
        self.assertEqual(self.api.confirm(reservation).status, 200)
        wait_until(lambda: self.api.result(reservation), "the end of the workflow", 1)
        timers = "SELECT count(*) FROM timer JOIN invocation USING (serial) WHERE invocation.key = ?"
        self.assertEqual(self.server.query(timers, reservation), [(0,)])

    def test_H11_H12_H19_an_unknown_id(self):
        for id in (NOBODY, "nonsense", "a%20b"):
            plain = id.replace("%20", " ")
            missing = {"error": "Reservation not found", "reservationId": plain}
            for answer in (self.api.confirm(id), self.api.cancel(id), self.api.look(id)):
                self.assertEqual((answer.status, answer.json()), (404, missing))
            self.assert_answer(self.api.workflow(id), 404, error="Failed to get workflow status")

    def test_H18_the_workflow(self):
        reservation = self.hold(fresh("W"))
        self.assertEqual(
            self.api.workflow(reservation).json(),
            {"instanceId": reservation, "status": {"status": "waiting", "error": None, "output": None}})
        self.api.confirm(reservation)
        wait_until(
            lambda: self.api.workflow(reservation).json() == {
                "instanceId": reservation,
                "status": {"status": "complete", "error": None, "output": {"status": "confirmed"}}},
            "a workflow that is complete", 1)

    def test_H20_a_held_seat_is_refused(self):
        seat = fresh("A1")
        first = self.hold(seat, "one")
        record = self.api.record(first)
        self.assert_answer(self.api.reserve(seat, "two"), 409, error="Seat is currently held", seatId=seat)
        self.assertEqual(self.api.record(first), record)
        self.api.confirm(first)
        self.assert_answer(self.api.reserve(seat, "two"), 409, error="Seat is already reserved", seatId=seat)

    def test_H23_one_of_many_gets_the_seat(self):
        seat = fresh("contested")
        answers = in_parallel([lambda n=n: self.api.reserve(seat, f"u{n}") for n in range(20)])
        self.assertEqual(sorted(answer.status for answer in answers), [201] + [409] * 19)

    def test_H24_many_confirmations_are_one(self):
        reservation = self.hold(fresh("confirmed"))
        answers = in_parallel([lambda: self.api.confirm(reservation) for _ in range(20)])
        self.assertEqual([answer.status for answer in answers], [200] * 20)
        bodies = [answer.json() for answer in answers]
        messages = [body["message"] for body in bodies]
        self.assertEqual(messages.count("Reservation confirmed successfully"), 1)
        self.assertEqual(messages.count("Reservation is already confirmed"), 19)
        self.assertEqual(len({body["reservation"]["confirmedAt"] for body in bodies}), 1)

    def test_a_cancellation_frees_the_seat_at_once(self):
        for _ in range(10):
            seat = fresh("cancelled")
            reservation = self.hold(seat, "u")
            body = self.assert_answer(
                self.api.cancel(reservation), 200, message="Reservation cancelled successfully")
            self.assertEqual(body["reservation"]["status"], "cancelled")
            self.hold(seat, "another")
            self.assert_answer(self.api.cancel(reservation), 200, message="Reservation is already cancelled")
            self.assert_answer(
                self.api.confirm(reservation), 400, error="Reservation cannot be confirmed from status: cancelled")
            self.assertIsNone(self.api.look(reservation).json()["timeRemaining"])

    def test_a_confirmed_reservation_cannot_be_cancelled(self):
        reservation = self.hold(fresh("final"))
        self.api.confirm(reservation)
        body = self.assert_answer(
            self.api.cancel(reservation), 400, error="Reservation cannot be cancelled from status: confirmed")
        self.assertEqual(body["reservation"]["status"], "confirmed")

    def test_confirm_and_cancel_at_once_decide_once(self):
        for _ in range(10):
            reservation = self.hold(fresh("both"))
            in_parallel([verb for _ in range(4) for verb in (
                lambda: self.api.confirm(reservation), lambda: self.api.cancel(reservation))])
            record = self.api.record(reservation)
            self.assertEqual(("confirmedAt" in record) + ("cancelledAt" in record), 1, f"{record}")
            wait_until(lambda: self.api.result(reservation), "the end of the workflow", 1)
            self.assertEqual(self.api.result(reservation), {"status": record["status"]})

    def test_only_the_owner_may_decide_when_callers_say_who_they_are(self):
        reservation = self.hold(fresh("owned"), "owner")
        for verb in (self.api.confirm, self.api.cancel):
            answer = verb(reservation, "thief")
            self.assertEqual((answer.status, answer.json()), (
                403, {"error": "Reservation belongs to another user", "reservationId": reservation}))
        self.assertEqual(self.api.confirm(reservation, "owner").status, 200)

    def test_an_idempotency_key_makes_one_reservation(self):
        seat, headers = fresh("key"), {"idempotency-key": fresh("k")}
        first = self.api.reserve(seat, "u", headers)
        self.assertEqual(first.status, 201)
        second = self.api.reserve(seat, "u", headers)
        self.assertEqual((second.status, second.json()), (201, first.json()))

    def test_H34_the_card(self):
        body = self.assert_answer(get(self.base, "/"), 200, service="Reservation Workflow API", version="1.0.0")
        self.assertEqual(set(body["endpoints"]), {"reserve", "confirm", "status"})

    def test_H35_other_origins(self):
        origin = {"origin": "https://page.example"}
        asking = {**origin, "access-control-request-method": "POST",
                  "access-control-request-headers": "content-type"}
        reservation = self.hold(fresh("cors"))
        paths = {"/": "GET", "/reserve": "POST", f"/confirm/{reservation}": "POST",
                 f"/cancel/{reservation}": "POST", f"/reservation/{reservation}": "GET",
                 f"/workflow/{reservation}": "GET"}
        for path, method in paths.items():
            with self.subTest(path=path):
                preflight = request(self.base, "OPTIONS", path, headers=asking)
                self.assertIn(preflight.status, (200, 204))
                self.assertEqual(preflight.headers["access-control-allow-origin"], "*")
                self.assertIn(method, preflight.headers["access-control-allow-methods"])
                answer = request(self.base, method, path, None, origin)
                self.assertEqual(answer.headers["access-control-allow-origin"], "*", f"{answer}")

    def test_unknown_routes_and_methods(self):
        self.assertEqual(get(self.base, "/nowhere/at-all").status, 404)
        self.assertEqual(get(self.base, "/reserve").status, 405)

    def test_H36_seats_are_independent(self):
        one, two, three = (self.hold(fresh(name)) for name in ("A1", "A2", "A3"))
        self.api.confirm(one)
        self.api.cancel(two)
        self.assertEqual([self.api.record(id)["status"] for id in (one, two, three)],
                         ["confirmed", "cancelled", "held"])

    def test_the_seat_says_who_has_it(self):
        seat = fresh("view")
        look = lambda: get(self.base, f"/Seat/{seat}/get").json()
        self.assertEqual(look(), {"status": "available"})
        reservation = self.hold(seat)
        self.assertEqual(look(), {"status": "held", "reservationId": reservation})
        self.api.confirm(reservation)
        self.assertEqual(look(), {"status": "confirmed", "reservationId": reservation})

    def test_nobody_bypasses_the_api(self):
        for path in (f"/Seat/{fresh('s')}/hold", f"/Seat/{fresh('s')}/settle",
                     f"/reservation-workflow/{NOBODY}/run", f"/reservation-workflow/{NOBODY}/confirm"):
            self.assertIn(post(self.base, path, {}).status, (400, 403, 404), path)


class ShortHolds(ReservationCase):
    hold_ms = 2_000

    def test_H13_H14_H15_H17_expiry_without_any_request(self):
        answer = self.api.reserve(fresh("short"), "u")
        self.assert_answer(answer, 201, expiresIn="2 seconds",
                           message="Reservation created with 2-second hold. Please confirm before expiration.")
        reservation = answer.json()["reservationId"]
        time.sleep(3)
        self.assertEqual(self.api.result(reservation), {"status": "expired"})
        record = self.api.record(reservation)
        self.assertEqual(record["status"], "expired")
        late = milliseconds(record["expiredAt"]) - milliseconds(record["expiresAt"])
        self.assertTrue(0 <= late <= 1_000, f"{late} ms late")
        for _ in range(2):
            body = self.assert_answer(
                self.api.confirm(reservation), 410, error="Reservation has expired and cannot be confirmed")
            self.assertEqual(body["reservation"], record)
        self.assert_answer(self.api.cancel(reservation), 410, error="Reservation has expired and cannot be cancelled")

    def test_H16_H21_a_confirmed_hold_stays_confirmed(self):
        seat = fresh("kept")
        reservation = self.hold(seat)
        self.api.confirm(reservation)
        record = self.api.record(reservation)
        time.sleep(4)
        self.assertEqual(self.api.record(reservation), record)
        self.assertEqual(self.api.reserve(seat).status, 409)

    def test_an_expired_seat_is_free_again(self):
        seat = fresh("again")
        first = self.hold(seat)
        wait_until(lambda: self.api.reserve(seat).status == 201, "the seat to be free again", 4)
        self.assertEqual(self.api.record(first)["status"], "expired")

    def test_H36_expiry_of_one_leaves_the_other(self):
        one, two = self.hold(fresh("A1")), self.hold(fresh("A2"))
        self.api.confirm(two)
        wait_until(lambda: self.api.record(one)["status"] == "expired", "expiry", 4)
        self.assertEqual(self.api.record(two)["status"], "confirmed")

    def test_H31_the_function(self):
        answer = post(self.base, "/ReservationFunction/reserve", {"seatId": "A1", "userId": "user123"})
        body = self.assert_answer(answer, 200, message="Reservation workflow completed")
        record = body["reservation"]
        self.assertEqual((record["seatId"], record["userId"], record["status"]), ("A1", "user123", "expired"))
        late = milliseconds(record["expiredAt"]) - milliseconds(record["expiresAt"])
        self.assertTrue(0 <= late <= 1_000, f"{late} ms late")
        self.assertEqual(milliseconds(record["expiresAt"]) - milliseconds(record["createdAt"]), 2_000)


class AtTheDeadline(ReservationCase):
    hold_ms = 400

    def test_confirm_and_expiry_never_both_win(self):
        """Each hold gets a burst of confirmations around its deadline; who is told that it won has won for ever."""
        won = lost = 0
        for round in range(12):
            answer = self.api.reserve(fresh("edge"))
            reservation = answer.json()["reservationId"]
            deadline = milliseconds(self.api.record(reservation)["expiresAt"]) / 1000

            def confirm(offset):
                time.sleep(max(0, deadline + offset - time.time()))
                return self.api.confirm(reservation)

            offsets = [(n - 6 + round % 4) * 0.002 for n in range(12)]
            answers = in_parallel([lambda offset=offset: confirm(offset) for offset in offsets])
            record = self.api.record(reservation)
            wait_until(lambda: self.api.result(reservation), "the end of the workflow", 2)
            self.assertEqual(self.api.result(reservation), {"status": record["status"]})
            expected = 200 if record["status"] == "confirmed" else 410
            self.assertEqual({each.status for each in answers}, {expected}, f"{record} {answers}")
            self.assertEqual(("confirmedAt" in record) + ("expiredAt" in record), 1, f"{record}")
            won, lost = won + (expected == 200), lost + (expected == 410)
        self.assertEqual(won + lost, 12)


class Killed(Case):
    """kill -9 around the deadline."""

    def serve(self, hold_ms):
        server = self.make_server(RESERVATION_HOLD_MS=str(hold_ms)).start()
        return server, Reservations(server.ingress)

    def expired(self, api, reservation, within):
        return wait_until(
            lambda: api.result(reservation) == {"status": "expired"}, "expiry without any question", within, 0.01)

    def test_a_deadline_that_passed_meanwhile(self):
        server, api = self.serve(1_500)
        reservation = api.reserve("A1", "u").json()["reservationId"]
        record = api.record(reservation)
        server.kill()
        time.sleep(max(0, milliseconds(record["expiresAt"]) / 1000 + 0.3 - time.time()))
        server.start()
        started = time.time() * 1000
        self.expired(api, reservation, 1)
        after = api.record(reservation)
        self.assertEqual((after["createdAt"], after["expiresAt"]), (record["createdAt"], record["expiresAt"]))
        self.assertLessEqual(milliseconds(after["expiredAt"]), started + 1_000)
        self.assertEqual(api.reserve("A1").status, 201)

    def test_a_deadline_to_come(self):
        server, api = self.serve(4_000)
        reservation = api.reserve("A1", "u").json()["reservationId"]
        record = api.record(reservation)
        server.kill()
        server.start()
        self.assertEqual(api.record(reservation), record)
        self.assertEqual(api.reserve("A1").status, 409)
        deadline = milliseconds(record["expiresAt"]) / 1000
        self.expired(api, reservation, deadline - time.time() + 1)
        late = milliseconds(api.record(reservation)["expiredAt"]) - milliseconds(record["expiresAt"])
        self.assertTrue(0 <= late <= 1_000, f"{late} ms late")

    def test_the_next_process_has_another_hold_time(self):
        """The deadline was journaled: what the constant is now does not matter."""
        server, api = self.serve(2_000)
        reservation = api.reserve("A1").json()["reservationId"]
        record = api.record(reservation)
        server.kill()
        server.start(RESERVATION_HOLD_MS="900000")
        self.assertEqual(api.record(reservation)["expiresAt"], record["expiresAt"])
        self.expired(api, reservation, 4)

    def test_what_was_answered_is_known_after_a_crash(self):
        server, api = self.serve(900_000)
        held = [api.reserve(f"s{n}").json()["reservationId"] for n in range(6)]
        confirmed = [api.confirm(id).json()["reservation"] for id in held[:2]]
        cancelled = api.cancel(held[2]).json()["reservation"]
        server.kill()
        server.start()
        self.assertEqual([api.record(id) for id in held[:3]], [*confirmed, cancelled])
        self.assertEqual({api.record(id)["status"] for id in held[3:]}, {"held"})
        self.assertEqual([api.reserve(f"s{n}").status for n in range(6)], [409, 409, 201, 409, 409, 409])
        wait_until(lambda: all(api.result(id) for id in held[:3]), "the end of the decided workflows", 2)

    def test_killed_at_every_commit_of_a_hold_and_its_confirmation(self):
        for point in ("before-commit", "after-commit", "before-effect"):
            for hit in range(1, 7):
                with self.subTest(point=point, hit=hit):
                    self.reserve_and_confirm(f"{point}:{hit}")

    def reserve_and_confirm(self, failpoint):
        server = self.make_server()
        server.spawn(REPRISE_FAILPOINT=failpoint)
        server.wait_ready_or_dead()
        api = Reservations(server.ingress)
        headers = {"idempotency-key": "only"}

        def until_answered(ask):
            def attempt():
                if not server.alive:
                    server.wait_end()
                    server.start()
                try:
                    answer = ask()
                except LOST:
                    return None
                return answer if answer.status != 503 else None
            return wait_until(attempt, "an answer", 20)

        reserved = until_answered(lambda: api.reserve("A1", "u", headers))
        self.assertEqual(reserved.status, 201, f"{reserved}")
        reservation = reserved.json()["reservationId"]
        confirmed = until_answered(lambda: api.confirm(reservation))
        self.assertEqual(confirmed.status, 200, f"{confirmed}")
        self.assertEqual(until_answered(lambda: api.look(reservation)).json()["reservation"],
                         confirmed.json()["reservation"])
        result = f"/restate/workflow/reservation-workflow/{reservation}/attach"
        self.assertEqual(until_answered(lambda: get(server.ingress, result)).json(), {"status": "confirmed"})
        self.assertEqual(until_answered(lambda: api.reserve("A1", "other")).status, 409)
        server.close()


class Configured(Case):
    def test_a_hold_time_that_cannot_be_used(self):
        server = self.make_server()
        for value in ("0", "-5", "soon", "+5", "1.5"):
            server.spawn(RESERVATION_HOLD_MS=value)
            self.assertFalse(server.wait_ready_or_dead())
            server.wait_end()
            self.assertIn("RESERVATION_HOLD_MS", server.tail())

    def test_texts_follow_the_hold(self):
        for ms, text in ((60_000, "1 minute"), (90_000, "90 seconds"), (1_500, "1500 milliseconds")):
            server = self.make_server(RESERVATION_HOLD_MS=str(ms)).start()
            body = Reservations(server.ingress).reserve("s").json()
            self.assertEqual(body["expiresIn"], text)
            server.kill()
