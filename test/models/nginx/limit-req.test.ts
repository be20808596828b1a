import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  limitReq,
  limitReqSettings,
  limitReqZones,
  parseRequestRate,
  REFUSED,
} from "../../../models/nginx/limit-req.js";
import { section } from "../../../src/component/settings.js";

const settings = section(limitReqSettings);

/** The limits of a configuration as a scenario writes it. */
function limits(zone: object | object[], use: object | object[]) {
  const declared = settings.parse({ limit_req_zone: zone, limit_req: use });
  return limitReq(limitReqZones(declared.limit_req_zone ?? []), declared.limit_req ?? []);
}

const zone = (rate: string, more: object = {}) => ({ name: "z", key: "server", rate, ...more });
const atOnce = (limit: ReturnType<typeof limits>, requests: number) =>
  Array.from({ length: requests }, () => limit.request(0, 5000));

describe("nine requests at once at 10r/s", () => {
  // A request every 100 ms: the second is 1 above the rate and waits 1 / 10 s.
  test.each([
    ["without a burst one passes", {}, [0, -1, -1, -1, -1, -1, -1, -1, -1]],
    ["with a burst of 5 six pass, one every 100 ms", { burst: 5 }, [0, 100, 200, 300, 400, 500, -1, -1, -1]],
    ["without delay these six pass at once", { burst: 5, nodelay: true }, [0, 0, 0, 0, 0, 0, -1, -1, -1]],
    ["a delay of 3 lets four pass at once", { burst: 5, delay: 3 }, [0, 0, 0, 0, 100, 200, -1, -1, -1]],
  ])("%s", (_, use, delaysMs) => {
    expect(atOnce(limits(zone("10r/s"), { zone: "z", ...use }), 9)).toEqual(delaysMs);
  });
});

describe("arithmetic", () => {
  test("the excess falls by the rate, and a key that has been silent for long has none", () => {
    const limit = limits(zone("10r/s"), { zone: "z", burst: 2 });
    expect(atOnce(limit, 4)).toEqual([0, 100, 200, REFUSED]);
    // 2000 - 10 a millisecond x 50 ms + 1000 = 2500 is refused; at 100 ms it is 2000.
    expect(limit.request(0, 5050)).toBe(REFUSED);
    expect(limit.request(0, 5100)).toBe(200);
    expect(limit.request(0, 9000)).toBe(0);
  });

  test("what is refused leaves no trace: the next is tested as if it had not been", () => {
    const limit = limits(zone("10r/s"), { zone: "z" });
    expect(limit.request(0, 0)).toBe(0);
    for (let atMs = 1; atMs < 100; atMs++) expect(limit.request(0, atMs)).toBe(REFUSED);
    expect(limit.request(0, 100)).toBe(0);
  });

  test("a second request within the time of one is above the rate, even by a thousandth", () => {
    // 1000 - 3000 x 333 / 1000 = 1 thousandth above; at 334 ms it is within.
    const at = (laterMs: number) => {
      const limit = limits(zone("3r/s"), { zone: "z" });
      limit.request(0, 0);
      return limit.request(0, laterMs);
    };
    expect(at(333)).toBe(REFUSED);
    expect(at(334)).toBe(0);
  });

  test("waiting times are whole milliseconds, rounded down", () => {
    // 1000 / 7000 s = 142.8 ms.
    expect(atOnce(limits(zone("7r/s"), { zone: "z", burst: 2 }), 3)).toEqual([0, 142, 285]);
  });

  test.each([
    ["20r/s", 20_000],
    ["30r/m", 500],
    ["100r/m", 1666],
    ["1r/m", 16],
    ["0r/s", undefined],
    ["1.5r/s", undefined],
    ["10r/h", undefined],
    ["20/s", undefined],
    ["20", undefined],
  ])("%s is %s thousandths per second", (text, thousandths) => {
    expect(parseRequestRate(text)).toBe(thousandths);
  });
});

describe("keys", () => {
  test("clients have limits of their own, and share that of a server", () => {
    const requests = (key: string) => {
      const limit = limits(zone("10r/s", { key }), { zone: "z" });
      return [0, 1, 100, 0].map((client) => limit.request(client, 0));
    };
    expect(requests("client")).toEqual([0, 0, 0, REFUSED]);
    expect(requests("server")).toEqual([0, REFUSED, REFUSED, REFUSED]);
  });

  test("two places that use a zone share its excess", () => {
    const { limit_req_zone: declared = [] } = settings.parse({ limit_req_zone: zone("10r/s") });
    const zones = limitReqZones(declared);
    const uses = settings.parse({ limit_req: { zone: "z" } }).limit_req ?? [];
    const [one, other] = [limitReq(zones, uses), limitReq(zones, uses)];
    expect([one.request(0, 0), other.request(0, 0)]).toEqual([0, REFUSED]);
  });
});

