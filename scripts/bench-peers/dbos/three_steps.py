"""The rival of `scripts/bench` for workflows: DBOS on SQLite.

three_steps.py DIRECTORY CALLERS SECONDS : as many callers start three-step workflows one after the other; prints the
workflows that ended per second.
"""

import sys
import threading
import time

from dbos import DBOS, DBOSConfig


@DBOS.step()
def step(number: int) -> int:
    return number


@DBOS.workflow()
def three() -> int:
    return step(1) + step(2) + step(3)


def main() -> None:
    directory, callers, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    config: DBOSConfig = {
        "name": "bench",
        "system_database_url": f"sqlite:///{directory}/dbos.sqlite",
        "log_level": "ERROR",
        "run_admin_server": False,
    }
    DBOS(config=config)
    DBOS.launch()
    three()
    end = time.monotonic() + seconds
    counts = [0] * callers

    def call(caller: int) -> None:
        while time.monotonic() < end:
            assert three() == 6
            counts[caller] += 1

    threads = [threading.Thread(target=call, args=(caller,)) for caller in range(callers)]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"{sum(counts) / (time.monotonic() - start):.1f}")
    DBOS.destroy()


if __name__ == "__main__":
    main()
