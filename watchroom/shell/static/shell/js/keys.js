// Keys are data: an element says which key presses it, and everything else is read from the page.
//
//   <button data-key="a" data-say="Send the suggested unit" data-hint="send">   a presses it
//   <textarea data-key="F3">                                                    F3 puts the caret there
//   <button data-key="F8 1">                                                    F8, then 1 within three seconds
//
// data-say   what the help sheet calls it (else its label or text)
// data-hint  also shown in the command bar, in these words
// data-quiet not listed in the help sheet (the four levels of every scale would fill it)
// data-key-inside  on an ancestor: its keys are pressed only while the focus is inside it
// data-key-scope  on an ancestor: while the focus is inside, its keys come first
// data-why   on an element with aria-disabled: said instead of pressing it
//
// Single keys act outside text fields only; F-keys and the second step of a sequence act anywhere. Esc leaves a
// field and discards nothing. Nothing here moves the focus unless a key was pressed for it.

import { politely } from "./say.js";

const PATIENCE = 3000; // ms between the steps of a sequence
const store = `watchroom.keys.${document.body.dataset.member || "anyone"}`;

/** What the shell itself answers to; the same table, so that help shows it too. Not remappable. */
const BUILT_IN = [
  { key: "/", say: "Say what to do, in words" },
  { key: "?", say: "Show or hide these keys" },
  { key: "Esc", say: "Leave the field; nothing is lost" },
  { key: "Ctrl Enter", say: "Send the form you are in" },
];

let remapped = readMap();
let pending = []; // steps pressed so far
let pendingTimer = 0;
let learning = null; // the entry whose new key is awaited

function readMap() {
  try {
    return JSON.parse(localStorage.getItem(store)) || {};
  } catch {
    return {};
  }
}

/** The key that presses this now: the page's own, or what this person chose instead. */
export function mapped(key) {
  return remapped[key] || key;
}

/** All keys of the page as it stands: one entry per key and meaning, in reading order. */
export function table() {
  const seen = new Map();
  for (const element of document.querySelectorAll("[data-key]")) {
    const entry = { key: element.dataset.key, now: mapped(element.dataset.key), say: nameOf(element), element };
    const id = `${entry.key}\n${entry.say}`;
    if (!seen.has(id)) seen.set(id, { ...entry, hint: element.dataset.hint, isQuiet: "quiet" in element.dataset });
  }
  return [...seen.values()];
}

function nameOf(element) {
  const label = element.dataset.say || element.getAttribute("aria-label") || element.labels?.[0]?.textContent;
  if (label) return label.trim();
  const copy = element.cloneNode(true);
  copy.querySelectorAll("kbd, svg").forEach((part) => part.remove());
  return copy.textContent.replace(/\s+/g, " ").trim().slice(0, 60);
}

/** Press a key by name, as if typed. For the command bar. Returns whether anything answered. */
export function press(key) {
  const element = elementFor(mapped(key));
  if (element) act(element);
  return Boolean(element);
}

function elementFor(key) {
  const usable = [...document.querySelectorAll("[data-key]")].filter(
    (element) => mapped(element.dataset.key) === key && isUsable(element),
  );
  const scope = document.activeElement?.closest("[data-key-scope]");
  return (
    usable.find((element) => scope?.contains(element)) ||
    usable.find((element) => element.closest(".is-now [data-key-scope], .is-now")) ||
    usable[0]
  );
}

function isUsable(element) {
  if (element.disabled || element.closest("[hidden], [inert]")) return false;
  const inside = element.closest("[data-key-inside]");
  if (inside && !inside.contains(document.activeElement)) return false;
  return element.checkVisibility ? element.checkVisibility() : element.offsetParent !== null;
}

function isPrefix(keys) {
  const start = `${keys} `;
  return [...document.querySelectorAll("[data-key]")].some(
    (element) => mapped(element.dataset.key).startsWith(start) && isUsable(element),
  );
}

function act(element) {
  if (element.getAttribute("aria-disabled") === "true") {
    politely(element.dataset.why || "Not yet.");
    return;
  }
  if (isTextField(element)) {
    element.focus();
    return;
  }
  if (element.matches("section, article, div, ol, ul, form")) {
    const first = element.querySelector("[data-first], textarea, input:not([type=hidden]), select, button, a[href]");
    element.scrollIntoView({ block: "nearest" });
    (first || element).focus();
    return;
  }
  if (element.matches("input[type=radio], input[type=checkbox]")) element.focus();
  element.click();
}

/** Is the caret where letters are text? */
export function isTextField(element) {
  if (!element || element === document.body) return false;
  if (element.isContentEditable || element.matches?.("textarea, select")) return true;
  return Boolean(
    element.matches?.("input:not([type=radio], [type=checkbox], [type=button], [type=submit], [type=reset], [type=range], [type=file])"),
  );
}

function nameOfEvent(event) {
  if (event.key === "Escape") return "Esc";
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  if (/^F\d{1,2}$/.test(event.key)) return event.key;
  return event.key.length === 1 && event.key !== " " ? event.key.toLowerCase() : null;
}

