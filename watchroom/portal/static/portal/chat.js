// A conversation with the control room: what comes is asked for every few seconds, and nothing that is typed is lost.
//
// The page works without this file (a form, and a frame that loads itself anew). Nothing is stored on the device: what is typed
// and not sent is kept by the server, sealed for this browser, and stands in the field again when the page is loaded anew.
// A message has a key. One whose answer got lost is sent again under the same key, and counts once.

const chat = document.getElementById("chat");
const form = document.getElementById("message");
const said = document.getElementById("said");
const state = document.getElementById("state");
const writing = document.getElementById("writing");
const fault = document.getElementById("fault");
const every = Number(chat.dataset.every) * 1000;

let have = Number(chat.dataset.have);
let isSending = false;
let typedTimer = 0;
let typedAt = 0;
let typedLast = form?.elements.text.value || "";

const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// ── What comes ─────────────────────────────────────────────────────────────────────────────────

function show(news) {
  if (news.html && news.have > have) {
    const isAtEnd = said.scrollHeight - said.scrollTop - said.clientHeight < 80;
    const parsed = document.createElement("template");
    parsed.innerHTML = news.html;
    said.append(parsed.content);
    have = news.have;
    if (isAtEnd) said.scrollTop = said.scrollHeight;
  }
  if (news.says && state.textContent !== news.says) state.textContent = news.says;
  if (news.state && news.state !== chat.dataset.state) {
    chat.dataset.state = news.state;
    state.className = `chat__state chat__state--${news.state}`;
  }
  const words = news.is_writing ? "Somebody is writing" : "";
  if (writing.textContent !== words) writing.textContent = words;
}

async function ask() {
  let wait = every;
  try {
    const response = await fetch(`${chat.dataset.news}?have=${have}`, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (response.status === 404) {
      show(await response.json());
      return; // it is over for this browser: asking again would tell nothing new
    }
    if (response.status === 429) wait = 20_000;
    else if (response.ok) {
      if (!isSending) show(await response.json());
      lost(false);
    } else lost(true);
  } catch {
    lost(true);
    wait = 2 * every;
  }
  if (chat.dataset.state !== "ended") setTimeout(ask, wait);
}

let losses = 0;
function lost(isLost) {
  losses = isLost ? losses + 1 : 0;
  if (losses === 2) fault.textContent = "We cannot reach the control room at the moment. What you typed stays here. In danger, ring 999.";
  if (!isLost && fault.dataset.kind !== "form") fault.textContent = "";
}

// ── What is typed ──────────────────────────────────────────────────────────────────────────────

const SOON = 1200; // ms

function typed() {
  clearTimeout(typedTimer);
  typedTimer = setTimeout(keepTyped, Math.max(300, typedAt + SOON - Date.now()));
}

function keepTyped() {
  const text = form.elements.text.value;
  if (isSending || text === typedLast) return;
  typedAt = Date.now();
  typedLast = text;
  post(chat.dataset.typed, { text }).catch(() => {
    typedLast = null; // not kept: the next letter tries again
  });
}

function post(url, more) {
  const body = new FormData(form);
  for (const [name, value] of Object.entries(more)) body.set(name, value);
  return fetch(url, { method: "POST", body, headers: { Accept: "application/json" }, keepalive: true });
}

// ── What is sent ───────────────────────────────────────────────────────────────────────────────

async function send() {
  const field = form.elements.text;
  const text = field.value;
  if (isSending || !text.trim()) return;
  isSending = true;
  clearTimeout(typedTimer);
  form.querySelector("button").setAttribute("aria-disabled", "true");
  try {
    const response = await post(form.action, { text, have: String(have) });
    const answer = await response.json();
    if (response.ok) {
      form.elements.key.value = newKey();
      // what was typed while it was on its way stays
      field.value = field.value.startsWith(text) ? field.value.slice(text.length).trimStart() : field.value;
      typedLast = "";
      complain("");
      show(answer);
      said.scrollTop = said.scrollHeight;
    } else complain(answer.problem || "Not sent. Your words are still here: press Send once more.");
  } catch {
    complain("Not sent: we cannot reach the control room. Your words are still here; press Send once more, it will count once.");
  }
  isSending = false;
  form.querySelector("button").removeAttribute("aria-disabled");
  if (field.value) typed();
}

function complain(words) {
  fault.textContent = words;
  fault.dataset.kind = words ? "form" : "";
}

if (form) {
  addEventListener(
    "submit",
    (event) => {
      if (event.target !== form) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      send();
    },
    true,
  );
  form.elements.text.addEventListener("input", typed);
  form.elements.text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  });
  addEventListener("pagehide", keepTyped);
}
said.scrollTop = said.scrollHeight;
if (chat.dataset.state !== "ended") setTimeout(ask, every);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && chat.dataset.state !== "ended" && lookNow());

let looked = 0;
function lookNow() {
  if (Date.now() - looked < every) return;
  looked = Date.now();
  fetch(`${chat.dataset.news}?have=${have}`, { headers: { Accept: "application/json" }, cache: "no-store" })
    .then((response) => (response.ok ? response.json() : {}))
    .then((news) => isSending || show(news))
    .catch(() => {});
}
