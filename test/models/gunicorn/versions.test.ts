// What is said of a version: nothing, that it is taken as another one, or that there is no such thing.

import { describe, expect, test } from "vitest";
import { importVersions } from "../../../src/import/versions.js";
import { simulate } from "../../support/simulate.js";

const ask = (version: string, more = "") =>
  simulate(`
clients: { arrivals: { process: burst, requests: 1 } }
gunicorn: { version: "${version}", timeout: 2s, started_ago: 1s ${more} }
app: { sleep: 9s }
run: { replications: 1 }`);

describe("a version", () => {
  test.each(["20.1", "20.1.0", "21.2.0", "24.1.1", "25.0.3", "26.1"])("%s is modelled", async (version) => {
    const { result } = await ask(version);
    expect(result.warnings).toEqual([]);
  });

  test.each([
    ["20.1", "closed"],
    ["22.0", "500"],
    ["23.0", "500"],
  ])("%s without a patch level is that of 0: a killed request ends as %s", async (version, outcome) => {
    expect((await ask(version)).requests[0]?.outcome).toBe(outcome);
  });

  test.each([
    ["20.0.4", "20.1", "closed"],
    ["26.2.0", "26.1", "500"],
    ["30.0.0", "26.1", "500"],
  ])("%s is taken as %s, and that is said", async (version, like, outcome) => {
    const { result, requests } = await ask(version);
    expect(result.warnings).toEqual([
      `gunicorn.version = ${version} is taken as ${like}: gunicorn 20.1 to 26.1 is modelled`,
    ]);
    expect(requests[0]?.outcome).toBe(outcome);
  });

  test.each(["19.10.0", "1.0", "0.17.6"])("%s is too old", async (version) => {
    await expect(ask(version)).rejects.toThrow(
      `gunicorn.version: expected a version from 20.0 on (gunicorn 20.1 to 26.1 is modelled), got ${version}`,
    );
  });

  test.each(["20.2.0", "21.3.0", "22.1.0", "25.9"])("%s has never been", async (version) => {
    await expect(ask(version)).rejects.toThrow(
      /expected a version that gunicorn has had \(20.1, 21.0, .* 26.1\)/,
    );
  });

  test.each(["20", "20.1.0.dev", "v20.1"])("%s is none", async (version) => {
    await expect(ask(version)).rejects.toThrow('gunicorn.version: expected a version such as "20.1.0"');
  });

  test("is imported as gunicorn says it, with a patch level or without", () => {
    for (const version of ["20.1.0", "20.1"]) {
      const text = `gunicorn (version ${version})\n`;
      const { scenario } = importVersions({ file: "versions.txt", text }, { tcp: false, computes: false });
      expect(scenario.gunicorn).toEqual({ version });
    }
  });
});
