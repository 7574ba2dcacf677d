"""The load profile of the ticket system, and the audit after it. Run by `load-test.sh`, configured by environment.

Buyers ("virtual users") ramp up over RAMP, stay for DURATION, and ramp down over RAMP. Each buys a random one of the
fifty seats of the venue, thinks for a second, and buys again; a tenth of the cards is declined, for another tenth the
gateway fails. When the venue is sold out it resets itself, so the sale never ends.
"""

import os
import random
import re
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "Tests" / "BlackBox"))

from client import LOST, wait_until  # noqa: E402  (found by the path that was just set)
from sinks import Gateway  # noqa: E402
from ticketing import VENUE, Tickets, World, is_confirmed  # noqa: E402

_GATEWAY_SECONDS = 0.5
_THINK_SECONDS = 1.0
_DRAIN_SECONDS = 30.0
_P95_MS_MAX = 2000
_RESET_LINE = "All seats sold! Triggering auto-reset..."

# The five answers that a buyer may get.
CONFIRMED = "Booking Confirmed"
REFUSALS = {
    "Ticket already sold": "already sold",
    "Ticket is currently reserved": "currently reserved",
    "Payment failed: Payment declined: Payment declined (Method: card_decline)": "Payment declined",
    "Payment failed: Payment declined: Gateway timeout": "Gateway timeout",
}


@dataclass(frozen=True)
class Profile:
    users: int
    seconds: float
    ramp: float

    @classmethod
    def from_environment(cls):
        duration = seconds_of(os.environ.get("DURATION", "30s"))
        ramp = os.environ.get("RAMP")
        return cls(int(os.environ.get("VUS", "5")), duration, seconds_of(ramp) if ramp else min(10.0, duration))

    @property
    def total(self):
        return self.seconds + 2 * self.ramp

    def span(self, user):
        """When the buyer with this number begins and ends, in seconds from the start."""
        share = user / self.users
        return share * self.ramp, self.ramp + self.seconds + (1 - share) * self.ramp


def seconds_of(text):
    """`30s`, `2m`, `500ms`, or a bare number of seconds."""
    found = re.fullmatch(r"([\d.]+)(ms|s|m)?", text.strip())
    if not found:
        raise SystemExit(f"not a duration: {text}")
    return float(found.group(1)) * {"ms": 0.001, "s": 1, "m": 60, None: 1}[found.group(2)]


@dataclass(frozen=True)
class Sample:
    seat: str
    category: str
    milliseconds: float
    known: bool


def classify(response):
    """The category of an answer, and whether it is one of the five."""
    if is_confirmed(response):
        return CONFIRMED, True
    if response.status == 500 and response.message in REFUSALS:
        return REFUSALS[response.message], True
    return f"HTTP {response.status} {response.text[:80]}", False


def buy(tickets, user, iteration, choice):
    seat = f"seat-{choice.randint(1, 50)}"
    draw = choice.random()
    method = "card_error" if draw > 0.9 else "card_decline" if draw > 0.8 else "card_success"
    start = time.monotonic()
    try:
        response = tickets.checkout(seat, f"user-{user}-{iteration}", method)
        category, known = classify(response)
    except LOST as error:
        category, known = f"no answer: {error or type(error).__name__}", False
    return Sample(seat, category, (time.monotonic() - start) * 1000, known)


def run_load(tickets, profile, seed):
    """All samples of the run, in no particular order."""
    samples = []
    over = threading.Event()
    start = time.monotonic()

    def live(user):
        begin, end = profile.span(user)
        choice = random.Random(f"{seed}-{user}")
        iteration = 0
        over.wait(begin)
        while time.monotonic() - start < end and not over.is_set():
            samples.append(buy(tickets, user, iteration, choice))  # Appending is atomic.
            iteration += 1
            over.wait(_THINK_SECONDS)

    threads = [threading.Thread(target=live, args=(user,)) for user in range(profile.users)]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    finally:
        over.set()
    return samples


def percentile(ordered, share):
    """The smallest value that at least `share` of them do not exceed; 0 for none."""
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)] if ordered else 0.0


