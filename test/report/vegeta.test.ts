import { describe, expect, test } from "vitest";
import { runText } from "../../src/report/text.js";
import type { Result } from "../../src/run/result.js";
import { around, burst, calm, deaf } from "./fixtures.js";
import { lucky, overload, rare } from "./random-fixtures.js";

const FIXTURES = { burst, calm, deaf, lucky, overload, rare };

function plain(result: Result, columns = 80): string {
  return runText(result, { columns, colour: false });
}

/** Lines of the text that begin so. */
function linesOf(result: Result, begin: string): string[] {
  return plain(result)
    .split("\n")
    .filter((line) => line.startsWith(begin));
}

describe("intervals", () => {
  test("one replication of something random shows no ±, even if the shares have a range", () => {
    const text = plain({ ...overload(), replications: 1 }, 140);
    expect(text).toContain("One replication of something random: no ± is known.");
    expect(text.replace("no ± is known", "")).not.toMatch(/[±<>]/);
  });

  test("nothing of a random run is shown as the limit of what is known, never as ± 0", () => {
    const [line, spread] = plain(overload())
      .split("\n")
      .slice(
        -1 +
          plain(overload())
            .split("\n")
            .findIndex((l) => l.includes("500:0")) +
          1,
      ) as [string, string];
    expect(line.indexOf("500:0")).toBe(spread.indexOf("<0.15") - 4);
    expect(plain(overload())).not.toMatch(/± 0(\.0*)?( |$)/m);
  });

  test("vegeta's lines are found by their labels, once each, ± or not", () => {
    for (const result of Object.values(FIXTURES)) {
      for (const label of [
        "Requests  ",
        "Duration",
        "Latencies",
        "Bytes In",
        "Bytes Out",
        "Success",
        "Status Codes",
      ]) {
        const [line, ...more] = linesOf(result(), label);
        expect(more).toEqual([]);
        expect(line).toMatch(/^.{12} {2}\[.*\] +\S/);
        expect(line!.search(/(?<=\] +)\S/)).toBe(48);
      }
    }
  });

  test("a share whose range begins at nothing has an upper end only", () => {
    const outcomes = {
      "200": { count: 199, share: 0.995, low: 0.985, high: 1 },
      "502": { count: 1, share: 0.005, low: 0, high: 0.015 },
    };
    const text = plain({
      ...overload(),
      requests: { ...overload().requests, total: around(200, 0) },
      outcomes,
      causes: [],
    });
    expect(text).toContain("0.5 % (< 1.5 %) of 200 requests will fail: 502.");
  });
});

describe("bytes of a request", () => {
  const bytesIn = (total: number, half: number) => {
    const { requests } = overload();
    const result = {
      ...overload(),
      requests: { ...requests, total: around(1000, 10), bytes_in: around(total, half) },
    };
    const lines = plain(result).split("\n");
    const at = lines.findIndex((line) => line.startsWith("Bytes In"));
    return lines.slice(at, at + 2).map((line) => line.slice(48));
  };

  test("have the deviations of bytes and of requests together as their ±", () => {
    // (30 + 2 × 10) / 1000
    expect(bytesIn(2000, 30)).toEqual(["2000, 2.000", "  30, 0.050"]);
  });

  test("have none if the bytes spread exactly as the requests do", () => {
    expect(bytesIn(2000, 20)).toEqual(["2000, 2.00", "  20,    -"]);
  });
});

describe("what vegeta cannot see", () => {
  test("is the latency of answered requests alone, shown if there were others", () => {
    expect(linesOf(burst(), "Of answered")).toEqual([]);
    const { all, answered } = overload().latencies;
    const latencies = { all: { ...all!, mean: around(3, 0) }, answered: answered! };
    const result = { ...overload(), latencies };
    expect(linesOf(result, "Latencies")[0]).toContain("410.0µs, 3s, 1.418s");
    expect(linesOf(result, "Of answered")[0]).toMatch(
      /^Of answered {3}\[min, mean, 50, 90, 95, 99, max\] {2}410\.0µs, 1\.880s, 1\.412s/,
    );
  });

  test("nginx's log is shown only if it differs from what the clients saw", () => {
    expect(plain(burst())).not.toContain("nginx logs");
    expect(linesOf(overload(), "nginx logs")[0]).toMatch(/200:6503 {2}499:21\.6 {2}502:388 {2}504:1210$/);
  });

  test("an errno that the clients met themselves is not repeated", () => {
    expect(plain(deaf())).not.toContain("Errno met");
    expect(linesOf(burst(), "Errno met")).toEqual([
      "Errno met     [errno:count]                     EAGAIN:67",
    ]);
  });

  test("causes stand in the order of their shares, whatever order they came in", () => {
    const shares = plain({ ...overload(), causes: overload().causes.reverse() }).match(
      /^ +[\d.]+ % ± [\d.]+ %/gm,
    );
    expect(shares!.map((text) => text.trim())).toEqual([
      "14.90 % ± 0.54 %",
      "4.78 % ± 0.39 %",
      "0.266 % ± 0.063 %",
    ]);
  });
});

describe("a run without answers", () => {
  test("no answer at all counts as code 0, with the latencies of the refusals", () => {
    expect(plain(deaf())).toMatchInlineSnapshot(`
      "Warning: clients: nobody listens on 127.0.0.1:8000; gunicorn listens on
        127.0.0.1:8001
      All 50 requests will fail: ECONNREFUSED (nobody listens on 127.0.0.1:8000).
      deaf.yaml, recvq 0.1.0. Nothing here is random: exact.

      Requests      [total, rate, throughput]         50, 50.00, 0.00
      Duration      [total, attack, wait]             980ms, 980ms, 0s
      Latencies     [min, mean, 50, 90, 95, 99, max]  200µs, 200µs, 200µs, 200µs, 200µs, 200µs, 200µs
      Bytes In      [total, mean]                     0, 0.00
      Bytes Out     [total, mean]                     0, 0.00
      Success       [ratio]                           0.00%
      Status Codes  [code:count]                      0:50
      Error Set:
      connect: connection refused

      Causes
        100 %  nobody listens on 127.0.0.1:8000
               50 requests, first at 0 s
               clients.target = 127.0.0.1:8000

      accept queue of 127.0.0.1:8001: always 0

      requests ended, by outcome, each up to its own highest rate (steps of 20 ms)
      ECONNREFUSED 51/s ┤█████████████████████████████████████████████████████████████
                        └┬───────────┬───────────┬────────────┬───────────┬───────────
                         0s          200ms       400ms        600ms       800ms
      "
    `);
  });
});
