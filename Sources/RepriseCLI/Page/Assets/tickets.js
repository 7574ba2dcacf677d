// Seats that are bought at once.

import { freshKey, memory, request } from "./api.js";

const STORE = "reprise.tickets";
const ROWS = "ABCDE";
const SEATS_PER_ROW = 10;

export class TicketDesk {
  name = "tickets";
  topic = "ticket";
  legend = { free: "Free", held: "Being bought", taken: "Sold", own: "Yours" };
  tally = { free: "free", held: "being bought", taken: "sold" };
  lead = "Buy a ticket for $100. If the payment fails, nothing is charged and the seat is free again.";
  takesPayment = true;

  #seats = new Map();
  #own = new Set();
  #keys = new Map();

  constructor(tell) {
    this.tell = tell;
    this.recall();
  }

  recall() {
    this.#own = new Set(memory.read(STORE, []));
  }

  async load() {
    const { status, body } = await request("POST", "/SeatMap/global/get");
    if (status !== 200) throw new Error(`SeatMap/get: ${status}`);
    this.#seats.clear();
    for (const line of body) this.learn(line);
    for (const seat of this.#own) if (!this.#seats.has(seat)) this.#keep(seat, false);
  }

  learn({ id, status }) {
    const seat = placeOf(id);
    if (!seat) return null;
    this.#seats.set(seat, status);
    // A new round has begun: tickets of the last one are memories.
    if (status === "AVAILABLE" && this.#own.has(seat)) this.#keep(seat, false);
    return seat;
  }

  view(seat) {
    if (this.#own.has(seat)) return { kind: "own" };
    const status = this.#seats.get(seat) ?? "AVAILABLE";
    return { kind: { AVAILABLE: "free", RESERVED: "held", SOLD: "taken" }[status] };
  }

  get own() {
    return [...this.#own];
  }

  sentence(seat) {
    switch (this.view(seat).kind) {
      case "free": return "It is free.";
      case "held": return "Somebody is paying for it right now.";
      case "taken": return "It is sold.";
      case "own": return "The ticket is yours. Enjoy the evening.";
    }
  }

  actions(seat) {
    if (this.view(seat).kind !== "free") return [];
    return [{ label: `Buy seat ${seat} for $100`, busy: "Paying", run: (payment) => this.#buy(seat, payment) }];
  }

  tick() {}

  async #buy(seat, payment) {
    const purchase = `${seat} ${payment}`;
    if (!this.#keys.has(purchase)) this.#keys.set(purchase, freshKey());
    const { status, body } = await request("POST", "/Checkout/process", {
      body: { ticketId: idOf(seat), userId: `guest-${buyer()}`, paymentMethodId: payment },
      headers: { "idempotency-key": this.#keys.get(purchase) },
    });
    this.#keys.delete(purchase);
    if (status !== 200) throw new Error(refusal(status, body, seat));
    this.#keep(seat, true);
    this.tell(`Seat ${seat} is booked. The ticket is in your mail.`);
  }

  #keep(seat, isOwn) {
    if (isOwn) this.#own.add(seat);
    else this.#own.delete(seat);
    memory.write(STORE, [...this.#own]);
    this.onChange?.(seat);
  }
}

function refusal(status, body, seat) {
  const message = body?.message ?? "";
  if (status === 503 || status === 429) return "The server is busy. Please try again in a moment.";
  if (/currently reserved|already sold/.test(message)) return `Somebody else was quicker: seat ${seat} is taken.`;
  if (/declined \(/.test(message)) return `The card was declined. Seat ${seat} is free again, nothing was charged.`;
  if (/Gateway timeout/.test(message)) return `The bank did not answer. Seat ${seat} is free again, nothing is charged.`;
  return message || "That did not work.";
}

/** The buyer, the same for all tickets of this browser. */
function buyer() {
  const name = memory.read("reprise.buyer", null) ?? freshKey().slice(0, 12);
  memory.write("reprise.buyer", name);
  return name;
}

/** `seat-11` is `B1`. */
function placeOf(id) {
  const number = /^seat-(\d+)$/.exec(id)?.[1] - 1;
  if (!(number >= 0 && number < ROWS.length * SEATS_PER_ROW)) return null;
  return `${ROWS[Math.floor(number / SEATS_PER_ROW)]}${(number % SEATS_PER_ROW) + 1}`;
}

function idOf(seat) {
  return `seat-${ROWS.indexOf(seat[0]) * SEATS_PER_ROW + Number(seat.slice(1))}`;
}
