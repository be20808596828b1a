import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { capacity, capacityStream, load } from "../../src/index.js";
import type { ProbedValue } from "../../src/run/capacity-result.js";
import { capacityJsonSchema, capacitySchema } from "../../src/run/capacity-schema.js";
import { mmck } from "../../src/stats/queues.js";

// M/M/2/5 at 80 %.
const SMALL = `
clients: { arrivals: { process: poisson, rate: 80/s, for: 20s } }
gunicorn: { bind: "unix:/run/g.sock", workers: 2, backlog: 2, overhead: 0s }
app: { sleep: { exponential: 20ms } }
`;
// 40 at once, 4 with the workers: the others wait, or are refused beyond backlog + 1.
const BURST = `
clients: { arrivals: { process: burst, requests: 40 } }
gunicorn: { bind: "unix:/run/g.sock", workers: 4, backlog: 9, overhead: 0s }
app: { sleep: 1s }
`;
const ports = (range: string) => `
kernel: { sysctl: { net.ipv4.ip_local_port_range: ${range}, net.ipv4.tcp_tw_reuse: 0 } }
clients: { arrivals: { process: constant, rate: 100/s, for: 10s } }
nginx: { upstream: { servers: ["127.0.0.1:8000"], closes_first: 1 } }
gunicorn: { bind: "127.0.0.1:8000", workers: 4 }
app: { sleep: 10ms }
`;

describe("every kind of number is looked for, and where nothing is random the answer is exact:", () => {
  test("for a rate: between the largest that is known to meet and one that does not, one run each", async () => {
    const text = BURST.replace("burst, requests: 40", "constant, rate: 10/s, requests: 40");
    const { status, answer, probes } = await capacity(text, { max: "rate", slo: "success.share >= 100%" });
    expect([status, answer?.method]).toEqual(["found", "exact"]);
    expect(probes.map(({ replications }) => replications)).toEqual(probes.map(() => 1));
    expect((answer?.high ?? 0) - (answer?.low ?? 0)).toBeLessThanOrEqual(0.01 * (answer?.value ?? 0));
    // Requests 1 to 40 find 4 served each second: at r/s the last one finds 39 - 4 floor(39/r) others, 13 at
    // most.
    const refused = async (rate: number) =>
      (
        await capacity(text, {
          max: "rate",
          slo: "success.share >= 100%",
          within: `${rate}/s..${rate + 0.001}/s`,
        })
      ).status;
    expect([await refused(answer?.low ?? 0), await refused(answer?.high ?? 0)]).toEqual(["beyond", "none"]);
  });

  test("for whole numbers", async () => {
    // 40 at once: 4 served, backlog + 1 wait.
    const places = await capacity(BURST, { min: "gunicorn.backlog", slo: "success.share > 99%" });
    expect(places.answer).toMatchObject({
      value: 35,
      low: 35,
      high: 35,
      inside: 35,
      beyond: 34,
      method: "exact",
    });
    // ceil(40 / n) rounds of a second, in a queue that holds them all.
    const text = BURST.replace("backlog: 9", "backlog: 90");
    const workers = await capacity(text, {
      min: "gunicorn.workers",
      slo: "latency.max < 5.5s",
      within: "1..40",
    });
    expect(workers.answer?.value).toBe(8);
  });

  test("for a number of ports, which are counted from the same one on", async () => {
    // 1000 connections, whose ports stay in TIME_WAIT for longer than the test: 950 are enough for 95 %.
    const { knob, answer } = await capacity(ports("20000 20499"), {
      min: "kernel.sysctl.net.ipv4.ip_local_port_range",
      slo: "EADDRNOTAVAIL.share < 5%",
    });
    expect(knob).toMatchObject({ kind: "ports", current: 500, from: 125, to: 2000 });
    expect(answer?.text).toMatch(/^20000 20\d{3}$/);
    expect(answer?.low).toBeLessThanOrEqual(952);
    expect(answer?.high).toBeGreaterThanOrEqual(948);
  });

  test("for a duration and for a closed loop", async () => {
    const text = `
clients: { closed: { concurrency: 4, requests: 40 } }
gunicorn: { bind: "unix:/run/g.sock", workers: 4, overhead: 0s }
app: { sleep: 100ms }
`;
    const clients = await capacity(text, { max: "clients.closed.concurrency", slo: "latency.max < 250ms" });
    // Two at a time for each worker.
    expect(clients.answer?.value).toBe(8);
    const sleep = await capacity(text, { max: "app.sleep", slo: "latency.max < 250ms", within: "50ms..1s" });
    expect(sleep.knob.kind).toBe("duration");
    expect(sleep.answer?.value).toBeGreaterThan(0.24);
    expect(sleep.answer?.value).toBeLessThan(0.25);
  });
});

