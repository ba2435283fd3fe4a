// A page that the back button brings back from memory after “Exit this page” is asked for anew: then it is empty.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
