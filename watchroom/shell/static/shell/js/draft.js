// Nothing typed is lost. <textarea data-draft="contact:12:line">: each change goes to this machine at once and to
// the server within two seconds (PUT /drafts/<key>). A closed tab, a crash or a logged-out session keeps the words.
//
// On load the newer of the two copies is put back. A sent form forgets its drafts (event `form:sent`, from forms.js).
// data-draft-at  when the server's copy in the page was typed (ms); without it the server is asked once for all empty fields together

import { serverNow, timeOfDay } from "./clock.js";
import { csrfHeaders } from "./csrf.js";
import * as say from "./say.js";

const SOONEST = 800; // ms of quiet before a draft is sent
const LATEST = 1800; // ms after its first unsent letter at which it is sent all the same
const OLD = 24 * 3600 * 1000; // what nobody came back for within a day is thrown away
const prefix = `watchroom.draft.${document.body.dataset.member || "anyone"}.`;
const sentList = `watchroom.sent.${document.body.dataset.member || "anyone"}`;
const goneList = `watchroom.gone.${document.body.dataset.member || "anyone"}`;
const JUST_NOW = 15000; // ms a sent text's deletion may be on its way while the next page is already asking
const leaving = new WeakMap(); // form → its words (key → text) as they were when it was sent
const sent = new Set(); // keys whose words arrived while this page was open: never put back
const stored = new Map(); // key → what the server keeps, as far as this window knows
const empty = new Set(); // keys under which the server keeps nothing, as far as this window knows: not asked for again
const unsent = new Map(); // key → { since, timer, tries, isSending, again }

// ── This machine's copy ────────────────────────────────────────────────────────────────────────

function readLocal(key) {
  try {
    return JSON.parse(localStorage.getItem(prefix + key));
  } catch {
    return null;
  }
}

function writeLocal(key, text, isSaved) {
  try {
    localStorage.setItem(prefix + key, JSON.stringify({ text, at: serverNow(), isSaved }));
    return true;
  } catch {
    return false;
  }
}

function dropLocal(key) {
  try {
    localStorage.removeItem(prefix + key);
  } catch {
    // nothing was kept
  }
}

function sweep() {
  try {
    for (const name of Object.keys(localStorage)) {
      if (!name.startsWith("watchroom.draft.")) continue;
      const copy = JSON.parse(localStorage.getItem(name));
      if (!copy || serverNow() - copy.at > OLD) localStorage.removeItem(name);
    }
    sessionStorage.setItem(goneList, JSON.stringify(justGone()));
  } catch {
    // no storage, nothing to sweep
  }
}

// ── Typing ─────────────────────────────────────────────────────────────────────────────────────

function onInput(event) {
  const field = event.target.closest?.("[data-draft]");
  if (field) keep(field);
}

function keep(field) {
  const key = field.dataset.draft;
  sent.delete(key);
  empty.delete(key);
  const isLocal = writeLocal(key, field.value, false);
  const entry = unsent.get(key) || { since: Date.now(), tries: 0 };
  unsent.set(key, entry);
  entry.text = field.value;
  if (entry.isSending) {
    entry.again = true;
    return;
  }
  clearTimeout(entry.timer);
  if (entry.tries) return plan(key, entry); // the server is away: the next try is already timed
  entry.timer = setTimeout(() => send(key), Math.max(0, Math.min(SOONEST, entry.since + LATEST - Date.now())));
  if (!isLocal) say.state("saved-state", "This machine keeps nothing: send soon", true);
}

function plan(key, entry) {
  entry.timer = setTimeout(() => send(key), Math.min(15000, 1000 * 2 ** entry.tries));
}

function send(key, isLast = false) {
  const entry = unsent.get(key);
  if (entry) entry.answer = deliver(key, isLast);
}

