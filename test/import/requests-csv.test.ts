import { describe, expect, test } from "vitest";
import { parseRequestsCsv } from "../../src/import/requests-csv.js";
import { messageOf } from "./support.js";

const parse = (text: string) => parseRequestsCsv({ file: "requests.csv", text });
const HEADER = "id,sent_s,service_s,status,error,latency_s";

describe("requests files", () => {
  test("a measured file has times in seconds", () => {
    expect(parse(`${HEADER}\n0,0.0001,1,200,,1.0064\n1,1.5,0.25,0,client-timeout,2.0004\n`)).toEqual([
      {
        replication: 0,
        id: 0,
        sentNs: 100_000,
        serviceNs: 1_000_000_000,
        cpuNs: 0,
        status: 200,
        error: "",
        latencyNs: 1_006_400_000,
        cause: "",
      },
      {
        replication: 0,
        id: 1,
        sentNs: 1_500_000_000,
        serviceNs: 250_000_000,
        cpuNs: 0,
        status: 0,
        error: "client-timeout",
        latencyNs: 2_000_400_000,
        cause: "",
      },
    ]);
  });

  test("a predicted file has the replication and the cause; columns are found by name", () => {
    const header = "cause,replication,id,sent_s,service_s,cpu_s,status,error,latency_s";
    expect(parse(`${header}\r\n"queue, full",3,7,0.000000001,0,0.5,502,,0\r\n`)).toEqual([
      {
        replication: 3,
        id: 7,
        sentNs: 1,
        serviceNs: 0,
        cpuNs: 500_000_000,
        status: 502,
        error: "",
        latencyNs: 0,
        cause: "queue, full",
      },
    ]);
  });

  test("no requests are a file with a header only", () => {
    expect(parse(HEADER)).toEqual([]);
  });

  test.each([
    [
      "",
      `requests.csv:1: expected columns ${HEADER}, got no id, sent_s, service_s, status, error, latency_s`,
    ],
    [`${HEADER},colour`, "requests.csv:1: expected columns among"],
    [`${HEADER}\n0,0,0,200,,0\n1,0,0,200,`, "requests.csv:3: expected 6 fields, got 5"],
    [`${HEADER}\n0,now,0,200,,0`, 'requests.csv:2 sent_s: expected a number of at least 0, got "now"'],
    [`${HEADER}\n0,-1,0,200,,0`, 'requests.csv:2 sent_s: expected a number of at least 0, got "-1"'],
    [`${HEADER}\n0,0,,200,,0`, 'requests.csv:2 service_s: expected a number of at least 0, got ""'],
    [
      `${HEADER}\n0,0,0,0,,0`,
      'requests.csv:2 status: expected either an HTTP status or 0 with an error, got 0 with ""',
    ],
    [
      `${HEADER}\n0,0,0,200,closed,0`,
      'requests.csv:2 status: expected either an HTTP status or 0 with an error, got 200 with "closed"',
    ],
  ])("%j is refused", (text, message) => {
    expect(messageOf(() => parse(text))).toContain(message);
  });
});
