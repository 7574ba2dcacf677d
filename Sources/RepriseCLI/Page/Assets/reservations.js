// Seats that are held for a while and then confirmed, cancelled, or free again.

import { clock, freshKey, memory, request } from "./api.js";

const STORE = "reprise.reservations";

export class ReservationDesk {
  name = "reservations";
  topic = "reservation";
  legend = { free: "Free", held: "Held", taken: "Confirmed", hold: "Your hold", own: "Yours" };
  tally = { free: "free", held: "held", taken: "confirmed" };

  /** Seats as everybody sees them: `{status, until}`. */
  #seats = new Map();
  /** Own reservations by seat: `{reservationId, userId, status, until}`. */
  #own = new Map();
  /** Requests for a hold that have no answer: asked again under the same key, they make no second hold. */
  #requests = new Map();
  #checking = new Set();
  /** Seats whose hold has been asked for just now. */
  #holding = new Set();
  /** Seats about which a decision is under way: its answer says how it ended, and not news that overtake it. */
  #deciding = new Set();

  holdMs = 900_000;

  /** `tell` says something to the person. */
  constructor(tell) {
    this.tell = tell;
    this.recall();
  }

  /** Another window of this browser may have reserved. */
  recall() {
    this.#own = new Map(memory.read(STORE, []));
  }

  get lead() {
    return `Hold a seat for ${inWords(this.holdMs)}, then confirm it. Everybody sees the same hall, as it is this second.`;
  }

  async load() {
    const sentMs = Date.now();
    const { status, body } = await request("GET", "/seats");
    if (status !== 200) throw new Error(`GET /seats: ${status}`);
    clock.set(Date.parse(body.now), sentMs, Date.now());
    this.holdMs = body.holdMs;
    for (const seat of body.seats) this.learn(seat);
    await Promise.all([...this.#own.keys()].map((seat) => this.#check(seat)));
  }

  /** Takes in what the server says of a seat, and returns which one it is. */
  learn({ seatId, status, expiresAt }) {
    this.#seats.set(seatId, { status, until: expiresAt && Date.parse(expiresAt) });
    const own = this.#own.get(seatId);
    const expected = own && (own.status === "confirmed" ? "confirmed" : "held");
    if (own && status !== expected) this.#check(seatId);
    return seatId;
  }

  view(seat) {
    const own = this.#own.get(seat);
    if (own) return own.status === "confirmed" ? { kind: "own" } : { kind: "hold", until: own.until };
    const { status, until } = this.#seats.get(seat) ?? { status: "available" };
    if (status === "available") return { kind: "free" };
    if (status === "held") return { kind: this.#holding.has(seat) ? "hold" : "held", until };
    return { kind: "taken" };
  }

  get own() {
    return [...this.#own.keys()];
  }

  sentence(seat) {
    switch (this.view(seat).kind) {
      case "free": return "It is free.";
      case "held": return "Somebody else holds it. It is free again when the time is over, unless they confirm.";
      case "taken": return "Somebody else has it for good.";
      case "hold": return "You hold it. Confirm before the time is over.";
      case "own": return "It is yours. Enjoy the evening.";
    }
  }

  actions(seat) {
    switch (this.view(seat).kind) {
      case "free":
        return [{ label: `Hold seat ${seat}`, busy: "Holding", run: () => this.#hold(seat) }];
      case "hold":
        return [
          { label: `Confirm seat ${seat}`, busy: "Confirming", run: () => this.#decide("confirm", seat) },
          { label: "Cancel the hold", busy: "Cancelling", run: () => this.#decide("cancel", seat) },
        ];
      default: return [];
    }
  }

  /** A hold that is over according to the clock; the news may have been lost on the way. */
  tick() {
    for (const [seat, own] of this.#own) {
      if (own.status === "held" && clock.now() > own.until + 1_000) this.#check(seat);
    }
  }

  async #hold(seat) {
    if (!this.#requests.has(seat)) this.#requests.set(seat, { key: freshKey(), userId: freshUser() });
    const { key, userId } = this.#requests.get(seat);
    this.#holding.add(seat);
    const { status, body } = await request("POST", "/reserve", {
      body: { seatId: seat, userId },
      headers: { "idempotency-key": key },
    }).finally(() => {
      this.#holding.delete(seat);
      this.onChange?.(seat);
    });
    if (status < 500) this.#requests.delete(seat);
    if (status !== 201) throw new Error(this.#refusal(status, body, seat));
    // Its deadline, by the server's clock.
    this.#keep(seat, { reservationId: body.reservationId, userId, status: "held", until: clock.now() + this.holdMs });
    await this.#check(seat);
    this.tell(`Seat ${seat} is yours for ${inWords(this.holdMs)}. Confirm it to keep it.`);
  }

  async #decide(verb, seat) {
    const own = this.#own.get(seat);
    const { reservationId, userId } = own;
    this.#deciding.add(seat);
    try {
      const { status, body } = await request("POST", `/${verb}/${reservationId}`, { body: { userId } });
      const standing = status === 404 ? "unknown" : body?.reservation?.status;
      if (!standing) throw new Error(this.#refusal(status, body, seat));
      this.#settle(seat, standing);
    } finally {
      this.#deciding.delete(seat);
      // Without an answer it may have happened or not.
      if (this.#own.get(seat) === own) this.#check(seat);
    }
  }

  /** Asks how an own reservation stands. */
  async #check(seat) {
    const own = this.#own.get(seat);
    if (!own || this.#checking.has(seat) || this.#deciding.has(seat)) return;
    this.#checking.add(seat);
    try {
      const { status, body } = await request("GET", `/reservation/${own.reservationId}`);
      if (this.#own.get(seat) !== own || this.#deciding.has(seat)) return;
      if (status === 200 && body.reservation.status === "held") {
        this.#keep(seat, { ...own, until: Date.parse(body.reservation.expiresAt) });
      } else if (status === 200 || status === 404) {
        this.#settle(seat, status === 404 ? "unknown" : body.reservation.status);
      }
    } catch {
      // Asked again with the next news, or by the clock.
    } finally {
      this.#checking.delete(seat);
    }
    this.onChange?.(seat);
  }

  #settle(seat, status) {
    const own = this.#own.get(seat);
    if (!own) return;
    if (status === "confirmed") {
      if (own.status !== "confirmed") this.tell(`Seat ${seat} is confirmed. It is yours.`);
      return this.#keep(seat, { ...own, status, until: undefined });
    }
    this.#keep(seat, undefined);
    if (status === "cancelled") this.tell(`The hold on seat ${seat} is cancelled.`);
    else this.tell(`Your hold on seat ${seat} has run out. The seat is free again.`);
  }

  #keep(seat, own) {
    if (own) this.#own.set(seat, own);
    else this.#own.delete(seat);
    memory.write(STORE, [...this.#own]);
    this.onChange?.(seat);
  }

  #refusal(status, body, seat) {
    if (status === 409) return `Somebody else was quicker: seat ${seat} is taken.`;
    if (status === 503 || status === 429) return "The server is busy. Please try again in a moment.";
    return body?.error ?? "That did not work.";
  }
}

/** One per reservation: what nobody knows, nobody can use. */
function freshUser() {
  return `guest-${freshKey().slice(0, 12)}`;
}

function inWords(ms) {
  const [count, unit] = ms % 60_000 === 0 ? [ms / 60_000, "minute"] : [Math.round(ms / 1_000), "second"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
