// The contact's page: writing lines, pinning and correcting them, and panels that fetch themselves again without taking the caret.

import { isTextField } from "../shell/js/keys.js";
import { politely } from "../shell/js/say.js";

const body = document.body;

// ── Which panels show something else when this changes ─────────────────────────────────────────
// An act answers with the names of what it changed (HX-Trigger); the live stream tells the same of what others did.

const SHOWN_BY = {
  "wr:line": ["where", "asks", "risk-cues", "stage-grade", "headline"],
  "wr:place": ["stage-who", "where", "stage-grade", "headline", "risk-cues"],
  "wr:kind": ["where", "asks", "stage-grade"],
  "wr:opened": ["where", "asks", "log-box", "stage-risk", "stage-grade", "stage-send", "headline", "evidence"],
  "wr:pinned": ["headline", "log-box"],
  "wr:risk": ["stage-grade", "stage-send"],
  "wr:saved": ["stage-grade", "stage-send", "log-box"],
  "wr:evidence": ["log-box", "stage-send"],
  "wr:asked": ["evidence", "risk-cues", "stage-risk", "stage-grade", "headline", "log-box"],
  "wr:cue": ["stage-grade", "headline"],
  "wr:grade": ["stage-send", "headline", "log-box"],
  "wr:contact": ["headline", "stage-send"],
  "wr:who": ["risk-cues", "headline"],
  "wr:research": ["log-box", "stage-send"],
  "wr:researched": ["stage-who", "risk-cues", "headline", "log-box"],
};

const SOON = 120; // ms: what an act and the stream name together is fetched once
const stale = new Set(); // ids of panels to fetch
const coming = new Map(); // id → whether it became stale again while it was fetched
let timer = 0;

function refresh(...ids) {
  ids.forEach((id) => (coming.has(id) ? coming.set(id, true) : stale.add(id)));
  clearTimeout(timer);
  timer = setTimeout(fetchStale, SOON);
}

async function fetchStale() {
  for (const id of [...stale]) {
    const target = document.getElementById(id);
    const path = target?.getAttribute("hx-get");
    if (path && isHeld(target)) continue; // stays stale: looked at again when the caret leaves
    stale.delete(id);
    if (!path) continue;
    coming.set(id, false);
    window.htmx
      .ajax("GET", path, { source: target, target, swap: "outerHTML" })
      .catch(() => {})
      .then(() => {
        const again = coming.get(id);
        coming.delete(id);
        if (again) refresh(id);
      });
  }
}

// ── A panel never replaces the field that holds the caret, or a form that is on its way ────────
// The risk and the questions wait for any focus in them: a key that meets nothing there would mean something else.

function isHeld(target) {
  const active = document.activeElement;
  if (target.querySelector("form.htmx-request, button.htmx-request")) return true;
  return Boolean(active && active !== body && target.contains(active) && (isTextField(active) || target.id === "stage-risk" || target.id === "asks"));
}

body.addEventListener("htmx:beforeSwap", (event) => {
  const { target, requestConfig } = event.detail; // detail.elt is the target itself: who asked stands in the request
  if (requestConfig.verb !== "get" || requestConfig.elt !== target || !target.id || !isHeld(target)) return;
  event.detail.shouldSwap = false;
  stale.add(target.id);
});

document.addEventListener("focusout", () => stale.size && setTimeout(fetchStale, 60));

body.addEventListener("htmx:afterRequest", (event) => {
  const { xhr, requestConfig, successful, target } = event.detail;
  if (requestConfig.verb === "get") return;
  if (successful) {
    for (const name of (xhr.getResponseHeader("HX-Trigger") || "").split(",")) refresh(...(SHOWN_BY[name.trim()] || []));
    if (target?.id && !document.contains(target)) refresh(target.id); // it was replaced meanwhile: the answer met nothing
  }
  if (stale.size) refresh();
});

// A level that was pressed and not kept yet survives a refresh of its stage.
let pressed = null;
body.addEventListener("htmx:beforeSwap", (event) => {
  const { target, requestConfig } = event.detail; // detail.elt is the target itself: who asked stands in the request
  if (target?.id !== "stage-risk" || requestConfig.verb !== "get" || requestConfig.elt !== target) return;
  const level = target.querySelector("input[name=level]:checked");
  pressed = level && { element: level.form.elements.element.value, level: level.value };
});
body.addEventListener("htmx:afterSwap", () => {
  const form = pressed && document.querySelector(".thrive.is-now form");
  if (form && form.elements.element.value === pressed.element && !form.elements.level.value) form.elements.level.value = pressed.level;
  pressed = null;
});

// The upper half of a stage brings the head of its stage with it.
body.addEventListener("htmx:afterSwap", () => {
  for (const head of document.querySelectorAll("template[data-stage-head]")) {
    const stage = head.closest(".stage");
    stage.classList.remove("is-now", "is-done");
    if (head.dataset.state) stage.classList.add(`is-${head.dataset.state}`);
    stage.toggleAttribute("aria-current", false);
    if (head.dataset.state === "now") stage.setAttribute("aria-current", "step");
    stage.querySelector(":scope > .stage__head").replaceChildren(head.content);
    head.remove();
  }
});

// A panel that does not come says so, and can be asked again; what it showed stays.
function failed(event) {
  const { requestConfig, target } = event.detail;
  if (requestConfig?.verb !== "get" || !target?.matches?.(".stage")) return;
  if (target.querySelector("[data-retry]")) return;
  const note = document.createElement("p");
  note.className = "fault";
  note.dataset.retry = "";
  note.textContent = "This part does not answer; what you see may be old. ";
  const again = document.createElement("button");
  again.type = "button";
  again.className = "button button--small";
  again.textContent = "Try again";
  again.addEventListener("click", () => window.htmx.ajax("GET", requestConfig.path, { source: target, target, swap: "outerHTML" }));
  note.append(again);
  target.querySelector(".stage__body")?.prepend(note);
  politely("A part of this page does not answer.");
}
body.addEventListener("htmx:responseError", failed);
body.addEventListener("htmx:sendError", failed);

