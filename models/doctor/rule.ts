// A rule of doctor: data about it, and a function that looks at a deployment.
//
// Modelled: what a rule is. Not modelled: what the rules say; one file a subject.

import type { FoundSetting, RuleNote } from "../../src/component/finding.js";
import type { Deployment } from "./deployment.js";

/** What a rule says of a deployment; the rule itself is known. */
export interface Said {
  text: string;
  settings: FoundSetting[];
  fix: string;
}

export interface Rule extends RuleNote {
  /** One for each place where it applies; none where its numbers do not say so. */
  check(deployment: Deployment): Said[];
}
