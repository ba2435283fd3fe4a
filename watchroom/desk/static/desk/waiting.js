// The waiting screen: who rings first is seen and said, and nothing takes the caret or the focus.

import * as say from "../shell/js/say.js";

const quiet = document.title;
let shown = first()?.dataset.contact || "";

function first() {
  return document.querySelector("#ringing [data-contact]");
}

const called = (ring) => ring.querySelector(".ring__channel b").textContent; // as the force calls the channel

// The list is drawn once for the whole room; here what rings for me comes first, and what rings for somebody else last.
function order() {
  const list = document.getElementById("ringing");
  const rank = (ring) => (ring.dataset.for === document.body.dataset.member ? 0 : ring.dataset.for ? 2 : 1);
  const rings = [...list.querySelectorAll("[data-contact]")];
  const wanted = [...rings].sort((a, b) => rank(a) - rank(b));
  for (const ring of rings) {
    if (rank(ring) !== 0 || !ring.dataset.for) continue;
    ring.querySelector("[data-theirs]").hidden = true;
    ring.querySelector("[data-mine]").hidden = false;
  }
  if (!rings.length || wanted[0] === rings[0]) return;
  const [was, is] = [rings[0], wanted[0]].map((ring) => ring.querySelector(".ring__act button"));
  for (const name of ["data-key", "data-hint", "data-first", "aria-keyshortcuts"]) {
    if (was.hasAttribute(name)) is.setAttribute(name, was.getAttribute(name));
    was.removeAttribute(name);
  }
  is.prepend(was.querySelector("kbd"), " ");
  was.classList.remove("button--go");
  is.classList.add("button--go");
  rings[0].classList.remove("is-first");
  wanted[0].classList.add("is-first");
  list.prepend(...wanted);
}

function look() {
  order();
  const ring = first();
  const now = ring?.dataset.contact || "";
  document.title = ring ? `${called(ring)} ringing – Watchroom` : quiet.replace(/^Ringing/, "Waiting");
  if (now === shown) return;
  shown = now;
  const preview = document.getElementById("preview");
  if (!now) {
    preview.replaceChildren();
    return;
  }
  if (ring.dataset.channel === "999") say.now("999 ringing");
  else say.politely(`${called(ring)} has come`);
  window.htmx.ajax("GET", `/identity/${now}/who/`, { target: preview, swap: "innerHTML" });
}

document.body.addEventListener("live:applied", look);

// Answering leaves this page. A stream that asks to fetch anew meanwhile must not call the browser back, so it waits a while:
// if we are still here then, the answer was refused.
const LEAVING = 10_000; // ms
let answeredAt = -LEAVING;
document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.closest(".ring__act")) answeredAt = performance.now();
});
document.body.addEventListener("live:resync", () => {
  const wait = answeredAt + LEAVING - performance.now();
  if (wait > 0) setTimeout(() => location.reload(), wait);
  else location.reload();
});
document.addEventListener("keydown", (event) => {
  // Enter answers the first only when no control is focused: it never presses what one did not see
  if (event.key === "Enter" && document.activeElement === document.body) document.querySelector("#ringing .is-first [data-first]")?.focus();
});
look();
