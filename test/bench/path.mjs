// Requests of the unix path through the built command line, beside a C program of just this scenario.

import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { least, measure } from "./measure.mjs";

const ROUNDS = 4;
const EVENTS_OF = 200_000;
// The speed is that of the model, not of one scenario: other numbers, another law, another server.
const VARIATIONS = {
  "9 workers": ["gunicorn.workers=9"],
  "a read timeout of 30 s": ["nginx.proxy_read_timeout=30s"],
  "lognormal times": ["app.sleep={ lognormal: { mean: 50ms, cv: 1 } }"],
  "two servers": [
    "nginx.upstream.servers=[unix:/run/gunicorn.sock, unix:/run/other.sock]",
    "gunicorn.bind=[unix:/run/gunicorn.sock, unix:/run/other.sock]",
  ],
};

/** Prints what was measured and answers the figures. */
export async function benchPath({ root, cache, bundled, requests }) {
  const { scenarioFile, unixPath } = await bundled("test/bench/unix-path.ts");
  const program = compiled(root, cache);
  const runs = { recvq: [], c: [] };
  for (let round = 0; round < ROUNDS; round++) {
    runs.recvq.push(await measureRecvq(root, scenarioFile, requests, []));
    // Requests, rate, workers, service in s, backlog, read timeout in s, seed: as in the scenario file.
    const args = [requests, 200, 8, 0.05, 128, 60, round + 1].map(String);
    if (program) runs.c.push(await measure(program, args));
  }
  const { events, sent } = await unixPath(root, EVENTS_OF);
  const recvq = figures(runs.recvq, requests);
  const c = program && figures(runs.c, requests);
  const blocked = JSON.parse(runs.recvq[0].output).outcomes["502"].share;
  console.log(
    `unix path: ${requests} requests in turn, ${ROUNDS} times; blocked share ${blocked.toFixed(4)}`,
  );
  if (c) {
    const [total, , refused] = runs.c[0].output.split(" ").map(Number);
    console.log(`the C program: blocked share ${(refused / total).toFixed(4)}`);
  }
  return {
    "unix path, million requests/s": recvq.millions,
    "C program, million requests/s": c?.millions,
    "unix path over C program": c && recvq.millions / c.millions,
    "unix path, peak MB": recvq.peakMb,
    "C program, peak MB": c?.peakMb,
    "unix path, events a request": events / sent,
    ...(await variations(root, scenarioFile, requests / 4)),
  };
}

/** How fast others are in comparison, each in turn with the scenario itself. */
async function variations(root, file, requests) {
  const ratios = {};
  for (const [title, set] of Object.entries(VARIATIONS)) {
    const seconds = { itself: [], other: [] };
    for (let round = 0; round < ROUNDS; round++) {
      seconds.itself.push((await measureRecvq(root, file, requests, [])).seconds);
      seconds.other.push((await measureRecvq(root, file, requests, set)).seconds);
    }
    ratios[`unix path with ${title} over without`] = least(seconds.itself) / least(seconds.other);
  }
  return ratios;
}

function measureRecvq(root, file, requests, set) {
  const all = [`clients.arrivals.0.requests=${requests}`, ...set].flatMap((one) => ["--set", one]);
  return measure(process.execPath, [
    join(root, "dist/bin/recvq.js"),
    "run",
    join(root, file),
    "--json",
    ...all,
  ]);
}

function figures(runs, requests) {
  return {
    millions: requests / least(runs.map(({ seconds }) => seconds)) / 1e6,
    peakMb: least(runs.map(({ peakMb }) => peakMb)),
  };
}

/** The C program's path; undefined, and said so, without a compiler. */
function compiled(root, cache) {
  mkdirSync(cache, { recursive: true });
  const program = join(cache, "unix-8-workers");
  const source = join(root, "test/bench/unix-8-workers.c");
  try {
    execFileSync("cc", ["-O3", "-march=native", "-o", program, source, "-lm"]);
    return program;
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    console.log("no C compiler here: without the C program");
    return undefined;
  }
}
