// A covered page opens by itself: the live stream says when what its reader may see has changed.

document.body.addEventListener("live:resync", () => location.reload());
