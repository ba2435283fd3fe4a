// Sending a form: once, with a key, and never losing what was typed.
//
//   Ctrl+Enter sends the form the caret is in.
//   Every POST gets a hidden `key`: a repeat after a lost answer is the same command, and the server does it once.
//   While one is under way a second press does nothing.
//   When it fails, the words stay, and a sentence says what happened and what to do.
//   aria-disabled="true" data-why="…" on a button: it says why instead of sending.
//   data-no-key on a form: it is not a command (log in, log out).

import { csrfHeaders } from "./csrf.js";
import { politely } from "./say.js";

const keys = new WeakMap(); // element that sends → idempotency key of its next command
const sending = new WeakSet();
const settled = new WeakSet(); // requests whose end was dealt with
const told = new WeakSet(); // requests whose success was told

const newKey = () =>
  crypto.randomUUID ? crypto.randomUUID() : [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

function keyOf(element) {
  if (!keys.has(element)) keys.set(element, newKey());
  return keys.get(element);
}

function isCommand(form) {
  const method = form.getAttribute("method")?.toLowerCase();
  return (method === "post" || form.matches("[hx-post], [hx-put], [hx-patch], [hx-delete]")) && !("noKey" in form.dataset);
}

function ensureKey(form) {
  if (!isCommand(form)) return;
  let field = form.querySelector("input[type=hidden][name=key]");
  if (!field) {
    field = document.createElement("input");
    field.type = "hidden";
    field.name = "key";
    form.append(field);
  }
  if (!field.value) field.value = keyOf(form);
}

/** What came by the live stream was drawn once for everybody, and holds nobody's token. */
function ensureToken(form) {
  const token = csrfHeaders()["X-CSRFToken"];
  if (!token || form.elements.csrfmiddlewaretoken?.value) return;
  const field = form.elements.csrfmiddlewaretoken || document.createElement("input");
  field.type = "hidden";
  field.name = "csrfmiddlewaretoken";
  field.value = token;
  form.append(field);
}

function renewKey(element) {
  keys.delete(element);
  const field = element.querySelector?.("input[type=hidden][name=key]");
  if (field) field.value = keyOf(element);
}

// ── What went wrong, at the form ───────────────────────────────────────────────────────────────

function placeFor(element) {
  const form = element.closest("form") || element;
  let place = form.querySelector("[data-form-said]");
  if (!place) {
    place = document.createElement("p");
    place.dataset.formSaid = "";
    place.setAttribute("role", "alert");
    if (form.matches("button, a, input")) form.after(place);
    else form.append(place);
  }
  return place;
}

function complain(element, sentence, fields = {}) {
  quieten(element);
  const place = placeFor(element);
  place.className = "fault";
  place.textContent = sentence;
  const form = element.closest("form");
  let isSaid = false;
  for (const [name, problem] of Object.entries(form ? fields : {})) {
    const field = form.elements[name];
    const control = field instanceof RadioNodeList ? field[0] : field;
    if (!control) continue;
    control.setAttribute("aria-invalid", "true");
    const words = document.createElement("p");
    words.className = "field-fault";
    words.id = `fault-${name}-${keyOf(form).slice(0, 8)}`;
    words.dataset.fieldFault = "";
    words.textContent = problem;
    control.setAttribute("aria-describedby", words.id);
    (control.closest(".scale, fieldset, label") || control).after(words);
    isSaid ||= problem === sentence;
  }
  if (isSaid) place.className = "sr"; // it stands at its field; here it is only heard
}

function quieten(element) {
  const form = element.closest("form") || element.parentElement;
  form?.querySelectorAll("[data-field-fault]").forEach((words) => words.remove());
  form?.querySelectorAll("[aria-invalid=true]").forEach((control) => control.removeAttribute("aria-invalid"));
  const place = form?.querySelector("[data-form-said]");
  if (place) {
    place.textContent = "";
    place.className = "";
  }
}

const LOGGED_OUT = "You are logged out. Your words are kept: log in again in a new tab, then send once more.";
const AWAY = "Not sent: the server does not answer. Your words are kept. Send again in a moment; it will count once.";

async function explain(xhr) {
  if (xhr.status === 401) return [LOGGED_OUT, {}];
  try {
    const answer = JSON.parse(xhr.responseText);
    return [answer.problem || answer.detail || "Not done.", answer.fields || {}];
  } catch {
    if (xhr.status >= 500) return ["Not done: Watchroom made a mistake. Your words are kept. Send again; it will count once.", {}];
    return [`Not done (${xhr.status}). Your words are kept.`, {}];
  }
}

// ── htmx ───────────────────────────────────────────────────────────────────────────────────────

function onHtmxConfig(event) {
  if (event.detail.verb === "get") return;
  const element = event.detail.elt;
  const form = element.closest("form");
  if (form && isCommand(form)) ensureKey(form);
  if (!event.detail.parameters.key) event.detail.parameters.key = keyOf(form || element);
}

/** A field that asks while it is typed into looks something up and sends no form: what was said of the form stands, and its drafts stay. */
const isLook = (element) => element.matches("input, textarea, select");

function onHtmxBefore(event) {
  const element = event.detail.elt;
  if (event.detail.requestConfig.verb === "get" || isLook(element)) return;
  if (sending.has(element)) {
    event.preventDefault();
    return;
  }
  sending.add(element);
  quieten(element);
}

async function onHtmxAfter(event) {
  const { xhr, requestConfig } = event.detail;
  if (requestConfig.verb === "get" || isLook(requestConfig.elt) || settled.has(xhr)) return;
  settled.add(xhr); // htmx says it twice when the answer replaced the form
  const elt = requestConfig.elt;
  sending.delete(elt);
  if (xhr.status >= 200 && xhr.status < 300) { // htmx does not call it successful when the answer leads to another page
    arrived(elt, xhr);
  } else if (xhr.status === 0) {
    complain(elt, AWAY);
  } else if (!isHtml(xhr)) {
    complain(elt, ...(await explain(xhr)));
  }
}

/** The command was done: a new one gets a new key, and its drafts are forgotten before anything is swapped in. */
function arrived(elt, xhr) {
  if (told.has(xhr)) return;
  told.add(xhr);
  const owner = elt.closest("form") || elt;
  renewKey(owner);
  document.dispatchEvent(new CustomEvent("form:sent", { detail: { form: owner } }));
}

/** A form that comes back with its errors (422, HTML) is shown; a JSON answer is a sentence, shown by complain(). */
function onHtmxSwap(event) {
  const { xhr, requestConfig } = event.detail;
  if (requestConfig.verb !== "get" && !isLook(requestConfig.elt) && xhr.status >= 200 && xhr.status < 300) arrived(requestConfig.elt, xhr);
  if (xhr.status === 422 && isHtml(xhr)) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  } else if (xhr.getResponseHeader("Content-Type")?.includes("json")) {
    event.detail.shouldSwap = false;
  }
}

