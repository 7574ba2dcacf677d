# shellcheck shell=bash
# A server on free ports with a data directory of its own, which ends with the script. Sourced after prepare.sh.

# start_server : sets `base` to the address of its ingress. A server that runs already is taken from RESTATE_URL.
start_server() {
    if [[ -n ${RESTATE_URL:-} ]]; then
        base=${RESTATE_URL%/}
        server_answers || die "no server answers at $base"
        return
    fi
    # Without REPRISE_BIN as people start it; built first, so that the wait below is for the server alone.
    local command=("$root/scripts/serve")
    require_server
    [[ -z ${REPRISE_BIN:-} ]] || command=("$reprise" serve)
    server_folder=$(mktemp -d "${TMPDIR:-/tmp}/reprise-scripts.XXXXXX")
    "${command[@]}" --data-dir "$server_folder/data" --ingress 127.0.0.1:0 --admin 127.0.0.1:0 \
        >"$server_folder/log" 2>&1 </dev/null &
    server_pid=$!
    trap stop_server EXIT
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        kill -0 "$server_pid" 2>/dev/null || break
        base=$(sed -nE 's|.*ingress listening on ([^ ]+:[0-9]+).*|http://\1|p' "$server_folder/log" | head -n 1)
        [[ -n $base ]] && server_answers && return
        sleep 0.1
    done
    tail -n 40 "$server_folder/log" >&2
    die "the server did not become ready"
}

server_answers() {
    [[ $(curl -s -o /dev/null -m 5 -w '%{http_code}' "$base/restate/health") == 200 ]]
}

stop_server() {
    if [[ -n ${server_pid:-} ]]; then
        kill "$server_pid" 2>/dev/null || true
        wait "$server_pid" 2>/dev/null || true
        server_pid=
    fi
    [[ -z ${server_folder:-} ]] || rm -rf "$server_folder"
}
