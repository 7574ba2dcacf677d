"""The retry distribution of payments beside the expected one. Run by `order-retries`, configured by environment."""

import math
import os
import re
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "Tests" / "BlackBox"))

from orders import OrderWorld  # noqa: E402  (found by the path that was just set)

_CALLERS = 50
_LAST_ROW = 7  # And more.
_PLOT_WIDTH = 50
_SIGMAS = 4


@dataclass(frozen=True)
class Expectation:
    """Independent attempts, each of which succeeds with the chance `success`."""

    success: float
    payments: int

    def share(self, attempts):
        """Of payments with so many attempts; in the last row, with so many or more."""
        failed = (1 - self.success) ** (attempts - 1)
        return failed if attempts == _LAST_ROW else failed * self.success

    @property
    def mean(self):
        return 1 / self.success

    @property
    def deviation(self):
        return math.sqrt(1 - self.success) / self.success

    def band_of_share(self, attempts):
        share = self.share(attempts)
        return _SIGMAS * math.sqrt(share * (1 - share) / self.payments)

    @property
    def band_of_mean(self):
        return _SIGMAS * self.deviation / math.sqrt(self.payments)


def quantile(sample, share):
    return sorted(sample)[max(0, math.ceil(share * len(sample)) - 1)]


def bar(share, of=0.6):
    return round(share / of * _PLOT_WIDTH)


def plot(share, expected):
    """A bar as long as the share, with a mark where it should end."""
    cells = list("█" * bar(share) + " " * (_PLOT_WIDTH + 10 - bar(share)))
    cells[min(bar(expected), len(cells) - 1)] = "|"
    return "".join(cells).rstrip()


class Sample:
    """What was seen of each payment."""

    def __init__(self, world, payments, attempt_ms):
        names = [f"payment-{number}" for number in range(payments)]
        with ThreadPoolExecutor(_CALLERS) as pool:
            answers = list(pool.map(lambda name: world.orders.pay(name, timeout=3600), names))
        wrong = [answer for answer in answers if answer.status != 200 or answer.json()["status"] != "PAYMENT_COMPLETED"]
        assert not wrong, f"{len(wrong)} payments did not complete: {wrong[0]}"
        starts = Counter(re.findall(r"\[Payment Object (\S+)\] Starting payment transaction", world.server.log))
        self.attempts = [starts[name] for name in names]
        # What an attempt of the specified five seconds would have taken; the pauses between attempts are not scaled.
        self.seconds = [answer.elapsed for answer in answers]
        self.rows = Counter(min(number, _LAST_ROW) for number in self.attempts)
        self.ledger = len(world.ledger.rows("SELECT payment_id FROM order_ledger"))
        self.attempt_ms = attempt_ms

    @property
    def mean(self):
        return sum(self.attempts) / len(self.attempts)


def show(sample, expected):
    """Prints; returns what lies outside of its band."""
    count = len(sample.attempts)
    print(f"{count} payments, {100 - 100 * expected.success:g} % of attempts fail, {sample.attempt_ms} ms an attempt\n")
    print("Attempts  Payments   Share   Expected  Cumulative  Expected  at 5 s each")
    problems, seen, due = [], 0.0, 0.0
    for attempts in range(1, _LAST_ROW + 1):
        share, right = sample.rows[attempts] / count, expected.share(attempts)
        seen, due = seen + share, due + right
        more = attempts == _LAST_ROW
        print(f"{f'{attempts}+' if more else attempts:>5} {sample.rows[attempts]:>11} {share:>9.2%} {right:>9.2%}"
              f" {seen:>10.2%} {due:>10.2%} {5 * attempts:>8} s{' and up' if more else ''}")
        # Below that the binomial distribution is no bell.
        if right * count >= 10 and abs(share - right) > expected.band_of_share(attempts):
            problems.append(f"{share:.2%} of the payments had {attempts} attempts, not {right:.2%}")
    print(f"\n          0 %{' ' * (_PLOT_WIDTH - 5)}60 %   (| marks the expected share)")
    for attempts in range(1, _LAST_ROW + 1):
        more = "+" if attempts == _LAST_ROW else " "
        print(f"       {attempts}{more} {plot(sample.rows[attempts] / count, expected.share(attempts))}")
    print(f"\nmean attempts    {sample.mean:.3f}, expected {expected.mean:.3f} ± {expected.band_of_mean:.3f}")
    print(f"median, 99th     {quantile(sample.attempts, 0.5)}, {quantile(sample.attempts, 0.99)} attempts")
    print(f"answer after     {quantile(sample.seconds, 0.5):.3f} s (median), {quantile(sample.seconds, 0.99):.3f} s (99th)")
    print(f"ledger           {sample.ledger} rows")
    if abs(sample.mean - expected.mean) > expected.band_of_mean:
        problems.append(f"the mean is {sample.mean:.3f}, not {expected.mean:.3f}")
    if sample.ledger != count:
        problems.append(f"the ledger has {sample.ledger} rows for {count} payments")
    return problems


def main():
    payments = int(os.environ.get("PAYMENTS") or 200)
    attempt_ms = os.environ.get("ORDER_PAYMENT_MS") or "20"
    fail_percent = int(os.environ.get("ORDER_PAYMENT_FAIL_PERCENT") or 40)
    if fail_percent >= 100:
        sys.exit("ORDER_PAYMENT_FAIL_PERCENT: no payment would ever end")
    world = OrderWorld(
        ORDER_PAYMENT_MS=attempt_ms, ORDER_PAYMENT_FAIL_PERCENT=str(fail_percent), ORDER_PAYMENT_RANDOMS="")
    try:
        world.start()
        problems = show(Sample(world, payments, attempt_ms), Expectation(1 - fail_percent / 100, payments))
    finally:
        world.close()
    for problem in problems:
        print(f"outside of four standard deviations: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
