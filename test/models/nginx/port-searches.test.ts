// A connect() that looks for a port for long: its connection and everything behind it come later.

import { describe, expect, test } from "vitest";
import { PLAIN, simulate } from "../../support/simulate.js";

/** Requests at these seconds, answered at once, with two ports: to look at one takes 10 ms. */
function ask(seconds: number[], clients = "", kernel = "") {
  const rows = seconds.map((at) => `${at},0`).join("\n");
  const text = `
kernel: { port_search_cost: 10ms, ${kernel} sysctl: { net.ipv4.ip_local_port_range: 40000 40001, net.ipv4.tcp_tw_reuse: 0 } }
clients: { arrivals: { process: trace, file: sent.csv }, ${clients} }
nginx: { ${PLAIN.nginx}, listen: "unix:/run/nginx.sock", upstream: { servers: ["127.0.0.1:8000"], closes_first: 1 } }
gunicorn: { ${PLAIN.gunicorn}, bind: "127.0.0.1:8000", workers: 4 }
run: { replications: 1 }`;
  return simulate(text, { "sent.csv": `sent_s,service_s\n${rows}\n` });
}

describe("the search for a port", () => {
  test("comes before the connection, and before whatever waits for nginx", async () => {
    // The first finds 40000 at once, 10 ms. The second is accepted before the answer to the first is looked at,
    // and finds 40001 after it has seen 40000 taken, 20 ms. The third sees both in TIME_WAIT.
    const { trace } = await ask([0, 0, 1]);
    expect(trace).toMatchInlineSnapshot(`
      "0.000 -> 0.030 200
      0.000 -> 0.030 200
      1.000 -> 1.020 502 no-free-port"
    `);
  });

  test("is the same on processors that others want as well", async () => {
    const { trace } = await ask([0, 0, 1], "", "cores: 1,");
    expect(trace).toBe((await ask([0, 0, 1])).trace);
  });

  test("leaves nothing behind when the client goes meanwhile", async () => {
    // The second and the third give up after 15 of 20 ms, each time 40001 is free again; by 62.1 s both are.
    const { trace, result } = await ask([0, 1, 2, 62.1], "timeout: 15ms");
    expect(trace).toMatchInlineSnapshot(`
      "0.000 -> 0.010 200
      1.000 -> 1.015 client-timeout client-timeout-searching
      2.000 -> 2.015 client-timeout client-timeout-searching
      62.100 -> 62.110 200"
    `);
    // The TIME_WAITs of the two that were answered.
    expect(result.netstat.TW?.value).toBe(2);
  });
});
