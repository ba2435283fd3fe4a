// “… is writing”, beside a log that somebody else has open too.
//
//   <p class="presence" data-writing="log-12"></p>   always there and empty: nothing moves when somebody begins
//
// The stream says who (live:writing), each time words of theirs were saved. Nothing is known of what they write. Who says
// nothing for a while has stopped. A screen reader hears it once for each spell of writing, not at every pause.

import { politely } from "./say.js";

const GONE = 10000; // ms without a word
const SPELL = 60000; // ms: whoever pauses for less is still at it, and is not announced again
const writers = new Map(); // topic → Map(who → { name, until })
const announced = new Map(); // topic and who → when they were last seen writing
let timer = 0;

function heard({ topics, by, name, on }) {
  const now = Date.now();
  for (const topic of topics) {
    if (!writers.has(topic)) writers.set(topic, new Map());
    if (!on) {
      writers.get(topic).delete(by);
      continue;
    }
    writers.get(topic).set(by, { name, until: now + GONE });
    if (!document.querySelector(`[data-writing="${topic}"]`)) continue;
    const spell = `${topic} ${by}`;
    if (now - (announced.get(spell) || 0) > SPELL) politely(`${name} is writing`);
    announced.set(spell, now);
  }
  show();
}

function names(topic) {
  const now = Date.now();
  const here = writers.get(topic) || new Map();
  for (const [who, { until }] of here) if (until <= now) here.delete(who);
  return [...here.values()].map(({ name }) => name);
}

function words(here) {
  if (!here.length) return "";
  if (here.length === 1) return `${here[0]} is writing`;
  return here.length === 2 ? `${here[0]} and ${here[1]} are writing` : `${here[0]} and ${here.length - 1} others are writing`;
}

function show() {
  clearTimeout(timer);
  let isAny = false;
  for (const place of document.querySelectorAll("[data-writing]")) {
    const said = words(names(place.dataset.writing));
    isAny ||= Boolean(said);
    if ((place.dataset.said || "") === said) continue;
    place.dataset.said = said;
    place.replaceChildren();
    if (said) place.append(...drawn(said));
  }
  if (isAny) timer = setTimeout(show, 1000);
}

function drawn(said) {
  const text = document.createElement("span");
  text.className = "presence__who";
  text.textContent = said;
  const dots = document.createElement("span");
  dots.className = "dots";
  dots.setAttribute("aria-hidden", "true");
  dots.append(...[0, 1, 2].map(() => document.createElement("i")));
  return [text, dots];
}

export function start() {
  document.body.addEventListener("live:writing", (event) => heard(event.detail));
  document.body.addEventListener("htmx:afterSettle", show); // a log that was fetched again is empty here
}
