import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SECOND } from "../../src/engine/time.js";
import { ScenarioError } from "../../src/scenario/error.js";
import { loadScenario } from "../../src/scenario/load.js";
import { toYaml } from "../../src/scenario/yaml.js";
import { complaints, components, load } from "./fakes.js";

describe("a loaded scenario", () => {
  test("has one unit inside and the user's units in its resolved form", () => {
    const { settings, resolved } = load(
      "gunicorn: { timeout: 1500ms }\nclients: { arrivals: { process: constant, rate: 600/min } }",
    );
    expect(settings.gunicorn).toEqual({
      bind: "unix:/run/g.sock",
      workers: 1,
      timeout: 1.5 * SECOND,
      threads: 1,
    });
    expect(settings.clients).toEqual([
      { arrivals: [{ process: "constant", rate: 10, for: SECOND }], timeout: 30 * SECOND, retries: 0 },
    ]);
    expect(resolved.gunicorn).toEqual({
      bind: "unix:/run/g.sock",
      workers: 1,
      timeout: "1500ms",
      threads: 1,
    });
    expect(resolved.clients).toEqual({
      arrivals: { process: "constant", rate: "600/min", for: "1s" },
      timeout: "30s",
      retries: 0,
    });
  });

  test("has defaults for what occurs once, nothing for what is optional, and empty lists", () => {
    const { settings, resolved } = load("{}");
    expect(settings.kernel).toEqual({ profile: "linux-6.1", sysctl: { "net.ipv4.tcp_tw_reuse": 2 } });
    expect(settings.nginx).toBeUndefined();
    expect(settings.clients).toEqual([]);
    expect(settings.run).toMatchObject({ seed: "1", replications: 20, warmup: "auto" });
    expect(Object.keys(resolved)).toEqual(["kernel", "gunicorn", "app", "run"]);
    expect(resolved.run).toMatchObject({ seed: 1, replications: 20, warmup: "auto" });
  });

  test("fills in the defaults of the alternative that was written", () => {
    expect(load("app: { sleep: { exponential: {} } }").resolved.app).toEqual({
      sleep: { exponential: { mean: "50ms" } },
      body: "2B",
    });
  });

  test("takes values and merged keys from anchors, its own keys first", () => {
    const { clients } = load(`
clients:
  - &web { name: web, timeout: 1s, arrivals: &burst [{ process: burst }] }
  - { name: two, <<: [{ timeout: 2s }, *web] }
  - { name: three, arrivals: *burst }
`).resolved;
    const arrivals = [{ process: "burst", requests: 10 }];
    expect(clients).toEqual([
      { name: "web", arrivals, timeout: "1s", retries: 0 },
      { name: "two", arrivals, timeout: "2s", retries: 0 },
      { name: "three", arrivals, timeout: "30s", retries: 0 },
    ]);
  });

  test("an alias means the latest anchor above it", () => {
    const file = "gunicorn: { workers: &n 2, threads: *n }\nrun: { seed: &n 3, replications: *n }";
    expect(load(file).resolved).toMatchObject({ gunicorn: { threads: 2 }, run: { replications: 3 } });
  });

  test("names files relative to the scenario file that mentions them", () => {
    const texts: Record<string, string> = {
      "my/a.yaml": "extends: ../base/b.yaml\napp: { sleep: { empirical: { file: ../times.csv } } }",
      "base/b.yaml": "clients: { arrivals: { process: trace, file: requests.csv } }",
    };
    const scenario = loadScenario("my/a.yaml", { read: (path) => texts[path] as string, components });
    expect(scenario.source).toBe("my/a.yaml");
    expect(scenario.resolvePath("../times.csv")).toBe("times.csv");
    expect(scenario.resolvePath("requests.csv")).toBe("base/requests.csv");
    expect(scenario.resolvePath("/tmp/x.csv")).toBe("/tmp/x.csv");
    // Its own folder is a directory, not a file without a name.
    expect(scenario.resolvePath("..")).toBe(".");
  });

  test("a file that an option names is relative to the scenario, also when a base is elsewhere", () => {
    const files = {
      "a.yaml": "extends: base/b.yaml",
      "base/b.yaml": "app: { sleep: { empirical: { file: t.csv } } }",
    };
    const scenario = load(files, { set: ["app.sleep.empirical.file=mine.csv"] });
    expect(scenario.resolvePath("mine.csv")).toBe("mine.csv");
  });

  test("tells the place of what turns out to be wrong later", () => {
    const scenario = load(
      "clients:\n  - { name: web, arrivals: { process: burst } }\n  - { name: api, arrivals: { process: burst } }\n",
    );
    const message = (path: (string | number)[]) => scenario.errorAt(path, "expected a listener").message;
    expect(message(["clients.api", "arrivals"])).toBe("a.yaml:3:28 clients.1.arrivals: expected a listener");
    expect(message(["clients", "web", "target"])).toBe("a.yaml:2:5 clients.0.target: expected a listener");
    expect(
      load("clients: { arrivals: { process: burst } }").errorAt(["clients", "arrivals"], "x").message,
    ).toBe("a.yaml:1:22 clients.arrivals: x");
    expect(load("{}").errorAt(["gunicorn", "bind"], "x").message).toBe("a.yaml:1:1 gunicorn.bind: x");
  });
});

