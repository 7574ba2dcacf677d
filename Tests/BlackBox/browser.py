"""Headless Chromium, driven by its DevTools protocol over a pair of pipes."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from itertools import count

_KEYS = {
    "Tab": 9, "Enter": 13, "Escape": 27, " ": 32, "End": 35, "Home": 36, "ArrowLeft": 37, "ArrowUp": 38,
    "ArrowRight": 39, "ArrowDown": 40,
}
_TEXTS = {"Enter": "\r", " ": " "}


class Browser:
    """One browser with a profile of its own: a person. Its first page is `page`."""

    def __init__(self):
        assert shutil.which("chromium"), "Debian's package chromium is not installed; see scripts/prepare.sh"
        self.profile = tempfile.mkdtemp(prefix="reprise-browser-")
        from_browser, browser_writes = os.pipe()
        browser_reads, to_browser = os.pipe()
        # Chromium reads from 3 and writes to 4; a shell puts them there, whatever numbers they have here.
        command = (
            f"exec chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run"
            f" --disable-extensions --disable-background-networking --hide-scrollbars --window-size=1280,900"
            f" --user-data-dir='{self.profile}' --remote-debugging-pipe about:blank"
            f" 3<&{browser_reads} 4>&{browser_writes}")
        self.process = subprocess.Popen(
            ["bash", "-c", command], pass_fds=(browser_reads, browser_writes), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        os.close(browser_reads)
        os.close(browser_writes)
        self.output = os.fdopen(to_browser, "wb", buffering=0)
        self.input = os.fdopen(from_browser, "rb")
        self.numbers = count(1)
        self.answers = {}
        self.changed = threading.Condition()
        self.is_over = False
        self.listeners = []
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()
        self.page = self.open()

    def open(self):
        """A new window."""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        return Page(self, self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"])

    def send(self, method, session=None, within=30, **parameters):
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        self.output.write(json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + within
        with self.changed:
            while number not in self.answers:
                assert not self.is_over, f"the browser ended before it answered {method}"
                assert self.changed.wait(deadline - time.monotonic()), f"no answer to {method} within {within} s"
            answer = self.answers.pop(number)
        assert "error" not in answer, f"{method}: {answer.get('error')}"
        return answer["result"]

    def close(self):
        self.process.kill()
        self.process.wait()
        self.thread.join(10)
        self.output.close()
        self.input.close()
        shutil.rmtree(self.profile, ignore_errors=True)

    def _read(self):
        buffer = bytearray()
        while True:
            piece = self.input.read1(1 << 16)
            if not piece:
                break
            buffer += piece
            *messages, rest = buffer.split(b"\0")
            buffer = bytearray(rest)
            with self.changed:
                for message in map(json.loads, messages):
                    if "id" in message:
                        self.answers[message["id"]] = message
                    for listener in self.listeners:
                        listener(message)
                self.changed.notify_all()
        with self.changed:
            self.is_over = True
            self.changed.notify_all()


class Page:
    """One window. `problems` are what a person would see in the console: errors, refused resources, exceptions."""

    def __init__(self, browser, session):
        self.browser = browser
        self.session = session
        self.problems = []
        browser.listeners.append(self._hear)
        for domain in ("Page", "Runtime", "Log", "Accessibility", "DOM"):
            self.send(f"{domain}.enable")

    def send(self, method, **parameters):
        return self.browser.send(method, self.session, **parameters)

    def _hear(self, message):
        if message.get("sessionId") != self.session:
            return
        if message.get("method") == "Runtime.exceptionThrown":
            self.problems.append(str(message["params"]["exceptionDetails"]))
        elif message.get("method") == "Log.entryAdded" and message["params"]["entry"]["level"] == "error":
            entry = message["params"]["entry"]
            self.problems.append(f"{entry['text']} {entry.get('url', '')}")

    def go(self, url):
        self.send("Page.navigate", url=url)

    def evaluate(self, expression):
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, f"{expression}: {answer['exceptionDetails']}"
        return answer["result"].get("value")

    def wait_for(self, expression, within=10):
        """Until the expression is truthy; returns its value and the seconds it took."""
        start = time.monotonic()
        while True:
            try:
                value = self.evaluate(f"({expression})")
            except AssertionError:
                value = None  # The page may be about to be replaced by another.
            if value:
                return value, time.monotonic() - start
            if time.monotonic() - start > within:
                raise AssertionError(f"not within {within} s: {expression}\n{self.evaluate('document.body.innerText')}"
                                     f"\n{self.problems}")
            time.sleep(0.01)

    def press(self, key, times=1, modifiers=0):
        for _ in range(times):
            text = _TEXTS.get(key)
            event = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": _KEYS[key],
                     "modifiers": modifiers}
            self.send("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown",
                      **event, **({"text": text} if text else {}))
            self.send("Input.dispatchKeyEvent", type="keyUp", **event)

    def click(self, selector):
        """A real click of the mouse in the middle of an element."""
        x, y = self.evaluate(
            f"(() => {{ const box = document.querySelector({json.dumps(selector)}).getBoundingClientRect();"
            f" return [box.x + box.width / 2, box.y + box.height / 2]; }})()")
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def tree(self):
        """The accessibility tree as pairs of role and name, in order; what is ignored is left out."""
        nodes = self.send("Accessibility.getFullAXTree")["nodes"]
        return [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes
                if not node.get("ignored")]

    def focused(self):
        """The text or label of what has the focus."""
        return self.evaluate(
            "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.trim()")

    def scheme(self, name):
        """`light` or `dark`, as the system would ask for."""
        self.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def size(self, width, height):
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def screenshot(self, path):
        image = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=True)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(image))
