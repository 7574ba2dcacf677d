"""The outside world of a ticket sale: a payment gateway and a mail system that count what reaches them.

Both are HTTP servers on a free port of 127.0.0.1, with a thread for each connection. They outlive the server under
test, so what they counted is what really happened, however often that server was killed.
"""

import json
import threading
import time
import uuid
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from client import wait_until

# What a gateway does with a charge. CAPTURED_ERROR, HANG and DROP take the money and do not say so.
SUCCESS, DECLINE, ERROR = "success", "decline", "error"
CAPTURED_ERROR, HANG, DROP = "captured-error", "hang", "drop"

_CAPTURES = {SUCCESS, CAPTURED_ERROR, HANG, DROP}
_GATE_SECONDS_MAX = 60


@dataclass
class Charge:
    """Everything that was asked under one idempotency key."""

    key: str
    method: str
    amount: object
    attempts: int = 0
    captured: bool = False
    voided: bool = False
    transaction: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def net(self):
        return int(self.captured and not self.voided)


class _Sink:
    """A threaded HTTP server whose requests `answer` decides: `(status, object)`, or None to drop the connection."""

    def __init__(self):
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def handle_any(self):
                length = int(self.headers.get("content-length") or 0)
                body = self.rfile.read(length) if length else self._chunks()
                answer = sink.answer(self.command, self.path, self.headers, body)
                if answer is None:
                    self.close_connection = True
                    return
                status, content = answer
                data = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def _chunks(self):
                if self.headers.get("transfer-encoding", "").lower() != "chunked":
                    return b""
                parts = []
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    parts.append(self.rfile.read(size))
                    self.rfile.readline()
                self.rfile.readline()
                return b"".join(parts)

            do_GET = do_POST = do_PUT = do_DELETE = handle_any

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, *_):
                pass  # The client was killed: that is what these tests do.

        self.lock = threading.Lock()
        self.violations = []
        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def port(self):
        return self._server.server_address[1]

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Gateway(_Sink):
    """Takes charges (`POST url`) and voids (`DELETE url/key`). A key that was charged once is never charged again.

    `plan` maps a payment method to what happens to it, one outcome or a list of which the last repeats; methods not
    in it behave as those of the built-in gateway. `latency` is in seconds.
    """

    def __init__(self, latency=0.0):
        self.latency = latency
        self.plan = {}
        self.charges = {}
        self.voids_asked = 0
        self.in_flight = 0
        self.in_flight_peak = 0
        self._open = threading.Event()
        self._open.set()
        super().__init__()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/charges"

    def hold(self):
        """Charges that arrive from now on wait until `release()`."""
        self._open.clear()

    def release(self):
        self._open.set()

    def wait_for_held(self, count, within=20.0):
        wait_until(lambda: self.in_flight >= count, 
                   lambda: f"{count} charges in flight (there are {self.in_flight})", within)

    def of(self, method):
        with self.lock:
            return [charge for charge in self.charges.values() if charge.method == method]

    def net(self, method=None):
        """Charges that went through and were not voided."""
        with self.lock:
            return sum(c.net for c in self.charges.values() if method is None or c.method == method)

    @property
    def captured(self):
        with self.lock:
            return sum(charge.captured for charge in self.charges.values())

    @property
    def voided(self):
        with self.lock:
            return sum(charge.captured and charge.voided for charge in self.charges.values())

    def answer(self, verb, path, headers, body):
        if verb == "DELETE":
            return self._void(unquote(path.rsplit("/", 1)[-1]))
        with self.lock:
            self.in_flight += 1
            self.in_flight_peak = max(self.in_flight_peak, self.in_flight)
        try:
            self._open.wait(_GATE_SECONDS_MAX)
            outcome, charge = self._charge(headers, body)
            if self.latency:
                time.sleep(self.latency)  # The simulated work of the gateway, not a wait for anything.
            if outcome == HANG:
                threading.Event().wait(_GATE_SECONDS_MAX)
        finally:
            with self.lock:
                self.in_flight -= 1
        if outcome == SUCCESS:
            return 200, {"success": True, "transactionId": charge.transaction}
        if outcome == DECLINE:
            return 402, {"error": "Insufficient funds"}
        if outcome in (ERROR, CAPTURED_ERROR):
            return 503, {"error": "Gateway timeout"}
        return None

    def _charge(self, headers, body):
        asked = json.loads(body)
        method, amount = asked["paymentMethodId"], asked["amount"]
        with self.lock:
            key = headers.get("idempotency-key")
            if not key:
                self.violations.append(f"a charge of {method} without an idempotency key")
                key = f"none-{len(self.charges)}"
            charge = self.charges.setdefault(key, Charge(key, method, amount))
            if (charge.method, charge.amount) != (method, amount):
                self.violations.append(f"key {key} was used for {charge.method} and for {method}")
            if charge.voided:
                self.violations.append(f"key {key} was charged again after its void")
            outcome = self._planned(method, charge.attempts)
            charge.attempts += 1
            charge.captured = charge.captured or outcome in _CAPTURES
            return outcome, charge

    def _planned(self, method, attempt):
        default = {"card_decline": DECLINE, "card_error": ERROR}.get(method, SUCCESS)
        planned = self.plan.get(method, default)
        return planned if isinstance(planned, str) else planned[min(attempt, len(planned) - 1)]

    def _void(self, key):
        with self.lock:
            self.voids_asked += 1
            charge = self.charges.get(key)
            if charge is None:
                return 404, {"error": "no such charge"}
            charge.voided = True
            return 200, {"voided": True}


class MailSink(_Sink):
    """Takes mails (`POST url`). `mode` is what happens to them: "accept", "fail", "hang", "drop" or
    "lose-answer", which accepts a mail and does not say so."""

    def __init__(self, mode="accept"):
        self.mode = mode
        self.mails = []
        self.attempts = 0
        super().__init__()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/mails"

    def answer(self, verb, path, headers, body):
        with self.lock:
            self.attempts += 1
            mode = self.mode
            if mode in ("accept", "lose-answer"):
                self._accept(json.loads(body))
        if mode == "hang":
            threading.Event().wait(_GATE_SECONDS_MAX)
        if mode in ("hang", "drop", "lose-answer"):
            return None
        return (202, {"accepted": True}) if mode == "accept" else (500, {"error": "the mail system is down"})

    def _accept(self, mail):
        missing = {"id", "to", "subject", "body"} - mail.keys()
        if missing:
            self.violations.append(f"a mail without {', '.join(sorted(missing))}: {mail}")
        self.mails.append(mail)

    def ids(self, to=None):
        """The distinct ids of what was accepted: mails with one id are one mail for whoever reads them."""
        with self.lock:
            return {mail.get("id") for mail in self.mails if to is None or mail.get("to") == to}

    def to(self, user):
        with self.lock:
            return [mail for mail in self.mails if mail.get("to") == user]
