// Light or dark. A classic script in <head>, so that the choice stands before the first paint.
// Order: ?theme=dark (for tests and pictures; not remembered), then what this person chose, then the system.
(function () {
  "use strict";
  var root = document.documentElement;
  var asked = new URLSearchParams(location.search).get("theme");
  var kept = null;
  try {
    kept = localStorage.getItem("watchroom.theme");
  } catch (error) {
    // no storage: the system decides
  }
  var theme = asked || kept;
  if (theme === "dark" || theme === "light") root.dataset.theme = theme;

  document.addEventListener("click", function (event) {
    if (!event.target.closest("[data-theme-toggle]")) return;
    var isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = isDark ? "light" : "dark";
    try {
      localStorage.setItem("watchroom.theme", root.dataset.theme);
    } catch (error) {
      // chosen for this page only
    }
  });
})();
