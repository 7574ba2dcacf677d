// Puts the page together: two desks, one plan, one stream of news.

import { listen } from "./news.js";
import { Panel } from "./panel.js";
import { element, Plan } from "./plan.js";
import { ReservationDesk } from "./reservations.js";
import { TicketDesk } from "./tickets.js";

const TICK_MS = 250;
const AGAIN_MS = 2_000;

const find = (id) => document.getElementById(id);

const panel = new Panel(
  (seat) => choose(seat, true),
  (seat) => plan.focus(seat));
const plan = new Plan(find("plan"), choose);
const desks = [ReservationDesk, TicketDesk].map((Desk) => new Desk((text) => panel.tell(text)));
let desk = desks[0];

/** News that arrive while the state is being read: it may be older than they are. */
let heldBack = null;

for (const each of desks) each.onChange = () => each === desk && show();

function choose(seat, takesFocus) {
  plan.choose(seat);
  panel.choose(seat, takesFocus);
}

function show() {
  const counts = {};
  for (const seat of plan.seats) {
    const view = desk.view(seat);
    plan.show(seat, view, desk.legend[view.kind]);
    const kind = { hold: "held", own: "taken" }[view.kind] ?? view.kind;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  find("tally").textContent = Object.entries(desk.tally)
    .map(([kind, words]) => `${counts[kind] ?? 0} ${words}`).join(" · ");
  find("lead").textContent = desk.lead;
  panel.show();
  plan.tick(desk.holdMs);
}

function use(name) {
  desk = desks.find((each) => each.name === name);
  document.body.dataset.desk = name;
  find("legend").replaceChildren(...Object.entries(desk.legend).map(([kind, words]) => {
    const item = element("li", { textContent: words });
    const sample = element("span", { className: "seat sample" });
    sample.dataset.kind = kind;
    sample.setAttribute("aria-hidden", "true");
    item.prepend(sample);
    return item;
  }));
  plan.choose(null);
  panel.use(desk);
  show();
}

async function load() {
  const news = [];
  heldBack = news;
  try {
    await Promise.all(desks.map((each) => each.load()));
  } catch {
    if (heldBack === news) setTimeout(load, AGAIN_MS);
  }
  if (heldBack !== news) return;
  heldBack = null;
  for (const [each, item] of news) each.learn(item);
  show();
}

function take(topic, item) {
  const each = desks.find((one) => one.topic === topic);
  heldBack?.push([each, item]);
  each.learn(item);
  if (each === desk) show();
}

for (const radio of document.querySelectorAll('input[name="desk"]')) {
  radio.addEventListener("change", () => use(radio.value));
}
window.addEventListener("storage", () => {
  for (const each of desks) each.recall();
  show();
});
setInterval(() => {
  for (const each of desks) each.tick();
  plan.tick(desk.holdMs);
  panel.tick();
}, TICK_MS);

use(document.querySelector('input[name="desk"]:checked').value);
listen(desks.map((each) => each.topic), {
  onNews: take,
  onReset: load,
  onState(state) {
    const words = { live: "Live", connecting: "Connecting", offline: "Not connected" };
    find("connection").dataset.state = state;
    find("connection").textContent = words[state];
  },
});
