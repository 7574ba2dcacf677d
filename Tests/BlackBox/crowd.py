"""So many callers at once that commits have many changes: results are packed then, and state is written later."""

import threading

from client import LOST, post, wait_until

KEYS = [f"crowd-{number}" for number in range(8)]
_CALLERS = 64


def press(server):
    """Lets callers add to the keys of a server with the services of the drill until it is killed with results that are
    packed and state that is not in its table yet. Returns how many calls were answered; whether the last ones that were
    not are done nobody knows."""
    answered = []
    for _ in range(20):
        if not server.alive:
            server.start()
        threads = [
            threading.Thread(target=_call, args=(server.ingress, KEYS[number % len(KEYS)], answered), daemon=True)
            for number in range(_CALLERS)]
        for thread in threads:
            thread.start()
        wait_until(lambda: _is_busy(server), "a busy server", within=30, every=0)
        server.kill()
        for thread in threads:
            thread.join(60)
        if _is_busy(server):
            return len(answered)
    raise AssertionError("each time everything was in its table before the kill")


def _is_busy(server):
    """By what is on disk: a server that has calmed down leaves `recent_state` empty."""
    counts = server.query("SELECT (SELECT count(*) FROM packed), (SELECT count(*) FROM recent_state)")
    return counts[0][0] > 3 and counts[0][1] > 0


def _call(ingress, key, answered):
    try:
        while True:
            answer = post(ingress, f"/DrillObject/{key}/add", 1)
            assert answer.status == 200, str(answer)
            answered.append(key)
    except LOST:
        pass


def totals(server):
    """What the keys hold."""
    return {key: post(server.ingress, f"/DrillObject/{key}/add", 0).json() for key in KEYS}


def results(server):
    """The ids of all results of the crowd, newest first."""
    return [found["id"] for found in server.listed("?service=DrillObject&status=completed&limit=1000")
            if found["target"].split("/")[1].startswith("crowd-")]
