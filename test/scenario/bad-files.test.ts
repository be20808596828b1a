import { describe, expect, test } from "vitest";
import { complaints } from "./fakes.js";

const ROWS: [claim: string, file: string, ...lines: string[]][] = [
  [
    "a duration without a unit is shown with what was expected",
    "gunicorn:\n  workers: 2\n  timeout: 30\n",
    'a.yaml:3:12 gunicorn.timeout: expected a duration with a unit such as "250ms" or "30s", got 30',
  ],
  [
    "a misspelt key names the nearest one",
    "gunicorn:\n  timeot: 30s\n",
    'a.yaml:2:3 gunicorn.timeot: unknown key; did you mean "timeout"?',
  ],
  [
    "a key that is near to nothing lists the known ones",
    "gunicorn: { colour: red }\n",
    "a.yaml:1:13 gunicorn.colour: unknown key; known are bind, workers, timeout, threads",
  ],
  [
    "a duration beyond the longest run is told the limit",
    "gunicorn: { timeout: 200d }\n",
    'a.yaml:1:22 gunicorn.timeout: expected a duration of at most 104 days (2^53 ns), got "200d"',
  ],
  [
    "a rate beyond one a nanosecond is told the limit",
    "clients: { arrivals: { process: constant, rate: 2e9/s } }\n",
    'a.yaml:1:49 clients.arrivals.rate: expected a rate of at most 1000000000/s (one a nanosecond), got "2e9/s"',
  ],
  [
    "real directives that are not modelled are no misspellings",
    `kernel: { sysctl: { net.ipv4.tcp_rmem: 1 } }
run: { replications: 1, stop: 5s }
nginx: { listen: a, send_timeout: 5s }
gunicorn: { limit_request_line: 5 }
`,
    "a.yaml:1:21 kernel.sysctl.net.ipv4.tcp_rmem: known to Linux, but not modelled yet",
    "a.yaml:2:25 run.stop: known to recvq, but not modelled yet",
    "a.yaml:3:21 nginx.send_timeout: known to nginx, but not modelled yet",
    "a.yaml:4:13 gunicorn.limit_request_line: known to gunicorn, but not modelled yet",
  ],
  [
    "what is expected is a list of texts",
    "expect: 502.share < 1%\n",
    'a.yaml:1:9 expect: expected a list of thresholds such as ["502.share < 1%"], got "502.share < 1%"',
  ],
  [
    "k6's form needs quotes, since YAML takes its colon for a key's",
    "expect:\n  - http_req_duration: p(95) < 200\n",
    'a.yaml:2:5 expect.0: expected a threshold such as "502.share < 1%", got {…}',
  ],
  [
    "of more than 20 mistakes the first 20 are told",
    `kernel:\n  labels:\n${Array.from({ length: 23 }, (_, index) => `    X${index}: x\n`).join("")}`,
    ...Array.from(
      { length: 20 },
      (_, index) => `a.yaml:${3 + index}:5 kernel.labels.X${index}: unknown key; expected small letters`,
    ),
    "... and 3 more",
  ],
  [
    "a misspelt section names the nearest one",
    "gunicron: {}\n",
    'a.yaml:1:1 gunicron: unknown key; did you mean "gunicorn"?',
  ],
  [
    "a misspelt extends is recognised",
    "extend: b.yaml\n",
    'a.yaml:1:1 extend: unknown key; did you mean "extends"?',
  ],
  [
    "all mistakes are told, in the order of the file",
    "kernel: { profile: linux-2.4 }\ngunicorn:\n  wokers: 2\n  timeout: 3 weeks\napp: { sleep: { exponentiel: {} } }\nrun: { replications: 0 }\n",
    'a.yaml:1:20 kernel.profile: expected one of "linux-4.15", "linux-6.1", got "linux-2.4"',
    'a.yaml:3:3 gunicorn.wokers: unknown key; did you mean "workers"?',
    'a.yaml:4:12 gunicorn.timeout: expected a duration with a unit such as "250ms" or "30s", got "3 weeks"',
    'a.yaml:5:17 app.sleep.exponentiel: unknown key; did you mean "exponential"?',
    "a.yaml:6:22 run.replications: expected a whole number from 1 to 1000000, got 0",
  ],
  [
    "a missing key is reported at its parent's key",
    "gunicorn: {}\nnginx:\n  proxy_read_timeout: 1s\n",
    "a.yaml:2:1 nginx.listen: missing; expected a text",
  ],
  [
    "a key missing from a list element is reported at the element",
    "clients:\n  arrivals:\n    - process: constant\n    - { process: burst }\n",
    'a.yaml:3:7 clients.arrivals.0.rate: missing; expected a rate above zero such as "200/s"',
  ],
  [
    "an unknown kind in a list is reported at its value",
    "clients:\n  - arrivals: { process: brust }\n",
    'a.yaml:2:26 clients.0.arrivals.process: expected a process: "constant", "burst" or "trace", got "brust"',
  ],
  [
    "a mapping where a number belongs is abbreviated",
    "gunicorn: { workers: { a: 1 }, threads: [1, 2], timeout: [] }\n",
    "a.yaml:1:22 gunicorn.workers: expected a whole number of at least 1, got {…}",
    "a.yaml:1:41 gunicorn.threads: expected a whole number of at least 1, got […]",
    'a.yaml:1:58 gunicorn.timeout: expected a duration with a unit such as "250ms" or "30s", got []',
  ],
  [
    "a long text is cut",
    `gunicorn: { timeout: ${"x".repeat(100)} }\n`,
    `a.yaml:1:22 gunicorn.timeout: expected a duration with a unit such as "250ms" or "30s", got "${"x".repeat(60)}…"`,
  ],
  [
    "a key without a value is reported at the key",
    "gunicorn:\n  timeout:\n\n  workers: 2\n",
    'a.yaml:2:3 gunicorn.timeout: expected a duration with a unit such as "250ms" or "30s", got nothing',
  ],
  [
    "a section without settings is nothing",
    "nginx:\n",
    "a.yaml:1:1 nginx: expected a section of settings, got nothing",
  ],
  [
    "two distributions at once are one too many",
    "app:\n  sleep: { exponential: {}, lognormal: { mean: 1s } }\n",
    "a.yaml:2:10 app.sleep: expected a duration or one distribution, got {…}",
  ],
  [
    "a misspelt sysctl keeps its dots",
    "kernel: { sysctl: { net.core.somaxcon: 1 } }\n",
    'a.yaml:1:21 kernel.sysctl.net.core.somaxcon: unknown key; did you mean "net.core.somaxconn"?',
  ],
  [
    "a key that may not be in a free mapping says what keys are",
    "kernel: { labels: { UP: x } }\n",
    "a.yaml:1:21 kernel.labels.UP: unknown key; expected small letters",
  ],
  [
    "a wrong value merged in from an anchor is reported where it is written, with its use",
    "clients:\n  - &base\n    arrivals: &burst [{ process: burst }]\n    timeout: 5\n  - <<: *base\n    name: two\n",
    'a.yaml:4:14 clients.0.timeout: expected a duration with a unit such as "250ms" or "30s", got 5',
    'a.yaml:4:14 clients.1.timeout: expected a duration with a unit such as "250ms" or "30s", got 5 (used by *base at 5:9)',
  ],
  [
    "two elements of one name are refused",
    "clients:\n  - { name: web, arrivals: { process: burst } }\n  - { name: web, arrivals: { process: burst } }\n",
    'a.yaml:3:13 clients.1.name: expected a name of its own, but clients.0 is named "web" too',
  ],
  [
    "an empty list is not a list of clients",
    "clients: []\n",
    "a.yaml:1:10 clients: expected a list with at least one element, got []",
  ],
  [
    "a seed is a number or a text",
    "run: { seed: 1.5 }\n",
    "a.yaml:1:14 run.seed: expected a whole number up to 9007199254740991 or a text, got 1.5",
  ],
  [
    "an empty file says what a scenario needs",
    "",
    "a.yaml:1:1: empty; expected a mapping with sections such as extends, kernel, clients, gunicorn, nginx, app, run, expect",
  ],
  [
    "a file of comments is empty",
    "# nothing yet\n",
    "a.yaml:1:1: empty; expected a mapping with sections such as extends, kernel, clients, gunicorn, nginx, app, run, expect",
  ],
  [
    "a list is no scenario",
    "- gunicorn\n",
    "a.yaml:1:1: expected a mapping with sections such as extends, kernel, clients, gunicorn, nginx, app, run, expect, got […]",
  ],
  [
    "a word is no scenario",
    "gunicorn\n",
    'a.yaml:1:1: expected a mapping with sections such as extends, kernel, clients, gunicorn, nginx, app, run, expect, got "gunicorn"',
  ],
  [
    "a key written twice says where the first is",
    "gunicorn:\n  workers: 1\n  threads: 1\n  workers: 2\n",
    "a.yaml:4:3 gunicorn.workers: written twice; the first is at 2:3",
  ],
  [
    "a syntax error has its line and column",
    "gunicorn: [1\napp: {}\n",
    "a.yaml:2:1: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]",
  ],
  [
    "tabs do not indent",
    "gunicorn:\n\tworkers: 2\n",
    "a.yaml:2:1: not valid YAML: Tabs are not allowed as indentation",
  ],
  [
    "a second document is refused",
    "gunicorn: {}\n---\napp: {}\n",
    "a.yaml:2:1: a second document begins here; a scenario is one document",
  ],
  ["an unknown tag is refused", "gunicorn: !ruby {}\n", "a.yaml:1:11: not valid YAML: Unresolved tag: !ruby"],
  [
    "an alias needs an anchor, and a text that begins like one needs quotes",
    "nginx: { listen: *:80 }\n",
    'a.yaml:1:18 nginx.listen: no anchor &:80 stands above; write "*:80" in quotes if it is a text',
  ],
  [
    "an alias cannot contain itself",
    "gunicorn: &g { a: *g }\n",
    "a.yaml:1:19 gunicorn.a: *g contains itself",
  ],
  [
    "only mappings merge",
    "gunicorn: { <<: 3 }\n",
    "a.yaml:1:13 gunicorn.<<: expected a mapping or a list of mappings to merge",
  ],
  ["a key is a text", "gunicorn: { ? [1, 2] : 3 }\n", "a.yaml:1:15 gunicorn: a key must be a plain text"],
];

