"""Work of every kind that can be under way when a server ends, and how each kind has to go on.

A new kind is one more entry of `KINDS`; its handler goes to `DrillServices.swift`.
"""

from dataclasses import dataclass, field
from urllib.parse import quote

from client import get, post, wait_until

SERVICES = {"REPRISE_DRILL_SERVICES": "1"}
# While it lasts, steps and handlers that can fail do.
OUTAGE = {"REPRISE_DRILL_OUTAGE": "1"}


@dataclass(frozen=True)
class Kind:
    """One invocation that is sent, the state in which it has to be found, and what becomes of it."""

    path: str
    body: object = None
    query: str = ""
    key: str = None
    # As the admin API names it; several where a kind moves on by itself.
    status: tuple = ("running", "suspended")
    # The journal that is on disk by then: for each entry, whether it has its result.
    journal: tuple = ()
    # Whether the step of the last entry has failed once.
    has_failed: bool = False
    # The object whose awakeable has to be resolved for this one to end, and what with.
    resolve: tuple = None
    # What it comes to: the status of the answer with its JSON or message; None for one that stays where it is.
    ends: tuple = None
    # What a later release that changed its handler makes of it: a part of the reason of the pause.
    altered: str = None


HOUR_MS = 3_600_000

KINDS = {
    "completed": Kind("/Drill/echo", "hello", status=("completed",), ends=(200, "hello")),
    "completed-with-key": Kind("/Drill/echo", "once", key="k-1", status=("completed",), ends=(200, "once")),
    "completed-large": Kind("/Drill/echo", "x" * 5_000, status=("completed",), ends=(200, "x" * 5_000)),
    "completed-state": Kind("/DrillObject/counted/add", 42, status=("completed",), ends=(200, 42)),
    "failed-with-key": Kind("/Drill/refuse", "no", key="k-2", status=("completed",), ends=(409, "no")),
    "sleeping": Kind("/Drill/sleep", {"ms": 20_000}, journal=(False,), ends=(200, "slept")),
    "sleeping-long": Kind("/Drill/sleep", {"ms": 1_000 * HOUR_MS}, journal=(False,)),
    "step-retry": Kind("/Drill/step", journal=(True, False), has_failed=True, ends=(200, "stepped")),
    "backing-off": Kind("/Drill/attempt", status=("backing-off",), journal=(True,), ends=(200, "succeeded")),
    "paused": Kind("/Drill/once", status=("paused",)),
    "awakeable": Kind("/DrillObject/waits/hold", journal=(False, True), resolve=("waits", "told"), ends=(200, "told")),
    "queued-1": Kind("/DrillObject/waits/add", 1, status=("pending",), ends=(200, 1)),
    "queued-2": Kind("/DrillObject/waits/add", 10, key="k-3", status=("pending",), ends=(200, 11)),
    "calling": Kind(
        "/Drill/parent", "child", journal=(False,), resolve=("child", "yes"), ends=(200, "the child said yes")),
    "queued-behind-child": Kind("/DrillObject/child/add", 5, status=("pending",), ends=(200, 5)),
    "scheduled": Kind("/Drill/echo", "later", query="?delay=20s", status=("scheduled",), ends=(200, "later")),
    "scheduled-object": Kind(
        "/DrillObject/later/add", 7, query="?delay=20s", status=("scheduled",), ends=(200, 7)),
    "scheduled-long": Kind("/Drill/echo", "never", query=f"?delay={1_000 * HOUR_MS}", status=("scheduled",)),
    "renamed": Kind("/Release/rename", journal=(False,), ends=(200, "kept its name"),
                    altered="no handler rename of a service Release"),
    "retyped": Kind("/Release/retype", "text", journal=(False,), ends=(200, "text"), altered="the stored input does not decode"),
    "retyped-scheduled": Kind("/Release/retype", "text", query="?delay=20s", status=("scheduled",), ends=(200, "text"),
                              altered="the stored input does not decode"),
    "reordered": Kind("/Release/reorder", journal=(True, False), ends=(200, "kept its order"),
                      altered="journal mismatch (570) at entry 0"),
}


@dataclass
class Drill:
    """What was sent to one data directory: the public ids by kind."""

    ids: dict = field(default_factory=dict)

    @staticmethod
    def begin(server):
        """Sends one of each kind, and returns when each has come to its state and is on disk."""
        drill = Drill()
        for name, kind in KINDS.items():
            headers = {"idempotency-key": kind.key} if kind.key else {}
            answer = post(server.ingress, f"{kind.path}/send{kind.query}", kind.body, headers)
            assert answer.status == 202, f"{name}: {answer}"
            drill.ids[name] = answer.invocation
            wait_until(lambda name=name: drill.is_in_place(server, name),
                       lambda name=name: f"{name} in its state: {drill.shown(server, name)}")
        return drill

    def shown(self, server, name):
        """The invocation as the admin API shows it, which is as it is on disk."""
        answer = get(server.admin, f"/invocations/{self.ids[name]}")
        assert answer.status == 200, f"{name}: {answer}"
        return answer.json()

    def is_in_place(self, server, name):
        found, kind = self.shown(server, name), KINDS[name]
        if found["status"] not in kind.status:
            return False
        if found["status"] == "completed":
            return True
        journal = found["journal"]
        if kind.has_failed and not (journal and journal[-1].get("retry_count")):
            return False
        return tuple(entry["completed"] for entry in journal) == kind.journal

    def names(self, altered):
        """Those whose handlers an altered release has changed, or the others."""
        return [name for name in self.ids if bool(KINDS[name].altered) == altered]

    def finish(self, server, names):
        """Resolves what they wait for; yields a line for each that does not come to its end, or leaves its place."""
        for name in names:
            if KINDS[name].resolve:
                key, value = KINDS[name].resolve
                awakeable = post(server.ingress, f"/DrillObject/{key}/awakeableID").json()
                # Whether it was resolved before makes no difference.
                answer = post(server.ingress, f"/restate/awakeables/{awakeable}/resolve", value)
                assert answer.status == 202, f"{name}: {answer}"
        for name in names:
            expected = KINDS[name].ends
            if expected is None:
                status = self.shown(server, name)["status"]
                if status not in KINDS[name].status:
                    yield f"{name} is {status}"
                continue
            answer = get(server.ingress, f"/restate/invocation/{quote(self.ids[name])}/attach", timeout=60)
            found = (answer.status, answer.json() if answer.status == 200 else answer.message)
            if found != expected:
                yield f"{name} came to {answer} instead of {expected}"
            yield from self.problems_of_key(server, name, expected)

    def problems_of_key(self, server, name, expected):
        """Who asks again under the same key gets the same answer from the same invocation."""
        kind = KINDS[name]
        if kind.key is None:
            return
        again = post(server.ingress, kind.path, kind.body, {"idempotency-key": kind.key})
        found = (again.status, again.json() if again.status == 200 else again.message)
        if found != expected or again.invocation != self.ids[name]:
            yield f"{name}, asked again under its key, answers {again} of {again.invocation}"
