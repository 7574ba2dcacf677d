// The hall as a grid of buttons: one of them is in the tab order, arrow keys move between them.

import { clock } from "./api.js";

const ROWS = ["A", "B", "C", "D", "E"];
const SEATS_PER_ROW = 10;

const KEYS = {
  ArrowLeft: (row, column) => [row, column - 1],
  ArrowRight: (row, column) => [row, column + 1],
  ArrowUp: (row, column) => [row - 1, column],
  ArrowDown: (row, column) => [row + 1, column],
  Home: (row, column, event) => [event.ctrlKey ? 0 : row, 0],
  End: (row, column, event) => [event.ctrlKey ? ROWS.length - 1 : row, SEATS_PER_ROW - 1],
};

export class Plan {
  #grid;
  #buttons = new Map();
  #current = "A1";
  #chosen = null;

  /** `onChoose(seat, byKeyboard)` */
  constructor(grid, onChoose) {
    this.#grid = grid;
    for (const [row, letter] of ROWS.entries()) grid.append(this.#row(row, letter));
    grid.addEventListener("keydown", (event) => this.#move(event));
    grid.addEventListener("click", (event) => {
      const seat = event.target.closest("button")?.dataset.seat;
      if (!seat) return;
      this.#setCurrent(seat);
      onChoose(seat, event.detail === 0);
    });
  }

  get seats() {
    return this.#buttons.keys();
  }

  focus(seat) {
    this.#setCurrent(seat);
    this.#buttons.get(seat).focus();
  }

  choose(seat) {
    this.#buttons.get(this.#chosen)?.setAttribute("aria-pressed", "false");
    this.#chosen = seat;
    if (!seat) return;
    this.#setCurrent(seat);
    this.#buttons.get(seat).setAttribute("aria-pressed", "true");
  }

  /** Shows one seat; `words` say what its look means. */
  show(seat, { kind, until }, words) {
    const button = this.#buttons.get(seat);
    const isNews = button.dataset.kind && button.dataset.kind !== kind;
    button.dataset.kind = kind;
    button.dataset.until = until ?? "";
    button.setAttribute("aria-label", `Seat ${seat}, ${words.toLowerCase()}`);
    if (isNews) this.#blink(button);
  }

  /** Rings that close as the time of a hold runs out. */
  tick(holdMs) {
    for (const button of this.#buttons.values()) {
      if (!button.dataset.until) continue;
      const left = Math.max(0, Math.min(1, (button.dataset.until - clock.now()) / holdMs));
      button.style.setProperty("--left", left.toFixed(4));
    }
    this.#grid.setAttribute("aria-busy", "false");
  }

  #row(row, letter) {
    const line = element("div", { role: "row", className: "row" });
    line.style.setProperty("--row", row);
    line.append(element("span", { role: "rowheader", className: "letter", textContent: letter, ariaLabel: `Row ${letter}` }));
    for (let column = 0; column < SEATS_PER_ROW; column++) line.append(this.#cell(letter, column));
    const end = element("span", { className: "letter", textContent: letter });
    end.setAttribute("aria-hidden", "true");
    line.append(end);
    return line;
  }

  #cell(letter, column) {
    const seat = `${letter}${column + 1}`;
    const cell = element("div", { role: "gridcell", className: "cell" });
    const middle = (SEATS_PER_ROW - 1) / 2;
    cell.style.setProperty("--x", ((column - middle) / middle).toFixed(3));
    const button = element("button", { type: "button", className: "seat", textContent: column + 1 });
    button.dataset.seat = seat;
    button.tabIndex = seat === this.#current ? 0 : -1;
    button.setAttribute("aria-pressed", "false");
    button.setAttribute("aria-label", `Seat ${seat}`);
    this.#buttons.set(seat, button);
    cell.append(button);
    return cell;
  }

  #move(event) {
    const step = KEYS[event.key];
    const seat = event.target.dataset?.seat;
    if (!step || !seat || event.altKey || event.metaKey) return;
    const [row, column] = step(ROWS.indexOf(seat[0]), Number(seat.slice(1)) - 1, event);
    event.preventDefault();
    if (ROWS[row] && column >= 0 && column < SEATS_PER_ROW) this.focus(`${ROWS[row]}${column + 1}`);
  }

  #setCurrent(seat) {
    this.#buttons.get(this.#current).tabIndex = -1;
    this.#current = seat;
    this.#buttons.get(seat).tabIndex = 0;
  }

  #blink(button) {
    button.classList.remove("news");
    void button.offsetWidth; // begins the animation anew
    button.classList.add("news");
  }
}

export function element(name, { role, ...properties }) {
  const made = Object.assign(document.createElement(name), properties);
  if (role) made.setAttribute("role", role);
  return made;
}
