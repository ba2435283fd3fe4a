// The resolution desk: any yes among the solvability questions means that an officer attends (R91), and the outcomes step back.

import { byId, showChosen, start } from "./jobs.js";

function gate() {
  const form = byId("resolving");
  if (!form) return;
  const yes = [...form.querySelectorAll("[data-solve]:checked")].map((answer) => answer.dataset.solve);
  const attends = byId("attends");
  if (attends) {
    attends.hidden = !yes.length;
    attends.querySelector("[data-attends-why]").textContent = `${yes.join(". ")}. Regrade it, with the reason.`;
  }
  byId("outcomes").hidden = yes.length > 0;
  const outcome = form.querySelector("[name=outcome]:checked");
  for (const place of form.querySelectorAll("[data-needed]")) place.hidden = place.dataset.needed !== outcome?.dataset.needs;
  if (outcome) byId("outcome-text").placeholder = outcome.dataset.prompt;
}

document.addEventListener("change", (event) => event.target.closest("#resolving") && gate());
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
