// Answers of the application for which nginx tries another server.

import { describe, expect, test } from "vitest";
import { PLAIN, simulate } from "../support/simulate.js";

const [A, B, NOBODY] = ["unix:/run/a.sock", "unix:/run/b.sock", "unix:/run/nobody.sock"];

describe("an answer whose status is listed", () => {
  /** A worker that is silent for longer than 2 s is killed, and its request gets a 500 (gunicorn 22 and later). */
  const served = async (servers: string, nextUpstream: string, rows: string, timeoutOfB = "2s") => {
    const { requests } = await simulate(
      `
clients: { arrivals: { process: trace, file: sent.csv } }
nginx: { ${PLAIN.nginx}, upstream: { servers: [${servers}] }, proxy_next_upstream: ${nextUpstream} }
gunicorn:
  - { name: a, overhead: 0s, version: 26.1.0, bind: "${A}", timeout: 2s }
  - { name: b, overhead: 0s, version: 26.1.0, bind: "${B}", timeout: ${timeoutOfB} }
app: { sleep: 20ms }
run: { replications: 1 }`,
      { "sent.csv": `sent_s,service_s\n${rows.replaceAll(" ", "\n")}\n` },
    );
    return requests.map(({ outcome, cause }) => `${outcome} ${cause}`.trim());
  };
  const both = `"${A}", "${B}"`;
  const DARK = "502 no-live-upstreams";

  test("is given up for that of another server", async () => {
    expect(await served(both, "error timeout", "0,5", "0s")).toEqual(["500 worker-timeout-500"]);
    expect(await served(both, "error timeout http_500", "0,5", "0s")).toEqual(["200"]);
    expect(await served(both, "[http_502, http_500]", "0,5", "0s")).toEqual(["200"]);
    expect(await served(both, "[http_502, http_404, invalid_header]", "0,5", "0s")).toEqual([
      "500 worker-timeout-500",
    ]);
    expect(await served(both, "off", "0,5", "0s")).toEqual(["500 worker-timeout-500"]);
  });

  test("is passed on by the last attempt, and then nobody has failed", async () => {
    // Of the two servers a has failed, until 10 s later at least; b has not.
    const rows = "0,9 9,0 9.1,0";
    expect(await served(both, "http_500", rows)).toEqual(["500 worker-timeout-500", "200", "200"]);
    const tries = "http_500, proxy_next_upstream_tries: 1";
    expect(await served(both, tries, "0,9 9,9 18,0")).toEqual([
      "500 worker-timeout-500",
      "500 worker-timeout-500",
      "200",
    ]);
  });

  test("becomes a 502 and an outage where the other server is down already", async () => {
    // Request 0 finds nobody at the first server, which then is left alone until 10 s at least. Request 1 is
    // killed between 3 and 5 s.
    const servers = `"${NOBODY}", "${A}"`;
    const rows = "0,0 1,9 6,0";
    const first = "error timeout";
    expect(await served(servers, first, rows)).toEqual(["200", "500 worker-timeout-500", "200"]);
    expect(await served(servers, `${first} http_500`, rows)).toEqual(["200", DARK, DARK]);
  });

  test("classes are a list or their names, and a wrong one is named", async () => {
    await expect(served(both, "error http_418", "0,0")).rejects.toThrow(
      /nginx\.proxy_next_upstream: expected names of .* http_404, .*got "error http_418"/,
    );
    await expect(served(both, "[error, http_418]", "0,0")).rejects.toThrow(
      /nginx\.proxy_next_upstream\.1.*"http_404".*got "http_418"/,
    );
  });
});
