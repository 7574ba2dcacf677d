"""Clients that ask a server for different things at the same time and remember what they were answered."""

import random
import threading
import time
from dataclasses import dataclass

from client import LOST, get, post


@dataclass
class Answer:
    """One request under a key of its own: asked again, it must give the same."""

    path: str
    body: object
    key: str
    amount: int
    # Of the request that was answered, on the clock of `time.monotonic`.
    answered_at: float = None
    status: int = None
    content: bytes = None
    invocation: str = None
    # How often the answer was 503, and whether each said when to come back.
    refusals: int = 0
    bad_refusals: list = None


class Load:
    """`clients` threads, from `start()` to `stop()`. Needs the services of the fixtures."""

    counters = 20

    def __init__(self, server, clients=8, bulk=0, seed=0):
        self.server = server
        self.bulk = {"x-bulk": "x" * bulk} if bulk else {}
        self.over = threading.Event()
        self.failures = []
        self._answers = [[] for _ in range(clients)]
        self._threads = [
            threading.Thread(target=self._client, args=(number, random.Random(f"{seed}-{number}")), daemon=True)
            for number in range(clients)]

    def start(self):
        for thread in self._threads:
            thread.start()
        return self

    def stop(self):
        """The server must be up: every request that was begun is asked again until it is answered."""
        self.over.set()
        for thread in self._threads:
            thread.join(90)
            assert not thread.is_alive(), f"a client still waits for its answer; {self.server.tail()}"
        assert not self.failures, self.failures[0]

    @property
    def answers_by_client(self):
        return [list(each) for each in self._answers]

    @property
    def answers(self):
        return [answer for each in self.answers_by_client for answer in each]

    @property
    def answered(self):
        return [answer for answer in self.answers if answer.answered_at is not None]

    def _client(self, number, choice):
        try:
            while not self.over.is_set():
                answer = self._next(number, len(self._answers[number]), choice)
                self._answers[number].append(answer)
                self._ask(answer)
        except Exception as error:  # Shown by whoever stops the load.
            self.failures.append(error)

    def _next(self, number, place, choice):
        key = f"load-{number}-{place}"
        kind = choice.random()
        if kind < 0.7:
            amount = choice.randint(1, 5)
            return Answer(f"/Counter/c{choice.randrange(self.counters)}/add", amount, key, amount)
        if kind < 0.9:
            return Answer("/Slow/sleep", {"ms": choice.randint(1, 50)}, key, 0)
        return Answer("/Fail/fail", {"message": f"no {key}", "code": 409}, key, 0)

    def _ask(self, answer):
        deadline = time.monotonic() + 80
        while True:
            try:
                response = post(
                    self.server.ingress, answer.path, answer.body, {"idempotency-key": answer.key, **self.bulk},
                    timeout=10)
            except LOST:
                response = None
            if response is not None and response.status != 503:
                answer.answered_at = time.monotonic()
                answer.status, answer.content = response.status, response.body
                answer.invocation = response.invocation
                return
            if response is not None:
                answer.refusals += 1
                if "retry-after" not in response.headers or not response.message:
                    answer.bad_refusals = [*(answer.bad_refusals or []), str(response)]
            assert time.monotonic() < deadline, f"no answer to {answer}: {response}"
            time.sleep(0.02)

    # Auditing

    def problems(self, ingress, answers, complete):
        """What is wrong with `answers` on the server at `ingress`. `complete`: nothing else was ever asked there."""
        problems = []
        for answer in answers:
            again = post(ingress, answer.path, answer.body, {"idempotency-key": answer.key, **self.bulk})
            found = (again.status, again.body, again.invocation)
            if found != (answer.status, answer.content, answer.invocation):
                problems.append(f"{answer} is now {again} of {again.invocation}")
            if answer.bad_refusals:
                problems.append(f"refused without saying when to come back: {answer.bad_refusals[0]}")
        for counter in range(self.counters):
            path = f"/Counter/c{counter}/"
            at_least = sum(answer.amount for answer in answers if answer.path.startswith(path))
            # What a restored backup holds beyond them was under way when it was made.
            at_most = at_least if complete else sum(a.amount for a in self.answers if a.path.startswith(path))
            total = get(ingress, f"{path}get").json()
            if not at_least <= total <= at_most:
                problems.append(f"counter {counter} is {total}, not between {at_least} and {at_most}")
        return problems
