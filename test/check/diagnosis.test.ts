// The Diagnosis: places and defaults of settings, order, errors of input, and its schema.

import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { rules } from "../../models/doctor/rules.js";
import { diagnosisOf, rulesOf } from "../../src/check/diagnosis.js";
import { diagnose, diagnosisJsonSchema, load, ScenarioError } from "../../src/index.js";
import { doctorText, rulesText } from "../../src/report/doctor.js";

const TEXT = `kernel: { profile: linux-4.15 }
clients: { arrivals: { process: burst, requests: 600 } }
nginx: { upstream: { servers: [unix:/run/a.sock] } }
gunicorn:
  - name: web
    bind: unix:/run/a.sock
`;
const PLAIN = { columns: 80, colour: false };

describe("a setting of a finding", () => {
  const { findings } = diagnose(load(TEXT, { name: "app.yaml", set: ["gunicorn.web.backlog=1000"] }));
  const settings = findings.find(({ rule }) => rule === "burst-refused")?.settings ?? [];
  const of = (path: string) => settings.find((one) => one.path === path);

  test("has the place where it is written", () => {
    expect(of("clients.arrivals.0.requests")).toEqual({
      path: "clients.arrivals.0.requests",
      value: 600,
      place: { file: "app.yaml", line: 2, column: 40 },
      default_of: null,
    });
  });

  test("that an option has set names the option", () => {
    const { place, value } = of("gunicorn.web.backlog") ?? {};
    expect([value, place?.file, place?.line]).toEqual([1000, "--set gunicorn.web.backlog=1000", null]);
  });

  test("that nobody has set names whose default it is", () => {
    const sysctl = of("kernel.sysctl.net.core.somaxconn");
    expect([sysctl?.value, sysctl?.place, sysctl?.default_of]).toEqual([128, null, "linux-4.15"]);
    expect([of("gunicorn.web.workers")?.value, of("gunicorn.web.workers")?.default_of]).toEqual([
      1,
      "gunicorn 20.1.0",
    ]);
  });
});

test("errors come first, and are counted", () => {
  const { findings, errors, warnings, notes } = diagnose(TEXT);
  const severities = findings.map(({ severity }) => severity);
  expect(severities).toEqual(
    [...severities].sort((a, b) => "ewn".indexOf(a.charAt(0)) - "ewn".indexOf(b.charAt(0))),
  );
  expect(errors).toBeGreaterThan(0);
  expect(errors + warnings + notes).toBe(findings.length);
});

test("what only building a scenario finds wrong is told with its place", () => {
  const wrong = TEXT.replace("name: web", "name: web\n    kernel: other");
  expect(() => diagnose(wrong)).toThrow(ScenarioError);
  expect(() => diagnose(wrong)).toThrow("scenario.yaml:6:13 gunicorn.0.kernel: expected nothing");
});

describe("the published schema of a Diagnosis", () => {
  const validate = new Ajv({ strict: false }).compile(
    JSON.parse(readFileSync("diagnosis.schema.json", "utf8")),
  );

  test("is the committed file; `npm run schema` writes it", () => {
    expect(JSON.parse(readFileSync("diagnosis.schema.json", "utf8"))).toEqual(diagnosisJsonSchema());
  });

  test("accepts what is printed, and nothing more", () => {
    const printed = JSON.parse(JSON.stringify(diagnosisOf([diagnose(TEXT)])));
    validate(printed);
    expect(validate.errors).toBeNull();
    expect(validate({ ...printed, more: 1 })).toBe(false);
  });
});

describe("the text", () => {
  const diagnosis = diagnosisOf([{ ...diagnose(TEXT), source: "app.yaml" }]);

  test("has severity and rule, the sentence, the settings with their places, fix and source", () => {
    expect(doctorText(diagnosis, PLAIN)).toContain(`error burst-refused
  of a burst of 600 requests 470 are refused at once (EAGAIN): there are places
  for 130 (1 at work, 129 queued)
    clients.arrivals.0.requests = 600 (scenario.yaml:2)
    net.core.somaxconn = 128 (default of linux-4.15)
    gunicorn.web.backlog = 2048 (default of gunicorn 20.1.0)
    gunicorn.web.workers = 1 (default of gunicorn 20.1.0)
  fix: a longer backlog with somaxconn lets them wait instead; more workers or
    limit_req in nginx shorten the wait
  source: net/unix/af_unix.c unix_stream_connect
`);
  });

  test("is one line for each error and warning with quiet", () => {
    const lines = doctorText(diagnosis, { ...PLAIN, quiet: true })
      .trimEnd()
      .split("\n");
    const [{ errors, warnings }] = diagnosis.scenarios as [(typeof diagnosis.scenarios)[number]];
    expect(lines).toHaveLength(errors + warnings);
    expect(lines[0]).toMatch(/^app\.yaml: error \S+: /);
  });

  test("says that there is nothing", () => {
    const nothing = { source: "a.yaml", errors: 0, warnings: 0, notes: 0, findings: [] };
    expect(doctorText(diagnosisOf([nothing]), PLAIN)).toBe("a.yaml: nothing found\n");
  });

  test("of the rules has each with its severity and source", () => {
    const text = rulesText(rules, { columns: Number.POSITIVE_INFINITY, colour: false });
    for (const { id, severity, when, source } of rulesOf(rules).rules) {
      expect(text).toMatch(new RegExp(`^${id} +${severity}$`, "m"));
      expect(text).toContain(`    ${when}\n    ${source}\n`);
    }
  });
});
