// Every scenario that comes with recvq proves its claim, each remedy heals it, and its golden Result is what it
// was: what changed is reviewed as numbers.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { components } from "../../models/index.js";
import { queueingSystem } from "../../models/queueing-system.js";
import { checkScenario } from "../../src/check/check.js";
import type { CheckedThreshold } from "../../src/check/check-result.js";
import { type Threshold, thresholdsOf } from "../../src/check/thresholds.js";
import type { Job } from "../../src/run/replicate.js";
import type { Replicator } from "../../src/run/replicator.js";
import type { Result } from "../../src/run/result.js";
import { run } from "../../src/run/run.js";
import { loadScenario, type Scenario } from "../../src/scenario/load.js";
import { parseTable } from "../../src/scenario/table.js";
import { type Accident, page, sourcesOf, type Told } from "./page.js";
import { remembering } from "./remembering.js";

const ENDING = ".yaml";
const read = (path: string) => readFileSync(path, "utf8");
const namesIn = (folder: string) =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((file) => file.endsWith(ENDING))
        .map((file) => file.slice(0, -ENDING.length))
        .sort()
    : [];
const names = namesIn("scenarios");

// Those that between them use every part of a Result. Of the others the fingerprint and the counts of one
// replication are enough: what they claim, their own thresholds prove.
const IN_FULL = new Set(
  `deploy-restart retry-storm seed-rate10 seed-rate200 seed-somaxconn1024 short-backlog tcp-burst
  threads-hoard time-wait-plateau worker-timeout`.split(/\s+/),
);
const accidents: Accident[] = [];

describe.each(names)("%s", (name) => {
  const scenario = scenarioOf(name);
  const computing = replicatorOf(scenario);
  let result: Result;
  const told: Told = { name, text: read(fileOf(name)), thresholds: [] };
  const remedies: Told[] = [];

  test("opens with a comment that is its claim, its source, and the line that gives editors completion", () => {
    const [claim, ...rest] = told.text.split("\n");
    expect(claim).toMatch(/^# \S.{30,}/);
    expect(sourcesOf(told.text)).not.toEqual([]);
    expect(rest).toContain("# yaml-language-server: $schema=../scenario.schema.json");
  });

  // First, since theory beside a Result wants to know more of each replication.
  test("gives its golden Result", async () => {
    const isInFull = IN_FULL.has(name);
    const one = isInFull ? scenario : scenarioOf(name, 1);
    result = await run(one, {
      components,
      table: tableOf(one),
      system: queueingSystem,
      replicator: isInFull ? computing : replicatorOf(one),
    });
    const kept = isInFull ? result : inShort(result);
    const golden = isInFull ? `../golden/${name}.golden.json` : `golden/${name}.golden.json`;
    await expect(`${JSON.stringify(kept, nineDigits, 1)}\n`).toMatchFileSnapshot(golden);
  });

  test("shows what it expects", async () => {
    const thresholds = thresholdsOf(scenario);
    expect(thresholds).not.toEqual([]);
    told.thresholds = await checked(scenario, thresholds, computing);
    expect(notPassed(told.thresholds)).toEqual([]);
    accidents.push({ ...told, result, remedies });
  });

  for (const remedy of namesIn(`scenarios/${name}`)) {
    test(`does not happen with ${remedy}, which shows what it expects itself`, async () => {
      const healed = scenarioOf(`${name}/${remedy}`);
      const again = replicatorOf(healed);
      const itsOwn = await checked(healed, thresholdsOf(healed), again);
      expect(itsOwn).not.toEqual([]);
      expect(notPassed(itsOwn)).toEqual([]);
      // Some of the accident's may be true of its remedy as well, and some never be decided.
      const ofAccident = await checked(healed, thresholdsOf(scenario), again, 2);
      expect(ofAccident.map(({ status }) => status)).toContain("failed");
      remedies.push({
        name: `${name}/${remedy}`,
        text: read(fileOf(`${name}/${remedy}`)),
        thresholds: itsOwn,
      });
    });
  }
});

test("scenarios/README.md says it all; `npx vitest run test/accidents -u` writes it", async () => {
  expect(accidents.length).toBe(names.length);
  await expect(page(accidents)).toMatchFileSnapshot("../../scenarios/README.md");
});

function fileOf(name: string): string {
  return `scenarios/${name}${ENDING}`;
}

function scenarioOf(name: string, replications?: number): Scenario {
  return loadScenario(fileOf(name), { read, components, ...(replications && { replications }) });
}

const tableOf = (scenario: Scenario) => (file: string) => parseTable(read(scenario.resolvePath(file)), file);

function replicatorOf(scenario: Scenario): (job: Job) => Replicator {
  let one: Replicator | undefined;
  return (job) => {
    one ??= remembering({ ...job, table: tableOf(scenario) });
    return one;
  };
}

async function checked(
  scenario: Scenario,
  thresholds: readonly Threshold[],
  replicator: (job: Job) => Replicator,
  mostReplications?: number,
): Promise<CheckedThreshold[]> {
  const { check } = await checkScenario(
    { scenario, thresholds },
    { components, table: tableOf, replicator: (_, job) => replicator(job), mostReplications },
  );
  return check.thresholds;
}

function notPassed(thresholds: readonly CheckedThreshold[]): string[] {
  return thresholds
    .filter(({ status }) => status !== "passed")
    .map(({ text, status, estimate }) => `${text}: ${status}, ${JSON.stringify(estimate)}`);
}

function inShort({ fingerprint, outcomes, causes }: Result) {
  const counts = Object.entries(outcomes).map(([outcome, { count }]) => [outcome, count]);
  return {
    fingerprint,
    outcomes: Object.fromEntries(counts),
    causes: Object.fromEntries(causes.map(({ id, count }) => [id, count])),
  };
}

/**
 * Mathematical functions differ in the last bit between engines, so a golden holds nine significant digits.
 */
function nineDigits(key: string, value: unknown): unknown {
  if (key === "recvq") return "any";
  return typeof value === "number" ? Number(value.toPrecision(9)) : value;
}
