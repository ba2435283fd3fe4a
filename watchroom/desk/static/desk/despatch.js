// The despatcher's desk: the board keeps its groups and order, j and k go from job to job, and choosing a job changes the
// log and who goes, and nothing else.
//
// Rows come by the live stream with what they need on them: data-group, data-order, data-unsent (jobs), data-free (units).

import { apply } from "../shell/js/live.js";
import * as say from "../shell/js/say.js";

const byId = (id) => document.getElementById(id);
const NOT_YET = 1200; // ms in which a suggestion that changed under the finger is not sent by its key
const AGAIN = 1500; // ms: changes of units within it ask once who could go now
const recent = []; // log lines of the last seconds, for a log that was being fetched while they came

// ── Groups and order ───────────────────────────────────────────────────────────────────────────

/** Put every row of a list into its group, in order. Rows in their place are not touched: the focus stays. */
function arrange(list, groups, rowsOf, holderOf, compare) {
  const wanted = new Map(groups.map((group) => [group.dataset.jobsGroup || group.dataset.unitsGroup, []]));
  for (const row of rowsOf(list)) wanted.get(row.dataset.group)?.push(row);
  for (const group of groups) {
    const rows = wanted.get(group.dataset.jobsGroup || group.dataset.unitsGroup).sort(compare);
    const holder = holderOf(group);
    rows.forEach((row, n) => {
      if (holder.children[n] !== row) holder.insertBefore(row, holder.children[n] || null);
    });
    group.hidden = !rows.length;
  }
}

function arrangeJobs() {
  const list = byId("jobs");
  if (!list) return;
  const groups = [...list.querySelectorAll("[data-jobs-group]")];
  arrange(
    list,
    groups,
    () => [...list.querySelectorAll("[data-job][data-group]")],
    (group) => group.lastElementChild,
    (a, b) => a.dataset.order - b.dataset.order || a.dataset.job - b.dataset.job,
  );
  list.querySelector("[data-jobs-empty]").hidden = groups.some((group) => !group.hidden);
  showChosen();
}

function arrangeUnits() {
  const list = byId("units");
  if (!list) return;
  const groups = [...list.querySelectorAll("[data-units-group]")];
  arrange(
    list,
    groups,
    () => [...list.querySelectorAll(".unitrow")],
    (group) => group.lastElementChild,
    (a, b) => a.dataset.order.localeCompare(b.dataset.order),
  );
  let free = 0;
  for (const group of groups) {
    const here = group.querySelectorAll("[data-free]").length;
    const more = group.querySelectorAll("[data-sendable]").length - here;
    free += here;
    const words = group.querySelector("[data-units-words]");
    if (group.dataset.unitsGroup !== "waiting") words.textContent = here ? `${here} free` : more ? `none free, ${more} sendable` : "none free";
  }
  const note = byId("units-note");
  if (note) note.textContent = `${free} free of ${list.querySelectorAll(".unitrow").length}`;
}

// ── The chosen job ─────────────────────────────────────────────────────────────────────────────

const chosen = () => byId("offers")?.dataset.incident || byId("stage-log")?.dataset.incident || "";

