// Every scenario has a golden Result: what changed is reviewed as numbers. That nothing changed proves no
// truth; for that there are test/theory and test/measured.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { components } from "../models/index.js";
import { queueingSystem } from "../models/queueing-system.js";
import type { Result } from "../src/run/result.js";
import { run } from "../src/run/run.js";
import { loadScenario } from "../src/scenario/load.js";
import { parseTable } from "../src/scenario/table.js";

const read = (path: string) => readFileSync(path, "utf8");
const names = readdirSync("scenarios").filter((name) => name.endsWith(".yaml"));

// Those that between them use every part of a Result. Of the others the fingerprint and the counts of one
// replication are enough: what they claim, their own thresholds prove.
const IN_FULL = new Set(
  `deploy-restart retry-storm seed-rate10 seed-rate200 seed-somaxconn1024 short-backlog tcp-burst
  threads-hoard time-wait-plateau worker-timeout`
    .split(/\s+/)
    .map((name) => `${name}.yaml`),
);

describe.each(names)("%s", (name) => {
  test("gives its golden Result", async () => {
    const isInFull = IN_FULL.has(name);
    const overrides = isInFull ? {} : { replications: 1 };
    const scenario = loadScenario(`scenarios/${name}`, { read, components, ...overrides });
    const table = (file: string) => parseTable(read(scenario.resolvePath(file)), file);
    const result = await run(scenario, { components, table, system: queueingSystem });
    const golden = `golden/${name.replace(".yaml", ".golden.json")}`;
    const kept = isInFull ? result : inShort(result);
    await expect(`${JSON.stringify(kept, nineDigits, 1)}\n`).toMatchFileSnapshot(golden);
  });

  test("opens with a comment that is its claim, and with the line that gives editors completion", () => {
    const [claim, ...rest] = read(`scenarios/${name}`).split("\n");
    expect(claim).toMatch(/^# [A-Z].{30,}/);
    const comments = rest.filter((line) => line.startsWith("#"));
    expect(comments.filter((line) => line.startsWith("# Source: "))).not.toEqual([]);
    expect(comments).toContainEqual("# yaml-language-server: $schema=../scenario.schema.json");
  });
});

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
