// Public pages: GOV.UK Frontend’s behaviour, and one press sends once. Every page works without this file.

import { initAll } from "../../vendor/govuk-frontend.min.js";
import * as forms from "./forms.js";

document.body.classList.add("js-enabled");
if ("noModule" in HTMLScriptElement.prototype) document.body.classList.add("govuk-frontend-supported");
initAll();
forms.start();
