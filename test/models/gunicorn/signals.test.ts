// Workers that are replaced, and what an operator, a deployment or an accident does to gunicorn.

import { describe, expect, test } from "vitest";
import { type Script, simulate } from "../../support/simulate.js";

/** Requests of a second each unless told otherwise, straight to gunicorn. */
function ask(
  given: { gunicorn?: string; app?: string; bind?: string; requests?: number; at?: string; kernel?: string },
  script: Script = {},
) {
  const bind = given.bind ?? "unix:/run/g.sock";
  const arrivals = given.at
    ? "{ process: trace, file: a.csv }"
    : `{ process: burst, requests: ${given.requests} }`;
  const files = { "a.csv": `sent_s\n${(given.at ?? "").split(" ").join("\n")}\n` };
  return simulate(
    `
kernel: { profile: linux-6.18, sysctl: { ${given.kernel ?? ""} } }
clients: { target: "${bind}", arrivals: ${arrivals} }
gunicorn: { bind: "${bind}", overhead: 0s, timeout: 0s, exit_time: 30ms ${given.gunicorn ?? ""} }
app: { sleep: ${given.app ?? "1s"} }
run: { replications: 1 }`,
    files,
    script,
  );
}

type Simulated = Awaited<ReturnType<typeof ask>>;
const outcomes = ({ requests }: Simulated) => requests.map(({ outcome }) => outcome);
const count = (simulated: Simulated, outcome: string) =>
  outcomes(simulated).filter((one) => one === outcome).length;
const ended = ({ requests }: Simulated) =>
  requests.map(({ sentNs, latencyNs }) => Math.round((sentNs + latencyNs) / 1e6) / 1000);

describe("max_requests", () => {
  test("a worker leaves after exactly that many, and is missing for exit, boot and import", async () => {
    const simulated = await ask({ requests: 5, gunicorn: ", max_requests: 2, boot: 500ms" });
    // Two requests, then 30 + 8 + 500 ms without a worker.
    expect(ended(simulated)).toEqual([1, 2, 3.538, 4.538, 6.076]);
    expect(outcomes(simulated)).toEqual(Array(5).fill("200"));
  });

  test("with preload_app the import is not repeated", async () => {
    const given = { requests: 3, gunicorn: ", max_requests: 2, boot: 500ms, preload_app: true" };
    expect(ended(await ask(given))).toEqual([1, 2, 3.038]);
  });

  test("jitter raises the limit by 0 to its own value for each worker", async () => {
    const gunicorn = ", max_requests: 1, max_requests_jitter: 2, boot: 500ms";
    const times = ended(await ask({ requests: 400, gunicorn }));
    const runs: number[] = [];
    let run = 1;
    times.slice(1).forEach((time, index) => {
      if (time - (times[index] as number) < 1.2) run++;
      else {
        runs.push(run);
        run = 1;
      }
    });
    expect(new Set(runs)).toEqual(new Set([1, 2, 3]));
    // A third each of about 200 workers: the standard deviation of a count is 7.
    for (const limit of [1, 2, 3]) {
      const share = runs.filter((one) => one === limit).length / runs.length;
      expect(Math.abs(share - 1 / 3)).toBeLessThan(4 * 0.034);
    }
  });

  test("idle workers share the requests evenly", async () => {
    // One at a time, then four at once. Of 120 requests each of four workers gets 30, with a standard deviation
    // of 4.7, so that nobody has reached 48; in turns of the same worker two would be gone.
    const at = [...Array.from({ length: 120 }, (_, index) => index), 200, 200, 200, 200].join(" ");
    const simulated = await ask({ at, app: "1ms", gunicorn: ", workers: 4, max_requests: 48, boot: 1d" });
    expect(ended(simulated).slice(-4)).toEqual(Array(4).fill(200.001));
  });
});