function onKey(event) {
  if (event.isComposing || event.defaultPrevented) return;
  const key = nameOfEvent(event);
  if (key === null) return;
  if (learning) {
    event.preventDefault();
    learn(key);
    return;
  }
  if (key === "Esc") {
    onEscape(event);
    return;
  }
  const isTyping = isTextField(document.activeElement);
  const isSingle = key.length === 1;
  if (isSingle && isTyping && !pending.length) return;

  const keys = [...pending, key].join(" ");
  const element = elementFor(keys);
  const goesOn = isPrefix(keys);
  if (element || goesOn) {
    event.preventDefault();
    if (event.repeat) return;
    wait(goesOn ? [...pending, key] : []);
    if (element) act(element);
    return;
  }
  const wasPending = pending.length > 0;
  wait([]);
  if (wasPending) {
    // no such sequence: the key means what it means alone, F6 then 2 is level 2
    const alone = !isTyping && !event.repeat && elementFor(key);
    if (!alone) return;
    event.preventDefault();
    act(alone);
    return;
  }
  if (key === "?") {
    event.preventDefault();
    toggleHelp();
  } else if (key === "/") {
    const line = document.getElementById("command-line");
    if (!line) return;
    event.preventDefault();
    line.focus();
    line.select();
  }
}

function onEscape(event) {
  if (pending.length) {
    wait([]);
  } else if (isTextField(document.activeElement)) {
    document.activeElement.blur();
  } else if (!document.getElementById("keysheet")?.hidden) {
    toggleHelp(false);
  } else {
    return;
  }
  event.preventDefault(); // never a browser's own "clear this field"
}

function wait(keys) {
  pending = keys;
  clearTimeout(pendingTimer);
  if (keys.length) pendingTimer = setTimeout(() => wait([]), PATIENCE);
  document.querySelectorAll("[data-key-hints] span").forEach((hint) => {
    hint.toggleAttribute("data-waiting", keys.length > 0 && hint.dataset.for === keys.join(" "));
  });
}

// ── Showing them: key caps in the page, hints in the command bar, the sheet ────────────────────

/** Bring caps and hints in step with the page. Called after anything was swapped in. */
export function refresh() {
  for (const element of document.querySelectorAll("[data-key]")) {
    const cap = element.matches("input, textarea, select") ? null : element.querySelector("kbd");
    if (cap && remapped[element.dataset.key]) cap.textContent = mapped(element.dataset.key);
    if (!element.hasAttribute("aria-keyshortcuts")) {
      element.setAttribute("aria-keyshortcuts", mapped(element.dataset.key).replace(/\b[a-z]\b/g, (c) => c.toUpperCase()));
    }
  }
  const bar = document.querySelector("[data-key-hints]");
  if (bar) {
    const hints = table().filter((entry) => entry.hint);
    bar.replaceChildren(
      hintOf("Esc", "leave the field, nothing is lost"),
      ...hints.map((entry) => hintOf(entry.now, entry.hint)),
    );
  }
  if (!document.getElementById("keysheet")?.hidden) drawHelp();
}

function hintOf(key, words) {
  const hint = document.createElement("span");
  hint.dataset.for = key;
  hint.append(...caps(key), words);
  return hint;
}

function caps(key) {
  return key.split(" ").map((step) => {
    const cap = document.createElement("kbd");
    cap.textContent = step;
    return cap;
  });
}

/** Open or close the sheet of keys. It is not a dialog: the caret stays where it was. */
export function toggleHelp(open) {
  const sheet = document.getElementById("keysheet");
  if (!sheet) return;
  sheet.hidden = open === undefined ? !sheet.hidden : !open;
  document.querySelectorAll("[data-help]").forEach((button) => button.setAttribute("aria-expanded", String(!sheet.hidden)));
  if (sheet.hidden) return;
  drawHelp();
  politely("The keys of this page are listed at the end of the page.");
}

function drawHelp() {
  const sheet = document.getElementById("keysheet");
  const title = document.createElement("h2");
  title.textContent = "Keys of this page";
  const list = document.createElement("dl");
  const entries = [...table().filter((entry) => !entry.isQuiet), ...BUILT_IN];
  for (const entry of entries) {
    const term = document.createElement("dt");
    term.append(...caps(entry.now || entry.key));
    const words = document.createElement("dd");
    words.textContent = entry.say;
    const change = document.createElement("dd");
    if (entry.element) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button button--bare";
      button.textContent = learning?.key === entry.key ? "Press a key" : "Change";
      button.setAttribute("aria-label", `Change the key for: ${entry.say}`);
      button.addEventListener("click", () => {
        learning = entry;
        button.textContent = "Press a key";
        politely("Press the new key, or Escape to keep the old one.");
      });
      change.append(button);
    }
    list.append(term, words, change);
  }
  const foot = document.createElement("p");
  foot.className = "soft";
  foot.textContent = "Letters and numbers act when the caret is in no field. Changed keys are kept on this machine, for you.";
  sheet.replaceChildren(title, list, foot);
}

function learn(key) {
  const entry = learning;
  learning = null;
  const steps = entry.key.split(" ");
  const wanted = [...steps.slice(0, -1), key].join(" "); // only the last step of a sequence changes
  const taken =
    BUILT_IN.find((other) => other.key === wanted) ||
    table().find((other) => other.now === wanted && other.key !== entry.key);
  if (key !== "Esc" && taken) {
    politely(`${wanted} is already: ${taken.say}. Nothing changed.`);
  } else if (key !== "Esc") {
    if (wanted === entry.key) delete remapped[entry.key];
    else remapped[entry.key] = wanted;
    try {
      localStorage.setItem(store, JSON.stringify(remapped));
    } catch {
      politely("This machine keeps no settings: the key is changed until you leave this page.");
    }
  }
  refresh();
}

export function start() {
  document.addEventListener("keydown", onKey);
  document.addEventListener("pointerdown", () => wait([]));
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-help]")) toggleHelp();
  });
  document.querySelectorAll("[data-help]").forEach((button) => (button.hidden = false));
  document.body.addEventListener("htmx:afterSettle", refresh);
  document.body.addEventListener("live:applied", refresh);
  refresh();
}
