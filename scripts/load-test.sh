#!/usr/bin/env bash
# Many buyers at the same time, then an audit of money, mail and seats. VUS (5), DURATION (30s) and RAMP (10s) shape
# the load; RESTATE_URL names a server that runs already, else a fresh one is started.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/prepare.sh"

require_packages python3
if [[ -z ${RESTATE_URL:-} ]]; then
    require_server
    export REPRISE_BIN=$reprise
fi
exec python3 -B "$root/scripts/load_test.py"
