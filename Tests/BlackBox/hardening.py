#!/usr/bin/env python3
"""Attacks one server in every way that the tests know, and reports what ordinary clients notice of it: a table, and
`N passed, N failed` at the end.

    hardening.py [--long]           REPRISE_BIN names the binary; reprise-fixtures and Fuzz stand beside it
"""

import contextlib
import json
import multiprocessing
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import foreign  # noqa: E402  (found by the path that was just set)
import wire  # noqa: E402
from attacks import Crowd, cpu_seconds, reset, resident_bytes  # noqa: E402
from certificates import Authority  # noqa: E402
from client import get, wait_until  # noqa: E402
from ordinary import Access, NoAccess, Ordinary  # noqa: E402
from server import BINARY, FIXTURES, Server, kill_all  # noqa: E402
from test_tls import TLSServer  # noqa: E402

_HEAD = b"POST /Echo/body HTTP/1.1\r\nhost: h\r\ncontent-type: text/plain\r\n"
_HEALTH = b"GET /restate/health HTTP/1.1\r\nhost: h\r\n\r\n"
_BYTES_PER_CONNECTION_MAX = 8 << 10
_BYTES_PER_TLS_CONNECTION_MAX = 32 << 10
# Of latencies at twice the sustainable load to those at that load.
_OVERLOAD_RATIO_MAX = 5
# Other work of the machine would be measured too. It is only a warning where this is not allowed.
_BEFORE_OTHERS = ("nice", "-n", "-10")


class Report:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def check(self, holds, what):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(f"  FAILED: {what}", flush=True)


@contextlib.contextmanager
def churn(base):
    """Connections that are reset at every stage, without end."""
    stages = (b"", b"GET / HT", _HEAD + b"content-length: 50\r\n\r\nhalf", _HEAD + b"transfer-encoding: chunked\r\n\r\n5\r\nab",
              b"POST /Slow/sleep HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{\"ms\":50}")
    with background(_churn, base, stages):
        yield


def _churn(base, stages, ending):
    while not ending.is_set():
        for stage in stages:
            try:
                connection = wire.connect(base, 5)
                connection.sendall(stage)
                reset(connection)
            except OSError:
                pass
        time.sleep(0.002)


@contextlib.contextmanager
def flood(base, data):
    """The same bytes again and again on new connections, from two processes."""
    with background(_flood, base, data), background(_flood, base, data):
        yield


def _flood(base, data, ending):
    while not ending.is_set():
        try:
            wire.exchange(base, data, 10)
        except (OSError, AssertionError):
            pass
        time.sleep(0.005)


@contextlib.contextmanager
def handshakes(base):
    """Full handshakes, one after the other, from two processes."""
    shake = ("openssl", "s_time", "-connect", base.removeprefix("http://"), "-new", "-time", "600")
    with command(*shake), command(*shake):
        yield


@contextlib.contextmanager
def guesses(base, access):
    """Wrong tokens, from two processes; a right one is shown by the ordinary clients beside them."""
    with background(_guess, base, access), background(_guess, base, access):
        yield


def _guess(base, access, ending):
    number = 0
    while not ending.is_set():
        number += 1
        guess = wire.message("POST", "/Counter/x/add", access.headers(f"guess-{number:030}"), b"1", close=False)
        try:
            with access.connect(base) as connection:
                connection.sendall(guess * 8)
                assert [answer.status for answer in wire.parse(wire.read_to_end(connection))] == [401]
        except OSError:
            pass


class SecureCrowd:
    """Many TLS connections that were answered once and say nothing more."""

    def __init__(self, base, count, access):
        self.connections = []
        for _ in range(count):
            connection = access.connect(base)
            connection.sendall(_HEALTH)
            assert connection.recv(4096).startswith(b"HTTP/1.1 200")
            self.connections.append(connection)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for connection in self.connections:
            connection.close()


@contextlib.contextmanager
def background(work, *arguments):
    ending = multiprocessing.Event()
    process = multiprocessing.Process(target=work, args=(*arguments, ending))
    process.start()
    try:
        yield
    finally:
        ending.set()
        process.join()


@contextlib.contextmanager
def command(*words):
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def closed_loop(base):
    """A closed loop of 2,000 connections that add to counters."""
    script = Path("/tmp") / f"reprise-hardening-{os.getpid()}.lua"
    script.write_text('wrk.method = "POST"\nwrk.body = "1"\nwrk.headers["content-type"] = "application/json"\n'
                      'local n = 0\nrequest = function() n = n + 1; return wrk.format(nil, "/Counter/w" .. n % 512 .. "/add") end\n')
    try:
        with command("wrk", "-t", "1", "-c", "2000", "-d", "600", "-s", str(script), base):
            time.sleep(2)
            yield
    finally:
        script.unlink()


