// The token of a server that asks for one. A cookie keeps it, because a stream of events can show nothing else; it goes
// to this very site alone, and the server takes it from its own pages alone.

const COOKIE = "reprise_token";
const KEPT_S = 30 * 24 * 60 * 60;

let answer = null;
let given = 0;
const waiting = [];

/** How many tokens have been given. What was refused with an earlier one says nothing of the last. */
export function tokensGiven() {
  return given;
}

/** Calls back each time that a token has been given. */
export function whenTokenIsGiven(callback) {
  waiting.push(callback);
}

/** Asks for the token; whoever needs one meanwhile waits for the same answer. Fails when there is none. */
export function askForToken() {
  answer ??= ask().finally(() => (answer = null));
  return answer;
}

function ask() {
  const dialog = document.getElementById("token");
  const field = document.getElementById("token-field");
  const wasRefused = document.cookie.split("; ").some((each) => each.startsWith(`${COOKIE}=`));
  document.getElementById("token-sentence").textContent =
    wasRefused ? "The token that this browser keeps is not accepted any more." : "Whoever runs it can give you one.";
  return new Promise((resolve, reject) => {
    dialog.querySelector("form").onsubmit = (event) => {
      event.preventDefault();
      keep(field.value.trim());
      given += 1;
      resolve();
      for (const callback of waiting) callback();
      dialog.close();
    };
    // By Escape: nothing comes of it if the token was given.
    dialog.onclose = () => {
      field.value = "";
      reject(new Error("no token"));
    };
    dialog.showModal();
  });
}

function keep(token) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${COOKIE}=${token}; Path=/; SameSite=Strict; Max-Age=${KEPT_S}${secure}`;
}