describe("with random numbers", () => {
  test("the interval holds the exact rate, and says what fails beyond and why", async () => {
    const found = await capacity(SMALL, {
      max: "rate",
      slo: ["EAGAIN.share < 5%", "latency.p99 < 1s"],
      precision: 0.02,
    });
    const { status, answer, causes, objectives, probes } = found;
    expect(status).toBe("found");
    const exact = (value: number) => mmck(value, 0.02, 2, 5).blocked;
    expect(exact(answer?.low ?? 0)).toBeLessThan(0.05);
    expect(exact(answer?.high ?? 0)).toBeGreaterThan(0.05);
    expect(objectives[answer?.failing[0] ?? 9]?.metric).toBe("EAGAIN.share");
    expect(causes[0]).toMatchObject({ id: "unix-accept-queue-full" });
    expect(probes.map(({ value }) => value)).toEqual(
      [...probes.map(({ value }) => value)].sort((a, b) => a - b),
    );
    // Most where the answer is.
    const most = Math.max(...probes.map(({ replications }) => replications));
    expect(probes.find(({ value }) => value === answer?.inside)?.replications).toBe(most);
  });

  test("whole numbers are pinned down where each neighbour is decided for itself", async () => {
    const { answer, probes } = await capacity(SMALL, { min: "gunicorn.workers", slo: "EAGAIN.share < 5%" });
    // M/M/c/c+3 at 1.6 Erlangs: 9.7 % with 2 servers, 2 % with 3.
    expect(answer).toMatchObject({ value: 3, low: 3, high: 3, beyond: 2, method: "decided" });
    const at = (value: number) => probes.find((one) => one.value === value)?.objectives[0];
    expect([at(2)?.finding, at(3)?.finding]).toEqual(["fails", "meets"]);
    expect(at(2)?.p).toBeLessThan(0.0125);
  });

  test("the same comes out again, and streams the values on the way", async () => {
    const sought = { max: "rate", slo: "EAGAIN.share < 5%", precision: 0.05 } as const;
    const stream = capacityStream(SMALL, sought);
    const seen: ProbedValue[] = [];
    let next = await stream.next();
    while (!next.done) {
      seen.push(next.value);
      next = await stream.next();
    }
    expect(next.value).toEqual(await capacity(SMALL, sought));
    for (const probe of next.value.probes)
      expect(seen.filter(({ value }) => value === probe.value).at(-1)).toEqual(probe);
  });
});