def attacks(server, long):
    """Titles, and what begins each attack when it is called."""
    base = server.ingress
    crowd = 3 if long else 1
    large = b"x" * (4 << 20)
    yield "nobody", contextlib.nullcontext
    yield f"{4000 * crowd} idle connections", lambda: Crowd(base, 4000 * crowd, _HEALTH)
    yield "1000 slow heads", lambda: Crowd(base, 1000, b"GET / HTTP/1.1\r\nhost: h\r\n", b"x: y\r\n", 1)
    yield "500 slow bodies", lambda: Crowd(base, 500, _HEAD + b"content-length: 1000000\r\n\r\n", b"x", 1)
    yield "500 slow chunks", lambda: Crowd(base, 500, _HEAD + b"transfer-encoding: chunked\r\n\r\n", b"1\r\nx\r\n", 1)
    yield "30 readers of 4 MiB that do not read", lambda: Crowd(
        base, 30, _HEAD + b"content-length: %d\r\n\r\n" % len(large) + large, reads=False, receive_buffer=4096)
    yield "resets at every stage", lambda: churn(base)
    yield "floods of fields", lambda: flood(base, b"GET / HTTP/1.1\r\nhost: h\r\n" + b"x: y\r\n" * 20_000)
    yield "floods of chunk extensions", lambda: flood(
        base, _HEAD + b"transfer-encoding: chunked\r\n\r\n" + (b"1;" + b"x" * 4000 + b"\r\na\r\n") * 100)
    yield "framing that is nearly right", lambda: flood(base, _HEAD + b"content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n")
    if shutil.which("wrk"):
        yield "2000 connections that never pause", lambda: closed_loop(base)
    if long and shutil.which("slowhttptest"):
        for title, mode in (("slow headers", "-H"), ("slow bodies", "-B"), ("slow reading", "-X")):
            yield f"slowhttptest: {title}", lambda mode=mode: command(
                "slowhttptest", mode, "-c", "1000", "-r", "200", "-i", "5", "-l", "60", "-u", base + "/restate/health")


def secure_attacks(server, access, long):
    """The same for a server with TLS and tokens."""
    base = server.ingress
    count = 3000 if long else 1000
    yield "TLS and a token: nobody", contextlib.nullcontext
    yield f"{count} idle TLS connections", lambda: SecureCrowd(base, count, access)
    yield "500 handshakes that never end", lambda: Crowd(base, 500, b"\x16\x03\x01\x02\x00\x01")
    yield "a flood of handshakes", lambda: handshakes(base)
    yield "a flood of wrong tokens", lambda: guesses(base, access)


def connections(server):
    text = get(server.admin, "/metrics", timeout=60).text
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("reprise_connections "))


def attack(server, attacks, report, access=NoAccess, seconds=6):
    print(f"{'attack':40} {'held':>6} {'asked':>6} {'503':>5} {'p50 ms':>7} {'p99 ms':>7} {'max ms':>7} {'MiB':>5} {'cpu s':>6}")
    pid = server.process.pid
    for number, (title, harm) in enumerate(attacks):
        before, used = resident_bytes(pid), cpu_seconds(pid)
        with harm():
            ordinary = Ordinary(server.ingress, access, f"ordinary-{number}")
            held = 0
            # Twice, because some attacks are over before the end: the server lets go of them.
            for _ in range(2):
                time.sleep(seconds / 2)
                held = max(held, connections(server) - 4)
            latencies, refused, wrong = ordinary.measured()
            resident = resident_bytes(pid)
        p50, p99, worst = (latencies[int(len(latencies) * part)] if latencies else float("nan") for part in (.5, .99, .999999))
        print(f"{title:40} {held:6} {len(latencies) + refused:6} {refused:5} {p50:7.1f} {p99:7.1f} {worst:7.1f} "
              f"{resident >> 20:5} {cpu_seconds(pid) - used:6.1f}", flush=True)
        report.check(server.process.poll() is None, "the server is alive")
        report.check(not wrong, f"every ordinary request is answered: {wrong[:3]}")
        report.check(latencies, "ordinary clients are admitted")
        if "idle" in title:
            each = (resident - before) / max(held, 1)
            limit = _BYTES_PER_TLS_CONNECTION_MAX if "TLS" in title else _BYTES_PER_CONNECTION_MAX
            print(f"  {each:.0f} bytes of memory for each idle connection, of {limit} documented")
            report.check(each <= limit, f"at most {limit}, as documented")
        try:
            wait_until(lambda: connections(server) == 0, lambda: str(connections(server)), 70)
            report.check(True, "")
        except AssertionError as error:
            report.check(False, f"all connections end with the attack: {error}")


