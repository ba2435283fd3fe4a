// Words that the answers to questions offer for the risk: taken over by a key, never written by themselves.

import { politely } from "../shell/js/say.js";

/** Put the words behind what is written, press the level if none is pressed or a lower one, and leave the caret there. */
function take(offer) {
  const form = offer.closest("form");
  const { level, rationale } = form.elements;
  const words = offer.querySelector("[data-offer-words]").textContent.trim();
  const least = Number(offer.dataset.offerLevel);
  if (level.value === "" || Number(level.value) < least) level.value = String(least);
  if (!rationale.value.includes(words)) rationale.value = [rationale.value.trim(), words].filter(Boolean).join(" ");
  rationale.dispatchEvent(new Event("input", { bubbles: true })); // kept as a draft like typed words
  rationale.focus();
  rationale.setSelectionRange(rationale.value.length, rationale.value.length);
  politely(`Taken: level ${form.elements.level.value}. Change the words, then keep them.`);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-take-offer]");
  if (button) take(button.closest(".offered"));
});
