#!/usr/bin/env bash
# Seven scenarios of the ticket system, seven of the order system and four of reservations, from outside. Starts a fresh
# server of its own (REPRISE_BIN names another binary than a release build), or uses the one at RESTATE_URL, on which
# nothing may have been sold or reserved yet. The delays of the built-in gateways and the time of a hold are the real ones;
# at a server of its own each payment of an order fails once, and succeeds at the second attempt. Exit code 0 if every
# assertion held.
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
    answer=$(curl -sS -m "${patience:-30}" -w '\n%{http_code}' -H 'content-type: application/json' -d "$2" "$base$1") \
        || answer=$'\n000'
    status=${answer##*$'\n'}
    body=${answer%$'\n'*}
}

checkout() {
    post /Checkout/process \
        "$(jq -nc --arg t "$1" --arg u "$2" --arg p "$3" '{ticketId: $t, userId: $u, paymentMethodId: $p}')"
}

ticket() { post "/Ticket/$1/get" '{}'; }

get() {
    local answer
    answer=$(curl -sS -m 30 -w '\n%{http_code}' "$base$1") || answer=$'\n000'
    status=${answer##*$'\n'}
    body=${answer%$'\n'*}
}

# value NAME : what the body has at that path, empty when it has nothing there
value() { jq -r "$1 // empty" <<<"$body" 2>/dev/null || true; }

# matches TITLE PATTERN ACTUAL
matches() {
    if [[ $3 =~ $2 ]]; then pass "$1"; else fail "$1" "expected '$2', got '$3'"; fi
}

# reserve SEAT USER : leaves the id of the reservation in `reservation`
reserve() {
    post /reserve "$(jq -nc --arg s "$1" --arg u "$2" '{seatId: $s, userId: $u}')"
    reservation=$(value .reservationId)
}

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

export ORDER_PAYMENT_RANDOMS=${ORDER_PAYMENT_RANDOMS:-23,55}
start_server
printf 'server at %s\n' "$base"

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

# The order system. Payments take five seconds an attempt: those of the scenarios below run beside each other.
orders=/order.sv1.OrderService
basket='[{"product_id":"prod-001","quantity":2},{"product_id":"prod-002","quantity":1}]'
order_body="{\"customer_id\":\"customer-123\",\"items\":$basket}"
declined_body="{\"customer_id\":\"customer-123\",\"items\":$basket,\"payment_method\":{\"credit_card\":{\"card_number\":\"4000000000000002\"}}}"

# field TITLE EXPECTED FILTER : what jq finds in the body.
field() { equals "$1" "$2" "$(jq -r "$3" <<<"$body" 2>/dev/null || true)"; }

look() { post "$orders/$1/GetOrder" '{}'; }

scenario "8. An order is accepted at once"
post "$orders/test-order-1/CreateOrder/send" "$order_body"
has_status "with HTTP 202" 202
contains "as a new invocation" Accepted
post "$orders/test-order-1/CreateOrder/send" "$order_body"
contains "a second time it is the same one" PreviouslyAccepted
for _ in 1 2 3 4 5 6 7 8 9 10; do
    look test-order-1
    [[ $(jq -r '.order.customer_id' <<<"$body") == customer-123 ]] && break
    sleep 0.1
done
field "it is pending" PENDING .order.status
field "and nothing is known of a payment or a shipment" null '.payment_info // .shipment_info'
post "$orders/test-order-1/CreateOrder" "$order_body"
has_status "it is created once: HTTP 409" 409
contains "and says why" "the workflow method was already invoked"
get "/restate/workflow$orders/test-order-1/output"
has_status "its output is not there yet: HTTP 470" 470

scenario "9. A checkout of the web shop, taken back while it pays"
post /api/checkout "{\"customer_id\":\"customer-9\",\"items\":$basket}"
has_status "it is answered at once" 200
web=$(jq -r .order_id <<<"$body")
patience=60 post "/api/orders/$web/cancel" '{}'
field "it can be taken back" true .success
look "$web"
field "and is cancelled" CANCELLED .order.status
post "/api/orders/$web/cancel" '{}'
field "which happens once" "Order already cancelled" .message

scenario "10. A declined card"
patience=60 post "$orders/test-order-2/CreateOrder" "$declined_body"
has_status "with HTTP 402" 402
contains "the payment failed" "payment failed"
contains "because the card was declined" "card declined"
look test-order-2
field "the order is cancelled" CANCELLED .order.status
field "without a shipment" null .shipment_info

scenario "11. The order comes to its end, although its payment failed at first"
patience=120
answer=$(curl -sS -m "$patience" "$base/restate/workflow$orders/test-order-1/attach") || answer=
equals "it answers with its id" '{"order_id":"test-order-1"}' "$answer"
look test-order-1
field "it is completed" COMPLETED .order.status
field "and paid" "PAYMENT_COMPLETED 30 CREDIT_CARD" '.payment_info | "\(.status) \(.amount) \(.payment_method)"'
field "and shipped" "FedEx SHIPMENT_CREATED Warehouse" '.shipment_info | "\(.carrier) \(.status) \(.current_location)"'
tracking=$(jq -r .shipment_info.tracking_number <<<"$body")
if [[ $tracking =~ ^TRACK-[0-9a-f]{8}$ ]]; then pass "under a tracking number"; else fail "under a tracking number" "$tracking"; fi
payment=$(jq -r .payment_info.payment_id <<<"$body")
shipment=$(jq -r .shipment_info.shipment_id <<<"$body")

scenario "12. A payment is charged once"
post "/order.sv1.PaymentService/$payment/ProcessPayment" "{\"order_id\":\"test-order-1\",\"amount\":30}"
field "asked for again it is completed already" "$payment PAYMENT_COMPLETED" '"\(.payment_id) \(.status)"'

scenario "13. Shipments are tracked"
post "/order.sv1.ShippingService/$shipment/TrackShipment" '{}'
field "the number is the order's" "$tracking" .tracking_number
field "nothing has happened on its way" '[]' '.events | tostring'
post "/order.sv1.ShippingService/nobody/TrackShipment" '{}'
contains "an unknown one is not found" "shipment not found"

scenario "14. Orders are listed, and completed ones stay"
get /api/orders
has_status "with HTTP 200" 200
field "all three are there" 3 "[.orders[] | select(.id == \"$web\" or .id == \"test-order-1\" or .id == \"test-order-2\")] | length"
get /api/orders/test-order-1
field "with what was paid" "COMPLETED 30" '"\(.order.status) \(.order.total_amount)"'
post /api/orders/test-order-1/cancel '{}'
has_status "a completed one is not taken back: HTTP 409" 409
get /api/orders/nobody
has_status "an unknown one is not found: HTTP 404" 404

scenario "15. A hold"
reserve hold-seat-8 user-8
has_status "a reservation is made, with HTTP 201" 201
equals "it is a hold" held "$(value .status)"
equals "of fifteen minutes" "15 minutes" "$(value .expiresIn)"
equals "with a workflow under the same id" "$reservation" "$(value .workflowInstanceId)"
get "/reservation/$reservation"
has_status "it can be read at once" 200
matches "with what is left of its time" '^(15m 0s|14m 5[0-9]s)$' "$(value .timeRemaining)"
equals "its deadline is 900,000 ms after its beginning" true "$(jq '
    def ms: (.[0:19] + "Z" | fromdate) * 1000 + (.[20:23] | tonumber);
    .reservation | (.expiresAt | ms) - (.createdAt | ms) == 900000' <<<"$body")"
get "/workflow/$reservation"
equals "the workflow waits" waiting "$(value .status.status)"
reserve hold-seat-8 user-8b
has_status "nobody else gets the seat" 409
contains "and is told so" '"seatId":"hold-seat-8"'

scenario "16. A confirmation"
reserve hold-seat-9 user-9
post "/confirm/$reservation" '{}'
has_status "the hold is confirmed" 200
contains "and says so" "Reservation confirmed successfully"
confirmed_at=$(value .reservation.confirmedAt)
get "/restate/workflow/reservation-workflow/$reservation/attach"
equals "its workflow ends at once" '{"status":"confirmed"}' "$body"
post "/confirm/$reservation" '{}'
contains "a second confirmation changes nothing" "Reservation is already confirmed"
equals "not even the time" "$confirmed_at" "$(value .reservation.confirmedAt)"
reserve hold-seat-9 user-9b
has_status "the seat is taken" 409

scenario "17. A hold that is given back"
reserve hold-seat-10 user-10
post "/cancel/$reservation" '{"userId":"somebody-else"}'
has_status "not by somebody else" 403
post "/cancel/$reservation" '{"userId":"user-10"}'
has_status "but by its owner" 200
post "/confirm/$reservation" '{}'
has_status "then it cannot be confirmed" 400
reserve hold-seat-10 user-10b
has_status "and the seat is free" 201

scenario "18. Requests for what is not there"
post /reserve '{}'
equals "a seat must be named" '400 {"error":"seatId is required"}' "$status $body"
for request in "post /confirm" "get /reservation"; do
    ${request% *} "${request#* }/11111111-2222-4333-8444-555555555555" '{}'
    has_status "${request#* } of an unknown id is 404" 404
    contains "and says so" "Reservation not found"
done

((failed == 0)) && colour=$green || colour=$red
printf '\n%s%d passed, %d failed%s\n' "$colour" "$passed" "$failed" "$plain"
((failed == 0))
