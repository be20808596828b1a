// A world that is reset is as a new one, down to what closures close over. Other tests see what is left of a
// run by the requests that it changes; here it is found where it lies, whether or not it matters today.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { WORKER_CLASSES } from "../../models/gunicorn/gunicorn.js";
import { components } from "../../models/index.js";
import { Draws } from "../../src/engine/draws.js";
import { type Job, replicate } from "../../src/run/replicate.js";
import { type Stage, Worlds } from "../../src/run/worlds.js";
import { loadScenario } from "../../src/scenario/load.js";
import { parseTable } from "../../src/scenario/table.js";
import { scenario } from "../support/random-scenario.js";
import { type Comparison, compareState, type Exemption } from "../support/same-state.js";

/** Short ones, which between them have nearly every function of models/ that others are made in. */
const SCENARIOS = [
  "cpu-beyond-cores/four-workers.yaml",
  "crawler/limit-all.yaml",
  "deploy-restart.yaml",
  "import-beyond-timeout.yaml",
  "keepalive-race/gunicorn-75s.yaml",
  "localhost-two-peers.yaml",
  "max-requests-in-step.yaml",
  "metastable-burst/short-queue.yaml",
  "plateau-between-hosts/tw-reuse-everywhere.yaml",
  "port-search-cpu/two-ports.yaml",
  "recv-q-alarm/add-workers.yaml",
  "retry-storm/nine-workers.yaml",
  "reuse-port-hung-worker.yaml",
  "seed-rate10.yaml",
  "seed-somaxconn1024.yaml",
  "slow-uploads.yaml",
  "somaxconn-without-restart.yaml",
  "worker-timeout/threads.yaml",
];

/** Of the random ones; `RECVQ_RUNS=100` for more. */
const RANDOM = { numRuns: Number(process.env.RECVQ_RUNS ?? 10), seed: 1 };

/** What can be left in a world without any trace in the next run. */
const EXEMPTIONS: Exemption[] = [
  { path: /^world\.sim\.(pauseAt|untilNs)$/, reason: "set whenever a run begins or goes on" },
  { path: /^world\.sim\.(handlers|timers)$/, reason: "longer by those that are made when they are needed" },
  { path: /\{streams\}\.all$/, reason: "longer by those that are made when they are needed" },
  { path: /\{columns\}\.capacity$/, reason: "the length of columns, which are compared themselves" },
  {
    path: /\.block\.exponentials\[\d+\]$/,
    reason: "void unless hasExponentials, made of uniforms otherwise",
  },
  { path: /\{lognormal\}\.spare\.(x|factor)$/, reason: "void unless isThere" },
  { path: /\{timeOf\}\.(only|each\[\d+\])\.values\[\d+\]$/, reason: "void as far as they are used" },
  {
    path: /\{timeOf\}\.(only|each\[\d+\])\.used$/,
    within: isConstant,
    reason: "all of its values are alike",
  },
  { path: /\{jiffies\}\.phaseNs$/, reason: "drawn with the first timer, or at once if its stream is there" },
  { path: /\{arrivals\}\.made($|\[[1-9])/, reason: "phases after the first, put back when they begin" },
  { path: /^world\.recorder\.unused$/, reason: "histograms that have been cleared, for the next outcomes" },
  { path: /\{responses\}\.pages\[\d+\]$/, reason: "a page of nginx's is the same ever after" },
];

function isConstant(owner: object): boolean {
  // biome-ignore lint/complexity/useLiteralKeys: it is private
  return owner instanceof Draws && new Set(owner["values"]).size === 1;
}

test.for(SCENARIOS)("nothing is left of a run of %s", async (file) => {
  await expectAsNew(() => jobOf(join("scenarios", file)));
});

test.for(Object.keys(WORKER_CLASSES))("nor of %s workers", async (worker_class) => {
  const version = worker_class === "asgi" ? "25.0.0" : "20.1.0";
  const given = {
    clients: { arrivals: [{ process: "poisson", rate: "40/s", for: "20s" }], timeout: "2s" },
    nginx: { upstream: { servers: ["127.0.0.1:8000"], keepalive: 4 } },
    gunicorn: { bind: "127.0.0.1:8000", version, workers: 3, worker_class, max_requests: 30 },
    app: { cpu: "10ms", sleep: { exponential: "40ms" } },
  };
  await expectAsNew(() => written(given, 1));
});

test.for(fc.sample(scenario, RANDOM).map((given, index) => [index, given] as const))(
  "nor of random scenario %i",
  async ([index, given]) => {
    await expectAsNew(() => written(given, index + 1));
  },
);

function jobOf(path: string, read = (file: string) => readFileSync(file, "utf8")): Job {
  const { settings } = loadScenario(path, { read, components });
  const table = (file: string) => parseTable(readFileSync(join(dirname(path), file), "utf8"), file);
  return { settings, components, seed: settings.run.seed, table };
}

function written(given: object, seed: number): Job {
  const text = JSON.stringify({ ...given, run: { seed, replications: 1 } });
  return jobOf("given.json", () => text);
}

/** Files of models/ whose functions were looked into. */
const looked = new Set<string>();

test("every file of models/ that puts something back was looked into", () => {
  const files = readdirSync("models", { recursive: true, encoding: "utf8" }).map((file) =>
    join("models", file),
  );
  const resetting = files.filter(
    (file) => file.endsWith(".ts") && readFileSync(file, "utf8").includes("onReset"),
  );
  expect(resetting.length).toBeGreaterThan(40);
  expect(resetting.filter((file) => !looked.has(file))).toEqual([]);
});

/** A run may change settings: each world has its own. */
async function expectAsNew(job: () => Job): Promise<void> {
  const once = await startedAfter(job(), [0]);
  expect(told(compareState(await startedAfter(job(), []), once, EXEMPTIONS))).toEqual([]);
  // What is made when it is needed is not in a new world: another one that has it too says what it holds.
  const twice = await startedAfter(job(), [0, 2]);
  expect(told(compareState(once, twice, EXEMPTIONS))).toEqual([]);
  // In a run that is the same again nothing is needed that has not been made.
  expect(kinds(await startedAfter(job(), [0, 0]))).toEqual(kinds(once));
}

/** A world in which replication 1 has just been started, after these. */
async function startedAfter(job: Job, replications: number[]): Promise<Stage> {
  const worlds = new Worlds(job);
  for (const replication of replications) await replicate(job, replication, {}, { most: 700 }, worlds);
  const stage = worlds.take(1);
  stage.world.start();
  return stage;
}

function told({ differences, files }: Comparison): string[] {
  for (const file of files) looked.add(relative(process.cwd(), file.replace("file://", "")));
  return differences.map(({ path, what, file }) => `${path}: ${what} (${file})`);
}

function kinds({ world: { sim } }: Stage): { handlers: number; timers: number } {
  // biome-ignore lint/complexity/useLiteralKeys: they are private
  return { handlers: sim["handlers"].length, timers: sim["timers"].length };
}