describe("several limits", () => {
  const zones = [zone("10r/s", { name: "slow" }), zone("100r/s", { name: "fast" })];

  test("the longest wait holds, and the refusing limit is named", () => {
    const limit = limits(zones, [
      { zone: "fast", burst: 9 },
      { zone: "slow", burst: 1 },
    ]);
    expect([limit.request(0, 0), limit.request(0, 0), limit.request(0, 0)]).toEqual([0, 100, REFUSED]);
    expect(limit.refusedBy).toBe(1);
    expect(limit.settings(limit.refusedBy)).toEqual([
      "nginx.limit_req_zone.slow.rate = 10r/s",
      "nginx.limit_req.slow.burst = 1",
    ]);
  });

  test("what one refuses counts in none", () => {
    const limit = limits(zones, [{ zone: "fast", burst: 1 }, { zone: "slow" }]);
    expect([0, 0, 0].map((atMs) => limit.request(0, atMs))).toEqual([0, REFUSED, REFUSED]);
    expect(limit.request(0, 100)).toBe(0);
  });
});

describe("mistakes", () => {
  test.each([
    [{ zone: "y" }, 'nginx.limit_req.0.zone: expected the name of a declared zone ("z"), got "y"'],
    [[{ zone: "z" }, { zone: "z" }], 'nginx.limit_req.1.zone: expected each name once, got "z" again'],
    [{ zone: "z", delay: 1, nodelay: true }, "nginx.limit_req.0.delay: expected no delay beside nodelay"],
  ])("%j is refused", (use, message) => {
    expect(() => limits(zone("1r/s"), use)).toThrow(message);
  });

  test("two zones of one name are refused", () => {
    const message = 'nginx.limit_req_zone.1.name: expected each name once, got "z" again';
    expect(() => limits([zone("1r/s"), zone("2r/s")], { zone: "z" })).toThrow(message);
  });

  test("a rate without its unit is refused, and the status is one of nginx's", () => {
    expect(settings.safeParse({ limit_req_zone: zone("20/s") }).error?.issues[0]?.message).toBe(
      'a rate such as "20r/s" or "30r/m"',
    );
    expect(settings.safeParse({ limit_req_status: 399 }).success).toBe(false);
    expect(settings.parse({})).toEqual({ limit_req_status: 503 });
  });
});

// Measured: nginx 1.22.1, Linux 6.18, 2026-11. 320 requests at random times; the debug log tells the
// millisecond in which nginx handled each one and the timer that it set, -1 where it refused.
test("each of 320 requests to a real nginx waited or was refused as computed", () => {
  const zones = limitReqZones(
    settings.parse({
      limit_req_zone: [
        { name: "a", key: "server", rate: "20r/s" },
        { name: "b", key: "server", rate: "20r/s" },
        { name: "c", key: "server", rate: "100r/m" },
        { name: "d", key: "client", rate: "7r/s" },
        { name: "m1", key: "client", rate: "5r/s" },
        { name: "m2", key: "server", rate: "13r/s" },
      ],
    }).limit_req_zone ?? [],
  );
  const place = (use: object | object[]) =>
    limitReq(zones, settings.parse({ limit_req: use }).limit_req ?? []);
  const places: Record<string, ReturnType<typeof place>> = {
    a: place({ zone: "a", burst: 10, nodelay: true }),
    b: place({ zone: "b", burst: 10, delay: 5 }),
    c: place({ zone: "c", burst: 3 }),
    d: place({ zone: "d", burst: 2 }),
    m: place([
      { zone: "m1", burst: 4, delay: 2 },
      { zone: "m2", burst: 6 },
    ]),
  };
  const [, ...rows] = readFileSync(new URL("limit-req.csv", import.meta.url), "utf8")
    .trim()
    .split("\n");
  const computed = rows.map((row) => {
    const [name, client, atMs] = row.split(",");
    const limit = places[name as string] as ReturnType<typeof place>;
    return [name, client, atMs, limit.request(Number(client), Number(atMs))].join();
  });
  expect(computed).toEqual(rows);
  expect(rows).toHaveLength(320);
});
