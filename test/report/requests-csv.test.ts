import { csvParse, csvParseRows } from "d3-dsv";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type RequestRecord, requestRow, requestsHeader } from "../../src/report/requests-csv.js";

fc.configureGlobal({ seed: 200 });

const REFUSED: RequestRecord = {
  replication: 0,
  id: 133,
  sentNs: 665_000_000,
  serviceNs: 1_000_000_000,
  status: 502,
  error: "",
  latencyNs: 400_000,
  cause: "accept-queue-full",
};

const wholeNs = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

describe("a row of the requests file", () => {
  test("has the columns of the header, times in seconds", () => {
    expect(csvParse(`${requestsHeader({ hasCpu: false })}\n${requestRow(REFUSED)}\n`)[0]).toEqual({
      replication: "0",
      id: "133",
      sent_s: "0.665",
      service_s: "1",
      status: "502",
      error: "",
      latency_s: "0.0004",
      cause: "accept-queue-full",
    });
  });

  test("has the processor time where the application computes", () => {
    const text = `${requestsHeader({ hasCpu: true })}\n${requestRow({ ...REFUSED, cpuNs: 20_000_000 })}\n`;
    expect(csvParse(text)[0]).toMatchObject({ service_s: "1", cpu_s: "0.02", status: "502" });
  });

  test("says what became of a request without an answer by status 0 and a word", () => {
    expect(requestRow({ ...REFUSED, status: 0, error: "client-timeout", cause: "" })).toBe(
      "0,133,0.665,1,0,client-timeout,0.0004,",
    );
  });

  test("has every nanosecond, up to 104 days", () => {
    fc.assert(
      fc.property(wholeNs, (latencyNs) => {
        const [whole, fraction = ""] = requestRow({ ...REFUSED, latencyNs })
          .split(",")[6]!
          .split(".") as [string, string?];
        expect(BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0"))).toBe(BigInt(latencyNs));
      }),
    );
  });

  test("quotes what would break it, as RFC 4180 says", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (error, cause) => {
        const [row] = csvParseRows(requestRow({ ...REFUSED, error, cause }));
        expect([row![5], row![7]]).toEqual([error, cause]);
      }),
    );
    expect(requestRow({ ...REFUSED, cause: 'a "b", c' })).toMatch(/,"a ""b"", c"$/);
  });

  test.each([0.5, -1, Number.NaN])("refuses a time of %d nanoseconds", (sentNs) => {
    expect(() => requestRow({ ...REFUSED, sentNs })).toThrow("whole nanoseconds");
  });
});
