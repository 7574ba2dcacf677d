"""A virtual environment with the clients that we did not write, made once and kept beside the build."""

import subprocess
import sys
import unittest
from pathlib import Path

from server import ROOT

_FOLDER = ROOT / ".build" / "blackbox-venv"
_REQUIREMENTS = Path(__file__).with_name("clients") / "requirements.txt"
_PIP_SECONDS = 240


def python():
    """The interpreter that has the requirements installed. Skips the test on a machine that cannot reach PyPI."""
    wanted = f"{sys.version}\n{_REQUIREMENTS.read_text()}"
    mark = _FOLDER / "installed"
    interpreter = _FOLDER / "bin" / "python"
    if not mark.exists() or mark.read_text() != wanted:
        _run(sys.executable, "-m", "venv", "--clear", str(_FOLDER))
        _run(str(interpreter), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
             "--requirement", str(_REQUIREMENTS))
        mark.write_text(wanted)
    return str(interpreter)


def _run(*command):
    ended = subprocess.run(command, capture_output=True, text=True, timeout=_PIP_SECONDS, check=False)
    if ended.returncode != 0:
        said = ended.stderr + ended.stdout
        if "NewConnectionError" in said or "ConnectTimeoutError" in said:
            raise unittest.SkipTest("PyPI cannot be reached")
        raise AssertionError(f"{' '.join(command[1:4])}: {said.strip()[-1000:]}")
