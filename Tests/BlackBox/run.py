#!/usr/bin/env python3
"""Runs the black-box tests against the real binary and ends with one line: `N passed, N failed`.

    run.py [--long] [--list] [--jobs=N] [PATTERN ...]

PATTERN selects tests by a part of their name (`test_http`, `Crash`, `kill`). REPRISE_BIN names the binary, by default
.build/debug/reprise; reprise-fixtures stands beside it. `--long` kills more often and walks further. `--jobs` runs so
many tests at a time, in processes of their own.
"""

import faulthandler
import multiprocessing
import os
import re
import sys
import threading
import time
import unittest
from itertools import groupby
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import server  # noqa: E402  (found by the path that was just set)

_TEST_SECONDS_MAX = 300
_TEST_SECONDS_MAX_LONG = 1800


class Watchdog:
    """Ends the run if one test hangs: with the stacks of all threads, and without leaving a server behind."""

    def __init__(self, seconds, closing):
        self.seconds = seconds
        self.closing = closing
        self.timer = None

    def arm(self, name):
        self.disarm()
        self.timer = threading.Timer(self.seconds, self._give_up, (name,))
        self.timer.daemon = True
        self.timer.start()

    def disarm(self):
        if self.timer:
            self.timer.cancel()

    def _give_up(self, name):
        print(f"\n{name} still runs after {self.seconds} s", flush=True)
        faulthandler.dump_traceback(all_threads=True)
        server.kill_all()
        print(self.closing(1), flush=True)
        os._exit(1)


class Result(unittest.TestResult):
    """One line a test; a failure with its trace and the log of the servers it used."""

    def __init__(self, seconds_max):
        super().__init__()
        self.passed = 0
        self.names_failed = []
        self.names_skipped = []
        self.watchdog = Watchdog(seconds_max, self.closing_line)

    def closing_line(self, more_failed=0):
        line = f"{self.passed} passed, {len(self.names_failed) + more_failed} failed"
        return f"{line}, {len(self.names_skipped)} skipped" if self.names_skipped else line

    def startTest(self, test):
        super().startTest(test)
        self.started = time.monotonic()
        self.watchdog.arm(test.id())

    def stopTest(self, test):
        self.watchdog.disarm()
        super().stopTest(test)

    def _failed(self, test, error):
        self.names_failed.append(test.id())
        text = f"FAIL {test.id()} ({time.monotonic() - self.started:.1f} s)\n{self._exc_info_to_string(error, test)}\n"
        # In one piece: others may be writing, too.
        print(text + "".join(f"{each.tail()}\n" for each in getattr(test, "servers", [])), end="", flush=True)

    def addSuccess(self, test):
        self.passed += 1
        print(f"ok   {test.id()} ({time.monotonic() - self.started:.1f} s)\n", end="", flush=True)

    def addFailure(self, test, error):
        self._failed(test, error)

    def addError(self, test, error):
        # A class that could not be set up comes as an error of something that is not a test case.
        if not isinstance(test, unittest.TestCase):
            self.started = time.monotonic()
        self._failed(test, error)

    def addSubTest(self, test, subtest, error):
        if error is not None:
            self._failed(subtest, error)

    def addSkip(self, test, reason):
        self.names_skipped.append(test.id())
        print(f"skip {test.id()}: {reason}", flush=True)

    def addUnexpectedSuccess(self, test):
        self.names_failed.append(test.id())

    def wasSuccessful(self):
        return not self.names_failed


def tests_of(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from tests_of(item)
        else:
            yield item


def portions_of(tests):
    """What is run in one go: a test, or all of a class that sets something up for all of them."""
    def portion(numbered):
        number, test = numbered
        is_alone = type(test).setUpClass.__func__ is unittest.TestCase.setUpClass.__func__
        return number if is_alone else type(test)

    return [[test for _, test in group] for _, group in groupby(enumerate(tests), portion)]


def work(portions, taken, worker, workers, seconds_max, ending):
    """One of several processes: takes the next portion until there is none."""
    server.use_ports_of(worker, workers)
    result = Result(seconds_max)
    try:
        while True:
            with taken.get_lock():
                number = taken.value
                taken.value += 1
            if number >= len(portions):
                break
            unittest.TestSuite(portions[number]).run(result)
    finally:
        server.kill_all()
    ending.send((result.passed, result.names_failed, result.names_skipped))


def run_at_a_time(jobs, tests, seconds_max):
    """The result of all, put together from those of so many processes."""
    system = multiprocessing.get_context("fork")
    portions, taken, total = portions_of(tests), system.Value("i", 0), Result(seconds_max)
    workers = []
    for number in range(jobs):
        ours, theirs = system.Pipe(duplex=False)
        worker = system.Process(target=work, args=(portions, taken, number, jobs, seconds_max, theirs))
        worker.start()
        theirs.close()
        workers.append((worker, ours))
    for worker, ending in workers:
        try:
            passed, failed, skipped = ending.recv()
        except EOFError:
            passed, failed, skipped = 0, [f"a process of tests that ended before them ({worker.name})"], []
        worker.join()
        total.passed += passed
        total.names_failed += failed
        total.names_skipped += skipped
    return total


def run_here(tests, seconds_max):
    result = Result(seconds_max)
    try:
        unittest.TestSuite(tests).run(result)
    finally:
        server.kill_all()
    return result


def main(arguments):
    options = {argument for argument in arguments if argument.startswith("--")}
    patterns = [argument for argument in arguments if not argument.startswith("--")]
    jobs = {option for option in options if re.fullmatch(r"--jobs=[1-9]", option)}
    if options - jobs - {"--long", "--list"} or len(jobs) > 1:
        print(__doc__, file=sys.stderr)
        return 2
    if "--long" in options:
        os.environ["BLACKBOX_LONG"] = "1"
    folder = Path(__file__).resolve().parent
    found = unittest.defaultTestLoader.discover(str(folder), "test_*.py", str(folder))
    chosen = [test for test in tests_of(found) if not patterns or any(part in test.id() for part in patterns)]
    if "--list" in options:
        print(*(test.id() for test in chosen), sep="\n")
        return 0
    for binary in (server.BINARY, server.FIXTURES):
        if not binary.exists():
            print(f"no binary at {binary}: `swift build` first, or set REPRISE_BIN", file=sys.stderr)
            return 2
    seconds_max = _TEST_SECONDS_MAX_LONG if "--long" in options else _TEST_SECONDS_MAX
    count = int(jobs.pop().removeprefix("--jobs=")) if jobs else 1
    result = run_here(chosen, seconds_max) if count == 1 else run_at_a_time(count, chosen, seconds_max)
    for name in result.names_failed:
        print(f"failed: {name}")
    if not chosen:
        print("no test has such a name", file=sys.stderr)
    print(result.closing_line(), flush=True)
    return 0 if chosen and result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
