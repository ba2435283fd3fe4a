// Saying things: to a screen reader, and in the two states of the top bar. Nothing here takes the focus.

const later = new Map();

/** Announce without interrupting. Several within a moment become one sentence. */
export function politely(text) {
  announce("say-politely", text);
}

/** Announce at once: danger only. */
export function now(text) {
  announce("say-now", text);
}

function announce(id, text) {
  const region = document.getElementById(id);
  if (!region || !text) return;
  const waiting = later.get(id) || [];
  waiting.push(text);
  later.set(id, waiting);
  if (waiting.length > 1) return;
  setTimeout(() => {
    const all = later.get(id);
    later.delete(id);
    region.textContent = all.length > 3 ? `${all.slice(0, 2).join(". ")}. And ${all.length - 2} more.` : all.join(". ");
  }, 150);
}

/** Set a state in the top bar (`saved-state`, `live-state`). Trouble gets an edge and a weight before a colour. */
export function state(id, words, isTrouble = false) {
  const place = document.getElementById(id);
  if (!place) return;
  const before = place.dataset.state;
  place.hidden = false;
  place.dataset.state = isTrouble ? "trouble" : "well";
  place.querySelector("[data-words]").textContent = words;
  // the words change every few seconds while someone types: only a change of state is worth hearing
  if (isTrouble && before !== "trouble") politely(words);
  if (!isTrouble && before === "trouble") politely(words);
}
