// What can be said of a scenario before any simulation: the findings of rules that are handed in, with the
// place and the value of each setting that they are about.

import type { Component } from "../component/component.js";
import type { Finding, FoundSetting, RuleNote, Severity } from "../component/finding.js";
import { SettingError } from "../component/setting-error.js";
import type { Table } from "../component/world.js";
import { assemble } from "../scenario/assemble.js";
import type { Scenario } from "../scenario/load.js";
import { version } from "../version.js";

/** A setting as the user finds it. */
export interface DiagnosedSetting {
  /** `kernel.sysctl.net.core.somaxconn`, as --set takes it. */
  path: string;
  /** As in the file, or the default; null where nothing is set. */
  value: unknown;
  /** Where it is written; a file without a line is an option. Null for a default. */
  place: { file: string; line: number | null; column: number | null } | null;
  /** Whose default it is: `gunicorn 20.1.0`. Null if it is written. */
  default_of: string | null;
}

export interface Diagnosed {
  rule: string;
  severity: Severity;
  text: string;
  settings: DiagnosedSetting[];
  fix: string;
  source: string;
}

/** All findings about one scenario, errors first. */
export interface ScenarioDiagnosis {
  source: string;
  errors: number;
  warnings: number;
  notes: number;
  findings: Diagnosed[];
}

/** What `recvq doctor --json` prints. */
export interface Diagnosis {
  version: 1;
  recvq: string;
  scenarios: ScenarioDiagnosis[];
}

export interface Supplies {
  components: readonly Component[];
  table: (file: string) => Table;
  /** The rules' findings in validated settings. */
  examine(settings: Record<string, unknown>, known: Known): Finding[];
  /** The resolved scenario with what follows from other settings: the kernel's sysctls. */
  effective(scenario: Scenario): Record<string, unknown>;
}

interface Known {
  table: (file: string) => Table;
  /** Addresses that nobody listens on. */
  unreached: readonly string[];
}

const SEVERITIES: readonly Severity[] = ["error", "warning", "note"];

/** Throws a ScenarioError for what would be wrong when the scenario is run as well. */
export function diagnose(scenario: Scenario, supplies: Supplies): ScenarioDiagnosis {
  const { table } = supplies;
  const found = atPlaces(scenario, () => {
    // Built as for a run, which finds whatever is wrong; nothing happens in it.
    const { seed } = scenario.settings.run;
    const { world } = assemble(scenario.settings, supplies.components, { seed, replication: 0, table });
    return supplies.examine(scenario.settings, { table, unreached: world.start() });
  });
  const effective = supplies.effective(scenario);
  const findings = SEVERITIES.flatMap((severity) =>
    found
      .filter(({ rule }) => rule.severity === severity)
      .map(({ rule, text, settings, fix }) => ({
        rule: rule.id,
        severity,
        text,
        settings: settings.map((setting) => settingOf(scenario, effective, setting)),
        fix,
        source: rule.source,
      })),
  );
  const count = (severity: Severity) => findings.filter((one) => one.severity === severity).length;
  return {
    source: scenario.source,
    errors: count("error"),
    warnings: count("warning"),
    notes: count("note"),
    findings,
  };
}

/** Several of them as one document. */
export function diagnosisOf(scenarios: ScenarioDiagnosis[]): Diagnosis {
  return { version: 1, recvq: version, scenarios };
}

/** The rules as data: what `recvq doctor --rules --json` prints. */
export function rulesOf(rules: readonly RuleNote[]): { version: 1; recvq: string; rules: RuleNote[] } {
  const notes = rules.map(({ id, severity, when, source }) => ({ id, severity, when, source }));
  return { version: 1, recvq: version, rules: notes };
}

/** A SettingError becomes an error with file and line. */
function atPlaces<Value>(scenario: Scenario, action: () => Value): Value {
  try {
    return action();
  } catch (error) {
    throw error instanceof SettingError ? scenario.errorAt(error.path, error.text) : error;
  }
}

function settingOf(
  scenario: Scenario,
  effective: Record<string, unknown>,
  { path, value, of }: FoundSetting,
): DiagnosedSetting {
  const place = scenario.placeOf(path);
  const { file, line = null, column = null } = place ?? {};
  return {
    path: path.join("."),
    value: value ?? valueAt(effective, path) ?? null,
    place: file === undefined ? null : { file, line, column },
    default_of: place ? null : of,
  };
}

/** What a complete scenario has at a path; of what may be a list the only one needs no number. */
function valueAt(effective: unknown, path: readonly (string | number)[]): unknown {
  const [first, ...rest] = path.map(String);
  // `gunicorn.web` is the section with the name of its element.
  const [section = "", name] = (first ?? "").split(/\.(.*)/s);
  let node: unknown = (effective as Record<string, unknown>)[section];
  for (const step of [...(name ? [name] : []), ...rest]) node = below(node, step);
  return node;
}

function below(node: unknown, step: string): unknown {
  if (Array.isArray(node)) {
    const named = node.find((item) => (item as { name?: unknown } | null)?.name === step);
    if (named !== undefined) return named;
    return /^\d+$/.test(step) ? node[Number(step)] : below(node[0], step);
  }
  if (typeof node !== "object" || node === null) return undefined;
  const mapping = node as Record<string, unknown>;
  if (Object.hasOwn(mapping, step)) return mapping[step];
  // A single element where a list may stand.
  return step === "0" || mapping.name === step ? mapping : undefined;
}
