// What every desk page runs. Each part stands alone: one that fails leaves the others working.

import * as acts from "./acts.js";
import * as command from "./command.js";
import * as draft from "./draft.js";
import * as forms from "./forms.js";
import * as keys from "./keys.js";
import * as live from "./live.js";
import * as timers from "./timers.js";
import * as writing from "./writing.js";

// forms before draft: a submit that is refused must not count as sent
for (const part of [timers, acts, forms, draft, keys, command, live, writing]) {
  try {
    part.start();
  } catch (error) {
    console.error(error);
  }
}
