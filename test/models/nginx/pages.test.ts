// nginx's own responses: their sizes, and the codes that have none.

import { describe, expect, test } from "vitest";
import { errorPageBytes } from "../../../models/nginx/pages.js";
import { PLAIN, simulate } from "../../support/simulate.js";

test("pages have the sizes that nginx 1.22.1 sends for `return CODE`, with server_tokens off", () => {
  // Measured, 2026-11: code and bytes of the body.
  const measured = `400 150, 401 172, 402 160, 403 146, 404 146, 405 150, 406 156, 407 0, 409 144, 410 136,
    411 158, 412 166, 413 176, 414 170, 415 172, 416 190, 418 0, 421 166, 422 0, 429 162, 494 226, 495 208,
    496 230, 497 248, 498 146, 500 170, 501 158, 502 150, 503 190, 504 160, 505 180, 506 0, 507 168, 599 0`;
  for (const pair of measured.split(",")) {
    const [code, bytes] = pair.trim().split(" ").map(Number) as [number, number];
    expect([code, errorPageBytes(code, "1.22.1", false)]).toEqual([code, bytes]);
  }
});

describe("a request that limit_req refuses", () => {
  /** Two at once, of which one is over the limit. */
  const refused = async (status: number, keepalive = "") => {
    const { trace, result } = await simulate(`
clients: { arrivals: { process: burst, requests: 2 } ${keepalive} }
nginx: { ${PLAIN.nginx}, upstream: { servers: ["unix:/a"] }, limit_req_status: ${status},
  limit_req_zone: { name: z, key: server, rate: 1r/m }, limit_req: { zone: z } }
gunicorn: { ${PLAIN.gunicorn}, bind: "unix:/a" }
app: { sleep: 10ms }
run: { replications: 1 }`);
    return { second: trace.split("\n")[1], logged: Object.keys(result.nginx).sort() };
  };

  test.each([444, 408, 499])("with %i is closed without a response; nginx logs the code", async (status) => {
    const expected = { second: "0.000 -> 0.000 closed limit-req-z", logged: ["200", String(status)] };
    expect(await refused(status)).toEqual(expected);
    expect(await refused(status, ", keepalive: {}")).toEqual(expected);
  });

  test.each([
    [503, "503"],
    [494, "400"],
  ])("with %i is a %s for the client and the log", async (status, seen) => {
    const expected = { second: `0.000 -> 0.000 ${seen} limit-req-z`, logged: ["200", seen] };
    expect(await refused(status)).toEqual(expected);
  });
});
