// Scenarios of which one thread computes several: the long ones have a copy of the program.

import { pathToFileURL } from "node:url";
import { beforeEach, expect, inject, test, vi } from "vitest";
import { components } from "../../models/index.js";
import { SettingError } from "../../src/component/setting-error.js";
import { LimitError } from "../../src/engine/limit-error.js";
import { copies } from "../../src/node/copies.js";
import type { Job } from "../../src/run/replicate.js";
import { inline } from "../../src/run/replicator.js";
import { loadScenario } from "../../src/scenario/load.js";
import { parseTable } from "../../src/scenario/table.js";
import { writtenProgram } from "../support/program.js";

/** How many worlds the thread's own program has had. */
const worlds = vi.hoisted(() => ({ built: 0 }));
vi.mock(import("../../src/run/worlds.js"), async (original) => ({
  ...(await original()),
  worldsBuilt: () => worlds.built,
}));

// A replication is the number of the copy, or what the scenario's seed says is wrong.
const told = writtenProgram(
  "copy.js",
  `(function (exports) {
      globalThis.copiesMade = (globalThis.copiesMade ?? 0) + 1;
      const number = globalThis.copiesMade;
      exports.components = ["of the copy"];
      exports.LimitError = class extends Error {};
      exports.SettingError = class extends Error {
        path = ["run", "seed"];
        text = "expected another one";
      };
      exports.inline = ({ seed, components }) => ({
        async replicate() {
          if (seed === "limit") throw new exports.LimitError("too much");
          if (seed === "setting") throw new exports.SettingError();
          if (seed === "other") throw new TypeError("a bug");
          return { number, components };
        },
      });
    })`,
);

beforeEach(() => {
  worlds.built = 1;
});

function jobOf(requests: number, seed = "1"): Job {
  const text = `
clients: { arrivals: [{ process: poisson, rate: 100/s, requests: ${requests} }] }
gunicorn: { workers: 8, bind: "unix:/run/gunicorn.sock" }
nginx: { upstream: { servers: ["unix:/run/gunicorn.sock"] } }
app: { sleep: { exponential: 50ms } }
`;
  const { settings } = loadScenario("scenario.yaml", { components, read: () => text });
  const table = () => {
    throw new Error("the scenario names no file");
  };
  return { settings, components, seed, table };
}

/** The copies that answered for so many replications: undefined for the thread's own program. */
async function answerers(replicate: ReturnType<typeof inline>["replicate"], replications = 3) {
  const who: unknown[] = [];
  for (let index = 0; index < replications; index++) {
    const answer = (await replicate(index, {})) as unknown as { number?: number };
    who.push(answer.number);
  }
  return who;
}

test("the first scenario of a program keeps it, however long it is", async () => {
  worlds.built = 0;
  const { replicator } = copies(told, { longMs: 0 });
  expect(await answerers(replicator(jobOf(100)).replicate)).toEqual([undefined, undefined, undefined]);
});

test("until there is another one in its program: then it moves as well", async () => {
  worlds.built = 0;
  const { replicate } = copies(told, { longMs: 0 }).replicator(jobOf(100));
  await replicate(0, {});
  worlds.built = 2;
  expect(await answerers(replicate, 2)).not.toContain(undefined);
});

test("a short scenario stays in the program that it shares with others", async () => {
  const { replicator } = copies(told, { longMs: 1e9 });
  expect(await answerers(replicator(jobOf(100)).replicate)).toEqual([undefined, undefined, undefined]);
});

test("one that has been computed for long has a copy to itself, and the next one has it from the start", async () => {
  const { replicator } = copies(told, { longMs: 1e-6 });
  // Longer than the step in which the processor time is told.
  const first = await answerers(replicator(jobOf(20_000)).replicate);
  expect(first[0]).toBeUndefined();
  expect(first[1]).toBeTypeOf("number");
  expect(first[2]).toBe(first[1]);
  const other = await answerers(replicator(jobOf(100)).replicate);
  expect(new Set(other).size).toBe(1);
  expect(other[0]).not.toBe(first[1]);
});

test("a replication of which much is left is begun anew in a copy", async () => {
  const { replicator } = copies(told, { longMs: 1e9, leftMs: Number.NEGATIVE_INFINITY });
  const shares: number[] = [];
  const progress = (share: number) => void shares.push(share);
  const answer = await replicator(jobOf(300_000)).replicate(0, {}, progress);
  expect(answer).toMatchObject({ components: ["of the copy"] });
  expect(shares.every((share) => share < 1)).toBe(true);
});

test("a short replication stays, also if its first outcome is long in coming", async () => {
  const { settings, ...others } = jobOf(100);
  const burst = `
clients: { arrivals: [{ process: burst, requests: 30000 }] }
kernel: { sysctl: { net.core.somaxconn: 65535 } }
nginx: { worker_connections: 65536, upstream: { servers: ["unix:/run/gunicorn.sock"] } }
gunicorn: { workers: 8, backlog: 65535, bind: "unix:/run/gunicorn.sock" }
app: { sleep: { exponential: 1s } }
`;
  const job = { ...others, settings: loadScenario("burst.yaml", { components, read: () => burst }).settings };
  expect(await answerers(copies(told).replicator(job).replicate, 1)).toEqual([undefined]);
});

test("a copy of the built program tells the line of a cell that is no number", async () => {
  const buildError = inject("buildError");
  if (buildError) throw new Error(buildError);
  const text = "{ gunicorn: { workers: 1 }, app: { sleep: { empirical: t.csv } } }";
  const { settings } = loadScenario("scenario.yaml", { components, read: () => text });
  const table = () => parseTable("service_s\n0.02\noops\n", "t.csv");
  const { replicate } = copies(pathToFileURL("dist/bin/copy.js"), { longMs: 0 }).replicator({
    ...{ settings, components, seed: "1", table },
  });
  await expect(replicate(0, {})).rejects.toThrow(/t\.csv:3 service_s: .* got "oops"/);
});

test.each([
  ["limit", new LimitError("too much")],
  ["setting", new SettingError(["run", "seed"], "expected another one")],
  ["other", new TypeError("a bug")],
])("an error of a copy is one of the program: %s", async (seed, expected) => {
  const { replicate } = copies(told, { longMs: 1e-6 }).replicator(jobOf(20_000, seed));
  await replicate(0, {});
  const error = await replicate(1, {}).catch((thrown: unknown) => thrown);
  expect(error).toStrictEqual(expected);
  expect(error).toBeInstanceOf(expected.constructor);
});

test("a copy of the built program gives the same replications", async () => {
  const buildError = inject("buildError");
  if (buildError) throw new Error(buildError);
  const { replicate } = copies(pathToFileURL("dist/bin/copy.js"), { longMs: 1e-6 }).replicator(jobOf(20_000));
  const plain = inline(jobOf(20_000));
  for (let index = 0; index < 3; index++) {
    expect(JSON.stringify(await replicate(index, {}))).toBe(JSON.stringify(await plain.replicate(index, {})));
  }
});
