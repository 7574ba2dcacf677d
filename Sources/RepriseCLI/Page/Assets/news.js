// What the server tells everybody, as it happens.

import { request } from "./api.js";
import { whenTokenIsGiven } from "./token.js";

const AWAY_MS = 30_000;
const AGAIN_MS = 3_000;

/**
 * Listens until the page is closed. `onReset`: what is known may be out of date, read it anew. `onState` gets `live`,
 * `connecting` or `offline`.
 *
 * A page that nobody looks at gives its connection back after a while: browsers allow only six to a server.
 */
export function listen(topics, { onNews, onReset, onState }) {
  let source = null;
  let retry = null;
  let leaving = null;

  function open() {
    clearTimeout(retry);
    onState("connecting");
    source = new EventSource("/page/events");
    source.addEventListener("open", () => onState("live"));
    source.addEventListener("reset", onReset);
    for (const topic of topics) {
      source.addEventListener(topic, (event) => onNews(topic, JSON.parse(event.data)));
    }
    source.addEventListener("error", () => {
      if (source.readyState !== EventSource.CLOSED) return onState("connecting");
      // Refused: the browser does not try again by itself, nor say why; a request may have to ask for a token.
      onState("offline");
      const refused = source;
      request("HEAD", "/page/events").catch(() => {}).then(() => {
        if (source === refused) retry = setTimeout(open, AGAIN_MS);
      });
    });
  }

  function close() {
    clearTimeout(retry);
    source?.close();
    source = null;
  }

  whenTokenIsGiven(() => source?.readyState === EventSource.CLOSED && open());

  // A page that was left is kept for the way back, and its connection with it unless it is closed.
  addEventListener("pagehide", close);
  addEventListener("pageshow", () => source || open());

  document.addEventListener("visibilitychange", () => {
    clearTimeout(leaving);
    if (document.visibilityState === "hidden") leaving = setTimeout(close, AWAY_MS);
    else if (!source) open();
  });
  if (!source) open();
}
