// Requests to the server that this page came from, and its clock.

import { askForToken, tokensGiven } from "./token.js";

/** No answer: the server may have done it or not. */
export class Unreachable extends Error {}

/** Sends one request; what it answers is JSON or nothing. */
export async function request(method, path, { body, headers } = {}) {
  try {
    const tokens = tokensGiven();
    const answer = await fetch(path, {
      method,
      cache: "no-store",
      headers: { accept: "application/json", ...(body && { "content-type": "application/json" }), ...headers },
      body: body && JSON.stringify(body),
    });
    if (answer.status === 401) {
      if (tokens === tokensGiven()) await askForToken();
      return await request(method, path, { body, headers });
    }
    const text = await answer.text();
    return { status: answer.status, body: text ? JSON.parse(text) : null };
  } catch {
    throw new Unreachable();
  }
}

/** A name that nobody else has. `crypto.randomUUID` is not there on plain HTTP. */
export function freshKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The server's time: deadlines are its own, and this computer's clock may be wrong. */
export const clock = {
  offsetMs: 0,
  now() {
    return Date.now() + this.offsetMs;
  },
  /** `serverMs` was read somewhere between the two moments of this computer. */
  set(serverMs, sentMs, receivedMs) {
    this.offsetMs = serverMs - (sentMs + receivedMs) / 2;
  },
};

/** What this browser remembers; without storage, until the page is closed. */
export const memory = {
  read(name, otherwise) {
    try {
      return JSON.parse(localStorage.getItem(name)) ?? otherwise;
    } catch {
      return otherwise;
    }
  },
  write(name, value) {
    try {
      localStorage.setItem(name, JSON.stringify(value));
    } catch {
      // Private windows may forbid it.
    }
  },
};
