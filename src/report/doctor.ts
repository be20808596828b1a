// What `recvq doctor` prints: for each scenario its findings, errors first, each with the settings behind it,
// the fix and the source; and the list of rules.

import pc from "picocolors";
import type { Diagnosed, DiagnosedSetting, Diagnosis, ScenarioDiagnosis } from "../check/diagnosis.js";
import type { RuleNote, Severity } from "../component/finding.js";
import { type TextOptions, wrap } from "./lines.js";

type Colours = ReturnType<typeof pc.createColors>;

/** The whole text, ending in a newline. With `quiet` one line a finding, notes left out. */
export function doctorText({ scenarios }: Diagnosis, options: TextOptions): string {
  const colours = pc.createColors(options.colour);
  const parts = scenarios.map((one) =>
    options.quiet ? quietly(one, colours) : whole(one, options, colours),
  );
  return parts.map((lines) => lines.map((line) => `${line}\n`).join("")).join(options.quiet ? "" : "\n");
}

/** The rules with their severities and sources, ending in a newline. */
export function rulesText(rules: readonly RuleNote[], { columns, colour }: TextOptions): string {
  const colours = pc.createColors(colour);
  const widest = Math.max(...rules.map(({ id }) => id.length));
  const lines = rules.flatMap(({ id, severity, when, source }) => [
    `${colours.bold(id.padEnd(widest))}  ${label(severity, colours)}`,
    ...wrap(when, columns, 4, 4),
    ...wrap(source, columns, 4, 4).map(colours.dim),
  ]);
  return `${lines.join("\n")}\n`;
}

function quietly({ source, findings }: ScenarioDiagnosis, colours: Colours): string[] {
  return findings
    .filter(({ severity }) => severity !== "note")
    .flatMap(({ severity, rule, text }) =>
      wrap(`${source}: ${severity} ${rule}: ${text}`, Number.POSITIVE_INFINITY).map(
        painter(severity, colours),
      ),
    );
}

function whole(diagnosis: ScenarioDiagnosis, options: TextOptions, colours: Colours): string[] {
  const { source, findings } = diagnosis;
  const { columns } = options;
  return [
    ...wrap(`${source}: ${totals(diagnosis)}`, columns).map(colours.bold),
    ...findings.flatMap((one) => ["", ...findingLines(one, columns, colours)]),
  ];
}

function totals({ errors, warnings, notes, findings }: ScenarioDiagnosis): string {
  if (findings.length === 0) return "nothing found";
  const counted: [number, string][] = [
    [errors, "error"],
    [warnings, "warning"],
    [notes, "note"],
  ];
  return counted
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count} ${what}${count === 1 ? "" : "s"}`)
    .join(", ");
}

function findingLines(
  { severity, rule, text, settings, fix, source }: Diagnosed,
  columns: number,
  colours: Colours,
) {
  return [
    `${label(severity, colours)} ${colours.bold(rule)}`,
    ...wrap(text, columns, 2, 2),
    ...settings.flatMap((setting) => wrap(settingText(setting), columns, 6, 4)),
    ...wrap(`fix: ${fix}`, columns, 4, 2),
    ...wrap(`source: ${source}`, columns, 4, 2).map(colours.dim),
  ];
}

/** `gunicorn.backlog = 2048 (app.yaml:12)`, `net.core.somaxconn = 128 (default of linux-4.15)`. */
function settingText({ path, value, place, default_of }: DiagnosedSetting): string {
  const name = path.replace(/^kernel(?:\..+)?\.sysctl\./, "");
  const line = place?.line;
  const where = place ? (line == null ? place.file : `${place.file}:${line}`) : `default of ${default_of}`;
  return value === null ? `${name} not set (${where})` : `${name} = ${valueText(value)} (${where})`;
}

function valueText(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function label(severity: Severity, colours: Colours): string {
  return painter(severity, colours)(severity);
}

function painter(severity: Severity, colours: Colours): (text: string) => string {
  return { error: colours.red, warning: colours.yellow, note: colours.cyan }[severity];
}
