// Connections that clients keep: how long nginx leaves them open, and which make room for new ones.

import { describe, expect, test } from "vitest";
import { PLAIN } from "../../support/simulate.js";
import { keep } from "./keeping-clients.js";

interface Case {
  keepers: { sends: string[]; closes?: string; deaf?: boolean }[];
  nginx?: string;
  app?: string;
  gunicorn?: string;
  server?: string;
}

const ask = ({ keepers, nginx = "", app = "sleep: 0s", gunicorn = "workers: 9", server = "unix:/a" }: Case) =>
  keep(`
clients: { keepers: ${JSON.stringify(keepers)} }
nginx: { ${PLAIN.nginx}, upstream: { servers: [${server}] }, ${nginx} }
gunicorn: { ${PLAIN.gunicorn}, bind: "unix:/a", ${gunicorn} }
app: { ${app} }
run: { replications: 1 }`);

const at = (...seconds: number[]) => seconds.map((s) => `${s}s`);
/** So many clients, one after the other, that send once. */
const oneEach = (number: number, spacing = 0.001) =>
  Array.from({ length: number }, (_, index) => ({ sends: [`${((index + 1) * spacing).toFixed(3)}s`] }));
const dismissed = (log: string[]) =>
  log.filter((line) => line.endsWith("dismissed")).map((line) => Number(line.split(" ")[1]));

describe("a kept connection", () => {
  test("carries the next request, and is closed by nginx 75 s after the last answer", async () => {
    const { log, trace } = await ask({ keepers: [{ sends: at(0, 10, 80) }] });
    expect(trace).toBe("0.000 -> 0.000 200\n10.000 -> 10.000 200\n80.000 -> 80.000 200");
    expect(log).toEqual(["0.000 0 opened", "155.000 0 dismissed"]);
  });

  test("that its client closes is closed on both sides, and takes no place any more", async () => {
    // 5 - 2 = 3 connections; the second client finds one taken by the first if it is still there.
    const keepers = [{ sends: at(0), closes: "1s" }, { sends: at(2) }, { sends: at(3), closes: "4s" }];
    const { log, trace } = await ask({ keepers, nginx: "worker_connections: 5, version: 1.18.0" });
    expect(log).toEqual(["0.000 0 opened", "2.000 1 opened", "3.000 2 opened", "77.000 1 dismissed"]);
    expect(trace.match(/200/g)).toHaveLength(3);
  });

  test("keepalive_timeout 0 closes each", async () => {
    const { log } = await ask({ keepers: [{ sends: at(0, 1) }], nginx: "keepalive_timeout: 0s" });
    expect(log).toEqual(["0.000 0 opened", "0.000 0 closed", "1.000 0 opened", "1.000 0 closed"]);
  });

  test("is closed after keepalive_requests", async () => {
    const { log } = await ask({ keepers: [{ sends: at(0, 1, 2, 3) }], nginx: "keepalive_requests: 3" });
    expect(log).toEqual(["0.000 0 opened", "2.000 0 closed", "3.000 0 opened", "78.000 0 dismissed"]);
  });

  test.each([
    ["1.19.9", 100],
    ["1.19.10", 1000],
  ])("of nginx %s carries %i requests", async (version, most) => {
    const sends = Array.from({ length: 1010 }, (_, index) => `${index}ms`);
    const { log } = await ask({ keepers: [{ sends }], nginx: `version: ${version}` });
    expect(log[1]).toBe(`${((most - 1) / 1000).toFixed(3)} 0 closed`);
  });

  test("is closed by the first request after keepalive_time, which older ones do not know", async () => {
    const keepers = [{ sends: at(0, 3, 5, 6, 7) }];
    const { log } = await ask({ keepers, nginx: "keepalive_time: 5s" });
    // At 5 s it is not older than 5 s.
    expect(log).toEqual(["0.000 0 opened", "6.000 0 closed", "7.000 0 opened", "82.000 0 dismissed"]);
    const old = await ask({ keepers, nginx: "keepalive_time: 5s, version: 1.19.9" });
    expect(old.log).toEqual(["0.000 0 opened", "82.000 0 dismissed"]);
  });

  test("outlives nginx's own 502 but neither a 500 nor a 413", async () => {
    const refused = await ask({ keepers: [{ sends: at(0, 1) }], server: "unix:/nobody" });
    expect(refused.trace).toContain("1.000 -> 1.000 502");
    expect(refused.log).toEqual(["0.000 0 opened", "76.000 0 dismissed"]);
    // One connection is all there is: none is left for the application.
    const full = await ask({ keepers: [{ sends: at(0) }], nginx: "worker_connections: 3" });
    expect(full.trace).toContain("500 worker-connections-upstream");
    expect(full.log).toEqual(["0.000 0 opened", "0.000 0 closed"]);
  });

  test("a request that is sent when nginx has just closed meets a RST", async () => {
    const keepers = [{ sends: at(0, 75.001, 76), deaf: true }];
    const { log, trace } = await ask({ keepers });
    expect(log.slice(0, 4)).toEqual([
      "0.000 0 opened",
      "75.000 0 dismissed",
      "75.001 0 meets a RST",
      "76.000 0 opened",
    ]);
    expect(trace).toContain("75.001 -> 75.001 ECONNRESET");
  });

  test("waits for a busy worker like everything else", async () => {
    // request_cpu 2 s: 1 s until the connect(), whose answer is there at once but waits, and 1 s from then on.
    // Client 1 comes at 10.0, its answer is relayed at 11.0 and holds the worker until 12.0. The request of
    // client 0 at 10.5 begins then, and its answer is relayed at 13.0.
    const keepers = [{ sends: ["0s", "10500ms"] }, { sends: ["10s"] }];
    const { trace } = await keep(`
clients: { keepers: ${JSON.stringify(keepers)} }
nginx: { connect_overhead: 0s, response_overhead: 0s, request_cpu: 2s, upstream: { servers: ["unix:/a"] } }
gunicorn: { ${PLAIN.gunicorn}, bind: "unix:/a" }
run: { replications: 1 }`);
    expect(trace).toMatchInlineSnapshot(`
      "0.000 -> 1.000 200
      10.000 -> 11.000 200
      10.500 -> 13.000 200"
    `);
  });
});

