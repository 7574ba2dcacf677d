"""Clients that we did not write, unchanged, against this server."""

import json
import subprocess
from pathlib import Path

import foreign
from cases import Case

_CLIENTS = Path(__file__).with_name("clients")


class RestatePython(Case):
    """The package `restate-sdk` from PyPI."""

    @classmethod
    def setUpClass(cls):
        cls.python = foreign.python()

    def test_calls_sends_attach_and_idempotency(self):
        server = self.make_fixtures().start()
        ended = subprocess.run(
            [self.python, "-B", str(_CLIENTS / "restate_python.py"), server.ingress], capture_output=True, text=True,
            timeout=120, check=False)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertEqual(json.loads(ended.stdout), {
            "service_call": "Hello Ann", "object_call": [2, 5], "without_input": 5, "generic_call": "Hello Bob",
            "headers": "v",
            "service_send": "Hello Ann", "object_send": 7, "not_yet": 470, "delayed_send": 8, "generic_send": 9,
            "same_key": [5, 5], "same_send": 5, "resolved": 202, "joined": ["joined", "joined"],
            "terminal": {"status": 418, "body": {
                "code": 418, "message": "teapot", "metadata": {"a": "b"}, "source": "invocation"}},
            "unknown": 404, "scoped": 400,
        })
