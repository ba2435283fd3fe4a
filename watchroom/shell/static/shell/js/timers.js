// One loop ticks every clock of the page, from the server's time. The server rendered the first reading
// (watchroom/shell/rules.py, read_timer); this keeps the same rules.
//
//   data-timer="down|up"  data-start, data-target  milliseconds since 1970   data-soon  seconds before the target
//   data-urgent           its running out is said at once, not politely

import { serverNow } from "./clock.js";
import * as say from "./say.js";

const SOON_SHARE = 0.1;

/** A length of time as it is said in the room: 0:58, 13:34, 8 h 40, 3 days. */
export function span(seconds) {
  const whole = Math.max(0, Math.trunc(seconds));
  const two = (n) => String(n).padStart(2, "0");
  if (whole < 3600) return `${Math.trunc(whole / 60)}:${two(whole % 60)}`;
  if (whole < 2 * 86400) return `${Math.trunc(whole / 3600)} h ${two(Math.trunc((whole % 3600) / 60))}`;
  return `${Math.trunc(whole / 86400)} days`;
}

/** What a clock says at `at` (ms): its text, the share that is left in per cent, and "", "soon" or "over". */
export function read({ at, start, target, countsUp, soon }) {
  const elapsed = start ? (at - start) / 1000 : 0;
  if (!target) return { text: span(elapsed), left: 0, state: "" };
  const remaining = (target - at) / 1000;
  const whole = start ? (target - start) / 1000 : Math.max(remaining, 1);
  if (remaining < 0) return { text: countsUp ? span(elapsed) : `${span(-remaining)} late`, left: 0, state: "over" };
  const warn = soon === undefined ? whole * SOON_SHARE : soon;
  return {
    text: span(countsUp ? elapsed : remaining),
    left: whole > 0 ? Math.round(100 * Math.min(1, remaining / whole)) : 0,
    state: remaining <= warn && (start || soon !== undefined) ? "soon" : "",
  };
}

function tick() {
  const at = serverNow();
  for (const element of document.querySelectorAll("[data-timer]")) show(element, at);
  const clock = document.querySelector("[data-clock]");
  if (clock) {
    const moment = new Date(at);
    const words = `${moment.toLocaleDateString("en-GB", { weekday: "short", day: "numeric", month: "short" })}, ${moment
      .toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", hour12: false })}`.replace(/^(\w+), /, "$1 ");
    if (clock.textContent !== words) clock.textContent = words;
  }
  setTimeout(tick, 1000 - (serverNow() % 1000) + 5);
}

function show(element, at) {
  const { timer, start, target, soon, state } = element.dataset;
  const reading = read({
    at,
    start: start ? Number(start) : undefined,
    target: target ? Number(target) : undefined,
    countsUp: timer === "up",
    soon: soon === undefined ? undefined : Number(soon),
  });
  const digits = element.querySelector("[data-digits]");
  if (digits && digits.textContent !== reading.text) digits.textContent = reading.text;
  element.querySelector("[data-left]")?.setAttribute("stroke-dasharray", `${reading.left} 100`);
  if (reading.state === state) return;
  const base = element.classList.contains("clock") ? "clock" : "timer";
  for (const name of ["soon", "over"]) element.classList.toggle(`${base}--${name}`, reading.state === name);
  element.dataset.state = reading.state;
  if (!reading.state) return;
  const label = (element.querySelector(".clock__label, .sr")?.textContent || "A clock").replace(/: *$/, "");
  const words = reading.state === "soon" ? `${label}: ${reading.text} left` : `${label}: time is over`;
  if (reading.state === "over" && "urgent" in element.dataset) say.now(words);
  else say.politely(words);
}

export function start() {
  tick();
}