describe("HUP", () => {
  const reload: Script = { 0.5: (actions) => actions.reload() };

  test("loses nothing: the old worker finishes, the new one takes the queue after its import", async () => {
    const simulated = await ask({ requests: 3, gunicorn: ", boot: 2s" }, reload);
    // The old one ends its request at 1 s; the new one is there at 0.5 + 2.008 s.
    expect(ended(simulated)).toEqual([1, 3.508, 4.508]);
  });

  test("with preload_app there is no gap", async () => {
    const simulated = await ask({ requests: 2, gunicorn: ", boot: 2s, preload_app: true" }, reload);
    // The new one begins at 0.508 s, while the old one is still at its last request.
    expect(ended(simulated)).toEqual([1, 1.508]);
  });

  test.each([
    ["20.1.0", 3.2],
    ["26.1.0", 9.2],
  ])("in %s a request that should be killed after 2 s ends before %f s", async (version, before) => {
    const given = { requests: 1, app: "20s" };
    const gunicorn = `, version: ${version}, graceful_timeout: 8s`;
    const simulated = await simulate(
      `
clients: { arrivals: { process: burst, requests: ${given.requests} } }
gunicorn: { overhead: 0s, timeout: 2s, started_ago: 1s ${gunicorn} }
app: { sleep: ${given.app} }
run: { replications: 1 }`,
      {},
      reload,
    );
    expect(ended(simulated)[0]).toBeLessThan(before);
    // From 24.0 on nobody is killed while the master waits: until 0.5 + 8 s.
    expect(ended(simulated)[0]).toBeGreaterThanOrEqual(before === 9.2 ? 8.5 : 2);
  });

  test("TTIN and TTOU add and remove a worker", async () => {
    const more = await ask({ requests: 4 }, { 0.1: (actions) => actions.addWorker() });
    expect(ended(more)).toEqual([1, 1.108, 2, 2.108]);
    const fewer = await ask(
      { requests: 6, gunicorn: ", workers: 2" },
      { 0.1: (actions) => actions.removeWorker() },
    );
    // One of the two leaves after what it has.
    expect(ended(fewer)).toEqual([1, 1, 2, 3, 4, 5]);
    const least = await ask({ requests: 2 }, { 0.1: (actions) => actions.removeWorker() });
    expect(count(least, "200")).toBe(2);
  });
});

describe("TERM", () => {
  const stop: Script = { 0.5: (actions) => actions.stop() };

  test("over a unix socket: requests in work are answered, the queue is reset, nobody finds the path", async () => {
    const at = `${Array(10).fill("0").join(" ")} 0.6 3`;
    const simulated = await ask({ at, gunicorn: ", workers: 2" }, stop);
    expect(outcomes(simulated)).toEqual(["200", "200", ...Array(8).fill("ECONNRESET"), "ENOENT", "ENOENT"]);
    expect(simulated.requests[5]?.cause).toBe("listener-closed");
    expect(simulated.requests[10]?.cause).toBe("nobody-listens");
    // The last worker closes the last copy of the socket at 1.03 s.
    expect(ended(simulated).slice(2, 10)).toEqual(Array(8).fill(1.03));
  });

  test("over TCP the socket is there until the last worker has gone; then ECONNREFUSED", async () => {
    const simulated = await ask({ at: "0 0.6 3", bind: "127.0.0.1:8000" }, stop);
    expect(outcomes(simulated)).toEqual(["200", "ECONNRESET", "ECONNREFUSED"]);
  });

  test("a SYN that was dropped before is refused when it is repeated", async () => {
    // One runs, one waits (backlog 0), the third SYN is dropped at 0 s and repeated at 1 s.
    const gunicorn = ", backlog: 0";
    const { requests } = await ask({ requests: 3, app: "600ms", bind: "127.0.0.1:8000", gunicorn }, stop);
    expect(requests.map(({ outcome }) => outcome)).toEqual(["200", "ECONNRESET", "ECONNREFUSED"]);
    expect((requests[2]?.latencyNs as number) / 1e9).toBeCloseTo(1, 1);
  });

  test("workers that are not done after graceful_timeout are killed", async () => {
    const given = { requests: 1, app: "10s", gunicorn: ", graceful_timeout: 2s" };
    const simulated = await ask(given, stop);
    expect(simulated.trace).toBe("0.000 -> 2.500 closed graceful-timeout");
  });

  test("a new master listens at once and its workers boot while requests queue", async () => {
    const at = "0 0.6 1.2 1.3";
    const restart: Script = { 0.5: (actions) => actions.restart() };
    const simulated = await ask({ at, gunicorn: ", boot: 2s" }, restart);
    // The worker ends at 1.03 s, seen at 1.1 s; 30 ms for the master to end, 60 ms to start: it listens at 1.19 s.
    expect(outcomes(simulated)).toEqual(["200", "ENOENT", "200", "200"]);
    expect(ended(simulated).slice(2)).toEqual([4.198, 5.198]);
    const preloaded = await ask({ at, gunicorn: ", boot: 2s, preload_app: true" }, restart);
    expect(outcomes(preloaded)).toEqual(["200", "ENOENT", "ENOENT", "ENOENT"]);
  });
});

