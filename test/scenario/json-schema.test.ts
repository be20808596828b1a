import { describe, expect, test } from "vitest";
import * as z from "zod";
import { scenarioJsonSchema } from "../../src/scenario/json-schema.js";
import type { JsonSchema } from "../../src/scenario/shape.js";
import { components } from "./fakes.js";

const schema = scenarioJsonSchema(components);

/** An independent validator for one of the two branches. */
function accepts(branch: "then" | "else", value: unknown): boolean {
  const whole = {
    ...(schema[branch] as JsonSchema),
    $schema: schema.$schema,
    definitions: schema.definitions,
  };
  return z.fromJSONSchema(whole as never).safeParse(value).success;
}

const arrivals = [{ process: "constant", rate: "200/s" }];

describe("the JSON Schema of a scenario", () => {
  test("is draft 7 with a title and without an address", () => {
    expect(schema.$schema).toBe("http://json-schema.org/draft-07/schema#");
    expect(schema.title).toBe("recvq scenario");
    expect(JSON.stringify(schema)).not.toContain('"$id"');
  });

  test.each<[string, boolean, object]>([
    ["nothing at all", true, {}],
    ["one population", true, { clients: { arrivals } }],
    ["several populations", true, { clients: [{ arrivals }, { arrivals: arrivals[0] }] }],
    [
      "a distribution inside another",
      true,
      { app: { sleep: { mixture: { of: [{ of: { exponential: {} } }] } } } },
    ],
    ["a sysctl", true, { kernel: { sysctl: { "net.core.somaxconn": 128 } } }],
    ["a seed as text or number", true, { run: { seed: "a" } }],
    ["an unknown section", false, { gunicron: {} }],
    ["an unknown key", false, { gunicorn: { wokers: 1 } }],
    [
      "an unknown key of a distribution inside another",
      false,
      { app: { sleep: { mixture: { of: [{ of: { exp: {} } }] } } } },
    ],
    ["a duration without a unit", false, { gunicorn: { timeout: "30" } }],
    ["clients that send nothing", false, { clients: {} }],
    ["an empty list of clients", false, { clients: [] }],
    ["null", false, { nginx: null }],
  ])("a whole file with %s: %s", (_claim, valid, value) => {
    expect(accepts("else", value)).toBe(valid);
  });

  test.each<[string, boolean, object]>([
    ["null, which removes a key", true, { extends: "b.yaml", nginx: null, gunicorn: { timeout: null } }],
    ["incomplete sections", true, { extends: "b.yaml", clients: { timeout: "3s" }, nginx: {} }],
    ["an unknown key", false, { extends: "b.yaml", gunicorn: { wokers: 1 } }],
    ["a wrong value", false, { extends: "b.yaml", gunicorn: { workers: "two" } }],
    ["extends that is no text", false, { extends: 3 }],
  ])("a file that extends another with %s: %s", (_claim, valid, value) => {
    expect(accepts("then", value)).toBe(valid);
  });

  test("explains sections and settings, with defaults and sources", () => {
    const { properties = {} } = schema.else as JsonSchema;
    expect(properties.extends?.description).toMatch(/^Another scenario file/);
    expect(properties.nginx?.description).toBe("nginx");
    expect(properties.gunicorn?.properties?.workers).toMatchObject({
      description: "workers",
      default: 1,
      minimum: 1,
    });
    expect(JSON.stringify(properties.clients)).toContain("timeout (guess)");
  });
});
