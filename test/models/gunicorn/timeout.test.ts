// The worker timeout, as the master enforces it: on its ticks. With a start known to be whole seconds ago the first
// tick is 0.06 s, and up to 0.1 s for each worker, after a whole second.

import { describe, expect, test } from "vitest";
import { simulate } from "../../support/simulate.js";

interface Given {
  version?: string;
  gunicorn?: string;
  app?: string;
  nginx?: boolean;
  times?: string;
  seed?: number;
  clients?: string;
}

/** Requests at these seconds, each with its service time; timeout 2 s. */
async function ask({ version = "20.1.0", gunicorn = "", app = "", nginx = true, seed = 1, ...given }: Given) {
  const { times, clients = "" } = given;
  const rows = (times ?? "0,9").split(" ").join("\n");
  const proxy = `nginx:
  { request_cpu: 0s, connect_overhead: 0s, response_overhead: 0s, upstream: { servers: [unix:/run/g.sock] } }`;
  const text = `
clients: { ${clients} ${nginx ? "" : "target: unix:/run/g.sock, "}arrivals: { process: trace, file: a.csv } }
${nginx ? proxy : ""}
gunicorn:
  { bind: unix:/run/g.sock, overhead: 0s, timeout: 2s, started_ago: 1s, version: ${version} ${gunicorn} }
app: { sleep: 0s ${app} }
run: { replications: 1, seed: ${seed} }`;
  const simulated = await simulate(text, { "a.csv": `sent_s,service_s\n${rows}\n` });
  const ended = simulated.requests.map(({ sentNs, latencyNs }) => (sentNs + latencyNs) / 1e9);
  return { ...simulated, ended, outcomes: simulated.requests.map(({ outcome }) => outcome) };
}

describe("a request beyond the timeout", () => {
  test("ends at the first tick after it: 502 up to 21, and the queue survives", async () => {
    const { ended, outcomes, requests } = await ask({ times: "0,9 0.5,0" });
    expect(outcomes).toEqual(["502", "200"]);
    expect(requests[0]?.cause).toBe("worker-timeout");
    // 2 s after its accept the next tick is at 2.06 to 2.16 s; then 70 ms to end, 8 ms to boot.
    expect(ended[0]).toBeGreaterThan(2.06);
    expect(ended[0]).toBeLessThan(2.16);
    expect((ended[1] as number) - (ended[0] as number)).toBeCloseTo(0.078, 6);
  });

  test.each([
    ["20.1.0", "502", ""],
    ["21.2.0", "502", ""],
    ["22.0.0", "500", ""],
    ["26.1.0", "500", ""],
    ["26.1.0", "502", ", swallows_exit: true"],
  ])("version %s answers %s%s", async (version, status, app) => {
    expect((await ask({ version, app })).outcomes).toEqual([status]);
  });

  test("a 500 is gunicorn's own page of 141 bytes", async () => {
    const { result } = await ask({ version: "22.0.0", nginx: false });
    expect(result.requests.bytes_in.value).toBe(141);
  });

  test.each([
    ["read, it sees the end of the connection", "", "closed"],
    ["not read, it is reset", ", reads_body: false", "ECONNRESET"],
  ])("if its body was %s", async (_, app, outcome) => {
    expect((await ask({ nginx: false, app, clients: "body: 100kB," })).outcomes).toEqual([outcome]);
  });

  test("a swallowed exit is followed by SIGKILL one tick later; an answer before it counts", async () => {
    const plain = await ask({});
    const swallowed = await ask({ app: ", swallows_exit: true" });
    expect((swallowed.ended[0] as number) - (plain.ended[0] as number)).toBeCloseTo(1, 6);
    const answered = await ask({ app: ", swallows_exit: true", times: "0,2.9" });
    expect(answered.outcomes).toEqual(["200"]);
    expect(answered.ended).toEqual([2.9]);
  });

  test("between timeout and tick it may still be answered", async () => {
    expect((await ask({ times: "0,2.05" })).outcomes).toEqual(["200"]);
  });

  test("without a timeout it may take as long as it likes", async () => {
    const { outcomes } = await ask({ gunicorn: ", workers: 1", times: "0,9" });
    expect(outcomes).toEqual(["502"]);
    const text = await simulate(`
clients: { arrivals: { process: burst, requests: 1 } }
gunicorn: { timeout: 0s }
app: { sleep: 50s }
run: { replications: 1 }`);
    expect(text.requests[0]?.outcome).toBe("200");
  });

  test("its time begins with the accept, not with the arrival", async () => {
    const { outcomes } = await ask({ times: "0,1.9 0,1.9 0,1.9" });
    expect(outcomes).toEqual(["200", "200", "200"]);
  });

  test("time for requests that were killed is wasted", async () => {
    const { result, ended } = await ask({});
    expect(result.work.wasted_s.value).toBeCloseTo(ended[0] as number, 6);
  });
});