async function deliver(key, isLast) {
  const entry = unsent.get(key);
  if (!entry || (entry.isSending && !isLast)) return;
  clearTimeout(entry.timer);
  entry.isSending = true;
  entry.again = false;
  const text = entry.text;
  try {
    const response = await fetch(`/drafts/${key}`, {
      method: text ? "PUT" : "DELETE",
      body: text || stored.get(key),
      headers: { "Content-Type": "text/plain; charset=utf-8", Accept: "application/json", ...csrfHeaders() },
      keepalive: isLast,
    });
    if (response.ok) return onKept(key, entry, text);
    onTrouble(key, entry, response.status);
  } catch {
    onTrouble(key, entry, 0);
  }
}

function onKept(key, entry, text) {
  entry.isSending = false;
  entry.tries = 0;
  if (text) stored.set(key, text);
  else stored.delete(key);
  if (unsent.get(key) !== entry) return; // the form was sent meanwhile
  if (entry.again) {
    entry.since = Date.now();
    entry.timer = setTimeout(() => send(key), SOONEST);
    return;
  }
  unsent.delete(key);
  if (text) writeLocal(key, text, true);
  else dropLocal(key);
  if (!unsent.size) say.state("saved-state", `Every word saved, ${timeOfDay()}`);
}

function onTrouble(key, entry, status) {
  entry.isSending = false;
  entry.tries = Math.min(entry.tries + 1, 4);
  const words =
    status === 401
      ? "Logged out: your words are kept on this machine"
      : status === 413
        ? "Too long to keep on the server; kept on this machine"
        : status === 409
          ? "Too many unsent texts on the server; kept on this machine"
          : "Kept on this machine, not yet on the server";
  say.state("saved-state", words, true);
  if (status !== 413 && status !== 409) plan(key, entry);
}

// ── Coming back ────────────────────────────────────────────────────────────────────────────────

function adopt(root) {
  const fields = [...(root.querySelectorAll?.("[data-draft]") || [])];
  if (root.matches?.("[data-draft]")) fields.unshift(root);
  const wanting = fields.filter((field) => !restore(field));
  if (wanting.length) fetchKept(wanting);
}

/** True when there is nothing to ask the server: the page or this machine has words for the field, or none are kept. */
function restore(field) {
  if (field.dataset.draftAdopted) return true;
  field.dataset.draftAdopted = "yes";
  const key = field.dataset.draft;
  const local = readLocal(key);
  const serverAt = Number(field.dataset.draftAt || 0);
  if (serverAt > 1 && field.value) stored.set(key, field.value);
  if (local && local.text && local.text !== field.value && local.at > serverAt) {
    put(field, local.text, local.at);
    if (!local.isSaved) keep(field);
    return true;
  }
  return Boolean(field.value || field.dataset.draftAt || local?.text || sent.has(key) || empty.has(key));
}

async function fetchKept(fields) {
  const keys = [...new Set(fields.map((field) => field.dataset.draft))];
  const query = new URLSearchParams(keys.map((key) => ["key", key]));
  try {
    const response = await fetch(`/drafts/?${query}`, { headers: { Accept: "application/json" } });
    if (!response.ok) return;
    const kept = await response.json();
    for (const key of keys) {
      if (kept[key]) stored.set(key, kept[key].text);
      else if (!unsent.has(key)) empty.add(key);
    }
    const gone = justGone();
    for (const field of fields) {
      const found = kept[field.dataset.draft];
      if (found && gone[field.dataset.draft]?.text === found.text) continue; // sent from the page before this one
      if (found && !field.value && document.contains(field)) put(field, found.text, Date.parse(found.at));
    }
  } catch {
    // the server is away; the field starts empty, and what is typed is kept here
  }
}

function put(field, text, at) {
  field.value = text;
  field.dispatchEvent(new Event("draft:restored", { bubbles: true }));
  say.state("saved-state", `Put back what you typed at ${timeOfDay(at)}`);
}

