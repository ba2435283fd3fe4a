// Writing to the caller of a chat: what is sent leaves the field, an often given answer is put into it, and the caller sees that
// somebody writes. The strip is fetched again when a colleague passes a chat or a call on to me, and what the waiting screen says is mine; that too when a message did not arrive.

import { csrfHeaders } from "../shell/js/csrf.js";
import * as say from "../shell/js/say.js";

const body = document.body;
const AGAIN = 3000; // ms: that one writes is told no oftener
const sent = new WeakMap(); // form → the words that are on their way
let toldAt = 0;

body.addEventListener("htmx:configRequest", (event) => {
  const form = event.detail.elt;
  if (form.matches?.("[data-to-caller]")) sent.set(form, form.elements.text.value);
});

document.addEventListener("form:sent", (event) => {
  const { form } = event.detail;
  if (!form.matches?.("[data-to-caller]")) return;
  const field = form.elements.text;
  const words = sent.get(form) ?? "";
  // what was typed while it was on its way stays
  field.value = field.value.startsWith(words) ? field.value.slice(words.length).replace(/^\n/, "") : field.value;
  if (field.value) field.dispatchEvent(new Event("input", { bubbles: true }));
  toldAt = 0;
  scroll();
});

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("[data-to-caller]");
  if (!form || event.target.name !== "text" || !event.target.value.trim() || Date.now() - toldAt < AGAIN) return;
  toldAt = Date.now();
  fetch(form.dataset.toCaller, { method: "POST", headers: csrfHeaders() }).catch(() => {
    // a hint that gets lost is no loss
  });
});

document.addEventListener("change", (event) => {
  const list = event.target;
  if (!list.matches?.("[data-canned]") || !list.value) return;
  const field = list.form.elements.text;
  const before = field.value.trimEnd();
  field.value = before ? `${before} ${list.value}` : list.value;
  list.value = "";
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
});

function scroll() {
  for (const lines of document.querySelectorAll(".chat .chat__said")) lines.scrollTop = lines.scrollHeight;
}
body.addEventListener("htmx:afterSettle", scroll);

body.addEventListener("live:applied", () => {
  scroll();
  for (const tab of document.querySelectorAll("#chats [data-ended]")) {
    say.politely(tab.dataset.ended); // somebody on my line is gone while I look at something else
    delete tab.dataset.ended;
  }
  for (const poke of document.querySelectorAll("[data-chat-poke]")) {
    poke.remove();
    if (poke.dataset.to !== body.dataset.member) continue;
    say.now(poke.dataset.say);
    const strip = document.getElementById("chats");
    window.htmx.ajax("GET", strip.getAttribute("hx-get"), { source: strip, target: strip, swap: "outerHTML" });
    const mine = document.getElementById("unfinished");
    if (mine) window.htmx.ajax("GET", location.pathname, { source: mine, target: mine, select: "#unfinished", swap: "outerHTML" });
  }
});
