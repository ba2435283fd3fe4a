// What is asked changes while the page is open: the list fetches itself; the case in view stays until somebody chooses another.

for (const kind of ["LessAsked", "LessAnswered", "LessClimbed"]) {
  document.body.addEventListener(`live:${kind}`, () => window.htmx.ajax("GET", "/incidents/asked/", { target: "#asked-rows", swap: "innerHTML" }));
}
