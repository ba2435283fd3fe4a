// The command bar: `/`, then a verb, then its arguments by name. Changing the verb keeps the arguments.
//
//   send unit nh21 job 0417        note job 0417 text caller rang back
//
// The verbs of a page are data: {{ verbs|json_script:"verbs" }}, a list of
//   {"verb": "send", "say": "Send a unit to a job",
//    "args": [{"name": "unit", "say": "call sign", "options": ["NH21"]}, {"name": "job", "default": "0417"}],
//    "post": "/dispatch/send/"}       posts the arguments by name, with a key, as a form; JSON or a redirect comes back
//    or "get": "/incidents/{job}/"    goes there
//    or "press": "F8 1"               presses that key of the page; an argument with "into": "field-id" then stands in that field of
//                                     the form that opened, and the next empty one has the caret: a person sends it
// Words before the first known name belong to the first argument. ArrowUp in an empty line recalls what was said.

import { csrfHeaders } from "./csrf.js";
import { press } from "./keys.js";

const history = `watchroom.said.${document.body.dataset.member || "anyone"}`;
let verbs = [];
let line, list, said;
let offers = []; // what the list shows: {text, words, more}
let chosen = -1;
let recalled = -1;
let commandKey = null; // idempotency key of the command under way; kept while it is tried again

// ── Reading what was typed ─────────────────────────────────────────────────────────────────────

/** `send unit nh21 job 0417` → {verb, args: {unit: "nh21", job: "0417"}}; names are those of the verb, any case. */
export function parse(text, known = verbs) {
  const words = text.trim().split(/\s+/).filter(Boolean);
  const verb = known.find((entry) => entry.verb === words[0]?.toLowerCase());
  const args = {};
  if (!verb) return { verb: null, args, words };
  const names = (verb.args || []).map((arg) => arg.name);
  let name = names[0];
  for (const word of words.slice(1)) {
    if (names.includes(word.toLowerCase())) name = word.toLowerCase();
    else if (name) args[name] = args[name] ? `${args[name]} ${word}` : word;
  }
  for (const arg of verb.args || []) {
    if (args[arg.name] === undefined && arg.default !== undefined) args[arg.name] = String(arg.default);
  }
  return { verb, args, words };
}

/** What could stand at the end of this text. */
export function suggest(text, known = verbs) {
  const words = text.split(/\s+/);
  if (words.length <= 1) {
    const start = (words[0] || "").toLowerCase();
    const rank = (entry) => (entry.verb.startsWith(start) ? 0 : 1);
    return known
      .filter((entry) => entry.verb.includes(start) || entry.say.toLowerCase().includes(start))
      .sort((a, b) => rank(a) - rank(b))
      .map((entry) => ({ text: `${entry.verb} `, words: entry.verb, more: entry.say, names: (entry.args || []).map((arg) => arg.name).join(", ") }));
  }
  const { verb, args } = parse(text, known);
  if (!verb) return suggest(words[0], known).map((offer) => ({ ...offer, text: offer.text + words.slice(1).join(" ") }));
  const names = (verb.args || []).map((arg) => arg.name);
  const typed = words.at(-1);
  const before = words.slice(0, -1).join(" ");
  const namedAt = words.slice(1, -1).map((word) => word.toLowerCase()).filter((word) => names.includes(word)).at(-1);
  const current = (verb.args || []).find((arg) => arg.name === (namedAt || names[0]));
  const options = (current?.options || [])
    .filter((option) => String(option).toLowerCase().startsWith(typed.toLowerCase()))
    .map((option) => ({ text: `${before} ${option} `, words: String(option), more: current.name, names: "" }));
  const rest = (verb.args || [])
    .filter((arg) => !words.slice(1).some((word) => word.toLowerCase() === arg.name) && arg.name.startsWith(typed.toLowerCase()) && (args[arg.name] === undefined || !typed))
    .map((arg) => ({ text: `${before} ${arg.name} `, words: arg.name, more: arg.say || "", names: "" }));
  return [...options.slice(0, 8), ...rest];
}

// ── The list above the line ────────────────────────────────────────────────────────────────────

