"""What waiting costs: a great many holds on one server. Run by `bench-sleepers`, configured by environment."""

import json
import os
import re
import selectors
import shutil
import socket
import sys
import tempfile
import time
from collections import deque
from datetime import datetime
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "Tests" / "BlackBox"))

from client import get, wait_until  # noqa: E402  (found by the path that was just set)
from server import Server  # noqa: E402

_CONNECTIONS = 64
_PIPELINED = 16  # What the server reads ahead on one connection.
_PAUSE_S = 0.01  # After a refusal.
# Long enough that none of the many ends during the run.
_LONG_MS = 24 * 3_600_000
_SHORT_MS = 8_000
_MIB = 1 << 20


def message(path, body):
    content = json.dumps(body).encode()
    return (f"POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
            f"content-length: {len(content)}\r\n\r\n").encode() + content


KINDS = {
    "reserve": (201, lambda seat: message("/reserve", {"seatId": seat, "userId": "bench"})),
    "send": (202, lambda seat: message("/ReservationFunction/reserve/send", {"seatId": seat, "userId": "bench"})),
}


class Supply:
    """Messages that are to be sent, those first that were refused because the server had too much to do."""

    def __init__(self, messages):
        self.messages = iter(messages)
        self.refused = deque()

    def take(self, number):
        again = [self.refused.popleft() for _ in range(min(number, len(self.refused)))]
        return again + list(islice(self.messages, number - len(again)))


class Sender:
    """Requests on many connections, several at a time on each; the answers' bodies go to `keep` if there is one."""

    def __init__(self, base, status, keep=None):
        self.address = urlsplit(base)
        self.expected = f"HTTP/1.1 {status}".encode()
        self.keep = keep
        self.answered = 0
        self.refused = 0

    def send(self, messages, each=lambda answered: None):
        selector = selectors.DefaultSelector()
        links = []
        for _ in range(_CONNECTIONS):
            connection = socket.create_connection((self.address.hostname, self.address.port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            links.append(Link(connection))
            selector.register(connection, selectors.EVENT_READ, links[-1])
        supply = Supply(messages)
        open_requests = sum(link.fill(supply) for link in links)
        while open_requests:
            for key, _ in selector.select(60):
                answers, refused = key.data.read(self.expected, self.keep)
                supply.refused.extend(refused)
                self.refused += len(refused)
                self.answered += answers
                if refused:
                    time.sleep(_PAUSE_S)
                open_requests += key.data.fill(supply) - answers - len(refused)
                each(self.answered)
        for link in links:
            link.connection.close()


class Link:
    def __init__(self, connection):
        self.connection = connection
        self.open = deque()
        self.received = b""

    def fill(self, supply):
        """Sends as many as may be open when enough have been answered: few large writes instead of many small ones."""
        if len(self.open) > _PIPELINED // 2:
            return 0
        batch = supply.take(_PIPELINED - len(self.open))
        if batch:
            self.connection.sendall(b"".join(batch))
            self.open.extend(batch)
        return len(batch)

    def read(self, expected, keep):
        """How many were answered, and the messages that were refused for now."""
        data = self.connection.recv(1 << 16)
        assert data, "the server closed a connection"
        self.received += data
        answers, refused = 0, []
        while True:
            end = self.received.find(b"\r\n\r\n")
            if end < 0:
                break
            head = self.received[:end]
            total = end + 4 + int(re.search(rb"content-length: (\d+)", head)[1])
            if len(self.received) < total:
                break
            content, self.received = self.received[end + 4:total], self.received[total:]
            message = self.open.popleft()
            if head.startswith(b"HTTP/1.1 503"):
                refused.append(message)
                continue
            assert head.startswith(expected), f"{head.decode()}"
            if keep is not None:
                keep.append(content)
            answers += 1
        return answers, refused


class Process:
    """What the system knows of the server's memory, in bytes."""

    def __init__(self, pid):
        self.path = Path(f"/proc/{pid}/status")

    def memory(self, field):
        return int(re.search(rf"^{field}:\s+(\d+) kB", self.path.read_text(), re.MULTILINE)[1]) * 1024


def quantile(sorted_values, share):
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))]


