// Every change within a second, over one connection a browser.
//
// One tab holds the lock and the stream (over HTTP/1.1 the seventh stream of a browser hangs); it hands each event to
// the others. When it closes, another takes the lock and goes on from the last number it saw. We reopen the stream
// ourselves: EventSource gives up for ever after a 503, and would not tell the server where it was.
//
//   <body data-live="incidents units" data-seq="1042">   what this page shows, and the fact it was rendered from
//   event watchroom  {"after", "seq", "kind", "at", "fragments": [{"topic", "target", "swap", "html"}]}: all that came after `after`
//   event resync     the place was lost: pages fetch their panels again (DOM event live:resync)
//   event hello      {"seq"}: the stream stands
//   event writing    {"topics", "by", "name", "on"}: somebody else is writing there (DOM event live:writing)
//
// Each event is also a DOM event `live:<Kind>` on body, for hx-trigger="live:GradeRaised from:body".
// A fragment never replaces the field that holds the caret: it waits until the caret leaves; nor what an answer is on its way to.

import * as acts from "./acts.js";
import { timeOfDay } from "./clock.js";
import * as say from "./say.js";

const body = document.body;
const topics = new Set((body.dataset.live || "").split(/\s+/).filter(Boolean));
const member = body.dataset.member || "anyone";
const tab = Math.random().toString(36).slice(2);
let last = body.dataset.seq ? Number(body.dataset.seq) : null; // last fact this page has seen
const held = new Map(); // what waits while the caret is in it: selector → latest fragment, or panel → null

let channel;
let leading = null; // the stream, in the tab that holds it
let fresh = { topic: "", since: 0 }; // a topic declared later than the page: what came after `since` is told once more

// ── Every tab: take events in ──────────────────────────────────────────────────────────────────

function receive(message) {
  if (message.type === "event") take(message.event);
  if (message.type === "state") show(message);
  if (message.type === "resync") resync(message.seq);
  if (message.type === "writing") body.dispatchEvent(new CustomEvent("live:writing", { detail: message.hint }));
  if (message.type === "at" && last === null) last = message.seq;
  if (message.type === "who" && channel) join(); // a new leader asks what the open tabs show
  if (message.type === "join" && leading) leading.welcome(message);
  if (message.type === "leave" && leading) leading.tabs.delete(message.tab);
}

function tell(message) {
  channel?.postMessage(message);
  receive(message);
}

function take(event) {
  if (last !== null && event.seq <= last) {
    // seen before, a replay after reopening: only what is new on this page since then was not
    if (event.seq > fresh.since) for (const fragment of event.fragments || []) fragment.topic === fresh.topic && apply(fragment);
    return;
  }
  last = event.seq;
  let isApplied = false;
  for (const fragment of event.fragments || []) {
    if (topics.has(fragment.topic)) isApplied = apply(fragment) || isApplied;
  }
  if (event.kind) body.dispatchEvent(new CustomEvent(`live:${event.kind}`, { detail: event }));
  if (isApplied) body.dispatchEvent(new CustomEvent("live:applied", { detail: event }));
}

function resync(seq) {
  if (typeof seq === "number") last = seq;
  body.dispatchEvent(new CustomEvent("live:resync", { detail: { seq } }));
}

/** Put one fragment into the page. Returns whether the page had a place for it. */
export function apply(fragment) {
  const target = document.querySelector(fragment.target);
  if (!target) return false;
  const swap = fragment.swap || "outerHTML";
  if (swap === "none") return false; // it only says that something changed
  const replaces = swap === "outerHTML" || swap === "innerHTML" || swap === "delete";
  if (replaces && holdsCaret(target)) {
    if (!held.has(fragment.target)) whenCaretLeaves(target, () => release(fragment.target));
    held.set(fragment.target, fragment); // the latest counts
    return false;
  }
  if (replaces && acts.isAwaited(target)) {
    acts.afterwards(target, fragment.target, () => apply(fragment) && body.dispatchEvent(new CustomEvent("live:applied", { detail: {} })));
    return false;
  }
  if (swap === "delete") {
    target.remove();
    return true;
  }
  const parsed = document.createElement("template");
  parsed.innerHTML = fragment.html;
  const fresh = [...parsed.content.children];
  if (swap === "beforeend" || swap === "afterbegin") {
    for (const element of fresh) {
      const twin = element.id && document.getElementById(element.id);
      if (twin) twin.replaceWith(element); // told twice, shown once
      else if (swap === "beforeend") target.append(element);
      else target.prepend(element);
    }
  } else if (swap === "innerHTML") {
    target.replaceChildren(parsed.content);
  } else {
    if (fresh[0]) keepChoice(target, fresh[0]);
    target.replaceWith(parsed.content);
  }
  fresh.forEach((element) => window.htmx?.process(element));
  return true;
}

/** The row was rendered once for everybody; which one this person has chosen is known only here. */
function keepChoice(old, fresh) {
  if (old.classList.contains("is-chosen")) fresh.classList.add("is-chosen");
  if (old.hasAttribute("aria-current") && !fresh.hasAttribute("aria-current")) fresh.setAttribute("aria-current", old.getAttribute("aria-current"));
}

function holdsCaret(target) {
  const active = document.activeElement;
  return active && active !== body && target.contains(active) && active.matches("textarea, select, [contenteditable], input:not([type=radio], [type=checkbox], [type=button], [type=submit])");
}

function whenCaretLeaves(target, then) {
  const left = () =>
    setTimeout(() => {
      if (holdsCaret(target)) return; // it went to another field of the same part
      target.removeEventListener("focusout", left);
      then();
    }, 50);
  target.addEventListener("focusout", left);
}

