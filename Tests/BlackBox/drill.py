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
    # Sent before the server is stopped in order and started again; the others are under way when it is killed.
    rests: bool = False
    # As the admin API names it; several where a kind moves on by itself.
    status: tuple = ("running", "suspended")
    # The journal that is on disk by then: for each entry, whether it has its result.
    journal: tuple = ()
    # Whether the step of the last entry has failed once.
    has_failed: bool = False
    # What somebody has to do for it to end: a function of the ingress. Doing it twice changes nothing.
    resolve: object = None
    # What it comes to: the status of the answer with its JSON or message; None for one that stays where it is.
    ends: tuple = None
    # What a later release that changed its handler makes of it: a part of the reason of the pause.
    altered: str = None


HOUR_MS = 3_600_000


def awakeable(key, value):
    """Resolves the awakeable that the object waits for."""
    def resolve(ingress):
        found = post(ingress, f"/DrillObject/{key}/awakeableID").json()
        answer = post(ingress, f"/restate/awakeables/{found}/resolve", value)
        assert answer.status == 202, f"awakeable of {key}: {answer}"
    return resolve


def approval(key, value):
    """Completes the promise that the workflow waits for."""
    def resolve(ingress):
        answer = post(ingress, f"/DrillWorkflow/{key}/approve", value)
        assert answer.status in (200, 409), f"promise of {key}: {answer}"
    return resolve


KINDS = {
    "suspended-sleep": Kind(
        "/Drill/sleep", {"ms": 20_000}, rests=True, status=("suspended",), journal=(False,), ends=(200, "slept")),
    "suspended-awakeable": Kind(
        "/DrillObject/rests/hold", rests=True, status=("suspended",), journal=(False, True),
        resolve=awakeable("rests", "woken"), ends=(200, "woken")),
    "suspended-call": Kind(
        "/Drill/parent", "resting-child", rests=True, status=("suspended",), journal=(False,),
        resolve=awakeable("resting-child", "up"), ends=(200, "the child said up")),
    "suspended-promise": Kind(
        "/DrillWorkflow/w-0/run", rests=True, status=("suspended",), journal=(False,),
        resolve=approval("w-0", "granted"), ends=(200, "granted")),
    "completed": Kind("/Drill/echo", "hello", status=("completed",), ends=(200, "hello")),
    "completed-with-key": Kind("/Drill/echo", "once", key="k-1", status=("completed",), ends=(200, "once")),
    "completed-large": Kind("/Drill/echo", "x" * 5_000, status=("completed",), ends=(200, "x" * 5_000)),
    "completed-state": Kind("/DrillObject/counted/add", 42, status=("completed",), ends=(200, 42)),
    "failed-with-key": Kind("/Drill/refuse", "no", key="k-2", status=("completed",), ends=(409, "no")),
    "sleeping": Kind("/Drill/sleep", {"ms": 20_000}, journal=(False,), ends=(200, "slept")),
    "sleeping-long": Kind("/Drill/sleep", {"ms": 1_000 * HOUR_MS}, journal=(False,)),
    "step-retry": Kind("/Drill/step", journal=(True, False), has_failed=True, ends=(200, "stepped")),
    "transaction-retry": Kind("/DrillBooks/enter", journal=(True, False), has_failed=True, ends=(200, "entered")),
    "transaction": Kind("/DrillBooks/linger", journal=(True, False), ends=(200, "entered")),
    "backing-off": Kind("/Drill/attempt", status=("backing-off",), journal=(True,), ends=(200, "succeeded")),
    "paused": Kind("/Drill/once", status=("paused",)),
    "awakeable": Kind("/DrillObject/waits/hold", journal=(False, True), resolve=awakeable("waits", "told"), ends=(200, "told")),
    "queued-1": Kind("/DrillObject/waits/add", 1, status=("pending",), ends=(200, 1)),
    "queued-2": Kind("/DrillObject/waits/add", 10, key="k-3", status=("pending",), ends=(200, 11)),
    "calling": Kind(
        "/Drill/parent", "child", journal=(False,), resolve=awakeable("child", "yes"), ends=(200, "the child said yes")),
    "attached": Kind(
        "/Drill/attach", lambda ids: ids["awakeable"], journal=(False,), ends=(200, "it said told")),
    "promise": Kind(
        "/DrillWorkflow/w-1/run", journal=(False,), resolve=approval("w-1", "granted"), ends=(200, "granted")),
    "promise-shared": Kind("/DrillWorkflow/w-1/approval", journal=(False,), ends=(200, "granted")),
    "promise-unborn": Kind(
        "/DrillWorkflow/w-2/approval", journal=(False,), resolve=approval("w-2", "early"), ends=(200, "early")),
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
        """Starts the server, sends one of each kind, and returns when each has come to its state and is on disk."""
        drill = Drill()
        server.start()
        drill.send(server, [name for name in KINDS if KINDS[name].rests])
        for name in drill.ids:
            wait_until(lambda name=name: drill.shown(server, name)["journal"], f"{name} at work")
        assert server.stop() == 0, server.tail()
        server.start()
        drill.send(server, [name for name in KINDS if not KINDS[name].rests])
        for name in KINDS:
            wait_until(lambda name=name: drill.is_in_place(server, name),
                       lambda name=name: f"{name} in its state: {drill.shown(server, name)}")
        return drill

    def send(self, server, names):
        for name in names:
            kind = KINDS[name]
            headers = {"idempotency-key": kind.key} if kind.key else {}
            body = kind.body(self.ids) if callable(kind.body) else kind.body
            answer = post(server.ingress, f"{kind.path}/send{kind.query}", body, headers)
            assert answer.status == 202, f"{name}: {answer}"
            self.ids[name] = answer.invocation

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
                KINDS[name].resolve(server.ingress)
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
