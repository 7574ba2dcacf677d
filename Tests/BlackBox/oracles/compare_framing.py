"""compare_framing.py FUZZ SEED COUNT : reads seeded cases with our parser and with those of others, and prints as JSON
where we take what one of them refuses, or see other requests than it does."""

import json
import subprocess
import sys

from framing_cases import cases
from framing_oracles import H11, Llhttp

# What another parser refuses and we do not, with the reason. A part of its complaint; whether the request excuses it.
_EXCUSES = [
    ("HttpParserInvalidMethodError", lambda text: True,
     "a method that it has never heard of: any token is one (RFC 9110 section 9.1), and an unknown one gets 405"),
    ("no request line received", lambda text: text.startswith(b"\r\n") or b"\r\n\r\n" in text,
     "an empty line before a request line: one is ignored (RFC 9112 section 2.2)"),
    ("in place of", lambda text: b"\r\nupgrade:" in text.lower(),
     "it upgrades, and leaves out the body; who does not upgrade reads it (RFC 9110 section 7.8)"),
]


def main(fuzz, seed, count):
    texts = list(cases(int(seed), int(count)))
    stdin = b"".join(len(text).to_bytes(4, "big") + text for text in texts)
    ended = subprocess.run([fuzz, "verdicts"], input=stdin, capture_output=True, check=False)
    if ended.returncode != 0:
        sys.exit(ended.stderr.decode("utf-8", "replace"))
    verdicts = [json.loads(line) for line in ended.stdout.splitlines()]
    assert len(verdicts) == len(texts), f"{len(verdicts)} verdicts on {len(texts)} cases"
    counts = {"cases": len(texts), "taken": 0, "refused": 0, "waiting": 0, "refused by others": 0, "excused": {}}
    strays = []
    for text, verdict in zip(texts, verdicts):
        kind = "refused" if verdict.get("refusal") else "waiting" if verdict["wait"] != "idle" else "taken"
        counts[kind] += 1
        for oracle in (Llhttp(), H11()):
            reading = oracle.read(text)
            counts["refused by others"] += bool(reading.refusal)
            complaint = _complaint(verdict, reading)
            if not complaint:
                continue
            excuse = next((why for part, test, why in _EXCUSES if part in complaint and test(text)), None)
            if excuse:
                counts["excused"][excuse] = counts["excused"].get(excuse, 0) + 1
            else:
                strays.append({"case": repr(text), "by": oracle.name, "complaint": complaint, "ours": verdict})
    print(json.dumps({"counts": counts, "strays": strays}))


def _complaint(verdict, reading):
    """Why the two readings do not go together; empty when they do."""
    ours = [(request["method"], request["target"].encode(), bytes.fromhex(request["body"]))
            for request in verdict["requests"]]
    for position, mine in enumerate(ours):
        if position >= len(reading.requests):
            if reading.refusal:
                return f"takes what is refused: {reading.refusal}"
            return "" if reading.stopped else "sees a request more"
        theirs = reading.requests[position]
        if (mine[0], mine[2]) != (theirs[0], theirs[2]) or not theirs[1].endswith(mine[1].lstrip(b"/")):
            return f"sees {mine} in place of {theirs}"
    if len(reading.requests) > len(ours) and not verdict.get("refusal") and not verdict["isClosed"]:
        return "sees a request less"
    return ""


if __name__ == "__main__":
    main(*sys.argv[1:])