def framing(report, long):
    fuzz = BINARY.with_name("Fuzz")
    count = 500_000 if long else 30_000
    ended = subprocess.run(
        [foreign.python(), "-B", str(Path(__file__).with_name("oracles") / "compare_framing.py"), str(fuzz),
         str(int(time.time())), str(count)], capture_output=True, text=True, check=False)
    report.check(ended.returncode == 0, ended.stderr[-500:])
    if ended.returncode == 0:
        found = json.loads(ended.stdout)
        counts = found["counts"]
        print(f"framing against llhttp and h11: {counts['cases']} cases, {counts['refused']} refused, {counts['taken']} "
              f"taken, {counts['waiting']} incomplete, {len(found['strays'])} unexplained differences")
        report.check(not found["strays"], str(found["strays"][:2]))
    for target in ("requests", "paths", "identifiers", "delays", "journal"):
        ended = subprocess.run([str(fuzz), "run", target, "--seconds", "60" if long else "5"], capture_output=True,
                               text=True, check=False)
        print(f"fuzzed {(ended.stdout + ended.stderr).strip()}")
        report.check(ended.returncode == 0, "nothing breaks")


def overload(report, long):
    """Calls that cost a multiple of their refusal, and calls that cost little more: those tell what the machine carries."""
    overload_of(report, long, "calls of three steps", "--path", "/BenchSteps/three")
    overload_of(report, long, "calls of a counter", "--path", "/BenchCounter/load-{n}/add", "--body", "1")


def overload_of(report, long, title, *calls):
    """Offers a server of its own what it can sustain and twice that, in turns."""
    server = Server({"REPRISE_BENCH_SERVICES": "1"})
    try:
        server.start(_BEFORE_OTHERS)
        ended = subprocess.run(
            [*_BEFORE_OTHERS, str(BINARY.with_name("Bench")), "overload", "--port", server.ingress.rsplit(":", 1)[1],
             *calls, "--seconds", "10" if long else "2.5", "--rounds", "5"], capture_output=True, text=True, check=False)
        report.check(ended.returncode == 0, ended.stderr[-500:])
        if ended.returncode != 0:
            return
        found = json.loads(ended.stdout)
        print(f"{title}\nsustainable: {found['sustainablePerSecond']:.0f} calls a second; 64 clients in a closed loop get "
              f"{found['closedLoopPerSecond']:.0f}\n{'load':8} {'asked':>7} {'taken':>7} {'503':>7} {'p50 ms':>8} {'p99 ms':>8}   {'to 503: p50 ms':>14} "
              f"{'p99 ms':>8}")
        for load, side in (("once", found["once"]), ("twice", found["twice"])):
            print(f"{load:8} {side['asked']:7} {side['answered']:7} {side['refused']:7} {side['p50Ms']:8.1f} "
                  f"{side['p99Ms']:8.1f}   {side['refusalP50Ms']:14.1f} {side['refusalP99Ms']:8.1f}")
            report.check(side["failed"] == side["unanswered"] == 0, f"every call is answered or refused: {side}")
        ratio = found["ratio"]
        holds = ratio <= _OVERLOAD_RATIO_MAX
        print(f"twice the sustainable load: admitted calls take {ratio:.1f} times as long (p99, median of the rounds; "
              f"{found['roundsSpoiled']} more were spoiled), at most {_OVERLOAD_RATIO_MAX}: {'ok' if holds else 'FAIL'}")
        report.check(holds, f"{title}: a ratio of at most {_OVERLOAD_RATIO_MAX}")
        report.check(server.process.poll() is None, "the server is alive")
    finally:
        server.close()


def secured(report, long):
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(folder)
        certificate, key = authority.issue("server")
        access = Access(str(authority.certificate), "right-" + "t" * 32)
        tokens = Path(folder, "tokens")
        tokens.write_text(access.token + "\n")
        tokens.chmod(0o600)
        server = TLSServer(certificate, key, REPRISE_AUTH_TOKEN_FILE=str(tokens))
        try:
            server.start()
            attack(server, secure_attacks(server, access, long), report, access, seconds=20 if long else 6)
            report.check(server.stop() == 0, "it stops in order after all of it")
        finally:
            server.close()


def main(arguments):
    long = "--long" in arguments
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    report = Report()
    framing(report, long)
    print()
    server = Server({"REPRISE_WRITE_TIMEOUT_MS": "10000"}, binary=FIXTURES)
    try:
        server.start()
        attack(server, attacks(server, long), report, seconds=20 if long else 6)
        report.check(server.process.poll() is None, "no crash")
        report.check(server.stop() == 0, "it stops in order after all of it")
        print()
        secured(report, long)
        print()
        overload(report, long)
    finally:
        server.close()
        kill_all()
    print(f"\n{report.passed} passed, {report.failed} failed")
    return 0 if report.failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