const isHtml = (xhr) => (xhr.getResponseHeader("Content-Type") || "").startsWith("text/html");

// ── Forms sent by the browser itself ───────────────────────────────────────────────────────────

function onSubmit(event) {
  const form = event.target;
  if (sending.has(form)) {
    stop(event); // before htmx, which would queue it and send it after the first
    return;
  }
  if (!isCommand(form)) return;
  ensureKey(form);
  if (form.matches("[hx-post], [hx-put], [hx-patch], [hx-delete]")) return;
  ensureToken(form);
  if (!navigator.onLine) {
    event.preventDefault();
    complain(form, AWAY);
    return;
  }
  sending.add(form);
  setTimeout(() => sending.delete(form), 8000); // the answer is slow, or there is none: it may be sent again, under the same key
}

function onKey(event) {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = document.activeElement?.form || document.activeElement?.closest?.("form");
  if (!form) return;
  event.preventDefault();
  const button = form.querySelector("[data-submit]") || form.querySelector("button:not([type=button], [type=reset]), input[type=submit]");
  if (button?.getAttribute("aria-disabled") === "true") {
    politely(button.dataset.why || "Not yet.");
    return;
  }
  form.requestSubmit(button || undefined);
}

function onClick(event) {
  const button = event.target.closest?.('[aria-disabled="true"], [hx-post], [hx-put], [hx-patch], [hx-delete]');
  if (!button) return;
  if (sending.has(button) && !button.matches("form")) stop(event);
  if (button.getAttribute("aria-disabled") !== "true") return;
  stop(event);
  politely(button.dataset.why || "Not yet.");
}

function stop(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

export function start() {
  document.addEventListener("click", onClick, true);
  document.addEventListener("keydown", onKey);
  document.addEventListener("submit", onSubmit, true);
  document.querySelectorAll("form").forEach(ensureKey);
  document.body.addEventListener("htmx:load", (event) => event.detail.elt.querySelectorAll?.("form").forEach(ensureKey));
  document.body.addEventListener("htmx:configRequest", onHtmxConfig);
  document.body.addEventListener("htmx:beforeRequest", onHtmxBefore);
  document.body.addEventListener("htmx:afterRequest", onHtmxAfter);
  document.body.addEventListener("htmx:beforeSwap", onHtmxSwap);
  addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("form").forEach((form) => sending.delete(form));
  });
}