describe("when worker_connections run short", () => {
  // Measured with nginx 1.22.1: at which client so many of the first are closed, and at which next.
  test.each([
    [34, [31, 3], [34, 3]],
    [130, [121, 15], [136, 15]],
    [514, [481, 32], [513, 32]],
  ])("of %i the client and the number that leave are %j, then %j", async (connections, first, second) => {
    const { log } = await ask({
      keepers: oneEach(connections + 20),
      // All but the first are refused, so that there are no connections to the application, as measured.
      nginx: `worker_connections: ${connections}, limit_req: [{ zone: z }],
              limit_req_zone: [{ name: z, key: server, rate: 1r/m }]`,
    });
    const leaving = new Map<string, number>();
    for (const line of log.filter((each) => each.endsWith("dismissed"))) {
      const [time = ""] = line.split(" ");
      leaving.set(time, (leaving.get(time) ?? 0) + 1);
    }
    expect([...leaving].slice(0, 2)).toEqual(
      [first, second].map(([client = 0, number]) => [(client / 1000).toFixed(3), number]),
    );
  });

  test("those that were used least recently leave", async () => {
    // 18 - 2 = 16 connections, scarce at 1: the client that finds one free makes 15 / 8 = 1 leave. Client 0
    // has sent again.
    const keepers = oneEach(16);
    keepers[0]?.sends.push("10ms");
    const { log } = await ask({ keepers, nginx: "worker_connections: 18" });
    expect(dismissed(log)[0]).toBe(1);
  });

  test("before 1.19.2 they leave only when none is free", async () => {
    const { log } = await ask({
      keepers: oneEach(40),
      nginx: "worker_connections: 34, version: 1.18.0",
    });
    expect(log.find((line) => line.endsWith("dismissed"))?.split(" ")[0]).toBe("0.032");
  });
});

test("limit_conn counts requests, not connections", async () => {
  const { trace } = await ask({
    keepers: oneEach(4),
    nginx: "limit_conn_zone: [{ name: z, key: server }], limit_conn: [{ zone: z, connections: 1 }]",
  });
  expect(trace.match(/ 200/g)).toHaveLength(4);
});
