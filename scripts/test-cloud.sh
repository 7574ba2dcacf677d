#!/usr/bin/env bash
# Three checks of the ticket system at BASE_URL, wherever that is. RESTATE_AUTH_TOKEN is the bearer token that it asks
# for, if any; CURL_CA_BUNDLE names the certificates to trust if it has one of its own. Seats get names that no other
# run uses (`RUN=` takes the plain ones). Exit code 0 if every check held.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/prepare.sh"

(($# == 1)) && [[ $1 == http*://* ]] || die "usage: RESTATE_AUTH_TOKEN=… scripts/test-cloud.sh BASE_URL"
base=${1%/}
run=${RUN--$(date +%s)-$$}
require_packages curl jq

passed=0
failed=0

# The token goes through a pipe: everybody may look at a command line.
token() {
    [[ -z ${RESTATE_AUTH_TOKEN:-} ]] || printf 'header = "authorization: Bearer %s"\n' "$RESTATE_AUTH_TOKEN"
}

# post PATH BODY : leaves status and body in `answer`.
post() {
    answer=$(curl -sS -m 30 --config <(token) -w ' (HTTP %{http_code})' -H 'content-type: application/json' \
        -d "$2" "$base$1" 2>&1) || answer="no answer: $answer"
}

checkout() {
    post /Checkout/process \
        "$(jq -nc --arg t "$1" --arg u "$2" --arg p "$3" '{ticketId: $t, userId: $u, paymentMethodId: $p}')"
}

# check TITLE TEXT : the answer must contain the text.
check() {
    if [[ $answer == *"$2"* ]]; then
        passed=$((passed + 1))
        printf 'PASS %s\n' "$1"
    else
        failed=$((failed + 1))
        printf "FAIL %s\n     no '%s' in: %s\n" "$1" "$2" "$answer"
    fi
}

printf 'ticket system at %s\n' "$base"
checkout "cloud-seat-100$run" cloud-user-1 card_success
check "a seat is bought" "Booking Confirmed"
checkout "cloud-seat-101$run" cloud-user-2 card_decline
check "a declined card buys none" "Payment failed"
post "/Ticket/cloud-seat-100$run/get" '{}'
check "the first seat is sold" SOLD

printf '\n%d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
