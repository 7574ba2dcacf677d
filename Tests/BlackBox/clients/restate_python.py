"""Restate's own Python SDK as a client. Runs a scenario against the ingress at argv[1] and prints what it saw as JSON.

Run by `test_clients.py` with the interpreter of a virtual environment that has the SDK. Names here are those of the SDK's
users: it must work as their code does.
"""

import asyncio
import json
import sys
from datetime import timedelta

import restate
from restate.client import create_client
from restate.client_types import HttpError

# What users of the SDK have at hand: definitions of the services that they call.
greeter = restate.Service("Greeter")
counter = restate.VirtualObject("Counter")
awk = restate.VirtualObject("Awk")


@greeter.handler()
async def greet(ctx: restate.Context, name: str) -> str: ...


@counter.handler()
async def add(ctx: restate.ObjectContext, amount: int) -> int: ...


@counter.handler(kind="shared")
async def get(ctx: restate.ObjectSharedContext) -> int: ...


async def poll(ask, wanted):
    """What `ask` gives once it gives what is wanted."""
    for _ in range(500):
        found = await ask()
        if wanted(found):
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(f"still {found!r}")


async def failure(call):
    try:
        await call
    except HttpError as error:
        return {"status": error.status_code, "body": json.loads(error.body)}
    raise AssertionError("it did not fail")


async def calls(client, seen):
    seen["service_call"] = await client.service_call(greet, "Ann")
    seen["object_call"] = [await client.object_call(add, "py-object", n) for n in (2, 3)]
    seen["without_input"] = await client.object_call(get, "py-object", None)
    seen["generic_call"] = json.loads(await client.generic_call("Greeter", "greet", b'"Bob"',
                                                                headers={"content-type": "application/json"}))
    headers = await client.generic_call("Echo", "headers", b"", headers={"x-custom": "v"})
    seen["headers"] = dict(json.loads(headers)).get("x-custom")


async def sends(client, seen):
    sent = await client.service_send(greet, "Ann")
    seen["service_send"] = await attach(client, sent.invocation_id)
    sent = await client.object_send(add, "py-sent", 7)
    seen["object_send"] = await attach(client, sent.invocation_id)
    # The client writes the delay as a bare number of milliseconds.
    sent = await client.object_send(add, "py-delayed", 8, send_delay=timedelta(milliseconds=200))
    seen["not_yet"] = (await output(client, sent.invocation_id)).status_code
    seen["delayed_send"] = await attach(client, sent.invocation_id)
    sent = await client.generic_send("Counter", "add", b"9", key="py-generic",
                                     headers={"content-type": "application/json"})
    seen["generic_send"] = await attach(client, sent.invocation_id)


async def attach(client, invocation):
    """The SDK has no method for it; its HTTP session has what it needs."""
    answer = await client.client.get(f"/restate/invocation/{invocation}/attach")
    answer.raise_for_status()
    return answer.json()


async def output(client, invocation):
    return await client.client.get(f"/restate/invocation/{invocation}/output")


async def idempotency(client, seen):
    key = "py-key"
    seen["same_key"] = [await client.object_call(add, "py-once", n, idempotency_key=key) for n in (5, 6)]
    one, two = [await client.object_send(add, "py-twice", n, idempotency_key=key) for n in (5, 6)]
    seen["same_send"] = one.invocation_id == two.invocation_id and await attach(client, one.invocation_id)
    # A call joins the send that runs already.
    sent = await client.generic_send("Awk", "run", b"", key="py-joined", idempotency_key=key)
    awakeable = await poll(
        lambda: client.generic_call("Awk", "id", b"", key="py-joined"), lambda body: body not in (b"", b"null"))
    joined = asyncio.create_task(client.generic_call("Awk", "run", b"", key="py-joined", idempotency_key=key))
    attached = asyncio.create_task(attach(client, sent.invocation_id))
    resolved = await client.client.post(f"/restate/awakeables/{json.loads(awakeable)}/resolve", json="joined")
    seen["resolved"] = resolved.status_code
    seen["joined"] = [json.loads(await joined), await attached]


async def failures(client, seen):
    body = json.dumps({"code": 418, "message": "teapot", "metadata": {"a": "b"}}).encode()
    as_json = {"content-type": "application/json"}
    seen["terminal"] = await failure(client.generic_call("Fail", "fail", body, headers=dict(as_json)))
    seen["unknown"] = (await failure(client.generic_call("Nope", "h", b"")))["status"]
    seen["scoped"] = (await failure(
        client.generic_call("Greeter", "greet", b'"Ann"', headers=dict(as_json), scope="s1", limit_key="a/b")))["status"]


async def main(base):
    seen = {}
    async with create_client(base) as client:
        for part in (calls, sends, idempotency, failures):
            await part(client, seen)
    print(json.dumps(seen))


asyncio.run(main(sys.argv[1]))
