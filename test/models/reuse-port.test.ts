// gunicorn's reuse_port: from 24.0 on a listening socket for each worker, before it one for all.

import { describe, expect, test } from "vitest";
import { PLAIN, simulate } from "../support/simulate.js";

/** Four workers with a backlog of 4; a burst of so many requests of a second, without nginx. */
function ask(version: string, { reuse = true, requests = 20, seed = 1, bind = "127.0.0.1:8000" } = {}) {
  return simulate(`
kernel: { profile: linux-6.18 }
clients: { timeout: 900ms, arrivals: { process: burst, requests: ${requests} } }
gunicorn: { ${PLAIN.gunicorn}, version: ${version}, bind: "${bind}", workers: 4, backlog: 4, reuse_port: ${reuse} }
app: { sleep: 10s }
run: { replications: 1, seed: ${seed} }`);
}

const queues = ({ result }: Awaited<ReturnType<typeof ask>>) =>
  result.series.levels.filter(({ name }) => name.startsWith("accept queue")).map(({ name }) => name);

describe("before 24.0", () => {
  test("all workers have one queue: 4 in work and backlog + 1 = 5 in the queue, 11 dropped", async () => {
    const asked = await ask("20.1.0");
    expect(queues(asked)).toEqual(["accept queue of 127.0.0.1:8000"]);
    expect(asked.result.netstat.ListenOverflows?.value).toBe(11);
    expect((await ask("23.0.0")).result.netstat.ListenOverflows?.value).toBe(11);
  });
});

describe("from 24.0 on", () => {
  test("each worker has a queue of its own, and nobody else can drain it", async () => {
    const asked = await ask("24.0.0");
    expect(queues(asked)).toEqual(
      [1, 2, 3, 4].map((worker) => `accept queue of 127.0.0.1:8000 of worker ${worker}`),
    );
    // Four times 1 + 5 places: without luck in the draw not all 20 find one, though there is room for 24.
    const overflows = await Promise.all(
      [1, 2, 3, 4, 5, 6, 7, 8].map(
        async (seed) => (await ask("24.0.0", { seed })).result.netstat.ListenOverflows?.value,
      ),
    );
    expect(overflows.every((count) => (count as number) < 11)).toBe(true);
    expect(overflows.some((count) => (count as number) > 0)).toBe(true);
  });

  test("without reuse_port it is one queue still", async () => {
    expect(queues(await ask("24.0.0", { reuse: false }))).toHaveLength(1);
  });

  test("connections are spread by a hash, not in turn: four at once rarely find four workers", async () => {
    // P(all four different) = 4! / 4^4 = 9 %; the busy workers after a burst of four are 2.7 on average.
    const seeds = Array.from({ length: 40 }, (_, seed) => seed);
    const busy = await Promise.all(
      seeds.map(async (seed) => {
        const { result } = await ask("24.0.0", { requests: 4, seed });
        return result.series.levels.find(({ name }) => name === "busy workers")?.peak.value as number;
      }),
    );
    const mean = busy.reduce((sum, workers) => sum + workers, 0) / busy.length;
    // 4 (1 - (3/4)^4) = 2.734; the standard deviation of one is 0.69, of the mean 0.11.
    expect(Math.abs(mean - 2.734)).toBeLessThan(4 * 0.11);
    expect(new Set(busy).size).toBeGreaterThan(1);
  });

  test("a SYN that is repeated comes to the same queue, full or not", async () => {
    // Requests wait behind one second of work each. With one queue the last of eight ends at 2 s; with four
    // the longest queue decides, and no worker takes from another.
    const last = async (version: string, seed: number) => {
      const { result } = await simulate(`
kernel: { profile: linux-6.18 }
clients: { arrivals: { process: burst, requests: 8 } }
gunicorn: { ${PLAIN.gunicorn}, version: ${version}, bind: "127.0.0.1:8000", workers: 4, reuse_port: true }
app: { sleep: 1s }
run: { replications: 1, seed: ${seed} }`);
      return result.latencies.all?.max.value as number;
    };
    expect(await last("20.1.0", 1)).toBeCloseTo(2, 2);
    const longest = await Promise.all([1, 2, 3, 4, 5, 6].map((seed) => last("24.0.0", seed)));
    expect(Math.max(...longest)).toBeGreaterThan(2.9);
  });
});
