// What of the program is evaluated once more for a scenario that is long: see node/copies.ts.

export { components } from "../../models/index.js";
export { SettingError } from "../component/setting-error.js";
export { LimitError } from "../engine/limit-error.js";
export { inline } from "../run/replicator.js";