// ── A form is never sent by the browser itself: that would put what was typed into the address ─
// htmx takes over a form some milliseconds after it came into the page; a key may be quicker.

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!form.matches("[hx-post]")) return;
    event.preventDefault();
    if (form["htmx-internal-data"]?.initHash !== undefined) return;
    event.stopImmediatePropagation();
    window.htmx.process(form);
    form.requestSubmit(event.submitter);
  },
  true,
);

// ── The line one types in ──────────────────────────────────────────────────────────────────────

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (!field.matches?.("textarea[data-enter]") || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  if (event.ctrlKey || event.metaKey) return; // forms.js sends
  event.preventDefault();
  if (field.value.trim()) field.form.requestSubmit();
});

const sent = new WeakMap(); // form → the words that are on their way
body.addEventListener("htmx:configRequest", (event) => {
  const form = event.detail.elt;
  if (form.matches?.("[data-line]")) sent.set(form, form.elements.text.value);
});
document.addEventListener("form:sent", (event) => {
  const { form } = event.detail;
  if (!form.matches?.("[data-line]")) return;
  const field = form.elements.text;
  const words = sent.get(form) ?? "";
  // what was typed while the line was on its way stays
  field.value = field.value.startsWith(words) ? field.value.slice(words.length).replace(/^\n/, "") : field.value;
  correct(form, "", "");
  if (field.value) field.dispatchEvent(new Event("input", { bubbles: true }));
  fit(field);
});

function fit(field) {
  field.rows = Math.max(2, Math.min(6, field.value.split("\n").length + Math.floor(field.value.length / 60)));
}
document.addEventListener("input", (event) => event.target.matches?.("textarea[data-enter]") && fit(event.target));

// ── Pinning and correcting a line; arrows walk through the log ─────────────────────────────────

function correct(form, line, words) {
  form.elements.corrects.value = line;
  const note = form.querySelector("[data-corrects-note]");
  note.hidden = !line;
  note.querySelector("span").textContent = line ? `Corrects “${words.slice(0, 60)}”: both stay.` : "";
}

document.addEventListener("click", (event) => {
  const form = document.querySelector("[data-line]");
  const pin = event.target.closest?.("[data-pin-line]");
  if (pin) {
    const url = pin.closest("ol").dataset.pin;
    if (!url) return politely("Pick place and type first: the headline belongs to the log that despatch sees.");
    window.htmx.ajax("POST", url, { source: pin, target: "#log-box", swap: "outerHTML", values: { line: pin.dataset.pinLine } });
  }
  const wrong = event.target.closest?.("[data-correct-line]");
  if (wrong && form) {
    correct(form, wrong.dataset.correctLine, wrong.closest("li").querySelector("[data-words]").textContent.trim());
    form.elements.text.focus();
  }
  if (event.target.closest?.("[data-corrects-off]") && form) correct(form, "", "");
});

document.addEventListener("keydown", (event) => {
  const log = event.target.closest?.(".log");
  if (!log || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
  const acts = [...log.querySelectorAll("[data-pin-line]")];
  if (!acts.length) return;
  event.preventDefault();
  const at = acts.indexOf(event.target.closest("li")?.querySelector("[data-pin-line]"));
  const next = at < 0 ? acts.length - 1 : Math.max(0, Math.min(acts.length - 1, at + (event.key === "ArrowUp" ? -1 : 1)));
  acts[next].focus();
});

// ── What others did: a poke names the stages that changed ──────────────────────────────────────

// One's own answer to a question has already brought the next one: fetched again, it would only lose the caret.
const OWN = 5000; // ms
let askedAt = -OWN;
body.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.requestConfig.verb === "post" && event.detail.target?.id === "asks") askedAt = performance.now();
});

body.addEventListener("live:applied", () => {
  document.getElementById("log-empty")?.remove();
  for (const poke of document.querySelectorAll("[data-poke]")) {
    if (poke.dataset.say) politely(poke.dataset.say);
    const isOwn = poke.dataset.by === body.dataset.member && performance.now() - askedAt < OWN;
    refresh(...poke.dataset.stages.split(" ").filter((stage) => !(isOwn && stage === "asks")));
    poke.remove();
  }
});

// ── What lies over the log closes when its form was sent ───────────────────────────────────────

document.addEventListener("form:sent", (event) => {
  const tool = event.detail.form.matches?.("[data-attach]") && event.detail.form.closest("details.tool");
  if (!tool) return;
  event.detail.form.reset();
  tool.open = false;
  tool.querySelector("summary").focus();
});

// ── Where the telephone is, offered to the search: a person still picks the place ──────────────

document.addEventListener("click", (event) => {
  const offer = event.target.closest?.("[data-find-place]");
  const field = offer && document.getElementById("find-place");
  if (!field) return;
  field.value = offer.dataset.findPlace;
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

// ── Small things of the last stage ─────────────────────────────────────────────────────────────

// a disclosure that a key opened takes the caret into its first field
document.addEventListener("toggle", (event) => {
  const isIn = event.target.contains(document.activeElement) && !document.activeElement.matches("summary"); // a verb put it there
  if (!isIn && event.target.matches?.("details[open]")) (event.target.querySelector("[data-first]") || event.target.querySelector("input:not([type=hidden]), select, textarea"))?.focus();
}, true);

document.documentElement.dataset.desk = "ready"; // Enter sends a line from now on
