"""Server-sent events as a client sees them."""

import json
import re
import subprocess
import threading
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    id: str
    type: str
    data: object


class Listener:
    """`curl -N` on a stream. `events` grows while it runs."""

    def __init__(self, url, last_event_id=None, arguments=()):
        headers = ["-H", f"Last-Event-ID: {last_event_id}"] if last_event_id else []
        self.process = subprocess.Popen(
            ["curl", "-sSN", "--max-time", "120", *arguments, *headers, url], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        self._heard = bytearray()  # grows in place, so that megabytes are no matter
        self._found = []
        self._parsed = 0
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        for line in self.process.stdout:
            self._heard += line

    @property
    def events(self):
        """Complete events only; comments and the like are none."""
        end = self._heard.rfind(b"\n\n", self._parsed) + 2
        if end < 2:
            return self._found
        for block in self._heard[self._parsed:end].decode().split("\n\n"):
            fields = dict(re.findall(r"^(\w+): (.*)$", block, re.MULTILINE))
            if "data" in fields:
                self._found.append(Event(fields.get("id"), fields.get("event"), json.loads(fields["data"])))
        self._parsed = end
        return self._found

    def wait_for(self, condition, what, within=20):
        deadline = time.monotonic() + within
        while not condition(self.events):
            assert time.monotonic() < deadline, f"not within {within} s: {what}; heard {self.events[-5:]}"
            time.sleep(0.01)
        return self.events

    def wait_begun(self):
        """The first line is there: from now on nothing is missed."""
        deadline = time.monotonic() + 20
        while b"\n\n" not in self._heard:
            assert time.monotonic() < deadline, "the stream does not begin"
            time.sleep(0.01)
        return self

    def wait_end(self, within=20):
        """curl's exit code, once the server has ended the stream."""
        code = self.process.wait(within)
        self.thread.join(within)
        return code

    def close(self):
        self.process.kill()
        self.process.wait()
        self.thread.join()
        self.process.stdout.close()
        self.process.stderr.close()
