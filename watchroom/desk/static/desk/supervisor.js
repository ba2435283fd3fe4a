// The supervisor's panels are summaries of many rows: a fact does not push them, it stirs them (see desk/supervisor_live.py).
//
// A stirred panel is fetched at once, then at most every two seconds, and always once more after the last change, so that
// what stands there is never older than that. Once a minute everything is fetched, since time alone changes what is late.
// A panel in which somebody is choosing from a list waits until they are done, but not longer than half a minute.

const AT_MOST_EVERY = 2000; // ms
const ANYWAY = 60000;

const HELD_FOR = 30000;

const panels = new Map(); // name → {last, timer, heldSince}

function isHeld(name, panel) {
  const place = document.getElementById(name === "headline" ? "watch" : `stage-${name}`);
  const isChoosing = document.activeElement?.matches("select") && place?.contains(document.activeElement);
  panel.heldSince = isChoosing ? panel.heldSince || Date.now() : 0;
  return isChoosing && Date.now() - panel.heldSince < HELD_FOR;
}

function stir(name) {
  const panel = panels.get(name);
  if (panel.timer) return; // one is coming, and it will see this change too
  const wait = Math.max(0, panel.last + AT_MOST_EVERY - Date.now());
  panel.timer = setTimeout(() => {
    panel.timer = 0;
    panel.last = Date.now();
    if (isHeld(name, panel)) stir(name);
    else document.body.dispatchEvent(new CustomEvent(`stir:${name}`));
  }, wait);
}

for (const { dataset } of document.querySelectorAll("[data-stirs]")) {
  panels.set(dataset.stirs, { last: 0, timer: 0, heldSince: 0 });
  for (const kind of dataset.kinds.split(" ")) document.body.addEventListener(`live:${kind}`, () => stir(dataset.stirs));
}
setInterval(() => [...panels.keys()].forEach(stir), ANYWAY);