def milliseconds(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1_000


def resting(process):
    """The memory once it has stopped changing: evicted attempts and checkpoints take a while."""
    last = [process.memory("VmRSS")]

    def is_still():
        last.append(process.memory("VmRSS"))
        return len(last) > 20 and max(last[-20:]) - min(last[-20:]) < 2 * _MIB

    try:
        wait_until(is_still, "a memory that stays as it is", within=120, every=0.5)
    except AssertionError:
        print("  (the memory still changes)")
    return last[-1]


def create(server, number, kind):
    status, make = KINDS[kind]
    process = Process(server.process.pid)
    before = process.memory("VmRSS")
    print(f"creating {number:,} holds ({kind})", flush=True)
    start = time.monotonic()
    marks, memories = [], []

    def each(answered):
        if answered >= (len(marks) + 1) * number // 10:
            marks.append(time.monotonic())
            memories.append(process.memory("VmRSS"))
            spent = marks[-1] - (marks[-2] if len(marks) > 1 else start)
            print(f"  {answered:>9,}  {number / 10 / spent:>7,.0f}/s  {memories[-1] / _MIB:,.0f} MiB",
                  flush=True)

    sender = Sender(server.ingress, status)
    sender.send((make(f"seat-{index}") for index in range(number)), each)
    seconds = time.monotonic() - start
    assert sender.answered == number, f"{sender.answered:,} were accepted"
    peak = process.memory("VmHWM")
    rest = resting(process)
    sizes = {name: (server.data / name).stat().st_size for name in ("reprise.db", "reprise.db-wal")}
    return {
        "created": f"{number / seconds:,.0f} holds/s; {sender.refused:,} refusals (503) before they were taken",
        "peak while creating (VmHWM)": f"{peak / _MIB:,.0f} MiB",
        "resident afterwards": f"{rest / _MIB:,.0f} MiB, {(rest - before) / number:,.0f} bytes per hold",
        "growth after the first tenth": f"{(memories[-1] - memories[0]) / (number / 10 * (len(memories) - 1)):,.0f}"
                                        " bytes per hold",
        "file": f"{sizes['reprise.db'] / _MIB:,.0f} MiB, {sizes['reprise.db'] / number:,.0f} bytes per hold"
                f" (log: {sizes['reprise.db-wal'] / _MIB:,.0f} MiB)",
    }


def restart(server, number, hold_ms):
    """After a crash, so that nothing was prepared for it; the pages are in the system's cache."""
    server.kill()
    start = time.monotonic()
    server.spawn(RESERVATION_HOLD_MS=str(hold_ms))
    wait_until(server.is_ready, "a server that is ready", within=300, every=0.005)
    seconds = time.monotonic() - start
    process = Process(server.process.pid)
    peak, rest = process.memory("VmHWM"), resting(process)
    return {
        "start with all of them pending": f"{seconds:.2f} s",
        "peak while starting (VmHWM)": f"{peak / _MIB:,.0f} MiB",
        "resident after the start": f"{rest / _MIB:,.0f} MiB, {rest / number:,.0f} bytes per hold in all",
    }


def run_out(server, sample):
    """How late holds expire while all the others wait: nobody asks for them until they are over."""
    held = []
    Sender(server.ingress, 201, keep=held).send(
        message("/reserve", {"seatId": f"sample-{index}"}) for index in range(sample))
    time.sleep(_SHORT_MS / 1_000 + 2)
    late = []
    for answer in held:
        name = json.loads(answer)["reservationId"]
        record = get(server.ingress, f"/reservation/{name}").json()["reservation"]
        assert record["status"] == "expired", record
        late.append(milliseconds(record["expiredAt"]) - milliseconds(record["expiresAt"]))
    late.sort()
    assert late[0] >= 0, "one expired too early"
    return {"expiry late by": f"p50 {quantile(late, 0.5):.0f} ms, p99 {quantile(late, 0.99):.0f} ms,"
                              f" at most {late[-1]:.0f} ms, never early"}


def all_end(server, number, hold_ms):
    """All of them end, as close to each other as they were created. Counted from outside, as other processes see it."""
    process = Process(server.process.pid)

    def left():
        return server.query("SELECT count(*) FROM timer")[0][0]

    last_deadline = server.query("SELECT max(due_ms) FROM timer")[0][0]
    wait_until(lambda: left() < number, "the first end", within=hold_ms / 1_000 + 60, every=0.05)
    start = time.monotonic()
    wait_until(lambda: left() == 0, "the last end", within=3_600, every=0.5)
    late = max(0.0, time.time() - last_deadline / 1_000)
    return {
        "ended": f"{number / (time.monotonic() - start):,.0f} holds/s; the last one late by {late:.1f} s",
        "peak while ending (VmHWM)": f"{process.memory('VmHWM') / _MIB:,.0f} MiB",
    }


def main():
    number, sample = int(os.environ.get("N", "100000")), int(os.environ.get("SAMPLE", "2000"))
    kind = os.environ.get("KIND", "reserve")
    hold_ms = int(float(os.environ.get("HOLD_S") or _LONG_MS / 1_000) * 1_000)
    server = Server({"RESERVATION_HOLD_MS": str(hold_ms), "REPRISE_LOG_LEVEL": "warning"},
                    directory=os.environ.get("DIR") or tempfile.mkdtemp(prefix="reprise-sleepers-"))
    try:
        server.start()
        figures = create(server, number, kind)
        first = Process(server.process.pid).memory("VmHWM")
        if hold_ms == _LONG_MS:
            figures |= restart(server, number, _SHORT_MS)
            figures |= run_out(server, sample)
        else:
            figures |= all_end(server, number, hold_ms)
        peak = max(first, Process(server.process.pid).memory("VmHWM"))
        figures["peak of the whole run (VmHWM)"] = f"{peak / _MIB:,.0f} MiB"
        print(f"\n{number:,} holds ({kind}), {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
        for name, value in figures.items():
            print(f"  {name:<32} {value}")
    finally:
        server.close()
        if not os.environ.get("DIR"):
            shutil.rmtree(server.directory, ignore_errors=True)


if __name__ == "__main__":
    main()
