// The despatcher's desk: the board and the units keep their groups and order, and who could go is kept fresh.
//
// Rows come by the live stream with what they need on them: data-group, data-order, data-unsent (jobs), data-free (units).

import { byId, chosen, load, showChosen, start, typingIn } from "./jobs.js";

const NOT_YET = 1200; // ms in which a suggestion that changed under the finger is not sent by its key
const AGAIN = 1500; // ms: changes of units within it ask once who could go now

// ── Groups and order ───────────────────────────────────────────────────────────────────────────

/** Put every row into its group, in order. Rows in their place are not touched: the focus stays. */
function arrange(groups, rows, compare) {
  const wanted = new Map(groups.map((group) => [group.dataset.group, []]));
  for (const row of rows) wanted.get(row.dataset.group)?.push(row);
  for (const group of groups) {
    const here = wanted.get(group.dataset.group).sort(compare);
    const holder = group.lastElementChild;
    here.forEach((row, n) => {
      if (holder.children[n] !== row) holder.insertBefore(row, holder.children[n] || null);
    });
    group.hidden = !here.length;
  }
}

function arrangeJobs() {
  const list = byId("jobs");
  if (!list) return;
  const groups = [...list.querySelectorAll("section[data-group]")];
  arrange(groups, list.querySelectorAll("[data-job]"), (a, b) => a.dataset.order - b.dataset.order || a.dataset.job - b.dataset.job);
  list.querySelector("[data-jobs-empty]").hidden = groups.some((group) => !group.hidden);
  showChosen();
}

function arrangeUnits() {
  const list = byId("units");
  if (!list) return;
  const groups = [...list.querySelectorAll("section[data-group]")];
  arrange(groups, list.querySelectorAll(".unitrow"), (a, b) => a.dataset.order.localeCompare(b.dataset.order));
  let free = 0;
  for (const group of groups) {
    const here = group.querySelectorAll("[data-free]").length;
    const more = group.querySelectorAll("[data-sendable]").length - here;
    free += here;
    if (group.dataset.group !== "waiting") {
      group.querySelector("[data-units-words]").textContent = here ? `${here} free` : more ? `none free, ${more} sendable` : "none free";
    }
  }
  byId("units-note").textContent = `${free} free of ${list.querySelectorAll(".unitrow").length}`;
}

// ── Suggestions go stale when units change: asked again, but not for every change ───────────────

let asked = 0;

function askAgain() {
  if (asked) return;
  asked = setTimeout(() => {
    asked = 0;
    const panel = byId("offers");
    if (!panel?.dataset.incident) return;
    if (panel.contains(typingIn())) askAgain();
    else load("#offers");
  }, AGAIN);
}

/** Another unit stands first than a moment ago, for the same job: its key waits until it can have been read. */
function guard(before, after) {
  if (!before?.first || before.incident !== after.dataset.incident || before.first === after.dataset.first) return;
  for (const id of ["send-first", "send-both"]) {
    const button = byId(id);
    if (!button) continue;
    button.setAttribute("aria-disabled", "true");
    button.dataset.why = `The suggestion has just changed to ${after.dataset.first}. Look, then press again.`;
    setTimeout(() => button.removeAttribute("aria-disabled"), NOT_YET);
  }
}

let before = null;

document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id !== "offers") return;
  const isMine = event.detail.requestConfig?.verb !== "get"; // what I did myself does not surprise me
  before = isMine ? null : { ...byId("offers").dataset };
});
document.body.addEventListener("htmx:afterSettle", (event) => {
  const id = event.detail.target?.id;
  if (id === "offers" && byId("offers")) {
    guard(before, byId("offers"));
    before = null;
  }
  if (id === "stage-jobs") arrangeJobs();
});
document.body.addEventListener("live:applied", () => {
  arrangeJobs();
  arrangeUnits();
});
document.body.addEventListener("live:UnitStatusChanged", askAgain);
for (const kind of ["GradeDecided", "IncidentMoved", "IncidentClosed", "UnitAssigned", "UnitCleared"]) {
  document.body.addEventListener(`live:${kind}`, (event) => String(event.detail.subject?.id) === chosen() && askAgain());
}

start({
  list: "#jobs",
  panels: { "#stage-log": (pk) => `/incidents/${pk}/job/`, "#offers": (pk) => `/dispatch/${pk}/offers/` },
  current: () => byId("offers")?.dataset.incident || "",
});
