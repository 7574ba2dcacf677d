"""Our request parser against two that others wrote, on seeded mutations of requests."""

import json
import subprocess
from pathlib import Path

import foreign
from cases import LONG, Case
from server import BINARY

_COMPARE = Path(__file__).with_name("oracles") / "compare_framing.py"
_CASES = 500_000 if LONG else 30_000


class Framing(Case):
    """`httptools` (llhttp, as in Node.js) and `h11` from PyPI."""

    def test_what_the_strictest_refuses_is_refused(self):
        fuzz = BINARY.with_name("Fuzz")
        self.assertTrue(fuzz.exists(), "`swift build --product Fuzz` first")
        ended = subprocess.run([foreign.python(), "-B", str(_COMPARE), str(fuzz), "1", str(_CASES)],
                               capture_output=True, text=True, timeout=1500, check=False)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        found = json.loads(ended.stdout)
        counts = found["counts"]
        # A generator that makes nothing but nonsense, or nothing but good requests, would show nothing.
        for kind in ("taken", "refused", "refused by others"):
            self.assertGreater(counts[kind], _CASES // 10, counts)
        self.assertEqual(found["strays"], [], counts)