describe("the tick", () => {
  test("moves with every death: to 1 s after the pause of up to 0.1 s that follows the fork", async () => {
    // One worker: the second request is accepted 78 ms after the first kill, and killed on a tick of the new phase.
    const gaps = await Promise.all(
      [1, 2, 3, 4, 5, 6, 7, 8].map(async (seed) => {
        const { ended } = await ask({ times: "0,9 0.5,9", seed });
        return (ended[1] as number) - (ended[0] as number);
      }),
    );
    // Death 0.07 s after the kill, pause U(0, 0.1), then 1, 2, 3 s: the first beyond 0.078 + 2 s of silence. A
    // pause of less than 8 ms takes a second more.
    for (const gap of gaps) expect(gap % 1).toBeGreaterThan(0.07);
    for (const gap of gaps) expect(gap % 1).toBeLessThan(0.17);
    expect(new Set(gaps).size).toBe(gaps.length);
  });

  test("kills all who are overdue in one pass", async () => {
    const { ended } = await ask({ gunicorn: ", workers: 2", times: "0,9 0,9" });
    expect(ended[0]).toBe(ended[1]);
  });

  test("comes early for a second worker if the first one's death wakes the master", async () => {
    // The second is overdue 30 ms after the pass that kills the first, and the death comes 70 ms after it.
    const first = (await ask({ gunicorn: ", workers: 2", times: "0,9" })).ended[0] as number;
    const later = first - 2 + 0.03;
    const { ended } = await ask({ gunicorn: ", workers: 2", times: `0,9 ${later},9` });
    expect(ended[0]).toBe(first);
    expect((ended[1] as number) - first).toBeCloseTo(0.07, 6);
  });

  test("has any phase if nobody knows when the master was started", async () => {
    const phases = await Promise.all(
      [1, 2, 3, 4, 5, 6, 7, 8].map(async (seed) => {
        const { requests } = await simulate(`
clients: { arrivals: { process: burst, requests: 1 } }
gunicorn: { timeout: 2s }
app: { sleep: 9s }
run: { replications: 1, seed: ${seed} }`);
        return ((requests[0]?.latencyNs as number) / 1e9) % 1;
      }),
    );
    expect(Math.max(...phases) - Math.min(...phases)).toBeGreaterThan(0.5);
  });
});

describe("several binds", () => {
  const idleBefore = (seed: number) =>
    simulate(
      `
clients: { target: unix:/run/g.sock, arrivals: { process: trace, file: a.csv } }
gunicorn: { overhead: 0s, timeout: 2s, bind: ["unix:/run/g.sock", "unix:/run/h.sock"] }
run: { replications: 1, seed: ${seed} }`,
      { "a.csv": "sent_s,service_s\n10,9\n" },
    );

  test("an idle worker's last heartbeat is up to half the timeout old: killed after 1 to 3 s", async () => {
    const latencies = await Promise.all(
      Array.from({ length: 20 }, async (_, seed) => {
        const { requests } = await idleBefore(seed);
        return (requests[0]?.latencyNs as number) / 1e9;
      }),
    );
    expect(Math.min(...latencies)).toBeGreaterThan(1);
    expect(Math.min(...latencies)).toBeLessThan(2);
    expect(Math.max(...latencies)).toBeLessThan(3);
  });
});

describe("a boot that takes longer than the timeout", () => {
  const booting = (version: string) =>
    ask({ version, gunicorn: ", boot: 4s", times: "0,9 0.5,0", nginx: false });

  test("never comes to its end up to 21: the worker is killed and forked for ever, and the report says so", async () => {
    const { result, outcomes, ended } = await booting("21.2.0");
    expect(outcomes).toEqual(["closed", "unfinished"]);
    // The first is killed after 2.06 to 2.16 s and ends 0.07 s later, and so do the pause and the run.
    expect(ended[1]).toBeLessThan(2.34);
    expect(result.warnings).toEqual([
      "gunicorn: a worker boots for 4.008s, and up to 21.x one is killed that takes longer than " +
        "gunicorn.timeout = 2s: 0 of 1 that were forked came up",
    ]);
  });

  test("is not timed from 22.0 on", async () => {
    const { outcomes, ended } = await booting("22.0.0");
    expect(outcomes).toEqual(["500", "200"]);
    expect((ended[1] as number) - (ended[0] as number)).toBeCloseTo(4.078, 6);
  });

  // Alone it is killed 2 s and a pause of up to 0.1 s after its fork.
  const slowly = (boot: string, times: string, more = "") =>
    ask({ gunicorn: `, boot: ${boot}, ${more}`, times, nginx: false });

  test("may take up to 0.1 s more: the worker comes up when the pause after its fork is long enough", async () => {
    const { outcomes, ended } = await slowly("2.04s", "0,9 0.5,0");
    expect(outcomes).toEqual(["closed", "200"]);
    // Each try in vain takes 2 s, a pause of less than 0.048 s and 0.07 s to end; the last one takes 2.048 s.
    const [killed, answered] = ended as [number, number];
    const tries = Math.round((answered - killed - 0.07 - 2.048) / 2.094);
    expect(answered - killed - 0.07 - 2.048).toBeGreaterThanOrEqual(tries * 2.07 - 1e-6);
    expect(answered - killed - 0.07 - 2.048).toBeLessThanOrEqual(tries * 2.118 + 1e-6);
  });

  test("of another 0.1 s is the end of a lone worker, and the run ends when all is said", async () => {
    const { ended, outcomes } = await slowly("2.1s", "0,9 0.5,0");
    expect(outcomes).toEqual(["closed", "unfinished"]);
    expect(ended[1]).toBeLessThan(2.34);
  });

  test("ends with the last request if nobody waits", async () => {
    const { result, ended, outcomes } = await slowly("2.5s", "0,9 30,9", "workers: 2");
    // The second worker has the second request; meanwhile the place of the first is forked again and again.
    expect(outcomes).toEqual(["closed", "closed"]);
    expect(ended[1]).toBeLessThan(33.2);
    // 30 s, and about 2.1 to 3.2 s for each.
    expect(result.warnings.join()).toMatch(/: 0 of 1\d that were forked came up$/);
  });

  test("goes on for those who wait as long as somebody may come up", async () => {
    const { outcomes } = await slowly("2.15s", "0,9 0,9 10,0", "workers: 2");
    expect(outcomes).toEqual(["closed", "closed", "200"]);
  });
});
