import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { resultJsonSchema, resultSchema } from "../../src/run/result-schema.js";
import { simulate } from "../support/simulate.js";

const golden = readdirSync("test/golden").map((name) => [name, readFileSync(`test/golden/${name}`, "utf8")]);

describe("the published schema of a Result", () => {
  test.each(golden)("accepts the golden Result %s", (_, text) => {
    expect(resultSchema.safeParse(JSON.parse(text as string)).error).toBeUndefined();
  });

  test("accepts one replication of something random, whose intervals are unknown", async () => {
    const { result } = await simulate(`
clients: { arrivals: { process: poisson, rate: 10/s, for: 1s } }
gunicorn: {}
run: { replications: 1 }`);
    const printed = JSON.parse(JSON.stringify(result));
    expect(printed.latencies.all.p50.low).toBeNull();
    expect(resultSchema.safeParse(printed).error).toBeUndefined();
  });

  test("accepts one long run, whose intervals are those of batches", async () => {
    const { result } = await simulate(`
clients: { arrivals: { process: poisson, rate: 100/s, for: 150s } }
gunicorn: { workers: 2 }
app: { sleep: { exponential: 10ms } }
run: { replications: 1 }`);
    expect(result.intervals?.method).toBe("batch means");
    const printed = JSON.parse(JSON.stringify(result));
    expect(printed.requests.total.low).toBeNull();
    expect(resultSchema.safeParse(printed).error).toBeUndefined();
    const none = { ...printed, intervals: { method: "none" } };
    expect(resultSchema.safeParse(none).success).toBe(false);
  });

  test("refuses what is not in it", () => {
    const [, text] = golden[0] as [string, string];
    expect(resultSchema.safeParse({ ...JSON.parse(text), more: 1 }).success).toBe(false);
    expect(resultSchema.safeParse({ ...JSON.parse(text), causes: undefined }).success).toBe(false);
  });

  test("is the committed file; `npm run schema` writes it", () => {
    expect(JSON.parse(readFileSync("result.schema.json", "utf8"))).toEqual(resultJsonSchema());
  });
});
