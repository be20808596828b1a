// What the queue costs: `npm run bench:workers`. Points as small as they get are computed by 1 and by 2
// workers of one thread; from the processor time that Redis and the sweep spend on each follows how many
// threads they can keep busy. Needs redis-server.

import { spawn } from "node:child_process";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { components } from "../../dist/lib/models/index.js";
import { pointQueue } from "../../dist/lib/src/node/point-queue.js";
import { redisAddress } from "../../dist/lib/src/node/redis-address.js";
import { computePoint, pointOf } from "../../dist/lib/src/run/point.js";
import { loadScenario } from "../../dist/lib/src/scenario/load.js";
import { cpuOf } from "./measure.mjs";

const PORT = 17_379;
const POINTS = 1_000;
const TINY = `
clients: { arrivals: { process: poisson, rate: 100/s, requests: 2 } }
gunicorn: { bind: 127.0.0.1:8000 }
run: { replications: 1 }
`;

const recvq = fileURLToPath(new URL("../../dist/bin/recvq.js", import.meta.url));
const url = `redis://127.0.0.1:${PORT}`;
const redis = spawn("redis-server", ["--port", String(PORT), "--bind", "127.0.0.1", "--save", ""]);
redis.on("error", ({ message }) => console.log(`redis-server: ${message}`));
await heard(redis.stdout, "Ready to accept connections");
const client = new Redis(url);

try {
  const points = await tinyPoints(2 * POINTS);
  const here = await seconds(async () => {
    for (const point of points.slice(0, POINTS)) await computePoint(point, { components });
  });
  line("in this process", { "points/s": POINTS / here.cpu });
  const costs = [];
  for (const count of [1, 2]) costs.push(await measured(count, points.splice(0, POINTS)));
  conclude(costs[1]);
} finally {
  client.disconnect();
  redis.kill();
}

/** Tiny points computed by so many workers; microseconds of processor time for each point. */
async function measured(count, points) {
  const workers = await Promise.all(Array.from({ length: count }, startWorker));
  const queue = await pointQueue(redisAddress(url, {}), { patienceMs: 30_000, tell: console.log });
  // What is loaded and compiled at first is no cost of a point.
  await Promise.all((await tinyPoints(50, `warm ${count} `)).map(queue.compute));
  const before = [await redisSeconds(), workers.map(({ pid }) => cpuOf(pid))];
  const { cpu, wall } = await seconds(() => Promise.all(points.map(queue.compute)));
  const each = (seconds) => (seconds * 1e6) / points.length;
  const spent = workers.map(({ pid }, index) => cpuOf(pid) - before[1][index]);
  const cost = {
    "points/s": points.length / wall,
    "us of Redis": each((await redisSeconds()) - before[0]),
    "us of the sweep": each(cpu),
    "us of the workers": each(spent.reduce((sum, one) => sum + one, 0)),
  };
  line(`${count} ${count === 1 ? "worker" : "workers"}`, cost);
  await queue.stop();
  for (const worker of workers) worker.kill();
  return cost;
}

function conclude(cost) {
  const most = (us) => 1e6 / us;
  const [redisMost, sweepMost] = [most(cost["us of Redis"]), most(cost["us of the sweep"])];
  console.log(`\nof ${cpus()[0].model}, ${cpus().length} cores, node ${process.versions.node}`);
  console.log(
    `one sweep hands out at most ${sweepMost.toFixed(0)} points/s, one Redis ${redisMost.toFixed(0)}`,
  );
  for (const pointSeconds of [0.01, 0.1, 1, 10]) {
    const threads = (perSecond) => Math.floor(perSecond * pointSeconds);
    const text = `${threads(sweepMost)} threads with one sweep, ${threads(redisMost)} with several`;
    console.log(`  points of ${pointSeconds} s keep busy: ${text}`);
  }
}

function line(name, figures) {
  const texts = Object.entries(figures).map(([what, value]) => `${value.toFixed(0)} ${what}`);
  console.log(`${name}: ${texts.join(", ")}`);
}

async function tinyPoints(count, seed = "") {
  const read = () => TINY;
  const table = () => {
    throw new Error("tiny points read no files");
  };
  const points = [];
  for (let index = 0; index < count; index++) {
    const scenario = loadScenario("tiny.yaml", { components, read, seed: `${seed}${index}` });
    points.push(await pointOf(scenario, { components, table }));
  }
  return points;
}

async function startWorker() {
  const args = [recvq, "worker", url, "--threads", "1"];
  const worker = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  await heard(worker.stderr, "computes points");
  return worker;
}

function heard(stream, text) {
  return new Promise((resolve) => {
    stream.setEncoding("utf8").on("data", (part) => {
      if (part.includes(text)) resolve();
    });
  });
}

/** Of its only thread that runs commands. */
async function redisSeconds() {
  const text = await client.info("cpu");
  const of = (name) => Number(new RegExp(`^${name}:(.*)$`, "m").exec(text)?.[1]);
  return of("used_cpu_sys") + of("used_cpu_user");
}

async function seconds(work) {
  const [cpu, start] = [process.cpuUsage(), performance.now()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { cpu: (user + system) / 1e6, wall: (performance.now() - start) / 1e3 };
}
