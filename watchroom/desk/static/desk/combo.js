// A field that finds: type, arrow, Enter. The list comes from the server as options; the field keeps the caret throughout.
//
//   <form data-combo="/gazetteer/find/" data-combo-value="place" hx-post="…">
//     <input role="combobox" aria-controls="list"> <input type="hidden" name="place"> <ul id="list" role="listbox" hidden>
//
// data-combo-opens  the list also opens on focus, with nothing typed
// Enter takes the marked option, or sends the words alone when nothing fits; on a slow line it waits for the list of these words, Escape
// takes it back until then, and who goes on meanwhile keeps the caret. Asked by POST: words typed belong in no URL.

import { csrfHeaders } from "../shell/js/csrf.js";
import { politely } from "../shell/js/say.js";

const QUIET = 90; // ms without a letter before the server is asked
const state = new WeakMap(); // input → {timer, asked, controller, isEntered}

const parts = (input) => {
  const form = input.closest("[data-combo]");
  return { form, list: form.querySelector("[role=listbox]"), value: form.querySelector(`input[type=hidden][name=${form.dataset.comboValue}]`) };
};

function of(input) {
  if (!state.has(input)) state.set(input, { timer: 0, asked: null, isEntered: false });
  return state.get(input);
}

async function ask(input) {
  const { form, list } = parts(input);
  const own = of(input);
  const words = input.value;
  if (!words.trim() && !("comboOpens" in form.dataset)) return close(input);
  own.controller?.abort();
  own.controller = new AbortController();
  own.asked = words;
  try {
    const response = await fetch(form.dataset.combo, {
      method: "POST",
      body: new URLSearchParams({ q: words }),
      headers: { "HX-Request": "true", Accept: "text/html", ...csrfHeaders() },
      signal: own.controller.signal,
    });
    if (!response.ok) throw new Error(String(response.status));
    const html = await response.text();
    if (own.asked !== words || (document.activeElement !== input && !own.isEntered)) return;
    const parsed = document.createElement("template");
    parsed.innerHTML = html;
    list.replaceChildren(...parsed.content.children);
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    mark(input, options(list)[0]);
    own.shown = words;
  } catch (error) {
    if (error.name !== "AbortError") {
      close(input);
      politely("The list does not come; Enter keeps your words.");
    }
  }
}

const options = (list) => [...list.querySelectorAll('[role=option]:not([aria-disabled="true"])')];

function marked(list) {
  return list.hidden ? null : list.querySelector('[aria-selected="true"]');
}

function mark(input, option) {
  const { list } = parts(input);
  for (const one of options(list)) one.setAttribute("aria-selected", String(one === option));
  if (option) {
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else input.removeAttribute("aria-activedescendant");
}

function close(input) {
  const { list } = parts(input);
  list.hidden = true;
  list.replaceChildren();
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
  of(input).shown = null;
}

function take(input, option) {
  const { form, value } = parts(input);
  const isHere = document.activeElement === input;
  value.value = option ? option.dataset.value : "";
  if (option) input.value = option.dataset.text;
  close(input);
  form.requestSubmit();
  // the caret goes on at once: letters typed while the answer is on its way belong to the next field, and are never keys
  const where = document.getElementById("where");
  if (where) where.dataset.has = `${where.dataset.has || ""} ${form.dataset.comboValue}`;
  const has = where?.dataset.has || "";
  const next = has.includes(form.dataset.comboThen) ? document.getElementById("line") : document.getElementById(`find-${form.dataset.comboThen}`);
  if (isHere) (next || input).focus(); // who went on meanwhile keeps the caret where it is
}

document.addEventListener("form:sent", (event) => {
  const { form } = event.detail;
  if (form.matches?.("[data-combo]")) form.querySelector("[role=combobox]").value = "";
});

async function onKey(event) {
  const input = event.target;
  if (!input.matches?.("[data-combo] [role=combobox]") || event.isComposing) return;
  const { list } = parts(input);
  const own = of(input);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const all = options(list);
    if (list.hidden || !all.length) return ask(input);
    const step = event.key === "ArrowDown" ? 1 : -1;
    mark(input, all[(all.indexOf(marked(list)) + step + all.length) % all.length]);
  } else if (event.key === "Enter") {
    event.preventDefault();
    if (event.ctrlKey) return;
    clearTimeout(own.timer);
    own.isEntered = true;
    if (own.shown !== input.value && (input.value.trim() || own.shown === undefined)) await ask(input); // the list belongs to fewer letters than were typed
    if (!own.isEntered) return; // Escape took it back while the list was on its way
    own.isEntered = false;
    const option = marked(list);
    if (option) take(input, option);
    else if (input.value.trim()) take(input, null);
  } else if (event.key === "Escape" && (own.isEntered || !list.hidden)) {
    own.isEntered = false;
    event.preventDefault(); // first the list, then the field
    event.stopPropagation();
    close(input);
  } else if (event.key === "Tab") close(input);
}

document.addEventListener("keydown", onKey, true);
document.addEventListener("input", (event) => {
  const input = event.target;
  if (!input.matches?.("[data-combo] [role=combobox]")) return;
  parts(input).value.value = "";
  const own = of(input);
  clearTimeout(own.timer);
  own.timer = setTimeout(() => ask(input), QUIET);
});
document.addEventListener("focusin", (event) => {
  const input = event.target;
  if (input.matches?.("[data-combo-opens] [role=combobox]")) ask(input);
});
document.addEventListener("focusout", (event) => {
  if (event.target.matches?.("[data-combo] [role=combobox]")) setTimeout(() => document.activeElement !== event.target && close(event.target), 120);
});
document.addEventListener("mousedown", (event) => {
  const option = event.target.closest?.("[data-combo] [role=option]");
  if (!option || option.getAttribute("aria-disabled") === "true") return;
  event.preventDefault(); // the caret stays
  take(option.closest("[data-combo]").querySelector("[role=combobox]"), option);
});
