// What happens by the clock. Times in the traces are seconds; workers need 8 ms to boot and 30 ms to exit.

import { describe, expect, test } from "vitest";
import { components } from "../../models/index.js";
import { loadScenario } from "../../src/scenario/load.js";
import { PLAIN, simulate } from "../support/simulate.js";

/** Requests of 1 s, one a second from 0 s on, to one worker over a queue of one place. */
const script = (events: string, more = "") => `
kernel: { profile: linux-4.15, sysctl: { net.core.somaxconn: 0 } }
clients: { target: unix:/run/g.sock, arrivals: { process: constant, rate: 1/s, requests: 6 } }
gunicorn: { bind: unix:/run/g.sock, overhead: 0s, timeout: 0s, exit_time: 0s ${more} }
app: { sleep: 1s }
run: { replications: 1, seed: 1 }
${events && `events: ${events}`}`;

describe("gunicorn", () => {
  test("reload lets requests finish and queues the others", async () => {
    const { requests } = await simulate(script("[{ at: 1500ms, do: gunicorn.reload }]", ", boot: 400ms"));
    expect(requests.map(({ outcome }) => outcome)).toEqual(Array(6).fill("200"));
  });

  test("crash ends the request that its worker has", async () => {
    const { requests } = await simulate(script("[{ at: 1500ms, do: gunicorn.crash, worker: 1 }]"));
    expect(requests.map(({ outcome }) => outcome)).toEqual(["200", "closed", "200", "200", "200", "200"]);
    expect(requests[1]?.cause).toBe("worker-crashed");
  });

  test("stop leaves nobody, start brings a master back", async () => {
    const events = "[{ at: 1500ms, do: gunicorn.stop }, { at: 3500ms, do: gunicorn.start }]";
    const { requests } = await simulate(script(events));
    expect(requests.map(({ outcome }) => outcome)).toEqual(["200", "200", "ENOENT", "ENOENT", "200", "200"]);
  });

  test("restart starts one that was stopped", async () => {
    const events = "[{ at: 1500ms, do: gunicorn.stop }, { at: 3500ms, do: gunicorn.restart }]";
    const { requests } = await simulate(script(events));
    expect(requests.map(({ outcome }) => outcome)).toEqual(["200", "200", "ENOENT", "ENOENT", "200", "200"]);
  });

  test("hang makes its requests later by that time", async () => {
    const { requests } = await simulate(script("[{ at: 500ms, do: gunicorn.hang, for: 250ms }]"));
    expect(requests[0]?.latencyNs).toBe(1.25e9);
  });

  test("add_worker and remove_worker change how many there are", async () => {
    const busy = async (what: string) => {
      const burst = script(`[{ at: 1ms, do: gunicorn.${what} }]`, ", workers: 2").replace(
        "process: constant, rate: 1/s, requests: 6",
        "process: constant, rate: 100/s, requests: 4",
      );
      const { requests } = await simulate(burst);
      return requests.filter(({ outcome }) => outcome === "200").length;
    };
    // Of four within 30 ms one is queued besides those that run.
    expect(await busy("add_worker")).toBe(4);
    expect(await busy("remove_worker")).toBe(2);
  });
});

test("requests that nobody will ever answer are unfinished, with that as their cause", async () => {
  // Up to 21 a worker that boots for longer than its timeout is killed, and so is the next one.
  const { requests, result } = await simulate(`
clients: { target: unix:/run/g.sock, arrivals: { process: constant, rate: 1/s, requests: 4 } }
gunicorn: { bind: unix:/run/g.sock, version: 21.2.0, boot: 5s, timeout: 3s }
events: { at: 1500ms, do: gunicorn.reload }`);
  expect(requests.map(({ outcome }) => outcome)).toEqual(["200", "200", "unfinished", "unfinished"]);
  expect(result.causes).toMatchObject([{ id: "unfinished", count: 2 }]);
});

test("unfinished requests have their cause also where only later replications have any", async () => {
  // The one request of a replication comes before the reload at 1 s, or never gets an answer.
  const { requests, result } = await simulate(`
clients: { target: unix:/run/g.sock, arrivals: { process: poisson, rate: 1/s, requests: 1 } }
gunicorn: { bind: unix:/run/g.sock, version: 21.2.0, boot: 5s, timeout: 3s }
run: { replications: 20, seed: 1 }
events: { at: 1s, do: gunicorn.reload }`);
  expect(requests.map(({ outcome }) => outcome)).toEqual(["200"]);
  expect(result.causes).toMatchObject([{ id: "unfinished", count: result.outcomes.unfinished?.count }]);
});

