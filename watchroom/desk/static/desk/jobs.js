// What the despatcher's and the resolution desk share: choosing a job changes the panels about it and nothing else.

import { afterwards, isAwaited } from "../shell/js/acts.js";
import { apply, follow } from "../shell/js/live.js";
import * as say from "../shell/js/say.js";

export const byId = (id) => document.getElementById(id);
export const typingIn = () => (document.activeElement?.matches("input:not([type=hidden], [type=radio], [type=checkbox]), textarea") ? document.activeElement : null);

const STIRS = [
  ...["GradeDecided", "UnitAssigned", "UnitCleared", "IncidentAttended", "IncidentClosed", "IncidentMoved", "ContactInvolved"],
  ...["HeadlinePinned", "ElementAnswered", "RiskSaved", "NothingHeardJudged", "CueHeard", "ContactEnded"],
  ...["EvidenceNoted", "EvidenceSettled", "QuestionAnswered"],
];
const recent = []; // log lines of the last seconds, for a log that was being fetched while they came
let wanted = "";
let asked = 0;
let desk; // { list, panels: { "#stage-log": (pk) => url, … }, current: () => pk }

export const chosen = () => wanted || desk.current();

export function showChosen() {
  const pk = chosen();
  for (const row of document.querySelectorAll(`${desk.list} [data-job]`)) {
    const isChosen = row.dataset.job === pk;
    row.classList.toggle(row.classList.contains("pick") ? "is-on" : "is-chosen", isChosen);
    if (isChosen) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

function choose(pk, { isBack = false } = {}) {
  if (!pk) return;
  wanted = String(pk);
  if (!isBack) history.pushState({}, "", `?job=${wanted}`);
  showChosen();
  for (const target of Object.keys(desk.panels)) load(target);
  document.querySelector(`${desk.list} [data-job="${wanted}"]`)?.scrollIntoView({ block: "nearest" });
}

// ── Fetching: one round at a time, and the last choice wins ────────────────────────────────────
// A key held down chooses twenty jobs a second. An answer that comes after its panel was replaced would be lost, so the next
// round begins when the last has been shown, and with whatever is chosen then.

const due = new Set();
let isLoading = false;

/** Fetch a panel of the chosen job; `how` is added to its address. */
export function load(target, how = "") {
  const panel = document.querySelector(target);
  if (panel && isAwaited(panel)) return afterwards(panel, `load ${target}`, () => load(target, how)); // the answer to her act comes first
  due.add(how ? `${target} ${how}` : target);
  if (!isLoading) next();
}

async function next() {
  isLoading = true;
  await null; // all panels of one choice go in one round
  while (due.size) {
    const round = [...due];
    due.clear();
    await Promise.all(
      round.map((one) => {
        const [target, how = ""] = one.split(" ");
        if (how && round.includes(target)) return null;
        // each panel is the source of its own request: of several with one source, htmx drops all but the last
        return window.htmx.ajax("GET", desk.panels[target](chosen()) + how, { source: target, target, swap: "outerHTML" }).catch(() => {
          // the page says elsewhere that the server is away; the panel stays as it is
        });
      }),
    );
  }
  isLoading = false;
}

// An answer for the log that comes while its closing is open, or being opened, would take the form away: it is asked for again later.
let isOpening = false;

function onBeforeSwap(event) {
  const { target, xhr } = event.detail;
  if (target?.id !== "stage-log" || event.detail.requestConfig?.verb !== "get") return;
  const isSame = xhr.responseText.includes(`data-incident="${target.dataset.incident}"`);
  if (!isSame || !(isOpening || target.querySelector(".closing form"))) return;
  event.detail.shouldSwap = false;
  asked ||= setTimeout(askForLog, 1000);
}


function step(by) {
  const rows = [...document.querySelectorAll(`${desk.list} [data-job]`)].filter((row) => row.checkVisibility());
  if (!rows.length) return;
  const here = rows.findIndex((row) => row.dataset.job === chosen());
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
    const panel = event.target.closest(".closing, .asking");
    const opener = panel.matches(".asking") ? "ask-open" : "close-open";
    panel.replaceChildren();
    byId(opener)?.focus();
  }
}

// ── The log: lines that came while it was on its way ───────────────────────────────────────────

function remember(event) {
  for (const fragment of event.detail.fragments || []) {
    if (fragment.topic.startsWith("log-")) recent.push({ at: Date.now(), fragment });
  }
  if (recent.length > 200) recent.splice(0, 100);
}

/** Put in the lines that came while this log was being fetched; one that is there already is not doubled. */
function catchUp() {
  const since = Date.now() - 5000;
  while (recent.length && recent[0].at < since) recent.shift();
  recent.forEach((line) => apply(line.fragment));
}

/** The steps or the risk above the log changed: ask for them again, once for several changes, and not while somebody writes there. */
function logAgain(event) {
  const log = byId("stage-log");
  const about = event.detail.subject;
  if (!log || !about) return;
  const isOurs = about.kind === "contact" ? log.dataset.contacts?.split(" ").includes(String(about.id)) : String(about.id) === log.dataset.incident;
  if (isOurs && !asked) asked = setTimeout(askForLog, 300);
}

function askForLog() {
  asked = 0;
  const log = byId("stage-log");
  if (!log?.dataset.incident) return;
  if (log.contains(typingIn()) || log.querySelector(".closing form")) asked = setTimeout(askForLog, 1000);
  else load("#stage-log", "?again=1");
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

function onAfterSettle(event) {
  const { target, elt } = event.detail;
  const log = target?.id === "stage-log" ? byId("stage-log") : null; // the element that came is not the one that went
  if (log?.dataset.incident) {
    follow("log-", `log-${log.dataset.incident}`, Number(log.dataset.seq)); // opened now, so that the stream gives it to us
    catchUp();
  }
  if (elt?.matches?.(".closing")) {
    elt.scrollIntoView({ block: "end" });
    elt.querySelector("[data-first]")?.focus({ preventScroll: true });
  }
  document.querySelectorAll("[data-filters]").forEach(filter);
}

export function start(what) {
  desk = what;
  document.addEventListener("click", onClick);
  document.addEventListener("input", (event) => event.target.matches("[data-filters]") && filter(event.target));
  const body = document.body;
  for (const kind of ["LineWritten", "EntryWritten", "GradeDecided"]) body.addEventListener(`live:${kind}`, remember);
  for (const kind of STIRS) body.addEventListener(`live:${kind}`, logAgain);
  body.addEventListener("htmx:afterSettle", onAfterSettle);
  body.addEventListener("htmx:beforeRequest", (event) => event.detail.elt?.id === "close-open" && (isOpening = true));
  body.addEventListener("htmx:beforeSwap", onBeforeSwap);
  body.addEventListener("htmx:afterRequest", (event) => event.detail.elt?.id === "close-open" && (isOpening = false));
  addEventListener("popstate", () => choose(new URLSearchParams(location.search).get("job"), { isBack: true }));
  document.querySelectorAll("[data-filters]").forEach(filter);
  showChosen();
}
