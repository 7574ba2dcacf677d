"""Ordinary clients, who notice what others do to their server."""

import multiprocessing
import ssl
import time

import wire

_J = [("content-type", "application/json")]


class Access:
    """How to get into a server that speaks TLS and asks for a token."""

    def __init__(self, authority, token):
        self.authority = authority
        self.token = token

    def connect(self, base):
        context = ssl.create_default_context(cafile=self.authority)
        return context.wrap_socket(wire.connect(base, 20), server_hostname="localhost")

    def headers(self, token=None):
        return [*_J, ("authorization", f"Bearer {token or self.token}")]


class NoAccess:
    """How to get into one that does neither."""

    @staticmethod
    def connect(base):
        return wire.connect(base, 20)

    @staticmethod
    def headers():
        return _J


def ordinary_client(base, access, name, per_second, ending, results):
    """Adds to a counter at a steady pace on one connection; tells each latency in milliseconds, or what went wrong."""
    latencies, refused, wrong = [], 0, []
    connection = None
    number = 0
    while not ending.is_set():
        start = time.monotonic()
        try:
            connection = connection or access.connect(base)
            connection.sendall(wire.message("POST", f"/Counter/{name}/add", access.headers(), b"1", close=False))
            answer = connection.recv(65536)
            status = int(answer.split(b" ", 2)[1])
            if status == 200:
                latencies.append((time.monotonic() - start) * 1000)
                number += 1
                if not answer.endswith(b"\r\n\r\n%d" % number):
                    wrong.append(f"{answer!r}, not {number}")
            elif status in (429, 503) and b"retry-after:" in answer.lower():
                refused += 1
            else:
                wrong.append(repr(answer[:200]))
        except (OSError, ValueError, IndexError) as error:
            wrong.append(f"{type(error).__name__}: {error}")
            connection = None
        time.sleep(max(0, 1 / per_second - (time.monotonic() - start)))
    results.put((latencies, refused, wrong))


class Ordinary:
    """Four clients in a process of their own each; `measured` ends them and gives what they saw."""

    def __init__(self, base, access, name):
        self.ending = multiprocessing.Event()
        self.results = multiprocessing.Queue()
        self.processes = [multiprocessing.Process(target=ordinary_client, args=(
            base, access, f"{name}-{number}", 50, self.ending, self.results)) for number in range(4)]
        for process in self.processes:
            process.start()

    def measured(self):
        self.ending.set()
        parts = [self.results.get(timeout=60) for _ in self.processes]
        for process in self.processes:
            process.join()
        latencies = sorted(latency for part in parts for latency in part[0])
        return latencies, sum(part[1] for part in parts), [each for part in parts for each in part[2]]
