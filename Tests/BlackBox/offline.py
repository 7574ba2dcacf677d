"""Data directories without their server: copied, damaged, verified, backed up."""

import shutil
import sqlite3
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import server

DATABASE = "reprise.db"
LOCK = "lock"
BINARY = str(server.BINARY)
# What is left in a directory by its processes and says nothing about its contents.
_NOT_DATA = ("ballast", LOCK, f"{DATABASE}-shm")


@dataclass(frozen=True)
class Ended:
    """How a command of the binary ended."""

    code: int
    lines: list
    error: str

    @property
    def summary(self):
        return self.lines[-1] if self.lines else ""

    @property
    def problems(self):
        return self.lines[:-1]

    def __str__(self):
        return "\n".join([f"ended with {self.code}", *self.lines, self.error])


def command(*arguments, timeout=60):
    """Runs `reprise ARGUMENTS` to its end."""
    ended = subprocess.run(
        [BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=timeout,
        check=False)
    return Ended(ended.returncode, ended.stdout.splitlines(), ended.stderr)


def verify(path):
    return command("verify", path)


def require_sound(path, about=""):
    """Verifies, and returns the number of the last commit."""
    found = verify(path)
    assert found.code == 0 and "no problems in" in found.summary, f"{about} {found}"
    return int(found.summary.rsplit(" ", 1)[1])


def copy(data, to):
    """The data of a directory that no process is changing, without the traces of processes."""
    to = Path(to)
    to.mkdir(mode=0o700)
    for file in Path(data).iterdir():
        if file.name not in _NOT_DATA:
            shutil.copy2(file, to / file.name)
    return to


@contextmanager
def database(data):
    """A connection that may change everything, to a directory without a server."""
    connection = sqlite3.connect(Path(data) / DATABASE, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()
