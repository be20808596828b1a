// Events that do nothing say so: before the run where that is certain, otherwise after it.

import { describe, expect, test } from "vitest";
import { PLAIN, simulate } from "../support/simulate.js";

interface Given {
  gunicorn?: string;
  arrivals?: string;
  app?: string;
}

/** Requests at 0, 1, 2 and 3 s, each of 0.5 s: the run is over at 3.5 s. */
async function warnings(events: string, given: Given = {}): Promise<string[]> {
  const { gunicorn = "", arrivals = "{ process: constant, rate: 1/s, for: 4s }" } = given;
  const { result } = await simulate(`
clients: { target: unix:/run/g.sock, arrivals: ${arrivals} }
gunicorn: { ${PLAIN.gunicorn}, bind: unix:/run/g.sock ${gunicorn} }
app: { sleep: 500ms }
run: { replications: 1 }
events: [${events}]`);
  return result.warnings;
}

const nothing = (what: string, why: string) => [`the event ${what} did nothing: ${why}`];

describe("after the run the report says", () => {
  test.each([
    [
      "that it was over before the event",
      "{ at: 1h, do: gunicorn.crash }",
      nothing("gunicorn.crash at 3600s", "the run ended at 3.5s"),
    ],
    [
      "that nobody was there to be killed",
      "{ at: 1s, do: gunicorn.stop }, { at: 2s, do: gunicorn.crash, worker: 1 }",
      nothing("gunicorn.crash at 2s", "there was no worker 1"),
    ],
    [
      "that nobody was there to hang",
      "{ at: 1s, do: gunicorn.stop }, { at: 2s, do: gunicorn.hang, for: 1s }",
      nothing("gunicorn.hang at 2s", "no worker was up"),
    ],
    [
      "that no master was there to be told",
      "{ at: 1s, do: gunicorn.stop }, { at: 2s, do: gunicorn.reload }",
      nothing("gunicorn.reload at 2s", "no master was running"),
    ],
    [
      "that a master was there already",
      "{ at: 1s, do: gunicorn.start }",
      nothing("gunicorn.start at 1s", "its master was running"),
    ],
    [
      "that the last worker stays",
      "{ at: 1s, do: gunicorn.remove_worker }",
      nothing("gunicorn.remove_worker at 1s", "there was no worker that could be spared"),
    ],
    [
      // At twice the rate one more would be due after 3.4 s, but the phase has ended.
      "that all requests had been sent at the old rate",
      "{ at: 3200ms, do: clients.rate, factor: 2 }",
      nothing("clients.rate at 3.2s", "its clients had sent their last request at a rate"),
      { arrivals: "{ process: constant, rate: 1/s, for: 3100ms }" },
    ],
    [
      "that what comes after the event has no rate",
      "{ at: 1200ms, do: clients.rate, factor: 2 }",
      nothing("clients.rate at 1.2s", "its clients had sent their last request at a rate"),
      {
        arrivals:
          "[{ process: constant, rate: 1/s, for: 1100ms }, { process: burst, requests: 1, for: 2s }, { process: burst, requests: 1 }]",
      },
    ],
    [
      "that the application was slower for nobody",
      "{ at: 3200ms, do: app.slow, factor: 2 }",
      nothing("app.slow at 3.2s", "no request was sent after it"),
    ],
    [
      "that a socket keeps its backlog until listen()",
      "{ at: 1s, do: kernel.sysctl, net.core.somaxconn: 9 }, { at: 2s, do: gunicorn.reload }",
      nothing("kernel.sysctl at 1s", "nothing called listen() after it, and what listens keeps its backlog"),
    ],
  ] as [string, string, string[], Given?][])("%s", async (_, events, expected, given) => {
    expect(await warnings(events, given)).toEqual(expected);
  });
});

describe("nothing is said of an event that did something:", () => {
  test.each([
    ["{ at: 1s, do: gunicorn.crash, worker: 1 }"],
    ["{ at: 1s, do: gunicorn.hang, for: 1s }"],
    ["{ at: 1s, do: gunicorn.stop }, { at: 2s, do: gunicorn.start }"],
    ["{ at: 1s, do: gunicorn.restart }"],
    ["{ at: 1s, do: gunicorn.reload }"],
    ["{ at: 1s, do: gunicorn.add_worker }, { at: 2s, do: gunicorn.remove_worker }"],
    ["{ at: 1500ms, do: clients.rate, factor: 2 }"],
    // Too late for the request at 3 s, but not for one more at 3.45 s.
    ["{ at: 3400ms, do: clients.rate, rate: 20/s }"],
    // The requests at 2 s and 3 s do not come any more.
    ["{ at: 1100ms, do: clients.rate, factor: 0.01 }"],
    ["{ at: 1s, do: app.slow, factor: 2 }"],
    ["{ at: 1s, do: kernel.sysctl, net.core.somaxconn: 9 }, { at: 2s, do: gunicorn.restart }"],
  ])("%s", async (events) => {
    expect(await warnings(events)).toEqual([]);
  });

  test("gunicorn's own sockets listen with each new worker", async () => {
    const { result } = await simulate(`
clients: { target: "127.0.0.1:8000", arrivals: { process: constant, rate: 1/s, for: 4s } }
gunicorn: { bind: "127.0.0.1:8000", version: 25.1.0, reuse_port: true, workers: 2, max_requests: 2 }
events:
  - { at: 500ms, do: kernel.sysctl, net.core.somaxconn: 9 }
  - { at: 1500ms, do: gunicorn.reload }
run: { replications: 1 }`);
    expect(result.warnings).toEqual([]);
  });
});

describe("before the run it is an error", () => {
  const twoWorkers = { gunicorn: ", workers: 2" };
  test.each([
    [
      "to crash a worker that there never is",
      "{ at: 2s, do: gunicorn.crash, worker: 3 }",
      "test.yaml:6:48 events.0.worker: expected a worker from 1 to 2, got 3",
      twoWorkers,
    ],
    [
      // Each reload may find the workers of the last one, and add_worker is one more: 2 + 2 + 1.
      "to hang one beyond those of a reload and one that was added",
      "{ at: 1s, do: gunicorn.reload }, { at: 1s, do: gunicorn.add_worker }, { at: 2s, do: gunicorn.hang, worker: 6, for: 1s }",
      "events.2.worker: expected a worker from 1 to 5, got 6",
      twoWorkers,
    ],
    [
      "to add one later",
      "{ at: 2s, do: gunicorn.crash, worker: 3 }, { at: 3s, do: gunicorn.add_worker }",
      "events.0.worker: expected a worker from 1 to 2, got 3",
      twoWorkers,
    ],
    [
      "to change the rate of clients that have none",
      "{ at: 1s, do: clients.rate, factor: 2 }",
      "expected clients whose arrivals have a rate, got bursts or traces only",
      { arrivals: "{ process: burst, requests: 3 }" },
    ],
  ] as [string, string, string, Given][])("%s", async (_, events, expected, given) => {
    await expect(warnings(events, given)).rejects.toThrow(expected);
  });

  test("but not to crash one of those that a reload has added", async () => {
    const events = "{ at: 1s, do: gunicorn.reload }, { at: 1001ms, do: gunicorn.crash, worker: 2 }";
    expect(await warnings(events)).toEqual([]);
  });
});
