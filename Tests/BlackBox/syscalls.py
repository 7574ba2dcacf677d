"""System calls of a server under `strace`, in the order in which they happened."""

import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

CALLS = ("read,recvfrom,recvmsg,readv,write,writev,sendto,sendmsg,pwrite64,pwritev,fdatasync,fsync,sync_file_range")
_READS = {"read", "recvfrom", "recvmsg", "readv"}
_WRITES = {"write", "writev", "sendto", "sendmsg"}
_SYNCS = {"fdatasync", "fsync"}

_LINE = re.compile(r"^(\d+) +(\d+\.\d+) (.*)$")
# One with a descriptor alone ends behind it when another thread's call comes in between.
_WHOLE = re.compile(r"^(\w+)\((\d+)<(.*?)>(?:[,)]|(?= <unfinished))(.*)$")
_RESUMED = re.compile(r"^<\.\.\. (\w+) resumed>(.*)$")
_RESULT = re.compile(r"= (-?\d+)(?: .*)?$")


@dataclass
class SystemCall:
    name: str
    file: str  # what the descriptor is: a path, or a socket with its addresses
    text: str  # the arguments after the descriptor, then the result
    began: float
    ended: float

    @property
    def result(self):
        found = _RESULT.search(self.text)
        return int(found.group(1)) if found else None


def wrapper(output):
    """The command before a server's own that traces it. `-D` keeps the server our child: signals and its exit code
    are its own."""
    return ("strace", "-D", "-f", "-e", f"trace={CALLS}", "-yy", "-ttt", "-s", "200", "-o", str(output))


def obstacle():
    """Why nothing can be traced here; None if it can."""
    if not shutil.which("strace"):
        return "strace is not installed"
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "trace"
        ended = subprocess.run([*wrapper(output), "true"], capture_output=True, text=True)
        return None if ended.returncode == 0 else f"strace cannot trace here: {ended.stderr.strip()}"


def parse(text):
    """The calls of a trace in order of their beginning."""
    calls, open_calls = [], {}
    for line in text.splitlines():
        if not (found := _LINE.match(line)):
            continue
        thread, moment, what = found.group(1), float(found.group(2)), found.group(3)
        if resumed := _RESUMED.match(what):
            if call := open_calls.pop(thread, None):
                call.text += resumed.group(2)
                call.ended = moment
        elif whole := _WHOLE.match(what):
            call = SystemCall(whole.group(1), whole.group(3), whole.group(4), moment, moment)
            calls.append(call)
            if what.endswith("<unfinished ...>"):
                call.ended = float("inf")
                open_calls[thread] = call
    return calls


def sync_between(calls, request, answer):
    """Of the request whose text contains `request`: `(found, written, synced)`.

    `found`: it was read and then answered with a text that contains `answer` on the same socket. `written`: between
    the two something was written to the write-ahead log. `synced`: and after that the log was synced, with result 0.
    Later writes of the interval may belong to the next commit, which is under way while the answer is on its way.
    """
    asked = next((c for c in calls if c.name in _READS and request in c.text), None)
    if asked is None:
        return False, False, False
    answered = next((c for c in calls if c.name in _WRITES and c.file == asked.file and c.began >= asked.began
                     and answer in c.text), None)
    if answered is None:
        return False, False, False
    of_log = [c for c in calls if c.file.endswith("-wal") and c.began >= asked.began and c.ended <= answered.began]
    writes = [c for c in of_log if c.name in ("pwrite64", "pwritev", "write", "writev")]
    if not writes:
        return True, False, False
    synced = any(c.name in _SYNCS and c.result == 0 and c.began >= writes[0].ended for c in of_log)
    return True, True, synced