describe("what is not one answer is said:", () => {
  // A short queue refuses, a long one makes nginx wait for longer than a second.
  const TRADE = `
clients: { arrivals: { process: burst, requests: 60 } }
nginx: { upstream: { servers: ["unix:/run/g.sock"] }, proxy_read_timeout: 1s }
gunicorn: { bind: "unix:/run/g.sock", workers: 2, backlog: 9, overhead: 0s }
app: { sleep: 100ms }
`;

  test("a backlog trades 502 for 504, so that only a part of the range meets both", async () => {
    const slo = ["502.share < 50%", "504.share < 40%"];
    const { answer, regions, objectives } = await capacity(TRADE, {
      min: "gunicorn.backlog",
      slo,
      within: "1..200",
    });
    expect(regions).toHaveLength(1);
    const [{ from, to }] = regions as [(typeof regions)[number]];
    expect([from.bounded, to.bounded]).toEqual([true, true]);
    expect([from, to].map(({ failing: [which = 9] }) => objectives[which]?.metric)).toEqual([
      "502.share",
      "504.share",
    ]);
    // 2 + backlog + 1 of 60 are not refused; of those about 20 are done in a second, 24 more than that are 40
    // %.
    expect(answer?.value).toBe(28);
    expect(to.value).toBeGreaterThan(38);
    expect(to.value).toBeLessThan(44);
  });

  test("all of the range, or none of it", async () => {
    const all = await capacity(SMALL, { max: "rate", slo: "EAGAIN.share < 50%", within: "10/s..20/s" });
    expect([all.status, all.answer?.bounded, all.answer?.value]).toEqual(["beyond", false, 20]);
    expect(all.answer?.stop).toBe("bounds");
    const none = await capacity(SMALL, { max: "rate", slo: "EAGAIN.share < 1%", within: "300/s..600/s" });
    expect([none.status, none.answer, none.regions]).toEqual(["none", null, []]);
  });

  test("a range that nobody gave is continued where the answer may lie beyond", async () => {
    const { knob, status } = await capacity(SMALL, {
      max: "rate",
      slo: "EAGAIN.share < 90%",
      precision: 0.1,
    });
    expect([status, knob.assumed]).toEqual(["found", true]);
    expect(knob.to).toBe(4 * 4 * 80);
  });

  test("a range is not continued for ever where nothing fails that an objective is against", async () => {
    const short = SMALL.replace("for: 20s", "for: 2s");
    const { status, answer, warnings } = await capacity(short, { max: "rate", slo: "504.share < 9%" });
    expect([status, answer?.value, answer?.stop]).toEqual(["beyond", 4 * 4 ** 3 * 80, "effort"]);
    // 100/s of 20480/s are done.
    expect(warnings).toEqual(["at 20480/s 99.5 % of the requests fail, which no objective is against"]);
  });

  test("down to the least that there can be", async () => {
    const { status, answer } = await capacity(BURST, { min: "gunicorn.workers", slo: "504.share < 1%" });
    expect([status, answer?.value, answer?.stop]).toEqual(["beyond", 1, "setting"]);
  });

  test("undecided where run.max_replications comes first", async () => {
    const scenario = load(SMALL, { set: ["run.max_replications=12"] });
    const { status, answer, probes } = await capacity(scenario, {
      max: "rate",
      slo: "EAGAIN.share < 5%",
      precision: 0.001,
    });
    expect([status, answer?.reached]).toEqual(["undecided", false]);
    expect(Math.max(...probes.map(({ replications }) => replications))).toBe(12);
    expect(answer?.high).toBeGreaterThan(answer?.low ?? 0);
  });

  test("a load that the workers cannot do: its numbers depend on how long it lasts", async () => {
    // 100/s is all that they can do, in a queue that is never full.
    const text = SMALL.replace("backlog: 2", "backlog: 2000").replace("for: 20s", "for: 60s");
    const { warnings, probes } = await capacity(text, {
      max: "rate",
      slo: "latency.p50 < 3s",
      within: "20/s..140/s",
    });
    expect(warnings.join("\n")).toMatch(/has no steady state: what waits grows as long as it lasts/);
    expect(probes.filter(({ value }) => value < 80).every(({ unsteady }) => !unsteady)).toBe(true);
    expect(probes.filter(({ value }) => value > 115).every(({ unsteady }) => unsteady)).toBe(true);
  });
});

test("memory: as many workers as fit, and what the answer needs", async () => {
  const memory = { worker: 150e6, total: 500e6 };
  const rate = await capacity(BURST.replace("burst, requests: 40", "constant, rate: 2/s, requests: 9"), {
    ...{ max: "rate", slo: "latency.max < 1.1s", memory },
  });
  expect(rate.memory).toEqual({ worker_bytes: 150e6, total_bytes: 500e6, workers: 3, needed_bytes: 450e6 });
  const workers = await capacity(BURST, { min: "gunicorn.workers", slo: "latency.max < 5s", memory });
  expect([workers.status, workers.knob.to]).toEqual(["none", 3]);
});

test("a signal ends the search with its reason, and progress never goes back", async () => {
  const controller = new AbortController();
  const shares: number[] = [];
  const progress = (share: number) => {
    shares.push(share);
    if (shares.length === 60) controller.abort(new Error("enough"));
  };
  const search = capacity(SMALL, {
    max: "rate",
    slo: "EAGAIN.share < 5%",
    signal: controller.signal,
    progress,
  });
  await expect(search).rejects.toThrow("enough");
  expect(shares).toEqual([...shares].sort((a, b) => a - b));
  expect(shares.length).toBeLessThanOrEqual(61);
});

describe("the published schema of a Capacity", () => {
  test.each([
    ["random", SMALL, { max: "rate", slo: "EAGAIN.share < 5%", precision: 0.1, memory: { worker: 1e8 } }],
    ["exact", BURST, { min: "gunicorn.backlog", slo: "success.share > 99%" }],
    ["none", BURST, { min: "gunicorn.backlog", slo: "200.latency.max < 1ms" }],
  ])("describes %s ones", async (_, text, sought) => {
    const found = JSON.parse(JSON.stringify(await capacity(text, sought)));
    expect(capacitySchema.safeParse(found).error).toBeUndefined();
  });

  test("is what is committed; `npm run schema` writes it", () => {
    expect(JSON.parse(readFileSync("capacity.schema.json", "utf8"))).toEqual(capacityJsonSchema());
  });
});
