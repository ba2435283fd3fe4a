// The resolution desk: any yes among the solvability questions means that an officer attends (R91), and the outcomes step back.

import { byId, showChosen, start } from "./jobs.js";

let offered = ""; // the reason we filled in; what she wrote herself is never overwritten

function gate() {
  const form = byId("resolving");
  if (!form) return;
  const yes = [...form.querySelectorAll("[data-solve]:checked")].map((answer) => answer.dataset.solve);
  const attends = byId("attends");
  if (attends) {
    attends.hidden = !yes.length;
    attends.querySelector("[data-attends-why]").textContent = `${yes.join(". ")}.`;
    const why = byId("attends-because");
    if (why && (!why.value || why.value === offered)) {
      const said = yes.map((one) => one.charAt(0).toLowerCase() + one.slice(1)).join(", ");
      offered = yes.length ? `An officer could solve it: ${said}.` : "";
      why.value = offered;
    }
  }
  const turned = form.querySelector("[data-stood] [data-solve-no]:checked");
  if (byId("solve-because")) byId("solve-because").hidden = !turned;
  byId("outcomes").hidden = yes.length > 0;
  if (byId("regrade")) byId("regrade").hidden = yes.length > 0;
  const outcome = form.querySelector("[name=outcome]:checked");
  for (const place of form.querySelectorAll("[data-needed]")) place.hidden = place.dataset.needed !== outcome?.dataset.needs;
  if (outcome) byId("outcome-text").placeholder = outcome.dataset.prompt;
  next(form);
}

/** y and n answer the first question that has no answer; when all have one, the keys are free again. */
function next(form) {
  const rows = [...form.querySelectorAll(".solve__row")];
  const open = rows.find((row) => !row.querySelector(":checked"));
  for (const row of rows) {
    row.classList.toggle("is-next", row === open);
    for (const [value, key] of [["yes", "y"], ["no", "n"]]) {
      const answer = row.querySelector(`[value=${value}]`);
      if (row === open) {
        answer.dataset.key = key;
        answer.dataset.say = `${row.getAttribute("aria-label")} ${value}`;
      } else delete answer.dataset.key;
    }
  }
}

document.addEventListener("change", (event) => {
  const from = event.target.closest("[data-fills]");
  if (from) {
    const text = from.selectedOptions[0]?.dataset.text;
    const field = byId(from.dataset.fills);
    if (text) {
      field.value = text;
      field.dispatchEvent(new Event("input", { bubbles: true })); // the draft is kept
    }
  }
  if (event.target.closest("#resolving")) gate();
});
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (!opener) return;
  const place = byId(opener.dataset.opens);
  place.open = true;
  place.querySelector("input").focus();
});
document.body.addEventListener("htmx:afterSettle", gate);
document.body.addEventListener("live:applied", showChosen);

start({
  list: "#stage-waiting",
  panels: { "#stage-log": (pk) => `/incidents/${pk}/job/`, "#stage-outcome": (pk) => `/resolution/${pk}/outcome/` },
  current: () => byId("stage-outcome")?.dataset.incident || "",
});
gate();