describe("a scenario that cannot be read", () => {
  test("says why", () => {
    expect(complaints({})).toEqual(["a.yaml: cannot be read: no such file"]);
    const read = () => {
      throw new Error("the disk is on fire");
    };
    expect(complaints("", { read })).toEqual(["a.yaml: cannot be read: the disk is on fire"]);
  });

  test("throws an error that carries the problems one by one", () => {
    try {
      load("gunicorn: { workers: 0 }");
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ScenarioError);
      expect((error as ScenarioError).problems).toEqual([
        {
          file: "a.yaml",
          line: 1,
          column: 22,
          path: "gunicorn.workers",
          text: "expected a whole number of at least 1, got 0",
        },
      ]);
    }
  });
});

const durations = fc.tuple(fc.nat(999), fc.constantFrom("ms", "s", "m")).map(([n, unit]) => `${n}${unit}`);
const texts = fc.string({ minLength: 1, unit: "grapheme" });
const atLeast1 = fc.integer({ min: 1, max: 1_000_000 });
const rates = atLeast1.map((n) => `${n}/s`);
const some = { requiredKeys: [] as [] };

const sleeps: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  sleep: fc.oneof(
    { maxDepth: 3 },
    fc.nat(99).map((n) => `${n}s`),
    fc.record({ exponential: fc.record({ mean: durations }, some) }),
    fc.record({
      lognormal: fc.record({ mean: durations, cv: fc.constant(0.5) }, { requiredKeys: ["mean"] }),
    }),
    fc.record({
      mixture: fc.record({
        of: fc.array(fc.record({ weight: fc.constant(2), of: tie("sleep") }, { requiredKeys: ["of"] })),
      }),
    }),
  ),
})).sleep;

const phases = fc.oneof(
  fc.record(
    { process: fc.constant("constant"), rate: rates, for: durations },
    { requiredKeys: ["process", "rate"] },
  ),
  fc.record({ process: fc.constant("burst"), requests: atLeast1 }, { requiredKeys: ["process"] }),
  fc.record({ process: fc.constant("trace"), file: texts }),
);

const population = fc.record(
  {
    arrivals: fc.oneof(phases, fc.array(phases, { minLength: 1, maxLength: 3 })),
    timeout: durations,
    retries: fc.nat(),
  },
  { requiredKeys: ["arrivals"] },
);

const populations = fc
  .array(population, { minLength: 1, maxLength: 3 })
  .map((several) => several.map((one, index) => ({ name: `population ${index}`, ...one })));

const scenarios = fc.record(
  {
    kernel: fc.record(
      {
        profile: fc.constantFrom("linux-4.15", "linux-6.1"),
        sysctl: fc.record({ "net.core.somaxconn": fc.nat(), "net.ipv4.tcp_tw_reuse": fc.nat(2) }, some),
        labels: fc.dictionary(fc.stringMatching(/^[a-z.]{1,8}$/), texts),
      },
      some,
    ),
    clients: fc.oneof(population, populations),
    gunicorn: fc.record(
      { bind: texts.map((name) => `unix:${name}`), workers: atLeast1, timeout: durations },
      some,
    ),
    nginx: fc.record({ listen: texts, proxy_read_timeout: durations }, { requiredKeys: ["listen"] }),
    app: fc.record({ sleep: sleeps, body: fc.nat().map((n) => `${n}B`) }, some),
    run: fc.record({ seed: fc.oneof(texts, fc.maxSafeInteger()), replications: atLeast1 }, some),
  },
  some,
);

describe("for any valid scenario", () => {
  const value = (written: object) => load(JSON.stringify(written));

  test("writing it as YAML and loading that gives the same settings", () => {
    fc.assert(
      fc.property(scenarios, (written) => {
        expect(load(toYaml(written)).settings).toEqual(value(written).settings);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  test("its resolved form loads to the same settings, and resolves to itself", () => {
    fc.assert(
      fc.property(scenarios, (written) => {
        const { settings, resolved } = value(written);
        const again = load(toYaml(resolved));
        expect(again.settings).toEqual(settings);
        expect(again.resolved).toEqual(resolved);
      }),
      { seed: 2, numRuns: 60 },
    );
  });
});