class Audit:
    """The acceptance conditions, checked one after the other."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.colours = sys.stdout.isatty() and not os.environ.get("NO_COLOR")

    def _print(self, word, colour, text):
        print(f"  \033[{colour}m{word}\033[0m {text}" if self.colours else f"  {word} {text}", flush=True)

    def check(self, title, problems):
        """`problems`: what is wrong, nothing if the condition holds."""
        problems = list(problems)
        if problems:
            self.failed += 1
            self._print("FAIL", 31, title)
            for line in problems[:10]:
                print(f"       {line}")
        else:
            self.passed += 1
            self._print("PASS", 32, title)

    def skip(self, title, why):
        self.skipped += 1
        self._print("SKIP", 33, f"{title}: {why}")

    def closing_line(self):
        line = f"{self.passed} passed, {self.failed} failed"
        return f"{line}, {self.skipped} skipped" if self.skipped else line


def sold_seats(tickets):
    return {seat for seat in VENUE if tickets.seat(seat)["status"] == "SOLD"}


def drain(tickets):
    """Waits until no sale and no reset is under way; what is still wrong after that is a finding, not an error."""
    def differences():
        view = tickets.map()
        for seat in VENUE:
            state = tickets.seat(seat)["status"]
            if state == "RESERVED":
                yield f"{seat} is still reserved"
            elif view.get(seat, "AVAILABLE") != state:
                yield f"{seat} is {state}, the seat map says {view.get(seat)}"
    try:
        wait_until(lambda: not any(differences()), "agreement of seat map and tickets", _DRAIN_SECONDS, 0.25)
    except AssertionError:
        pass
    return list(differences())


def unexplained(confirmed, sold_before, sold_after, resets):
    """Seats that were not sold exactly once in each round that ended, and once more if they are sold now."""
    for seat in VENUE:
        expected = resets + (seat in sold_after) - (seat in sold_before)
        if confirmed[seat] != expected:
            yield f"{seat}: {confirmed[seat]} answers of success, {expected} expected after {resets} resets"


def report(samples, profile):
    ordered = sorted(sample.milliseconds for sample in samples)
    print(f"\n{len(samples)} requests in {profile.total:g} s, {profile.users} users")
    print("latency ms: " + "  ".join(
        f"{name} {value:.0f}" for name, value in
        [(f"p{share}", percentile(ordered, share)) for share in (50, 90, 95, 99)] + [("max", max(ordered, default=0))]))
    for category, count in Counter(sample.category for sample in samples).most_common():
        print(f"  {count:6d}  {category}")
    print()


def audit(samples, tickets, sold_before, world):
    """Checks the conditions; `world` is None if the server, and so its money and mail, is somebody else's."""
    result = Audit()
    confirmed = Counter(sample.seat for sample in samples if sample.category == CONFIRMED)
    total = sum(confirmed.values())
    strangers = Counter(sample.category for sample in samples if not sample.known)
    ordered = sorted(sample.milliseconds for sample in samples)
    differing = drain(tickets)
    sold_after = sold_seats(tickets)

    result.check("1. every answer is one of five", [f"{n} x {text}" for text, n in strangers.items()]
                 or ([] if samples else ["there was no answer"]))
    result.check("2. no failure of the infrastructure",
                 [f"{sum(strangers.values())} of {len(samples)}"] if strangers else [])
    p95 = percentile(ordered, 95)
    result.check(f"3. p95 below {_P95_MS_MAX} ms", [] if p95 < _P95_MS_MAX else [f"{p95:.0f} ms"])

    title4 = "4. each seat is sold at most once in a round"
    title5 = "5. as many successes as seats sold"
    if world:
        resets = world.server.log.count(_RESET_LINE)
        result.check(title4, unexplained(confirmed, sold_before, sold_after, resets))
        expected = len(sold_after) - len(sold_before) + 50 * resets
        result.check(f"{title5} ({len(sold_after)} now and {resets} resets)",
                     [] if total == expected else [f"{total} successes, {expected} sales"])
    else:
        # Without its log the number of resets is not known, but there can be only one that explains the total.
        resets, rest = divmod(total + len(sold_before) - len(sold_after), 50)
        result.check(title5, [f"{total} successes, {len(sold_after)} sold"] if rest else [])
        result.check(title4, unexplained(confirmed, sold_before, sold_after, resets))
    result.check("6. no seat stays reserved, and the seat map agrees with the tickets", differing)

    title7 = "7. one charge and one mail for each success"
    if world:
        wait_for_mails(world, total)
        result.check(f"{title7} ({world.gateway.captured} charges, {world.gateway.voided} voids, "
                     f"{len(world.mails.ids())} mails)", money_and_mail(world, total))
    else:
        result.skip(title7, "only a server that was started here charges and mails where this script can count")
    return result


def wait_for_mails(world, total):
    try:
        wait_until(lambda: len(world.mails.ids()) >= total, "all mails", _DRAIN_SECONDS)
    except AssertionError:
        pass  # The audit says so.


def money_and_mail(world, total):
    yield from world.gateway.violations
    yield from world.mails.violations
    if world.gateway.net() != total:
        yield f"{world.gateway.net()} charges stand for {total} successes"
    if len(world.mails.ids()) != total:
        yield f"{len(world.mails.ids())} different mails for {total} successes"


def main():
    profile = Profile.from_environment()
    seed = int(os.environ.get("SEED") or random.randrange(1 << 32))
    url = os.environ.get("RESTATE_URL")
    world = None if url else World(gateway=Gateway(_GATEWAY_SECONDS))
    try:
        if world:
            world.start()
        tickets = Tickets(url.rstrip("/")) if url else world.tickets
        print(f"{profile.users} users for {profile.seconds:g} s and two ramps of {profile.ramp:g} s "
              f"at {tickets.base}, seed {seed}", flush=True)
        sold_before = sold_seats(tickets)
        samples = run_load(tickets, profile, seed)
        report(samples, profile)
        result = audit(samples, tickets, sold_before, world)
        if result.failed and world:
            print(world.server.tail())
        print(f"\n{result.closing_line()}")
        return 1 if result.failed else 0
    finally:
        if world:
            world.close()
            world.gateway.close()


if __name__ == "__main__":
    sys.exit(main())