function showChosen() {
  const pk = wantedJob || chosen();
  for (const row of document.querySelectorAll("#jobs [data-job]")) {
    const isChosen = row.dataset.job === pk;
    row.classList.toggle(row.classList.contains("pick") ? "is-on" : "is-chosen", isChosen);
    if (isChosen) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

let wantedJob = "";

/** Show another job's log and who could go. The board, the units and what is typed elsewhere stay as they are. */
function choose(pk, { isBack = false } = {}) {
  if (!pk) return;
  wantedJob = String(pk);
  if (!isBack) history.pushState({}, "", `?job=${wantedJob}`);
  showChosen();
  const how = (target) => ({ target, swap: "outerHTML" });
  window.htmx.ajax("GET", `/incidents/${wantedJob}/job/`, how("#stage-log"));
  window.htmx.ajax("GET", `/dispatch/${wantedJob}/offers/`, how("#offers"));
  byId(`incident-${wantedJob}`)?.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const rows = [...document.querySelectorAll("#jobs [data-job]")].filter((row) => row.checkVisibility());
  if (!rows.length) return;
  const here = rows.findIndex((row) => row.dataset.job === (wantedJob || chosen()));
  const next = rows[Math.max(0, Math.min(rows.length - 1, here < 0 ? 0 : here + by))];
  choose(next.dataset.job);
  say.politely(next.querySelector(".job__what")?.textContent || next.textContent.trim());
}

function onClick(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return; // a new tab is the browser's business
  const link = event.target.closest("a[data-job]");
  if (link) {
    event.preventDefault();
    choose(link.dataset.job);
  } else if (event.target.closest("#job-next")) step(1);
  else if (event.target.closest("#job-before")) step(-1);
  else if (event.target.closest("[data-close-panel]")) {
    const panel = event.target.closest(".closing");
    panel.replaceChildren();
    byId("close-open")?.focus();
  }
}

// ── Suggestions go stale when units change: asked again, but not for every change ───────────────

let asked = 0;

function askAgain() {
  if (asked) return;
  asked = setTimeout(() => {
    asked = 0;
    const panel = byId("offers");
    if (panel?.dataset.incident && !panel.contains(typingIn())) window.htmx.trigger(panel, "offers:again");
    else if (panel?.dataset.incident) askAgain();
  }, AGAIN);
}

const typingIn = () => (document.activeElement?.matches("input:not([type=hidden]), textarea") ? document.activeElement : null);

/** Another unit stands first than a moment ago, for the same job: its key waits until it can have been read. */
function guard(before, after) {
  if (!before || !after || before.incident !== after.dataset.incident || before.first === after.dataset.first) return;
  for (const id of ["send-first", "send-both"]) {
    const button = byId(id);
    if (!button) continue;
    button.setAttribute("aria-disabled", "true");
    button.dataset.why = `The suggestion has just changed to ${after.dataset.first}. Look, then press again.`;
    setTimeout(() => button.removeAttribute("aria-disabled"), NOT_YET);
  }
}

let before = null;

function onBeforeSwap(event) {
  if (event.detail.target?.id !== "offers") return;
  const own = event.detail.requestConfig?.verb !== "get"; // what I did myself does not surprise me
  before = own ? null : { ...byId("offers").dataset };
}

function onAfterSettle(event) {
  const id = event.detail.target?.id;
  if (id === "offers") {
    guard(before, byId("offers"));
    before = null;
  }
  if (id === "stage-log") catchUp();
  if (id === "stage-jobs") arrangeJobs();
  if (event.detail.elt?.id === "stage-jobs") showChosen();
  if (event.detail.elt?.matches?.("[id^=close-]")) event.detail.elt.querySelector("[data-first]")?.focus();
  for (const field of document.querySelectorAll("[data-filters]")) filter(field);
}

/** Lines that came while this log was on its way to us are put in now; one that is there already is not doubled. */
function catchUp() {
  const since = Date.now() - 5000;
  while (recent.length && recent[0].at < since) recent.shift();
  recent.forEach((line) => apply(line.fragment));
}

function remember(event) {
  for (const fragment of event.detail.fragments || []) {
    if (fragment.topic === "logs") recent.push({ at: Date.now(), fragment });
  }
  if (recent.length > 200) recent.splice(0, 100);
}

// ── Closing categories: what is typed finds them ───────────────────────────────────────────────

function filter(field) {
  const list = byId(field.dataset.filters);
  if (!list) return;
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  let room = Number(list.dataset.shown);
  for (const choice of list.children) {
    const text = choice.dataset.words.toLowerCase();
    const isFound = words.every((word) => text.includes(word));
    const isOn = choice.querySelector("input").checked;
    choice.hidden = !isOn && !(isFound && room > 0);
    if (isFound && !isOn) room -= 1;
  }
}

// ── Beginning ──────────────────────────────────────────────────────────────────────────────────

document.addEventListener("click", onClick);
document.addEventListener("input", (event) => event.target.matches("[data-filters]") && filter(event.target));
const body = document.body;
body.addEventListener("live:applied", () => {
  arrangeJobs();
  arrangeUnits();
});
for (const kind of ["LineWritten", "EntryWritten", "GradeDecided"]) body.addEventListener(`live:${kind}`, remember);
body.addEventListener("live:UnitStatusChanged", askAgain);
for (const kind of ["GradeDecided", "IncidentMoved", "UnitAssigned", "UnitArrived", "UnitCleared", "IncidentClosed"]) {
  body.addEventListener(`live:${kind}`, (event) => String(event.detail.subject?.id) === chosen() && askAgain());
}
for (const kind of ["GradeDecided", "UnitAssigned", "IncidentAttended", "IncidentClosed", "RiskSaved", "IncidentMoved", "ContactInvolved"]) {
  body.addEventListener(`live:${kind}`, (event) => {
    const log = byId("stage-log");
    if (String(event.detail.subject?.id) === log?.dataset.incident && !log.contains(typingIn()) && !log.querySelector(".closing")) {
      window.htmx.trigger(log, "log:again");
    }
  });
}
body.addEventListener("htmx:beforeSwap", onBeforeSwap);
body.addEventListener("htmx:afterSettle", onAfterSettle);
addEventListener("popstate", () => choose(new URLSearchParams(location.search).get("job"), { isBack: true }));
