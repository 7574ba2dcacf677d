// The chosen seat with what can be done about it, and the list of one's own.

import { clock, Unreachable } from "./api.js";
import { element } from "./plan.js";

/** Before the end of an own hold this is said aloud, in seconds. */
const WARNINGS = [60, 30, 10];

export class Panel {
  #parts = Object.fromEntries(
    ["chosen", "sentence", "clock", "payment-row", "payment", "first", "second", "message", "own", "none"].map(
      (id) => [id, document.getElementById(id)]));
  #desk;
  #seat = null;
  #actions = [];
  /** Seats about which the server is being asked. */
  #busy = new Set();
  #lastLeft = new Map();

  /** `onPick(seat)`: an own seat was picked from the list. `onLeave(seat)`: the buttons are gone, or Escape. */
  constructor(onPick, onLeave) {
    this.onLeave = onLeave;
    const { first, second, own } = this.#parts;
    first.addEventListener("click", () => this.#act(0));
    second.addEventListener("click", () => this.#act(1));
    own.addEventListener("click", (event) => {
      const seat = event.target.closest("button")?.dataset.seat;
      if (seat) onPick(seat);
    });
    document.querySelector(".side").addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.#seat) onLeave(this.#seat);
    });
  }

  get seat() {
    return this.#seat;
  }

  tell(text, isProblem = false) {
    const { message } = this.#parts;
    message.textContent = text;
    message.classList.toggle("problem", isProblem);
  }

  use(desk) {
    this.#desk = desk;
    this.#lastLeft.clear();
    this.choose(null);
    this.tell("");
  }

  choose(seat, takesFocus = false) {
    if (seat !== this.#seat) this.tell("");
    this.#seat = seat;
    this.show();
    if (!takesFocus) return;
    const { first, chosen } = this.#parts;
    (first.hidden ? chosen : first).focus();
  }

  show() {
    const { chosen, sentence, clock: time, "payment-row": payment, first, second } = this.#parts;
    const view = this.#seat && this.#desk.view(this.#seat);
    const hadFocus = [first, second].includes(document.activeElement);
    // The news of what one does oneself come before the answer: until then the buttons stay.
    if (!this.#busy.has(this.#seat)) this.#actions = view ? this.#desk.actions(this.#seat) : [];
    chosen.textContent = view ? `Seat ${this.#seat}` : "Choose a seat";
    sentence.textContent = view ? this.#desk.sentence(this.#seat) : "Pick one in the plan to see what you can do.";
    chosen.closest(".card").dataset.kind = view?.kind ?? "";
    time.hidden = !view?.until;
    payment.hidden = !(this.#desk.takesPayment && this.#actions.length);
    for (const [index, button] of [first, second].entries()) this.#showAction(button, this.#actions[index]);
    this.#showOwn();
    this.tick();
    if (hadFocus && document.activeElement !== first && first.hidden) this.onLeave(this.#seat);
  }

  tick() {
    const { clock: time, own } = this.#parts;
    const until = this.#seat && this.#desk.view(this.#seat).until;
    if (until) setText(time, left(until));
    for (const line of own.querySelectorAll("[data-until]")) setText(line, left(line.dataset.until));
    for (const seat of this.#desk.own) this.#warn(seat);
  }

  #showAction(button, action) {
    const isBusy = this.#busy.has(this.#seat);
    button.hidden = !action;
    if (action) button.textContent = isBusy && button.id === "first" ? `${action.busy}…` : action.label;
    // Not `disabled`, which would take the focus away.
    button.setAttribute("aria-disabled", isBusy);
  }

  #showOwn() {
    const { own, none } = this.#parts;
    const seats = this.#desk.own.sort((a, b) => a[0].localeCompare(b[0]) || a.slice(1) - b.slice(1));
    none.hidden = seats.length > 0;
    const focused = own.contains(document.activeElement) ? document.activeElement.dataset.seat : null;
    own.replaceChildren(...seats.map((seat) => this.#line(seat)));
    if (focused) own.querySelector(`[data-seat="${focused}"]`)?.focus();
  }

  #line(seat) {
    const { kind, until } = this.#desk.view(seat);
    const item = element("li", {});
    const button = element("button", { type: "button", className: "line" });
    button.dataset.seat = seat;
    button.dataset.kind = kind;
    button.append(
      element("span", { className: "badge", textContent: seat }),
      element("span", { className: "what", textContent: this.#desk.legend[kind] }));
    if (until) {
      const time = element("span", { className: "time", textContent: left(until) });
      time.dataset.until = until;
      button.append(time);
    }
    item.append(button);
    return item;
  }

  async #act(index) {
    const [action, seat] = [this.#actions[index], this.#seat];
    if (!action || this.#busy.has(seat)) return;
    this.#busy.add(seat);
    this.tell("");
    this.show();
    try {
      await action.run(this.#parts.payment.value);
    } catch (error) {
      const isLost = error instanceof Unreachable;
      this.tell(isLost ? "The server does not answer. Nothing is lost: please try again." : error.message, true);
    } finally {
      this.#busy.delete(seat);
      this.show();
    }
  }

  #warn(seat) {
    const { until } = this.#desk.view(seat);
    const seconds = until ? Math.ceil((until - clock.now()) / 1_000) : Infinity;
    const last = this.#lastLeft.get(seat) ?? seconds;
    this.#lastLeft.set(seat, seconds);
    const warning = WARNINGS.find((limit) => seconds <= limit && last > limit);
    if (warning) this.tell(`${warning} seconds left to confirm seat ${seat}.`);
  }
}

/** As a clock shows it; the last second is shown until it is over. */
function left(until) {
  const seconds = Math.max(0, Math.ceil((until - clock.now()) / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
