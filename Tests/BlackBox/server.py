"""The real binary as a child process: started, killed and started again on the same data directory."""

import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from client import LOST, get, wait_until

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("REPRISE_BIN") or ROOT / ".build/debug/reprise").resolve()
# The same server with services made for tests; built beside it.
FIXTURES = BINARY.with_name("reprise-fixtures")

_READY_SECONDS = 30.0
_STOP_SECONDS = 45.0  # The drain time of a stopping server is 30 s.
_LOG_TAIL_LINES = 40

# Processes to end should the test runner itself have to give up.
_running = set()
_running_lock = threading.Lock()


class ServerDied(AssertionError):
    """The process ended by itself when it should have become ready."""


# Of every so many ports one is this process's: others do not take what is free while a server is being restarted.
_ports = (0, 1)


def use_ports_of(worker, workers):
    """For the process of this number among so many that run tests at the same time."""
    global _ports
    _ports = (worker, workers)


def free_port():
    """A free port below the range of outgoing connections, so that none of them can take it before the server does."""
    worker, workers = _ports
    while True:
        port = random.randrange(20000 + worker, 32000, workers)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def kill_all():
    """Ends every server that this process started and that still runs."""
    with _running_lock:
        processes = list(_running)
    for process in processes:
        process.kill()
        process.wait()


class Server:
    """One data directory and the process that owns it, at most one at a time.

    `environment` holds the knobs of every start; `start` takes more for one start. Ports stay the same.
    """

    def __init__(self, environment=None, directory=None, binary=None):
        self.binary = str(binary or BINARY)
        self.environment = dict(environment or {})
        self._owned = None if directory else tempfile.mkdtemp(prefix="reprise-blackbox-")
        self.directory = Path(directory or self._owned)
        self.data = self.directory / "data"
        self.log_path = self.directory / "server.log"
        self.ingress = f"http://127.0.0.1:{free_port()}"
        self.admin = f"http://127.0.0.1:{free_port()}"
        self.process = None
        self.starts = 0

    # Starting

    def start(self, wrapper=(), **environment):
        """Starts the process and waits until it answers 200 to its health check."""
        self.spawn(wrapper, **environment)
        if not self.wait_ready_or_dead():
            code = self.process.returncode
            raise ServerDied(f"the server ended with {code} instead of becoming ready\n{self.tail()}")
        return self

    def spawn(self, wrapper=(), **environment):
        """Starts the process and returns at once."""
        assert not self.alive, "the server runs already"
        self.starts += 1
        command = [*wrapper, self.binary, "serve", "--data-dir", str(self.data),
                   "--ingress", self.ingress.removeprefix("http://"), "--admin", self.admin.removeprefix("http://")]
        variables = {**os.environ, **self.environment, **environment}
        with open(self.log_path, "ab") as log:
            shown = " ".join(f"{name}={value}" for name, value in environment.items())
            log.write(f"--- start {self.starts} {shown}\n".encode())
            log.flush()
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=variables, cwd=self.directory)
        with _running_lock:
            _running.add(self.process)

    def wait_ready_or_dead(self, within=_READY_SECONDS):
        """True once the server is ready, False once its process has ended."""
        return wait_until(lambda: "dead" if not self.alive else "ready" if self.is_ready() else None,
                          lambda: f"a server that answers its health check\n{self.tail()}", within) == "ready"

    def is_ready(self):
        try:
            return get(self.ingress, "/restate/health", timeout=5).status == 200
        except LOST:
            return False

    # Ending

    @property
    def alive(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """SIGKILL, as a crash does; the process is gone on return."""
        self.process.kill()
        return self.wait_end()

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def stop(self):
        """SIGTERM; the exit code."""
        self.terminate()
        return self.wait_end()

    def wait_end(self, within=_STOP_SECONDS):
        try:
            code = self.process.wait(within)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the server still runs after {within:g} s\n{self.tail()}") from None
        with _running_lock:
            _running.discard(self.process)
        return code

    def restart(self, **environment):
        if self.alive:
            self.kill()
        return self.start(**environment)

    def close(self):
        if self.alive:
            self.kill()
        if self._owned:
            shutil.rmtree(self._owned, ignore_errors=True)

    # Looking from outside

    @property
    def log(self):
        return self.log_path.read_text("utf-8", "replace") if self.log_path.exists() else ""

    def tail(self):
        lines = self.log.splitlines()[-_LOG_TAIL_LINES:]
        return "\n".join([f"last lines of {self.log_path}:", *("    " + line for line in lines)])

    def query(self, sql, *values):
        """Rows of the database as another process sees them: what is committed."""
        deadline = time.monotonic() + 5
        while True:
            try:
                connection = sqlite3.connect(f"file:{self.data}/reprise.db?mode=ro", uri=True, timeout=5)
                try:
                    return connection.execute(sql, values).fetchall()
                finally:
                    connection.close()
            except sqlite3.OperationalError:
                # The last process to leave removes the -wal file under a reader that is just opening.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def invocation_count(self):
        return self.query("SELECT count(*) FROM invocation")[0][0]

    def unfinished(self):
        """Invocations that should move on by themselves (not those that wait for their hour, as hold timers do)."""
        return self.query("SELECT service, key, handler, status, last_failure FROM invocation"
                          " WHERE status NOT IN ('completed', 'scheduled')")

    def wait_idle(self, within=20.0):
        """Waits until everything that was accepted has ended."""
        wait_until(lambda: not self.unfinished(), lambda: f"no invocation under way: {self.unfinished()}", within)

    def listed(self, query=""):
        """The invocations that the admin API lists."""
        answer = get(self.admin, f"/invocations{query}")
        assert answer.status == 200, f"GET /invocations{query}: {answer}"
        body = answer.json()
        return body["invocations"] if isinstance(body, dict) else body