function draw() {
  offers = document.activeElement === line ? suggest(line.value) : [];
  if (chosen >= offers.length) chosen = -1;
  list.replaceChildren(
    ...offers.map((offer, n) => {
      const item = document.createElement("li");
      item.id = `command-offer-${n}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(n === chosen));
      for (const [className, words] of [["verb", offer.words], ["args", offer.more], ["args", offer.names]]) {
        const span = document.createElement("span");
        span.className = className;
        span.textContent = words;
        item.append(span);
      }
      item.addEventListener("mousedown", (event) => {
        event.preventDefault(); // the caret stays in the line
        take(n);
      });
      return item;
    }),
  );
  list.hidden = !offers.length;
  line.setAttribute("aria-expanded", String(!list.hidden));
  if (chosen >= 0) line.setAttribute("aria-activedescendant", `command-offer-${chosen}`);
  else line.removeAttribute("aria-activedescendant");
  list.children[chosen]?.scrollIntoView({ block: "nearest" });
}

/** Take an offer. At the first word only the verb is replaced: its arguments stay. */
function take(n) {
  line.value = offers[n].text;
  chosen = -1;
  draw();
}

function onKey(event) {
  if (event.isComposing) return;
  if (event.key === "ArrowDown" || (event.key === "ArrowUp" && (line.value || chosen >= 0) && recalled < 0)) {
    if (recalled >= 0 && event.key === "ArrowDown") return recall(event, -1);
    if (!offers.length) return;
    event.preventDefault();
    chosen = (chosen + (event.key === "ArrowDown" ? 1 : -1) + offers.length) % offers.length;
    draw();
  } else if (event.key === "ArrowUp") {
    recall(event, 1);
  } else if (event.key === "Tab" && offers.length && !event.shiftKey && line.value) {
    event.preventDefault();
    take(Math.max(chosen, 0));
  } else if (event.key === "Enter" && !event.ctrlKey) {
    event.preventDefault();
    if (chosen >= 0) take(chosen);
    else run();
  } else if (event.key === "Escape" && !list.hidden && chosen >= 0) {
    event.preventDefault();
    event.stopPropagation();
    chosen = -1;
    draw();
  }
}

function recall(event, step) {
  const all = spoken();
  if (!all.length) return;
  event.preventDefault();
  recalled = Math.max(-1, Math.min(all.length - 1, recalled + step));
  line.value = recalled < 0 ? "" : all[recalled];
  draw();
}

function spoken() {
  try {
    return JSON.parse(sessionStorage.getItem(history)) || [];
  } catch {
    return [];
  }
}

function remember(text) {
  try {
    sessionStorage.setItem(history, JSON.stringify([text, ...spoken().filter((old) => old !== text)].slice(0, 20)));
  } catch {
    // recalled on this page only
  }
}

// ── Doing it ───────────────────────────────────────────────────────────────────────────────────

async function run() {
  const text = line.value.trim();
  if (!text) return;
  const { verb, args, words } = parse(text);
  if (!verb) return answer(`There is no verb “${words[0]}” on this page. Press ? for its keys.`, true);
  const missing = (verb.args || []).filter((arg) => !arg.optional && args[arg.name] === undefined);
  if (missing.length) return answer(`${verb.verb} also needs: ${missing.map((arg) => arg.name).join(", ")}.`, true);
  remember(text);
  recalled = -1;
  if (verb.press) {
    line.value = "";
    line.blur();
    if (!isOpen(verb) && !press(verb.press)) answer(`Nothing here answers to “${verb.verb}” just now.`, true);
    else fill(verb, args);
  } else if (verb.get) {
    location.assign(verb.get.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(args[name] ?? "")));
  } else if (verb.post) {
    await post(verb, args);
  }
  draw();
}

/** Whether the form that this verb leads to is open already: to press its key would close it. */
function isOpen(verb) {
  const fields = (verb.args || []).filter((arg) => arg.into).map((arg) => document.getElementById(arg.into));
  return fields.length > 0 && fields.every((field) => field?.checkVisibility());
}

/** What was said stands in the form; what the form does not know is said, and nothing is chosen instead. */
function fill(verb, args) {
  for (const arg of (verb.args || []).filter((arg) => arg.into && args[arg.name] !== undefined)) {
    const field = document.getElementById(arg.into);
    if (!field) continue;
    const wanted = args[arg.name].toLowerCase();
    const options = [...(field.options || [])].filter((option) => option.value);
    const found = options.filter((option) => option.value.toLowerCase() === wanted || option.text.toLowerCase().startsWith(wanted));
    if (field.options && found.length !== 1) {
      field.focus();
      answer(`“${args[arg.name]}” is none of: ${options.map((option) => option.value).join(", ")}.`, true);
      return;
    }
    field.value = field.options ? found[0].value : args[arg.name];
    field.dispatchEvent(new Event("change", { bubbles: true }));
    [...(field.form?.querySelectorAll("select, textarea, input:not([type=hidden])") || [])].find((other) => !other.value)?.focus();
  }
}

async function post(verb, args) {
  if (commandKey?.isSending) return;
  commandKey = commandKey?.text === line.value ? commandKey : { text: line.value, id: crypto.randomUUID() };
  commandKey.isSending = true;
  const url = verb.post.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(args[name] ?? ""));
  try {
    const response = await fetch(url, {
      method: "POST",
      body: new URLSearchParams({ ...args, key: commandKey.id }),
      headers: { Accept: "application/json, text/html;q=0.5", ...csrfHeaders() },
    });
    const isJson = (response.headers.get("Content-Type") || "").includes("json");
    const data = isJson ? await response.json() : {};
    if (!response.ok) return answer(data.problem || data.detail || `Not done (${response.status}).`, true);
    commandKey = null;
    line.value = "";
    answer(data.said || `Done: ${verb.say}.`);
    if (data.go) location.assign(data.go);
    else if (response.redirected && new URL(response.url).pathname !== location.pathname) location.assign(response.url);
  } catch {
    answer("Not sent: the server does not answer. Press Enter to try again; it will count once.", true);
  } finally {
    if (commandKey) commandKey.isSending = false;
  }
}

function answer(words, isTrouble = false) {
  said.textContent = words; // a status region: it is read out
  said.dataset.state = isTrouble ? "trouble" : "";
}

export function start() {
  line = document.getElementById("command-line");
  list = document.getElementById("command-list");
  said = document.getElementById("command-said");
  if (!line) return;
  verbs = [...document.querySelectorAll('script[type="application/json"][data-verbs], script#verbs')].flatMap((data) => JSON.parse(data.textContent));
  line.addEventListener("input", () => {
    chosen = -1;
    recalled = -1;
    answer("");
    draw();
  });
  line.addEventListener("keydown", onKey);
  line.addEventListener("focus", draw);
  line.addEventListener("blur", () => {
    chosen = -1;
    draw();
  });
}
