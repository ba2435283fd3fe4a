// The server's time. Desks' own clocks drift by minutes; a promise of fifteen minutes must not.

const navigation = performance.getEntriesByType("navigation")[0];
const answeredAt = performance.timeOrigin + (navigation ? navigation.responseStart : 0);
const said = Number(document.body.dataset.now || 0);
const ahead = said ? said - answeredAt : 0;

/** Milliseconds since 1970 by the server's clock. */
export function serverNow() {
  return Date.now() + ahead;
}

/** 03:12:58, in the desk's time zone. */
export function timeOfDay(ms = serverNow()) {
  return new Date(ms).toLocaleTimeString("en-GB", { hour12: false });
}