/** A panel that fetched itself again because of a live event waits for the caret, too; then it fetches once more. */
function onSwap(event) {
  const { requestConfig, target } = event.detail;
  if (requestConfig.verb !== "get" || !requestConfig.triggeringEvent?.type.startsWith("live:") || !holdsCaret(target)) return;
  event.detail.shouldSwap = false;
  if (held.has(target)) return;
  held.set(target, null);
  whenCaretLeaves(target, () => {
    held.delete(target);
    window.htmx.ajax("GET", requestConfig.path, { source: requestConfig.elt, target });
  });
}

function release(target) {
  const fragment = held.get(target);
  held.delete(target);
  if (fragment && apply(fragment)) body.dispatchEvent(new CustomEvent("live:applied", { detail: {} }));
}

function show({ isLive, since, isLoggedOut }) {
  if (isLive) say.state("live-state", "Live, every change within 1 s");
  else if (isLoggedOut) say.state("live-state", "Logged out: this screen stands still", true);
  else say.state("live-state", `Reconnecting; this screen stands at ${timeOfDay(since)}`, true);
}

function join(seq = last) {
  const message = { type: "join", tab, topics: [...topics], seq };
  channel?.postMessage(message);
  if (leading) leading.welcome(message);
}

/** From now on this page shows `topic` in place of all that begin with `prefix`, and has it as it was after the fact `seq`. */
export function follow(prefix, topic, seq) {
  if (!topics.size || topics.has(topic)) return;
  for (const other of [...topics]) if (other.startsWith(prefix)) topics.delete(other);
  topics.add(topic);
  fresh = { topic, since: seq };
  join(last === null ? last : Math.min(seq, last));
}

// ── The leading tab: hold the stream ───────────────────────────────────────────────────────────

class Stream {
  constructor() {
    this.tabs = new Map([[tab, [...topics]]]); // what each tab shows
    this.seq = last;
    this.fails = 0;
    this.isLive = false;
    this.lastHeard = Date.now();
    this.open();
    addEventListener("online", () => this.reopen(0));
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && !this.isLive) this.reopen(0);
    });
  }

  open() {
    clearTimeout(this.timer);
    this.source?.close();
    const query = new URLSearchParams({ topics: [...new Set([...this.tabs.values()].flat())].join(",") });
    if (this.seq !== null) query.set("after", this.seq);
    this.source = new EventSource(`/live?${query}`);
    this.source.addEventListener("hello", (event) => {
      const { seq } = JSON.parse(event.data);
      if (this.seq === null) this.seq = seq;
      this.fails = 0;
      this.isLive = true;
      tell({ type: "at", seq });
      tell({ type: "state", isLive: true });
    });
    this.source.addEventListener("watchroom", (event) => {
      const data = JSON.parse(event.data);
      this.lastHeard = Date.now();
      this.seq = Math.max(this.seq ?? 0, data.seq);
      tell({ type: "event", event: data });
    });
    this.source.addEventListener("resync", (event) => {
      const seq = event.data ? JSON.parse(event.data).seq : undefined;
      if (typeof seq === "number") this.seq = seq;
      tell({ type: "resync", seq });
    });
    this.source.addEventListener("writing", (event) => tell({ type: "writing", hint: JSON.parse(event.data) }));
    this.source.onerror = () => this.lost();
  }

  async lost() {
    this.source.close();
    if (this.isLive) this.lastHeard = Date.now();
    this.isLive = false;
    this.fails += 1;
    const isLoggedOut = this.fails === 3 && (await loggedOut());
    tell({ type: "state", isLive: false, since: this.lastHeard, isLoggedOut });
    this.reopen(isLoggedOut ? 30000 : Math.min(15000, 500 * 2 ** (this.fails - 1)) * (0.7 + 0.6 * Math.random()));
  }

  reopen(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.open(), delay);
  }

  /** A tab opened, or shows something else: follow what it shows too, and begin early enough that it misses nothing. */
  welcome({ tab: from, topics: wanted, seq }) {
    const known = new Set([...this.tabs.values()].flat());
    const isNew = wanted.some((topic) => !known.has(topic));
    this.tabs.set(from, wanted);
    const isBehind = seq !== null && this.seq !== null && seq < this.seq;
    if (isBehind) this.seq = seq; // the others skip what they have seen
    if (isNew || isBehind) this.open();
    else if (this.seq !== null) tell({ type: "at", seq: this.seq });
    if (this.isLive) tell({ type: "state", isLive: true });
  }
}

/** An EventSource does not say why it failed; a draft nobody has does (404 when logged in, 401 when not). */
async function loggedOut() {
  try {
    const answer = await fetch("/drafts/none", { headers: { Accept: "application/json" } });
    return answer.status === 401;
  } catch {
    return false;
  }
}

export function start() {
  if (!topics.size) return;
  body.addEventListener("htmx:beforeSwap", onSwap);
  if ("BroadcastChannel" in window) {
    channel = new BroadcastChannel(`watchroom.live.${member}`);
    channel.onmessage = (event) => receive(event.data);
  }
  join();
  addEventListener("pagehide", () => channel?.postMessage({ type: "leave", tab }));
  const lead = () => {
    leading = new Stream();
    channel?.postMessage({ type: "who" });
    return new Promise(() => {}); // held until this tab goes
  };
  if (navigator.locks && channel) navigator.locks.request(`watchroom.live.${member}`, lead);
  else lead();
}
