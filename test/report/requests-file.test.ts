import { describe, expect, test } from "vitest";
import { requestsFile } from "../../src/report/requests-file.js";
import { simulate } from "../support/simulate.js";

/** The file of a run with these sections. */
async function fileOf(sections: string, files: Record<string, string> = {}): Promise<string[]> {
  let text = "";
  const file = requestsFile((row) => {
    text += row;
  });
  const { requests } = await simulate(`${sections}\nrun: { replications: 1 }`, files);
  for (const request of [...requests].reverse()) file.ended(0, request);
  file.finish();
  return text.trimEnd().split("\n");
}

const GUNICORN = "gunicorn: { bind: unix:/run/g.sock, workers: 2, overhead: 0s }";
const TWO = "clients: { arrivals: { process: constant, rate: 1/s, requests: 2 } }";

describe("a requests file", () => {
  test("has the requests in the order of their sending, whatever the order of their ends", async () => {
    expect(await fileOf(`${TWO}\n${GUNICORN}\napp: { sleep: 300ms }`)).toEqual([
      "replication,id,sent_s,service_s,status,error,latency_s,cause",
      "0,0,0,0.3,200,,0.3,",
      "0,1,1,0.3,200,,0.3,",
    ]);
  });

  test("has a column of processor times if the application computes", async () => {
    expect(await fileOf(`${TWO}\n${GUNICORN}\napp: { sleep: 300ms, cpu: 20ms }`)).toEqual([
      "replication,id,sent_s,service_s,cpu_s,status,error,latency_s,cause",
      "0,0,0,0.3,0.02,200,,0.32,",
      "0,1,1,0.3,0.02,200,,0.32,",
    ]);
  });

  test("has it too if the requests of a trace bring them, even one that takes none", async () => {
    const clients = "clients: { arrivals: { process: trace, file: t.csv } }";
    const files = { "t.csv": "sent_s,service_s,cpu_s\n0,0.1,0\n1,0.1,0.5\n" };
    expect(await fileOf(`${clients}\n${GUNICORN}`, files)).toEqual([
      "replication,id,sent_s,service_s,cpu_s,status,error,latency_s,cause",
      "0,0,0,0.1,0,200,,0.1,",
      "0,1,1,0.1,0.5,200,,0.6,",
    ]);
  });

  test("has its header even if nothing was sent", async () => {
    let text = "";
    requestsFile((row) => {
      text += row;
    }).finish();
    expect(text).toBe("replication,id,sent_s,service_s,status,error,latency_s,cause\n");
  });
});