/** Texts this tab sent a moment ago, key → { text, at }: the page after may ask for them before their deletion arrives. */
function justGone() {
  try {
    const gone = Object.entries(JSON.parse(sessionStorage.getItem(goneList)) || {});
    return Object.fromEntries(gone.filter(([, { at }]) => Date.now() - at < JUST_NOW));
  } catch {
    return {};
  }
}

function rememberGone(key, text) {
  try {
    sessionStorage.setItem(goneList, JSON.stringify({ ...justGone(), [key]: { text, at: Date.now() } }));
  } catch {
    // at worst the next page offers these words once more
  }
}

/** The words of this form arrived: forget their drafts, here and on the server. */
function onSent(event) {
  const { form } = event.detail;
  const fields = form.matches("[data-draft]") ? [form] : form.querySelectorAll("[data-draft]");
  const words = leaving.get(form);
  for (const field of fields) forget(field.dataset.draft, words?.get(field.dataset.draft) ?? field.value);
}

function onSend(event) {
  const form = event.detail.elt.closest("form");
  if (form) leaving.set(form, new Map([...form.querySelectorAll("[data-draft]")].map((field) => [field.dataset.draft, field.value])));
}

/** `text` arrived: what was kept of it on its way is forgotten. What was typed since, here or in another window, stays. */
async function forget(key, text) {
  const local = readLocal(key);
  if (local && local.text !== text) return;
  const entry = unsent.get(key);
  if (entry) clearTimeout(entry.timer);
  unsent.delete(key);
  dropLocal(key);
  sent.add(key);
  rememberGone(key, text);
  if (entry?.isSending) await entry.answer; // or its words would arrive after they were forgotten
  const body = stored.get(key) ?? text;
  stored.delete(key);
  if (!body) return;
  const headers = { "Content-Type": "text/plain; charset=utf-8", Accept: "application/json", ...csrfHeaders() };
  fetch(`/drafts/${key}`, { method: "DELETE", body, headers, keepalive: true }).catch(() => {
    // a stale copy stays on the server; at worst these words are offered once more
  });
}

// ── A form sent by the browser itself (no htmx) ────────────────────────────────────────────────
// Whether it arrived is known only on the next page: it did if that page was reached from here, by this submit,
// and shows no error. Otherwise the words stay.

function onNativeSubmit(event) {
  const form = event.target;
  if (event.defaultPrevented || form.matches("[hx-post], [hx-put], [hx-patch], [hx-delete], [hx-get]")) return;
  const words = [...form.querySelectorAll("[data-draft]")].map((field) => [field.dataset.draft, field.value]);
  if (!words.length) return;
  try {
    sessionStorage.setItem(sentList, JSON.stringify({ words, from: location.href.split("#")[0], at: Date.now() }));
  } catch {
    // the draft will be offered again: better twice than lost
  }
}

function settleNativeSubmit() {
  let before;
  try {
    before = JSON.parse(sessionStorage.getItem(sentList));
    sessionStorage.removeItem(sentList);
  } catch {
    return;
  }
  if (!before) return;
  const arrived =
    performance.getEntriesByType("navigation")[0]?.type === "navigate" &&
    document.referrer.split("#")[0] === before.from &&
    Date.now() - before.at < 60000 &&
    !document.querySelector(".fault, .field-fault, [aria-invalid=true], .govuk-error-summary");
  if (arrived) before.words?.forEach(([key, text]) => forget(key, text));
}

export function start() {
  sweep();
  settleNativeSubmit();
  document.addEventListener("input", onInput);
  document.addEventListener("form:sent", onSent);
  document.addEventListener("submit", onNativeSubmit);
  document.body.addEventListener("htmx:beforeRequest", onSend);
  document.body.addEventListener("htmx:load", (event) => adopt(event.detail.elt));
  document.body.addEventListener("live:applied", () => adopt(document.body));
  addEventListener("pagehide", () => {
    for (const key of unsent.keys()) send(key, true);
  });
  addEventListener("online", () => {
    for (const key of unsent.keys()) send(key);
  });
  adopt(document.body);
}
