import { describe, expect, test } from "vitest";
import { complaints, load } from "./fakes.js";

const FILE = `
clients:
  - { name: web, arrivals: [{ process: burst }, { process: constant, rate: 5/s }] }
  - { name: eu.api, arrivals: { process: constant, rate: 7/s } }
gunicorn: { workers: 4 }
app: { sleep: { exponential: { mean: 1s } } }
`;
const SINGLE = "clients: { name: web, arrivals: { process: constant, rate: 5/s } }\n";

const resolved = (set: string[], file = FILE) => load(file, { set }).resolved as Record<string, never>;

describe("--set", () => {
  test("overrides, adds and, with null, removes a key", () => {
    expect(resolved(["gunicorn.workers=8", "nginx.listen=*:80"])).toMatchObject({
      gunicorn: { workers: 8 },
      nginx: { listen: "*:80", proxy_read_timeout: "60s" },
    });
    expect(resolved(["gunicorn.workers=null"])).toMatchObject({ gunicorn: { workers: 1 } });
  });

  test("later options win", () => {
    expect(resolved(["gunicorn.workers=8", "gunicorn.workers=9"])).toMatchObject({
      gunicorn: { workers: 9 },
    });
  });

  test("the longest known key wins, so sysctls keep their dots", () => {
    expect(resolved(["kernel.sysctl.net.core.somaxconn=1024"])).toMatchObject({
      kernel: { sysctl: { "net.core.somaxconn": 1024 } },
    });
    expect(resolved(["kernel.labels.a.b=x"])).toMatchObject({ kernel: { labels: { "a.b": "x" } } });
    expect(resolved(["kernel.labels.a=y"], "kernel: { labels: { a: x } }")).toMatchObject({
      kernel: { labels: { a: "y" } },
    });
  });

  test("list elements are named by number or by name, also with dots", () => {
    const { clients } = resolved([
      "clients.0.arrivals.1.rate=100/s",
      "clients.eu.api.timeout=3s",
      "clients.web.retries=2",
    ]);
    expect(clients).toMatchObject([
      { retries: 2, arrivals: [{ requests: 10 }, { rate: "100/s" }] },
      { timeout: "3s" },
    ]);
  });

  test("a single section that could be a list needs no number, and may have one or its name", () => {
    for (const path of ["clients.arrivals", "clients.0.arrivals", "clients.web.arrivals.0"]) {
      expect(resolved([`${path}.rate=9/s`], SINGLE)).toMatchObject({
        clients: { arrivals: { rate: "9/s" } },
      });
    }
    const inList = "clients: [{ arrivals: [{ process: burst }] }]";
    expect(resolved(["clients.arrivals.requests=3"], inList)).toMatchObject({
      clients: [{ arrivals: [{ requests: 3 }] }],
    });
  });

  test("values are YAML", () => {
    const set = ["clients=[{ arrivals: { process: burst, requests: 3 }, timeout: 250ms }]"];
    expect(resolved(set).clients).toMatchObject([{ arrivals: { requests: 3 }, timeout: "250ms" }]);
    expect(resolved(["gunicorn.bind=unix:/run/x.sock"])).toMatchObject({
      gunicorn: { bind: "unix:/run/x.sock" },
    });
  });

  test("another distribution replaces the one in the file", () => {
    expect(resolved(["app.sleep.lognormal.mean=2s"])).toMatchObject({
      app: { sleep: { lognormal: { mean: "2s", cv: 1 } } },
    });
    expect(resolved(["app.sleep=2s", "app.sleep.exponential.mean=3s"])).toMatchObject({
      app: { sleep: { exponential: { mean: "3s" } } },
    });
  });

  test("a distribution inside another is reached too", () => {
    const file = "app: { sleep: { mixture: { of: [{ of: 1s }, { of: { exponential: {} } }] } } }";
    expect(resolved(["app.sleep.mixture.of.1.of.exponential.mean=9s"], file)).toMatchObject({
      app: {
        sleep: { mixture: { of: [{ weight: 1 }, { weight: 1, of: { exponential: { mean: "9s" } } }] } },
      },
    });
  });

  test("what is allowed is only changed by the option: the file's own tree stays as it was", () => {
    const file = "clients:\n  - &c { name: a, arrivals: { process: burst } }\n  - { <<: *c, name: b }\n";
    expect(resolved(["clients.b.arrivals.requests=3"], file)).toMatchObject({
      clients: [{ arrivals: { requests: 10 } }, { arrivals: { requests: 3 } }],
    });
  });
});

