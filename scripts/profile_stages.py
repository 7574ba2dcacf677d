"""Runs the load of scripts/profile under `perf` and prints the processor time of a call by stage."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter

# The first stage whose pattern is found among the functions of a sample's stack takes it.
STAGES = [
    ("read: recv from the socket", r"Socket\.read\(|__libc_recv"),
    ("write: send to the socket", r"Socket\.write\(|__libc_send"),
    ("checkpoint: log into the database", r"\.checkpoint\("),
    ("bind: rows to statements", r"PreparedStatement\.(bind|place)\(|StoredForm|ByteWriter"),
    ("rows: SQLite inserts and updates", r"BatchWriter\.write\("),
    ("commit: SQLite writes and syncs its log", r"SQLiteStore\.commit\("),
    ("route and decode: request to a command", r"Ingress\.decide\(|RouteTable\.match\("),
    ("parse: bytes to a request", r"HTTPConnectionMachine\.(received|takeRequests)"),
    ("render: outcome to bytes", r"Ingress\.render\(|HTTPConnectionMachine\.(reply|flush)"),
    ("step: the engine decides", r"Engine\.step\("),
    ("gather: turns to a batch", r"Runtime\.gather\("),
    ("task: the handler and what executes it", r"runSynchronously|swift_job_run"),
    ("wait: for sockets and for each other", r"epoll_wait|Poller\.wait|futex|semaphore|_sema4"),
    ("hand over between threads", r"SerialThread|ConnectionLoop|Runtime\.|_dispatch"),
]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def processor_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def await_health(admin):
    for _ in range(200):
        try:
            with socket.create_connection(("127.0.0.1", admin), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    sys.exit("error: the server does not start")


def load(ingress, script, seconds):
    command = ["wrk", "-t1", "-c64", f"-d{seconds}", "-s", script, f"http://127.0.0.1:{ingress}/"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def samples(data):
    """Stacks, innermost frame first."""
    told = subprocess.Popen(
        ["perf", "script", "-i", data, "-F", "comm,ip,sym"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    named = subprocess.Popen(
        ["swift", "demangle", "--simplified"], stdin=told.stdout, stdout=subprocess.PIPE, text=True)
    stack = []
    for line in named.stdout:
        if line.strip():
            stack.append(line.strip())
        elif stack:
            yield "\n".join(stack[1:])
            stack = []


def stage_of(stack):
    for name, pattern in STAGES:
        if re.search(pattern, stack):
            return name
    return "else"


def main(binary, directory, seconds):
    work = tempfile.mkdtemp(prefix="reprise-profile-", dir=directory)
    ingress, admin = free_port(), free_port()
    script, data = f"{work}/call.lua", f"{work}/perf.data"
    with open(script, "w") as file:
        file.write("local n = 0\nrequest = function()\n n = n + 1\n return wrk.format('POST', '/BenchCounter/k' .. "
                   "(n * 7919 % 1000) .. '/add', {['content-type'] = 'application/json'}, '1')\nend\n")
    server = subprocess.Popen(
        [binary, "serve", "--data-dir", f"{work}/data", "--ingress", f"127.0.0.1:{ingress}",
         "--admin", f"127.0.0.1:{admin}", "--log-level", "error"], env=dict(os.environ, REPRISE_BENCH_SERVICES="1"))
    try:
        await_health(admin)
        load(ingress, script, 2)
        before = processor_seconds(server.pid)
        plain = load(ingress, script, seconds)
        spent = processor_seconds(server.pid) - before
        calls = int(re.search(r"(\d+) requests in", plain)[1])
        perf = subprocess.Popen(
            ["perf", "record", "-q", "-F", "499", "--call-graph", "dwarf,12288", "-p", str(server.pid), "-o", data],
            stderr=subprocess.DEVNULL)
        load(ingress, script, seconds)
        perf.send_signal(signal.SIGINT)
        perf.wait()
        count = Counter(map(stage_of, samples(data)))
    finally:
        server.kill()
        server.wait()
        shutil.rmtree(work, ignore_errors=True)
    per_call_us = spent * 1e6 / calls
    total = sum(count.values())
    print(f"{calls / seconds:,.0f} calls/s, {per_call_us:.1f} us of processor time for each ({total} samples)")
    for name, samples_of_stage in count.most_common():
        share = samples_of_stage / total
        print(f"  {share * per_call_us:5.1f} us  {share:6.1%}  {name}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
