"""The ticket system as its callers see it, and a world of server, gateway and mail system to run it in."""

from dataclasses import dataclass

from client import LOST, get, post, segment, wait_until
from server import Server
from sinks import Gateway, MailSink

AVAILABLE = {"status": "AVAILABLE", "reservedBy": None, "reservedUntil": None}
VENUE = [f"seat-{n}" for n in range(1, 51)]

DECLINED = "Payment failed: Payment declined: Payment declined (Method: {})"
GATEWAY_TIMEOUT = "Payment failed: Payment declined: Gateway timeout"
SOLD_ALREADY = "Ticket already sold"
RESERVED_ALREADY = "Ticket is currently reserved"


def sold_to(user):
    return {"status": "SOLD", "reservedBy": user, "reservedUntil": None}


def is_confirmed(response):
    return response.status == 200 and response.body == b'"Booking Confirmed"'


class Tickets:
    """Calls of the ticket system at the ingress of `base`."""

    def __init__(self, base):
        self.base = base

    def checkout(self, seat, user, method="card_success", key=None, timeout=30.0):
        body = {"ticketId": seat, "userId": user}
        if method is not None:
            body["paymentMethodId"] = method
        return post(self.base, "/Checkout/process", body, {"idempotency-key": key} if key else {}, timeout)

    def call(self, seat, handler, body=None, timeout=30.0):
        return post(self.base, f"/Ticket/{segment(seat)}/{handler}", body, timeout=timeout)

    def reserve(self, seat, user):
        return self.call(seat, "reserve", user)

    def seat(self, seat, timeout=10.0):
        response = self.call(seat, "get", {}, timeout)
        assert response.status == 200, f"Ticket/{seat}/get: {response}"
        return response.json()

    def map_entries(self):
        response = post(self.base, "/SeatMap/global/get", {})
        assert response.status == 200, f"SeatMap/global/get: {response}"
        return response.json()

    def map(self):
        return {entry["id"]: entry["status"] for entry in self.map_entries()}

    def map_status(self, seat):
        """A seat that the map never heard of counts as available."""
        return self.map().get(seat, "AVAILABLE")


@dataclass(frozen=True)
class Sale:
    """One checkout and what it should come to."""

    seat: str
    user: str
    method: str
    key: str


class World:
    """A server whose ticket system charges and mails at sinks that count. Nothing runs before `start()`."""

    def __init__(self, latency=0.0, gateway=None, mails=None, **environment):
        self.gateway = gateway or Gateway(latency)
        self.mails = mails or MailSink()
        self._owned = [sink for sink, given in ((self.gateway, gateway), (self.mails, mails)) if given is None]
        self.server = Server({
            "PAYMENT_GATEWAY_URL": self.gateway.url, "EMAIL_SINK_URL": self.mails.url, **environment})
        self.tickets = Tickets(self.server.ingress)

    def start(self, **environment):
        self.server.start(**environment)
        return self

    def close(self):
        self.server.close()
        self.gateway.release()
        for sink in self._owned:
            sink.close()

    def checkout(self, sale, timeout=30.0):
        return self.tickets.checkout(sale.seat, sale.user, sale.method, sale.key, timeout)

    def try_checkout(self, sale):
        """The answer, or None if the server was lost before it gave one or told to come back."""
        try:
            response = self.checkout(sale)
        except LOST:
            return None
        return None if response.status == 503 else response

    def problems_of_sale(self, sale, response):
        """What an auditor of gateway, mail system and seat finds wrong after `response` was given for `sale`.

        The seat is looked at only for a success: after a failure it may belong to somebody else by now.
        """
        problems = [*self.gateway.violations, *self.mails.violations]
        won = is_confirmed(response)
        charges = self.gateway.of(sale.method)
        if len(charges) > 1:
            problems.append(f"{len(charges)} idempotency keys for one sale: {charges}")
        if (net := self.gateway.net(sale.method)) != int(won):
            problems.append(f"{net} charges stand, expected {int(won)}: {charges}")
        if (ids := len(self.mails.ids(sale.user))) != int(won):
            problems.append(f"{ids} different mails, expected {int(won)}: {self.mails.to(sale.user)}")
        if won:
            if (seat := self.tickets.seat(sale.seat)) != sold_to(sale.user):
                problems.append(f"the seat is {seat}")
            if (status := self.tickets.map_status(sale.seat)) != "SOLD":
                problems.append(f"the seat map says {status}")
        return problems

    def await_mail(self, user, within=10.0):
        wait_until(lambda: self.mails.ids(user), f"a mail to {user}", within)


def health(base):
    return get(base, "/restate/health")
