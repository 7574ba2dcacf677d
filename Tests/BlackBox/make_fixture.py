#!/usr/bin/env python3
"""Keeps a data directory with work of every kind under way, as this build leaves it when it is killed:
`Tests/Fixtures/schema-N.tar.xz`, N being the version of its schema. Run it with a debug build before the schema or the
stored form changes; the drill (`test_upgrade.py`) then opens it with every later build. A fixture is never made again.
"""

import json
import sys
import tarfile
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True

import crowd  # noqa: E402
import drill  # noqa: E402
import offline  # noqa: E402
from server import FIXTURES as BINARY, Server  # noqa: E402

FIXTURES = Path(__file__).resolve().parents[1] / "Fixtures"


def schema_of(data):
    with offline.database(data) as db:
        return db.execute("SELECT count(*) FROM grdb_migrations").fetchone()[0]


def anonymous(member):
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def main():
    server = Server({**drill.SERVICES, **drill.OUTAGE}, binary=BINARY)
    with tempfile.TemporaryDirectory() as folder:
        try:
            begun = drill.Drill.begin(server)
            crowd.press(server)
            data = offline.copy(server.data, Path(folder) / "data")
            # What came of the crowd, as this build reads it.
            server.start()
            done = {"results": crowd.results(server), "totals": crowd.totals(server)}
        finally:
            server.close()
        looked_at = offline.copy(data, Path(folder) / "looked-at")
        offline.require_sound(looked_at)
        file = FIXTURES / f"schema-{schema_of(looked_at)}.tar.xz"
        if file.exists() and "--again" not in sys.argv[1:]:
            print(f"{file} is there already: later builds have been shown to read it; --again makes it anew")
            return 1
        (Path(folder) / "drill.json").write_text(json.dumps(begun.ids, indent=1))
        (Path(folder) / "crowd.json").write_text(json.dumps(done, indent=1))
        with tarfile.open(file, "w:xz") as archive:
            for name in ("data", "drill.json", "crowd.json"):
                archive.add(Path(folder) / name, name, filter=anonymous)
    print(f"{file}: {file.stat().st_size} bytes, {len(begun.ids)} invocations")
    return 0


if __name__ == "__main__":
    sys.exit(main())
