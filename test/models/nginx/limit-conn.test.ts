import { describe, expect, test } from "vitest";
import { limitConn, limitConnSettings, limitConnZones } from "../../../models/nginx/limit-conn.js";
import { section } from "../../../src/component/settings.js";

const settings = section(limitConnSettings);

function limits(zones: object | object[] | undefined, use: object | object[]) {
  const declared = settings.parse({ limit_conn_zone: zones, limit_conn: use });
  return limitConn(limitConnZones(declared.limit_conn_zone ?? []), declared.limit_conn ?? []);
}

const SERVER = { name: "s", key: "server" };
const CLIENT = { name: "c", key: "client" };

test("a third request waits for one of two to leave", () => {
  const limit = limits(SERVER, { zone: "s", connections: 2 });
  expect([limit.enter(0), limit.enter(1), limit.enter(2)]).toEqual([true, true, false]);
  limit.leave(1);
  expect([limit.enter(2), limit.enter(1)]).toEqual([true, false]);
});

test("clients are counted apart, however many there are", () => {
  const limit = limits(CLIENT, { zone: "c", connections: 1 });
  expect([3, 1000, 3, 1000].map((client) => limit.enter(client))).toEqual([true, true, false, false]);
  limit.leave(1000);
  expect([3, 1000].map((client) => limit.enter(client))).toEqual([false, true]);
});

test("what one of several limits refuses counts in none, and the limit is named", () => {
  const limit = limits(
    [SERVER, CLIENT],
    [
      { zone: "s", connections: 2 },
      { zone: "c", connections: 1 },
    ],
  );
  expect([limit.enter(7), limit.enter(7)]).toEqual([true, false]);
  expect(limit.settings(limit.refusedBy)).toEqual(["nginx.limit_conn.c.connections = 1"]);
  // Of the server's two places one is left.
  expect([limit.enter(8), limit.enter(9)]).toEqual([true, false]);
  expect(limit.refusedBy).toBe(0);
});

describe("mistakes", () => {
  test.each([
    [SERVER, { zone: "t", connections: 1 }, 'expected the name of a declared zone ("s"), got "t"'],
    [undefined, { zone: "t", connections: 1 }, 'expected the name of a declared zone (none is), got "t"'],
    [
      [SERVER, SERVER],
      { zone: "s", connections: 1 },
      'nginx.limit_conn_zone.1.name: expected each name once, got "s" again',
    ],
  ])("%j with %j is refused", (zones, use, message) => {
    expect(() => limits(zones, use)).toThrow(message);
  });

  test("nginx takes 1 to 65535 connections", () => {
    const accepts = (connections: number) =>
      settings.safeParse({ limit_conn: { zone: "s", connections } }).success;
    expect([0, 1, 65_535, 65_536].map(accepts)).toEqual([false, true, true, false]);
  });
});
