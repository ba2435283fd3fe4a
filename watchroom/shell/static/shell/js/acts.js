// What was asked for and is not answered yet. No answer goes nowhere, and none that is older takes the place of one that is newer.
//
// htmx puts an answer where its target stood when it was asked for. Were the target replaced in between, by a panel that fetched
// itself again or by the live stream, the answer would be lost: what was done would not be seen, and nobody told.
//
//   an act (POST) under way     what its answer will go into, or what it was sent from, is not replaced until it is there
//   a panel (GET) under way     and replaced meanwhile by an act's answer: it is asked for again, since it may be older than that

const underWay = new Map(); // acts: request → { elt, target }
const old = new WeakSet(); // requests of panels that were replaced before they came
const waiting = new Map(); // what waits for acts: key → { part, act }

function onSend(event) {
  const sent = event.detail;
  const { requestConfig, xhr, elt, target } = sent;
  if (!xhr || !target) return;
  if (requestConfig.verb !== "get") {
    underWay.set(xhr, { elt, target });
    // after htmx's own handler, and also where the sender is no longer in the page: then no event of htmx's would reach us
    xhr.addEventListener("loadend", () => setTimeout(() => over(xhr)));
  }
  const take = xhr.onload;
  xhr.onload = function (loaded) {
    const now = !target.isConnected && target.id && document.getElementById(target.id);
    if (now) {
      sent.target = now;
      old.add(xhr);
    }
    return take.call(this, loaded);
  };
}

function over(xhr) {
  underWay.delete(xhr);
  for (const [key, then] of [...waiting]) {
    if (isAwaited(then.part)) continue;
    waiting.delete(key);
    then.act();
  }
}

/** Whether an answer is on its way into this part of the page, or was sent from it. */
export function isAwaited(part) {
  for (const { elt, target } of underWay.values()) if (part.contains(target) || part.contains(elt)) return true;
  return false;
}

/** Do it when all answers for this part are there; of several with one key, the last. */
export function afterwards(part, key, act) {
  if (isAwaited(part)) waiting.set(key, { part, act });
  else setTimeout(act);
}

function onSwap(event) {
  const { requestConfig, target, xhr } = event.detail;
  if (requestConfig?.verb !== "get" || !(old.has(xhr) || isAwaited(target))) return;
  event.detail.shouldSwap = false;
  const { path, elt, triggeringEvent } = requestConfig; // what set it off goes along: a caret is respected then as before
  afterwards(target, target.id || target, () => {
    const now = target.id ? document.getElementById(target.id) : target;
    if (now?.isConnected) window.htmx.ajax("GET", path, { source: elt.isConnected ? elt : now, target: now, event: triggeringEvent });
  });
}

export function start() {
  document.body.addEventListener("htmx:beforeRequest", onSend);
  document.body.addEventListener("htmx:beforeSwap", onSwap);
}
