// Stepping through what was known: the arrow keys press the links to the fact before and the next one.

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const id = { ArrowLeft: "before", ArrowRight: "after" }[event.key];
  const link = id && document.getElementById(id);
  if (!link) return;
  event.preventDefault();
  link.click();
});
