import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type EndedRequest, Recorder } from "../../src/component/recorder.js";
import { NO_CAUSE, Requests } from "../../src/component/requests.js";
import { timeAxis } from "../../src/metrics/time-axis.js";

interface Ending {
  sentNs: number;
  latencyNs: number;
  outcome: number;
  cause: number;
}

const OUTCOMES = ["200", "502", "client-timeout"];

const ending: fc.Arbitrary<Ending> = fc.record({
  sentNs: fc.nat(1e12),
  latencyNs: fc.nat(6e10),
  outcome: fc.nat(2),
  cause: fc.nat(2),
});

function setUp() {
  const requests = new Requests();
  const recorder = new Recorder(timeAxis(), requests);
  for (const outcome of OUTCOMES) recorder.outcome(outcome);
  for (const id of ["queue-full", "timeout"]) recorder.cause({ id, text: () => id, settings: [] });
  const end = ({ sentNs, latencyNs, outcome, cause }: Ending) => {
    const request = requests.born(sentNs, 5);
    requests.hold(request);
    requests.cause[request] = cause;
    recorder.ended(request, outcome, sentNs + latencyNs, 100);
    requests.release(request);
  };
  return { recorder, requests, end };
}

function hashOf(endings: readonly Ending[]): string {
  const { recorder, end } = setUp();
  for (const one of endings) end(one);
  return recorder.hash;
}

describe("the fingerprint", () => {
  const some = fc.array(ending, { minLength: 1, maxLength: 30 });

  test("is the same for the same requests and has 16 hexadecimal digits", () => {
    fc.assert(
      fc.property(some, (endings) => {
        expect(hashOf(endings)).toBe(hashOf(endings));
        expect(hashOf(endings)).toMatch(/^[0-9a-f]{16}$/);
      }),
      { seed: 10 },
    );
  });

  test("changes when any request's outcome, cause, sending or end changes, by a nanosecond even", () => {
    const change = fc.oneof(
      fc.record({ field: fc.constantFrom("outcome" as const, "cause" as const), by: fc.constantFrom(1, 2) }),
      fc.record({
        field: fc.constantFrom("sentNs" as const, "latencyNs" as const),
        by: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 4e9 })),
      }),
    );
    fc.assert(
      fc.property(some, fc.nat(), change, (endings, which, { field, by }) => {
        const changed = endings.map((one) => ({ ...one }));
        const one = changed[which % changed.length] as Ending;
        one[field] = field === "outcome" || field === "cause" ? (one[field] + by) % 3 : one[field] + by;
        expect(hashOf(changed)).not.toBe(hashOf(endings));
      }),
      { seed: 11, numRuns: 1_000 },
    );
  });

  test("hangs on the names of outcome and cause, not on how many were declared before", () => {
    const hashWith = (others: string[], cause: string) => {
      const requests = new Requests();
      const recorder = new Recorder(timeAxis(), requests);
      const declare = (id: string) => recorder.cause({ id, text: () => id, settings: [] });
      others.forEach((name) => {
        recorder.outcome(name);
        declare(name);
      });
      const request = requests.born(0, 5);
      requests.hold(request);
      requests.cause[request] = declare(cause);
      recorder.ended(request, recorder.outcome("502"), 10, 100);
      return recorder.hash;
    };
    expect(hashWith(["a", "b"], "queue-full")).toBe(hashWith([], "queue-full"));
    expect(hashWith([], "timeout")).not.toBe(hashWith([], "queue-full"));
  });

  test("changes when a request is missing, is there twice, or two ended in the other order", () => {
    const [one, two] = [
      { sentNs: 0, latencyNs: 10, outcome: 0, cause: 0 },
      { sentNs: 5, latencyNs: 5, outcome: 1, cause: 1 },
    ];
    const all = [[], [one], [two], [one, two], [two, one], [one, one, two]].map(hashOf);
    expect(new Set(all).size).toBe(all.length);
  });
});

describe("the recorder", () => {
  test("sorts requests by outcome and cause, and keeps count, bytes and the last end", () => {
    fc.assert(
      fc.property(fc.array(ending, { maxLength: 50 }), (endings) => {
        const { recorder, end } = setUp();
        for (const one of endings) end(one);
        expect([recorder.count, recorder.bytesIn]).toEqual([endings.length, 100 * endings.length]);
        const endsNs = endings.map(({ sentNs, latencyNs }) => sentNs + latencyNs);
        expect(recorder.lastEndNs).toBe(Math.max(0, ...endsNs));
        for (const [number, { outcome, latencies, ended }] of recorder.outcomes.entries()) {
          const mine = endings.filter((one) => one.outcome === number);
          expect(outcome).toBe(OUTCOMES[number]);
          expect([latencies.count, ended.total]).toEqual([mine.length, mine.length]);
          expect(latencies.sum).toBe(mine.reduce((sum, { latencyNs }) => sum + latencyNs, 0));
        }
        for (const [number, { count, firstNs }] of recorder.causes.entries()) {
          if (number === NO_CAUSE) continue;
          const mine = endsNs.filter((_, index) => endings[index]?.cause === number);
          expect([count, firstNs]).toEqual([mine.length, Math.min(Number.POSITIVE_INFINITY, ...mine)]);
        }
      }),
      { seed: 12 },
    );
  });

  test("shows every request to its observer, by the words of the requests file", () => {
    const { recorder, end } = setUp();
    const seen: EndedRequest[] = [];
    recorder.observer = (request) => seen.push(request);
    end({ sentNs: 3, latencyNs: 4, outcome: 1, cause: 2 });
    end({ sentNs: 5, latencyNs: 1, outcome: 0, cause: NO_CAUSE });
    expect(seen).toMatchObject([
      { id: 0, sentNs: 3, serviceNs: 5, outcome: "502", cause: "timeout", latencyNs: 4, attempts: 1 },
      { id: 1, sentNs: 5, serviceNs: 5, outcome: "200", cause: "", latencyNs: 1 },
    ]);
  });

  test("knows an outcome and a tally by name, and each cause by itself", () => {
    const { recorder } = setUp();
    expect([recorder.outcome("502"), recorder.outcome("503")]).toEqual([1, 3]);
    recorder.tally("nginx.502").count++;
    recorder.tally("nginx.502").count++;
    expect(recorder.tally("nginx.502").count).toBe(2);
    const again = { id: "timeout", text: () => "", settings: [] };
    expect([recorder.cause(again), recorder.cause(again)]).toEqual([3, 4]);
  });

  test("a common cause has one number for all parts that declare it alike", () => {
    const { recorder } = setUp();
    const late = (setting: string) => ({ id: "late", text: () => "", settings: [setting] });
    const number = recorder.commonCause(late("a.timeout"));
    expect(recorder.commonCause(late("a.timeout"))).toBe(number);
    expect(recorder.commonCause(late("b.timeout"))).toBe(number + 1);
    expect(recorder.cause(late("a.timeout"))).toBe(number + 2);
  });

  test("has room for 65535 causes, which fit the column of a request", () => {
    const { recorder } = setUp();
    const declared = { id: "full", text: () => "", settings: [] };
    for (let number = 3; number < 65_535; number++) recorder.cause(declared);
    expect(recorder.cause(declared)).toBe(65_535);
    expect(() => recorder.cause(declared)).toThrow("full: more than 65535 causes");
  });
});
