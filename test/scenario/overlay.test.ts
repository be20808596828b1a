import { describe, expect, test } from "vitest";
import { complaints, load } from "./fakes.js";

const BASE = `
kernel: { sysctl: { net.core.somaxconn: 128 } }
clients: { arrivals: [{ process: constant, rate: 200/s }, { process: burst }] }
gunicorn:
  workers: 4
  timeout: 60s
nginx: { listen: "*:80" }
app: { sleep: { lognormal: { mean: 1s, cv: 2 } } }
`;

function overlaid(over: string) {
  return load({ "a.yaml": `extends: base.yaml\n${over}`, "base.yaml": BASE }).resolved as Record<
    string,
    never
  >;
}

describe("extends", () => {
  test("a file that only extends is its base", () => {
    expect(overlaid("")).toEqual(load(BASE).resolved);
  });

  test("mappings are merged key by key", () => {
    const { kernel, gunicorn } = overlaid(
      "gunicorn: { workers: 8 }\nkernel: { sysctl: { net.ipv4.tcp_tw_reuse: 1 } }",
    );
    expect(gunicorn).toMatchObject({ workers: 8, timeout: "60s" });
    expect(kernel).toMatchObject({ sysctl: { "net.core.somaxconn": 128, "net.ipv4.tcp_tw_reuse": 1 } });
  });

  test("a list is replaced as a whole", () => {
    const { clients } = overlaid("clients: { arrivals: [{ process: burst, requests: 5 }] }");
    expect(clients).toMatchObject({ arrivals: [{ process: "burst", requests: 5 }] });
  });

  test("null removes a key, so that its default holds or an optional section is absent", () => {
    const { gunicorn, nginx } = overlaid("gunicorn: { workers: null }\nnginx: null");
    expect(gunicorn).toMatchObject({ workers: 1, timeout: "60s" });
    expect(nginx).toBeUndefined();
  });

  test("another distribution replaces the base's, the same one is merged", () => {
    expect(overlaid("app: { sleep: { exponential: { mean: 2s } } }").app).toMatchObject({
      sleep: { exponential: { mean: "2s" } },
    });
    expect(overlaid("app: { sleep: { lognormal: { cv: 3 } } }").app).toMatchObject({
      sleep: { lognormal: { mean: "1s", cv: 3 } },
    });
  });

  test("bases are found relative to the file that names them", () => {
    const { gunicorn } = load({
      "a.yaml": "extends: deep/b.yaml",
      "deep/b.yaml": "extends: ../c.yaml\ngunicorn: { threads: 2 }",
      "c.yaml": "gunicorn: { workers: 3 }",
    }).settings;
    expect(gunicorn).toMatchObject({ workers: 3, threads: 2 });
  });

  test("mistakes are reported in the file and line where they stand", () => {
    const files = {
      "a.yaml": "extends: b.yaml\ngunicorn:\n  timeout: 5\n",
      "b.yaml": "gunicorn:\n  timeout: 7\n  threads: 0\n  wokers: 1\n",
    };
    expect(complaints(files)).toEqual([
      'a.yaml:3:12 gunicorn.timeout: expected a duration with a unit such as "250ms" or "30s", got 5',
      "b.yaml:3:12 gunicorn.threads: expected a whole number of at least 1, got 0",
      'b.yaml:4:3 gunicorn.wokers: unknown key; did you mean "workers"?',
    ]);
  });

  test("a cycle is told with its files", () => {
    const files = {
      "a.yaml": "extends: b.yaml",
      "b.yaml": "app: {}\nextends: ./c.yaml",
      "c.yaml": "extends: a.yaml",
    };
    expect(complaints(files)).toEqual(["c.yaml:1:10 extends: a cycle: a.yaml -> b.yaml -> c.yaml -> a.yaml"]);
    expect(complaints({ "a.yaml": "extends: a.yaml" })).toEqual([
      "a.yaml:1:10 extends: a cycle: a.yaml -> a.yaml",
    ]);
  });

  test("a base that cannot be read is reported where it is named", () => {
    expect(complaints("app: {}\nextends: nowhere.yaml")).toEqual([
      "a.yaml:2:10 extends: cannot read nowhere.yaml: no such file",
    ]);
  });

  test("a base must be named by text and hold a scenario", () => {
    expect(complaints("extends: [b.yaml]")).toEqual([
      "a.yaml:1:10 extends: expected the name of a scenario file, got […]",
    ]);
    expect(complaints({ "a.yaml": "extends: b.yaml", "b.yaml": "" })[0]).toMatch(
      /^b\.yaml:1:1: empty; expected/,
    );
  });
});
