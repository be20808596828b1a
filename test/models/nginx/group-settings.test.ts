// How a scenario writes an upstream group.

import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import type * as z from "zod";
import {
  balanceSettings,
  checkGroup,
  serverSettings,
  zoneSettings,
} from "../../../models/nginx/group-settings.js";
import { toJsonSchema } from "../../../src/component/settings.js";
import { SECOND } from "../../../src/engine/time.js";

function complaints(schema: z.ZodType, value: unknown): [path: string, message: string][] {
  const { error } = schema.safeParse(value);
  return (error?.issues ?? []).map(({ path, message }) => [path.join("."), message]);
}

/** Whether an editor with the JSON Schema accepts the value. */
function isValid(schema: z.ZodType, value: unknown): boolean {
  return new Ajv({ strict: false }).validate(toJsonSchema(schema), value);
}

const METHODS =
  'one of "round_robin", "least_conn", "ip_hash", "random", "random two", "random two least_conn", ' +
  "or { hash: { key: uri } }";

test("an address alone is a server with nginx's defaults", () => {
  const expected = {
    address: "127.0.0.1:8000",
    weight: 1,
    max_fails: 1,
    fail_timeout: 10 * SECOND,
    backup: false,
    down: false,
    max_conns: 0,
  };
  expect(serverSettings.parse("127.0.0.1:8000")).toEqual(expected);
  expect(serverSettings.parse({ address: "127.0.0.1:8000" })).toEqual(expected);
});

test("a host name lists the addresses that it stands for", () => {
  const localhost = { address: "localhost:8000", resolves: ["[::1]:8000", "127.0.0.1:8000"] };
  expect(serverSettings.parse(localhost)).toMatchObject(localhost);
});

test.each([
  [undefined, { kind: "round_robin" }],
  ["least_conn", { kind: "least_conn" }],
  ["random two", { kind: "random two" }],
  ["random two least_conn", { kind: "random two" }],
  [{ hash: { key: "uri" } }, { kind: "hash", key: "uri", consistent: false }],
  [
    { hash: { key: "remote_addr", consistent: true } },
    { kind: "hash", key: "remote_addr", consistent: true },
  ],
])("balance %j", (written, expected) => {
  expect(balanceSettings.parse(written)).toEqual(expected);
  if (written !== undefined) expect(isValid(balanceSettings, written)).toBe(true);
});

test("zone is off unless it is asked for", () => {
  expect([zoneSettings.parse(undefined), zoneSettings.parse(true)]).toEqual([false, true]);
  expect(complaints(zoneSettings, "on")).toEqual([["", "true or false"]]);
});

describe("what nginx refuses is refused, by editors too", () => {
  const ADDRESS = 'an address without spaces such as "unix:/run/app.sock" or "127.0.0.1:8000"';
  test.each<[z.ZodType, unknown, string, string]>([
    [serverSettings, 8000, "", ADDRESS],
    [serverSettings, "a b", "", ADDRESS],
    [serverSettings, {}, "address", ADDRESS],
    [serverSettings, { address: "a:80", weight: 0 }, "weight", "a whole number from 1 to 65535"],
    [serverSettings, { address: "a:80", backup: "yes" }, "backup", "true or false"],
    [serverSettings, { address: "a:80", resolves: [] }, "resolves", "a list with at least one address"],
    [balanceSettings, "fair", "", METHODS],
    [
      balanceSettings,
      { hash: { key: "cookie" } },
      "hash.key",
      'one of "uri", "remote_addr", "binary_remote_addr"',
    ],
  ])("%# %j", (schema, value, path, message) => {
    expect(complaints(schema, value)).toEqual([[path, message]]);
    expect(isValid(schema, value)).toBe(false);
  });

  test("fail_timeout has no fractions of a second", () => {
    const message = 'a whole number of seconds such as "10s"';
    expect(complaints(serverSettings, { address: "a:80", fail_timeout: "500ms" })).toEqual([
      ["fail_timeout", message],
    ]);
  });

  test("an unknown key names the known ones", () => {
    const [[path, known] = []] = complaints(serverSettings, { address: "a:80", wieght: 2 });
    expect([path, known]).toEqual([
      "",
      "address resolves weight max_fails fail_timeout backup down max_conns",
    ]);
  });
});

test.each([
  [["a:80"], "ip_hash", undefined],
  [["a:80", { address: "b:80", backup: true }], "least_conn", undefined],
  [
    [{ address: "b:80", backup: true }],
    "round_robin",
    "nginx.upstream.servers: expected a server that is not a backup, got none",
  ],
  [
    ["a:80", { address: "b:80", backup: true }],
    "random two",
    'nginx.upstream.servers.1.backup: expected no backup server with balance "random two", got one',
  ],
])("a group of %j with %s", (servers, balance, complaint) => {
  const check = () =>
    checkGroup(
      ["nginx", "upstream"],
      servers.map((server) => serverSettings.parse(server)),
      balanceSettings.parse(balance),
    );
  if (complaint === undefined) expect(check).not.toThrow();
  else expect(check).toThrow(complaint);
});