describe("net.core.somaxconn", () => {
  const burst = (events: string) =>
    script(events).replace(
      "arrivals: { process: constant, rate: 1/s, requests: 6 }",
      "arrivals: [{ process: burst, requests: 1, for: 5s }, { process: burst, requests: 4 }]",
    );
  const refused = async (events: string) => {
    const { requests } = await simulate(burst(events));
    return requests.filter(({ outcome }) => outcome === "EAGAIN").length;
  };

  test("does nothing until listen()", async () => {
    // One runs, one waits, two are refused.
    expect(await refused("")).toBe(2);
    const lifted = "{ at: 2s, do: kernel.sysctl, net.core.somaxconn: 128 }";
    expect(await refused(`[${lifted}]`)).toBe(2);
    expect(await refused(`[${lifted}, { at: 3s, do: gunicorn.reload }]`)).toBe(2);
    expect(await refused(`[${lifted}, { at: 3s, do: gunicorn.restart }]`)).toBe(0);
  });
});

describe("the load", () => {
  test("clients.rate changes all rates by a factor, or to a mean", async () => {
    const sent = async (event: string) => {
      const { requests } = await simulate(`
clients: { name: web, target: unix:/run/g.sock, arrivals: { process: constant, rate: 10/s, for: 2s } }
gunicorn: { ${PLAIN.gunicorn}, bind: unix:/run/g.sock, workers: 9 }
run: { replications: 1 }
events: { at: 1s, do: clients.web.rate, ${event} }`);
      return requests.length;
    };
    expect(await sent("factor: 3")).toBe(40);
    expect(await sent("rate: 50/s")).toBe(60);
  });

  test("app.slow multiplies the times of requests that are sent from then on", async () => {
    const { requests } = await simulate(script("[{ at: 3500ms, do: app.slow, factor: 0.5 }]"));
    expect(requests.map(({ latencyNs }) => latencyNs / 1e9)).toEqual([1, 1, 1, 1, 0.5, 0.5]);
  });
});

test("another rate is a factor or a mean", async () => {
  const text = `
clients: { target: unix:/run/g.sock, arrivals: { process: burst, requests: 1 } }
gunicorn: { bind: unix:/run/g.sock }
events: { at: 1s, do: clients.rate, factor: 2, rate: 1/s }`;
  await expect(simulate(text)).rejects.toThrow('expected either "factor" or "rate"');
});

describe("errors", () => {
  const message = (event: string) => {
    const text = `clients: { arrivals: { process: burst, requests: 1 } }\ngunicorn: {}\nevents: [${event}]`;
    try {
      loadScenario("a.yaml", { read: () => text, components });
    } catch (error) {
      return String((error as Error).message);
    }
    return "none";
  };

  test.each([
    ["{ at: 1s, do: gunicorn.dance }", /events\.0\.do: expected one of gunicorn\.reload, /],
    ["{ at: 1s, do: gunicorn.hang }", /events\.0\.for: missing; expected a duration/],
    ["{ at: 1s, do: gunicorn.reload, worker: 1 }", /events\.0\.worker: unknown key/],
    ["reload", /events\.0: expected an event such as/],
    ["{ do: gunicorn.reload }", /events\.0\.at: missing; expected a duration/],
  ])("%s", (event, expected) => {
    expect(message(event)).toMatch(expected);
  });

  test.each([
    ["gunicorn.blue.reload", 'expected "gunicorn" without a name, got "gunicorn.blue.reload"'],
    ["clients.rate, factor: 2", "expected clients with arrivals, got a closed loop"],
  ])("%s is not there", async (what, expected) => {
    const text = `
clients: { target: unix:/run/g.sock, closed: { concurrency: 1, requests: 1 } }
gunicorn: { bind: unix:/run/g.sock }
events: [{ at: 1s, do: ${what} }]`;
    await expect(simulate(text)).rejects.toThrow(expected);
  });
});
