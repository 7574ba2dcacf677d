"""The order system as its callers see it, the tables it writes, and a world of server and gateway to run it in."""

import re
import sqlite3
from pathlib import Path

from client import LOST, get, post, segment, wait_until
from server import Server

BASKET = [{"product_id": "prod-001", "quantity": 2}, {"product_id": "prod-002", "quantity": 1}]
DECLINED_CARD = {"credit_card": {"card_number": "4000000000000002"}}
LIFE = ["PENDING", "PAID", "SHIPPED", "COMPLETED"]
LIFE_TRACKED = ["PENDING", "PROCESSING", "SHIPPED", "DELIVERED"]


def units(quantity):
    return [{"product_id": "p", "quantity": quantity}]


class Orders:
    """Calls of the order system at the ingress of `base`."""

    def __init__(self, base):
        self.base = base

    def call(self, order, handler, body=None, timeout=60.0):
        return post(self.base, f"/order.sv1.OrderService/{segment(order)}/{handler}", body or {}, timeout=timeout)

    def create(self, order, items=None, method=None, handler="CreateOrder", timeout=60.0):
        body = {"customer_id": "customer-123", "items": items or BASKET}
        if method:
            body["payment_method"] = method
        return self.call(order, handler, body, timeout)

    def send(self, order, items=None, method=None):
        return self.create(order, items, method, "CreateOrder/send")

    def output(self, order):
        return get(self.base, f"/restate/workflow/order.sv1.OrderService/{segment(order)}/output")

    def attach(self, order, timeout=60.0):
        return get(self.base, f"/restate/workflow/order.sv1.OrderService/{segment(order)}/attach", timeout)

    def look(self, order):
        answer = self.call(order, "GetOrder")
        assert answer.status == 200, f"GetOrder of {order}: {answer}"
        return answer.json()

    def status(self, order):
        """None as long as nobody knows the order."""
        answer = self.call(order, "GetOrder")
        return answer.json()["order"]["status"] if answer.status == 200 else None

    def cancel(self, order):
        return post(self.base, f"/api/orders/{segment(order)}/cancel")

    def pay(self, payment, amount=30.0, method=None, timeout=60.0):
        body = {"order_id": "o", "amount": amount}
        if method:
            body["payment_method"] = method
        return post(self.base, f"/order.sv1.PaymentService/{segment(payment)}/ProcessPayment", body, timeout=timeout)

    def ship(self, shipment):
        body = {"order_id": "o", "shipping_method": {"carrier": "FedEx", "service_type": "Ground"}}
        return post(self.base, f"/order.sv1.ShippingService/{segment(shipment)}/CreateShipment", body)

    def track(self, shipment):
        return post(self.base, f"/order.sv1.ShippingService/{segment(shipment)}/TrackShipment", {})


class Tables:
    """The rows as another process sees them, beside the running server."""

    def __init__(self, path):
        self.path = Path(path)

    def rows(self, sql, *values):
        """No rows as long as the server has had nothing to write."""
        if not self.path.exists():
            return []
        connection = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=5)
        connection.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in connection.execute(sql, values)]
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return []
            raise
        finally:
            connection.close()

    def order(self, order):
        row, = self.rows("SELECT * FROM orders WHERE id = ?", order)
        return row

    def payments(self, order):
        return self.rows("SELECT * FROM payments WHERE order_id = ?", order)

    def shipments(self, order):
        return self.rows("SELECT * FROM shipments WHERE order_id = ?", order)

    def payment(self, payment):
        row, = self.rows("SELECT * FROM payments WHERE id = ?", payment)
        return row

    def lock(self):
        """Keeps writers out until the result is closed."""
        connection = sqlite3.connect(self.path, timeout=5, isolation_level=None, check_same_thread=False)
        connection.execute("BEGIN IMMEDIATE")
        return connection


class Ledger(Tables):
    """`order_ledger`, in the server's own data file."""

    def of(self, payment):
        return self.rows("SELECT * FROM order_ledger WHERE payment_id = ?", payment)


class OrderWorld:
    """A server with its knobs. Nothing runs before `start()`."""

    def __init__(self, **environment):
        self.server = Server({"ORDER_PAYMENT_MS": "100", "ORDER_PAYMENT_FAIL_PERCENT": "0", **environment})
        self.orders = Orders(self.server.ingress)
        self.ledger = Ledger(self.server.data / "reprise.db")
        self.tables = Tables(environment.get("ORDERS_DB") or self.server.data / "orders.db")

    def start(self, **environment):
        self.server.start(**environment)
        return self

    def close(self):
        self.server.close()

    def lines(self, text):
        return [line for line in self.server.log.splitlines() if text in line]

    def attempts(self, payment):
        """`(starts, failures, successes)` of one payment, by its log lines."""
        lines = self.lines(f"[Payment Object {payment}]")
        return tuple(sum(word in line for line in lines)
                     for word in ("Starting payment transaction", "Payment attempt FAILED", "Payment attempt SUCCEEDED"))

    def wait_status(self, order, status, within=20.0):
        wait_until(lambda: self.orders.status(order) == status,
                   lambda: f"order {order} is {status}, it is {self.orders.status(order)}", within)

    def finish(self, order, within=60.0):
        """The result of the order, asking again while the server is lost."""
        def ask():
            try:
                answer = self.orders.attach(order)
            except LOST:
                return None
            return None if answer.status == 503 else answer
        return wait_until(ask, f"a result of {order}", within)

    def problems(self, order, total=30.0, end="COMPLETED"):
        """What an auditor finds wrong with an order that has succeeded: state, rows and log must agree."""
        row, payments, shipments = self.tables.order(order), self.tables.payments(order), self.tables.shipments(order)
        if (len(payments), len(shipments)) != (1, 1):
            return [f"{len(payments)} payments, {len(shipments)} shipments"]
        (payment,), (shipment,) = payments, shipments
        view = self.orders.look(order)
        tracked = self.orders.track(row["shipment_id"]).json()
        expected = [
            (row["status"], end), (row["total_amount"], total), (row["payment_id"], payment["id"]),
            (row["shipment_id"], shipment["id"]), (payment["status"], "PAYMENT_COMPLETED"),
            (payment["amount"], total), (view["order"]["status"], end),
            (view["payment_info"]["payment_id"], payment["id"]),
            (view["payment_info"]["status"], "PAYMENT_COMPLETED"), (view["payment_info"]["amount"], total),
            (view["shipment_info"]["shipment_id"], shipment["id"]),
            (view["shipment_info"]["status"], shipment["status"]),
            (view["shipment_info"]["current_location"], shipment["current_location"]),
            (tracked["status"], shipment["status"]),
        ]
        problems = [f"{found!r} instead of {right!r}" for found, right in expected if found != right]
        entries = [(entry["order_id"], entry["amount_cents"], entry["refunded_cents"])
                   for entry in self.ledger.of(payment["id"])]
        if entries != [(order, round(total * 100), 0)]:
            problems.append(f"ledger {entries}")
        tracking = {row["tracking_number"], shipment["tracking_number"], view["shipment_info"]["tracking_number"],
                    tracked["tracking_number"]}
        if len(tracking) != 1 or not re.fullmatch(r"TRACK-[0-9a-f]{8}", *tracking):
            problems.append(f"tracking numbers {tracking}")
        return problems
