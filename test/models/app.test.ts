import { describe, expect, test } from "vitest";
import { components } from "../../models/index.js";
import { run } from "../../src/run/run.js";
import { loadScenario } from "../../src/scenario/load.js";
import { simulate } from "../support/simulate.js";

const scenario = (sleep: string) => `
clients: { arrivals: { process: burst, requests: 3 } }
gunicorn: { bind: unix:/run/g.sock, overhead: 0s }
app: { sleep: ${sleep} }
run: { replications: 1 }`;

const serviceTimes = async (sleep: string, csv: string) => {
  const { requests } = await simulate(scenario(sleep), { "t.csv": csv });
  return new Set(requests.map(({ serviceNs }) => serviceNs / 1e9));
};

describe("recorded service times", () => {
  test.each([
    ["the column service_s among others", "id,service_s\nx,0.25\ny,0.25\n"],
    ["an only column of any name", "seconds\n0.25\n"],
    ["bare numbers", "0.25\n0.25\n"],
  ])("are %s", async (_, csv) => {
    expect(await serviceTimes("{ empirical: t.csv }", csv)).toEqual(new Set([0.25]));
  });

  test.each([
    ["nothing in it", "", "t.csv: expected at least one value, got none"],
    ["a name only", "service_s\n", "t.csv: expected at least one value, got none"],
    ["a negative time", "0.1\n-0.1\n", "t.csv:2 value: expected seconds from 0 to 9007199, got -0.1"],
    [
      "an empty cell",
      "service_s,x\n0.1,1\n,1\n",
      't.csv:3 service_s: expected seconds from 0 to 9007199, got ""',
    ],
    [
      "several columns, none of which is service_s",
      "a,b\n1,2\n",
      't.csv: expected a column "service_s" or a single column, got a,b',
    ],
  ])("with %s are refused at the setting", async (_, csv, text) => {
    await expect(serviceTimes("{ empirical: t.csv }", csv)).rejects.toThrow(
      `test.yaml:4:15 app.sleep: ${text}`,
    );
  });

  test.each(["{ empirical: t.csv }", "{ mixture: [{ weight: 1, of: { empirical: t.csv } }] }"])(
    "in %s, cut to where none of them is, are refused, not drawn for ever",
    async (of) => {
      const message =
        'app.sleep: truncated: expected limits that hold at least 1 % of the distribution in "of"';
      const cut = serviceTimes(`{ truncated: { of: ${of}, low: 5s } }`, "0.1\n0.2\n");
      await expect(cut).rejects.toThrow(message);
      expect(await serviceTimes(`{ truncated: { of: ${of}, low: 150ms } }`, "0.1\n0.2\n")).toEqual(
        new Set([0.2]),
      );
    },
  );
});

describe("a file that is not there", () => {
  const table = () => {
    throw Object.assign(new Error("ENOENT"), { code: "ENOENT" });
  };
  const attempt = (text: string) =>
    run(loadScenario("a.yaml", { read: () => text, components }), { components, table });

  test("is an error at the setting that names it", async () => {
    await expect(attempt(scenario("{ empirical: t.csv }"))).rejects.toThrow(
      "a.yaml:4:15 app.sleep: cannot read t.csv: no such file",
    );
    const trace = "clients: { target: 127.0.0.1:9, arrivals: [{ process: trace, file: t.csv }] }";
    await expect(attempt(trace)).rejects.toThrow(
      "a.yaml:1:68 clients.arrivals.0.file: cannot read t.csv: no such file",
    );
  });
});