const BAD: [claim: string, set: string, line: string][] = [
  ["a misspelt key", "gunicorn.wokers=4", '--set gunicorn.wokers=4: unknown key; did you mean "workers"?'],
  [
    "a misspelt section",
    "gunicron.workers=4",
    '--set gunicron.workers=4: gunicron: unknown key; did you mean "gunicorn"?',
  ],
  [
    "a misspelt sysctl",
    "kernel.sysctl.net.core.somaxcon=1",
    '--set kernel.sysctl.net.core.somaxcon=1: unknown key; did you mean "net.core.somaxconn"?',
  ],
  [
    "a wrong value",
    "gunicorn.workers=0",
    "--set gunicorn.workers=0: expected a whole number of at least 1, got 0",
  ],
  [
    "a wrong value inside the one that is set",
    "gunicorn={ workers: many }",
    '--set gunicorn={ workers: many }: gunicorn.workers: expected a whole number of at least 1, got "many"',
  ],
  [
    "a key of a number",
    "gunicorn.workers.x=1",
    "--set gunicorn.workers.x=1: gunicorn.workers: expected a whole number of at least 1, got {…}",
  ],
  [
    "extends, which is followed before",
    "extends=x.yaml",
    "--set extends=x.yaml: extends is followed before options are applied; write it into a scenario file of its own",
  ],
  ["no value", "gunicorn.workers", "--set gunicorn.workers: expected KEY=VALUE"],
  ["an empty value", "nginx=", '--set nginx=: expected a value after "="; null removes the key'],
  ["removing what is not there", "nginx=null", "--set nginx=null: there is nothing to remove"],
  ["YAML that cannot be read", "app=[1", "--set app=[1: not valid YAML: Flow sequence must end with a ]"],
  [
    "an element that is not there",
    "clients.2.retries=1",
    "--set clients.2.retries=1: clients is a list; its elements are web, eu.api",
  ],
  [
    "no element of several",
    "clients.retries=1",
    "--set clients.retries=1: clients is a list; its elements are web, eu.api",
  ],
];

describe("--set refuses", () => {
  test.each(BAD)("%s", (_claim, set, line) => {
    expect(complaints(FILE, { set: [set] })).toEqual([line]);
  });
});

describe("--rate", () => {
  test("sets the rate of every phase of every population, and after --set", () => {
    const set = [
      "clients.web.arrivals.0=null",
      "clients.eu.api.arrivals=[{ process: constant, rate: 1/s }, { process: constant, rate: 2/s }]",
    ];
    const { clients } = load(FILE, { set, rate: "200/s" }).resolved;
    expect(clients).toMatchObject([
      { arrivals: [{ rate: "200/s" }] },
      { arrivals: [{ rate: "200/s" }, { rate: "200/s" }] },
    ]);
  });

  test("is refused when a phase has no rate, since that phase would stay as it is", () => {
    expect(complaints(FILE, { rate: "200/s" })).toEqual([
      "--rate 200/s: clients.0.arrivals.0 (process: burst) has no rate to set; change it with --set",
    ]);
  });

  test("also that of the only phase of a single population", () => {
    expect(load(SINGLE, { rate: "200/s" }).resolved).toMatchObject({
      clients: { arrivals: { rate: "200/s" } },
    });
  });

  test("is an error without such a phase", () => {
    expect(complaints("clients: { arrivals: { process: burst } }", { rate: "200/s" })).toEqual([
      "--rate 200/s: clients.arrivals (process: burst) has no rate to set; change it with --set",
    ]);
    expect(complaints("app: {}", { rate: "200/s" })).toEqual([
      "--rate 200/s: no phase of clients.arrivals has a rate",
    ]);
  });

  test("is told once when it is wrong in every phase", () => {
    const file =
      "clients: { arrivals: [{ process: constant, rate: 5/s }, { process: constant, rate: 6/s }] }";
    expect(complaints(file, { rate: "200" })).toEqual([
      '--rate 200: expected a rate above zero such as "200/s", got "200"',
    ]);
  });
});

describe("--seed and --replications", () => {
  test("go over the file and are validated as if written there", () => {
    const { settings, resolved } = load("run: { seed: 5, replications: 3 }", {
      seed: "0012",
      replications: 7,
    });
    expect(settings.run).toMatchObject({ seed: "0012", replications: 7 });
    expect(resolved.run).toMatchObject({ seed: "0012", replications: 7 });
    expect(complaints("app: {}", { seed: "" })).toEqual([
      '--seed : expected a whole number up to 9007199254740991 or a text, got ""',
    ]);
    expect(complaints("app: {}", { replications: 0 })).toEqual([
      "--replications 0: expected a whole number from 1 to 1000000, got 0",
    ]);
    expect(load("app: {}", { replications: "30" }).settings.run.replications).toBe(30);
    expect(complaints("app: {}", { replications: "many" })).toEqual([
      '--replications many: expected a whole number from 1 to 1000000, got "many"',
    ]);
  });
});
