#!/usr/bin/env bash
# Seven scenarios of the ticket system, from outside. Starts a fresh server of its own (REPRISE_BIN names another
# binary than a release build), or uses the one at RESTATE_URL, on which nothing may have been sold yet. The delays of
# the built-in gateway are the real ones. Exit code 0 if every assertion held.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/prepare.sh"
source "$(dirname "${BASH_SOURCE[0]}")/throwaway-server.sh"

require_packages curl jq

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
    green=$'\e[32m' red=$'\e[31m' bold=$'\e[1m' plain=$'\e[0m'
else
    green='' red='' bold='' plain=''
fi

passed=0
failed=0

scenario() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

pass() {
    passed=$((passed + 1))
    printf '  %sPASS%s %s\n' "$green" "$plain" "$1"
}

fail() {
    failed=$((failed + 1))
    printf '  %sFAIL%s %s\n       %s\n' "$red" "$plain" "$1" "$2"
}

# A request leaves its status in `status` and its body in `body`.
post() {
    local answer
    answer=$(curl -sS -m 30 -w '\n%{http_code}' -H 'content-type: application/json' -d "$2" "$base$1") \
        || answer=$'\n000'
    status=${answer##*$'\n'}
    body=${answer%$'\n'*}
}

checkout() {
    post /Checkout/process \
        "$(jq -nc --arg t "$1" --arg u "$2" --arg p "$3" '{ticketId: $t, userId: $u, paymentMethodId: $p}')"
}

ticket() { post "/Ticket/$1/get" '{}'; }

contains() {
    if [[ $body == *"$2"* ]]; then pass "$1"; else fail "$1" "no '$2' in: $status $body"; fi
}

has_status() {
    if [[ $status == "$2" ]]; then pass "$1"; else fail "$1" "expected HTTP $2, got: $status $body"; fi
}

# equals TITLE EXPECTED ACTUAL
equals() {
    if [[ $3 == "$2" ]]; then pass "$1"; else fail "$1" "expected '$2', got '$3'"; fi
}

is_ticket() {
    local actual
    actual=$(jq -Sc . <<<"$body" 2>/dev/null) || actual=$body
    equals "$1" "$(jq -nSc --arg s "$2" --argjson u "$3" '{status: $s, reservedBy: $u, reservedUntil: null}')" "$actual"
}

start_server
printf 'ticket system at %s\n' "$base"

scenario "1. Happy path"
checkout test-seat-1 test-user-1 card_success
contains "the booking is confirmed" "Booking Confirmed"
has_status "with HTTP 200" 200
ticket test-seat-1
contains "the ticket is sold" SOLD
contains "to its buyer" test-user-1
is_ticket "and nothing else is said about it" SOLD '"test-user-1"'

scenario "2. Declined payment"
checkout test-seat-2 test-user-2 card_decline
contains "the payment failed" "Payment failed"
contains "because it was declined" "Payment declined"
has_status "with HTTP 500" 500
ticket test-seat-2
contains "the ticket is available again" AVAILABLE
is_ticket "and belongs to nobody" AVAILABLE null

scenario "3. Double booking"
checkout test-seat-3 test-user-3a card_success
contains "the first buyer gets the seat" "Booking Confirmed"
checkout test-seat-3 test-user-3b card_success
contains "the second does not" "already sold"
has_status "with HTTP 500" 500
ticket test-seat-3
is_ticket "the owner is still the first" SOLD '"test-user-3a"'

scenario "4. A ticket nobody touched"
ticket test-seat-4
contains "is available" AVAILABLE
contains "and held by nobody" null
has_status "with HTTP 200" 200

scenario "5. Three buyers at the same time"
answers=$(mktemp -d "${TMPDIR:-/tmp}/reprise-answers.XXXXXX")
buyers=()
for n in 1 2 3; do
    (
        trap - EXIT
        checkout test-seat-5 "concurrent-user-$n" card_success
        printf '%s %s\n' "$status" "$body" >"$answers/$n"
    ) &
    buyers+=($!)
done
wait "${buyers[@]}"
winners=$(grep -l '^200 "Booking Confirmed"$' "$answers"/* || true)
losers=$(grep -lE '^500 .*(already sold|currently reserved)' "$answers"/* | wc -l || true)
equals "exactly one wins" 1 "$(grep -c . <<<"$winners" || true)"
equals "the other two are refused" 2 "$losers"
ticket test-seat-5
contains "the ticket is sold" SOLD
is_ticket "to the winner" SOLD "\"concurrent-user-$(basename "${winners:-nobody}")\""
rm -rf "$answers"

scenario "6. Gateway error"
checkout test-seat-6 test-user-6 card_error
contains "the payment failed" "Payment failed"
contains "because the gateway timed out" "Gateway timeout"
has_status "with HTTP 500" 500
ticket test-seat-6
contains "the ticket is available again" AVAILABLE

scenario "7. Five seats in a row"
confirmed=0
for n in 1 2 3 4 5; do
    checkout "bulk-seat-$n" "bulk-user-$n" card_success
    [[ $status == 200 && $body == *"Booking Confirmed"* ]] && confirmed=$((confirmed + 1))
done
equals "all five are confirmed" 5 "$confirmed"

((failed == 0)) && colour=$green || colour=$red
printf '\n%s%d passed, %d failed%s\n' "$colour" "$passed" "$failed" "$plain"
((failed == 0))
