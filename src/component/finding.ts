// What can be said of a scenario without running it: a rule, and what it has found.

/** `error`: requests fail as it stands. `warning`: they may. `note`: good to know. */
export type Severity = "error" | "warning" | "note";

export interface RuleNote {
  /** Kebab-case, for ever the same: scripts go by it. */
  id: string;
  severity: Severity;
  /** What it looks for, the end of "Tells when". */
  when: string;
  /** Manual page, kernel file and symbol, nginx's or gunicorn's source. */
  source: string;
}

/** A setting that a finding is about. */
export interface FoundSetting {
  /** As in a SettingError: elements of a list by number or name, also together with their section. */
  path: (string | number)[];
  /** In the words of the file; without it what the complete scenario has there. */
  value?: string;
  /** Whose default it is, if nobody has written it: `gunicorn 20.1.0`. */
  of: string;
}

export interface Finding {
  rule: RuleNote;
  /** A sentence with this scenario's numbers. */
  text: string;
  settings: FoundSetting[];
  /** What to set, and what that trades. */
  fix: string;
}
