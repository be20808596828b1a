// As many processes as big machines have: nothing is numbered by worker that runs out.

import { describe, expect, test } from "vitest";
import { PLAIN, simulate } from "../../support/simulate.js";

describe("a configuration with many processes runs", () => {
  test("of nginx: 1024 workers with connections of their own to the application", async () => {
    // One gunicorn worker for five requests of 1 s each, all at once: those after the first time out.
    const { trace, result } = await simulate(`
clients: { arrivals: { process: burst, requests: 5 } }
nginx: { ${PLAIN.nginx}, worker_processes: 1024, proxy_read_timeout: 1500ms, proxy_http_version: "1.1",
  proxy_set_header: { Connection: "" }, upstream: { servers: ["unix:/a"], keepalive: 4 } }
gunicorn: { ${PLAIN.gunicorn}, bind: "unix:/a" }
app: { sleep: 1s }
run: { replications: 1 }`);
    expect(trace).toBe(
      [
        "0.000 -> 1.000 200",
        "0.000 -> 1.500 504 read-timeout-running",
        ...Array(3).fill("0.000 -> 1.500 504 read-timeout-queued"),
      ].join("\n"),
    );
    expect(result.causes.map(({ id, count }) => `${id} ${count}`)).toEqual([
      "read-timeout-queued 3",
      "read-timeout-running 1",
    ]);
  });

  test.each([
    // A killed worker's request gets a 500, and what waits at its socket is reset: 502.
    ["sync", ["recycled-socket", "worker-timeout-500"]],
    // Its threads go on, and so do the heartbeats.
    ["gthread", []],
  ])("of gunicorn: 100 %s workers, each with a socket, share their causes", async (workerClass, causes) => {
    const { result } = await simulate(`
clients: { arrivals: { process: burst, requests: 40 } }
nginx: { ${PLAIN.nginx}, upstream: { servers: ["127.0.0.1:8000"] } }
gunicorn: { overhead: 0s, version: 26.1.0, bind: "127.0.0.1:8000", workers: 100, reuse_port: true,
  worker_class: ${workerClass}, timeout: 1s }
app: { sleep: 10s }
run: { replications: 1 }`);
    expect(result.causes.map(({ id }) => id).sort()).toEqual(causes);
  });
});