describe("accidents", () => {
  test("a crash loses the request in work only, and the worker is replaced at once", async () => {
    const simulated = await ask({ requests: 3 }, { 0.5: (actions) => actions.crash() });
    expect(simulated.trace).toBe(
      "0.000 -> 0.500 closed worker-crashed\n0.000 -> 1.508 200\n0.000 -> 2.508 200",
    );
  });

  test("a worker that hangs goes on where it was", async () => {
    const simulated = await ask({ requests: 2 }, { 0.5: (actions) => actions.hang(3e9) });
    expect(ended(simulated)).toEqual([4, 5]);
  });

  test("one that hangs for longer than the timeout hears no SIGABRT: SIGKILL a tick later", async () => {
    const hung = await simulate(
      `
clients: { arrivals: { process: burst, requests: 2 } }
gunicorn: { overhead: 0s, timeout: 2s, started_ago: 1s, version: 26.1.0 }
app: { sleep: 1s }
run: { replications: 1 }`,
      {},
      { 0.5: (actions) => actions.hang(3600e9) },
    );
    expect(outcomes(hung)).toEqual(["closed", "200"]);
    expect(ended(hung)[0]).toBeGreaterThan(3.06);
    expect(ended(hung)[0]).toBeLessThan(3.16);
    expect(hung.requests[0]?.cause).toBe("worker-timeout");
  });
});

describe("reuse_port from 24.0 on", () => {
  const own = (more: string, kernel = "") => ({
    requests: 40,
    app: "100ms",
    bind: "127.0.0.1:8000",
    kernel,
    gunicorn: `, version: 24.0.0, workers: 4, reuse_port: true ${more}`,
  });

  test("a worker that leaves resets what is queued at its socket", async () => {
    const simulated = await ask(own(", max_requests: 4"));
    const reset = simulated.requests.filter(({ outcome }) => outcome === "ECONNRESET");
    expect(reset.length).toBeGreaterThan(10);
    expect(new Set(reset.map(({ cause }) => cause))).toEqual(new Set(["recycled-socket"]));
    // Of 40 those are answered that the first four workers got to: four each, and 16 in all.
    expect(count(simulated, "200")).toBe(16);
  });

  test("of more connections than ever had to shake hands, too", async () => {
    const simulated = await ask({ ...own(", max_requests: 1"), requests: 500 });
    expect(count(simulated, "200") + count(simulated, "ECONNRESET")).toBe(500);
    expect(count(simulated, "200")).toBeGreaterThan(3);
  });

  test("with tcp_migrate_req another worker's socket takes them", async () => {
    const simulated = await ask(own(", max_requests: 4", "net.ipv4.tcp_migrate_req: 1"));
    expect(count(simulated, "200")).toBe(40);
  });

  test("before 24.0 they share a socket, and nothing is lost", async () => {
    const shared = own(", max_requests: 4");
    const gunicorn = shared.gunicorn.replace("24.0.0", "23.0.0");
    expect(count(await ask({ ...shared, gunicorn }), "200")).toBe(40);
  });

  test("a reload resets what waits at the old sockets; the new ones are in the group at once", async () => {
    const simulated = await ask(
      { ...own(""), at: `${Array(20).fill("0").join(" ")} ${Array(20).fill("0.06").join(" ")}` },
      { 0.05: (actions) => actions.reload() },
    );
    // Of the first 20 four are in work; of the others about half come to a new socket.
    expect(
      outcomes(simulated)
        .slice(0, 20)
        .filter((one) => one === "200"),
    ).toHaveLength(4);
    const later = outcomes(simulated).slice(20);
    expect(new Set(later)).toEqual(new Set(["200", "ECONNRESET"]));
    // The report has a queue for each place, whoever is there.
    const names = simulated.result.series.levels.filter(({ name }) => name.startsWith("accept queue"));
    expect(names).toHaveLength(4);
  });
});
