// The schemas that editors and scripts use, judged by a validator of its own kind.

import { readdirSync, readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { jsonSchema } from "../src/index.js";

const committed = JSON.parse(readFileSync("scenario.schema.json", "utf8"));
const validate = new Ajv({ strict: false, allErrors: true }).compile(committed);
const shipped = readdirSync("scenarios", { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".yaml"))
  .map((name) => `scenarios/${name}`);

test("scenario.schema.json is what the declared settings give; `npm run schema` writes it", () => {
  expect(committed).toEqual(jsonSchema());
});

test.each(shipped)("it accepts %s", (name) => {
  validate(parse(readFileSync(name, "utf8")));
  expect(validate.errors).toBeNull();
});

describe("it refuses", () => {
  const clients = { arrivals: { process: "burst", requests: 1 } };
  test.each<[string, object]>([
    ["an unknown key", { clients, gunicorn: { wokers: 4 } }],
    ["a duration without a unit", { clients, app: { sleep: "30" } }],
    [
      "a number for a duration",
      { clients, nginx: { upstream: { servers: ["unix:/a"] }, proxy_read_timeout: 30 } },
    ],
    ["no workers", { clients, gunicorn: { workers: 0 } }],
    ["an unknown kernel", { clients, kernel: { profile: "linux-2.4" } }],
    ["an unknown distribution", { clients, app: { sleep: { normal: "50ms" } } }],
    ["an unknown arrival process", { clients: { arrivals: { process: "bursty", requests: 1 } } }],
  ])("%s", (_, scenario) => {
    expect(validate(scenario)).toBe(false);
  });
});