describe("what the user is told", () => {
  test.each(ROWS)("%s", (_claim, file, ...lines) => {
    expect(complaints(file)).toEqual(lines);
  });

  test("positions are right with CRLF, tabs between words, a byte order mark and accents", () => {
    const file = '\uFEFF# naïve café\r\ngunicorn:\r\n  workers:\t0 # ü\r\n  bind: "ü"\r\n';
    expect(complaints(file)).toEqual([
      "a.yaml:3:12 gunicorn.workers: expected a whole number of at least 1, got 0",
      'a.yaml:4:9 gunicorn.bind: expected an address, got "ü"',
    ]);
    expect(complaints("\uFEFFwokers: 1\n")[0]).toMatch(/^a\.yaml:1:1 wokers/);
  });

  test("a mistake on line 50,000 is found there", () => {
    const labels = Array.from({ length: 50_000 }, (_, index) => `    ${letters(index)}: x\n`).join("");
    expect(complaints(`kernel:\n  labels:\n${labels}gunicorn: { workers: 0 }\n`)).toEqual([
      "a.yaml:50003:22 gunicorn.workers: expected a whole number of at least 1, got 0",
    ]);
  });

  test("nesting without end is refused, not a crash", () => {
    expect(complaints(`app: ${"[".repeat(300)}${"]".repeat(300)}`)[0]).toMatch(/more than 200 levels$/);
    expect(complaints(`app: ${"[".repeat(100_000)}`)[0]).toMatch(/^a\.yaml:1:/);
  });

  test("a few aliases that multiply into billions are refused", () => {
    const lines = ["a: &a0 [x, x, x, x, x, x, x, x, x, x]"];
    for (let level = 1; level < 10; level++) {
      lines.push(
        `${letters(level)}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(", ")}]`,
      );
    }
    expect(complaints(lines.join("\n"))).toEqual([
      expect.stringMatching(/^a\.yaml:\d+:\d+ \w[\w.]*: aliases make more than 1000000 values$/),
    ]);
  });
});

/** A key of its own for each number. */
function letters(index: number): string {
  return `k${[...String(index)].map((digit) => "abcdefghij"[Number(digit)]).join("")}`;
}
