import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { components } from "../../models/index.js";
import { CASE_FILES, importCase } from "../../src/import/case.js";
import { parseRequestsCsv } from "../../src/import/requests-csv.js";
import { loadScenario } from "../../src/scenario/load.js";
import { toYaml } from "../../src/scenario/yaml.js";
import { filesOf, messageOf, NO_FILES } from "./support.js";

const MEASURED = new URL("../measured", import.meta.url).pathname;
const cases = readdirSync(MEASURED);

function textsOf(name: string): Record<string, string> {
  const present = CASE_FILES.filter((file) => existsSync(join(MEASURED, name, file)));
  return Object.fromEntries(present.map((file) => [file, readFileSync(join(MEASURED, name, file), "utf8")]));
}

const validate = (scenario: object) =>
  loadScenario("case.yaml", { read: () => toYaml(scenario), components }).settings;

describe("measured cases", () => {
  test("are there", () => {
    expect(cases).toContain("seed-rate200-1");
  });

  test.each(cases)("%s becomes a scenario with its load, and one that replays its requests", (name) => {
    for (const replay of [false, true]) {
      const { scenario, notes } = importCase(textsOf(name), NO_FILES, { replay });
      expect(Object.keys(scenario)).toEqual(["kernel", "clients", "nginx", "gunicorn", "app"]);
      for (const { where } of notes) expect(where).toMatch(/^[\w.]+:\d+$/);
    }
  });

  const modelled =
    /^(seed|unix|tcp|tw|two-servers|limit-req|worker-connections|client-timeout|closed-loop|new-reuseport|max-requests|(new-)?worker-timeout)-/;
  test.each(cases.filter((name) => modelled.test(name)))("the scenario of %s is valid", (name) => {
    for (const replay of [false, true]) {
      const { scenario } = importCase(textsOf(name), NO_FILES, { replay });
      expect(() => validate(scenario)).not.toThrow();
    }
  });

  test.each(cases)("the requests of %s are read", (name) => {
    const file = join(MEASURED, name, "requests.csv");
    const text = readFileSync(file, "utf8");
    expect(parseRequestsCsv({ file, text })).toHaveLength(text.trimEnd().split("\n").length - 1);
  });

  test("the article's run is written as one would write it by hand", () => {
    expect(importCase(textsOf("seed-rate200-1"), NO_FILES).scenario).toEqual({
      kernel: {
        profile: "linux-6.18",
        hz: 250,
        memory: "24GiB",
        // Clients reach nginx over TCP.
        sysctl: {
          "net.core.somaxconn": 128,
          "net.ipv4.ip_local_port_range": "32768 60999",
          "net.ipv4.tcp_tw_reuse": 2,
          "net.ipv4.tcp_abort_on_overflow": 0,
          "net.ipv4.tcp_syncookies": 1,
          "net.ipv4.tcp_max_syn_backlog": 2048,
          "net.ipv4.tcp_syn_retries": 6,
          "net.ipv4.tcp_synack_retries": 5,
          "net.ipv4.tcp_fin_timeout": 60,
          "net.ipv4.tcp_max_tw_buckets": 131072,
          "net.ipv4.tcp_syn_linear_timeouts": 4,
          "net.ipv4.tcp_tw_reuse_delay": 1000,
          "net.ipv4.tcp_timestamps": 1,
        },
      },
      clients: {
        target: "127.0.0.9:8080",
        arrivals: [{ process: "constant", rate: "200/s", for: "1s" }],
      },
      nginx: {
        version: "1.22.1",
        listen: "127.0.0.9:8080",
        worker_processes: 1,
        worker_connections: 1024,
        upstream: { servers: ["unix:/run/lab/g.sock"] },
        proxy_read_timeout: "600s",
      },
      gunicorn: {
        version: "20.1.0",
        bind: "unix:/run/lab/g.sock",
        workers: 4,
        worker_class: "sync",
        backlog: 2048,
        timeout: "60s",
      },
      app: { sleep: "1s", body: "2B" },
    });
  });

  test("and nothing is left out that could change its prediction", () => {
    const { notes } = importCase(textsOf("seed-rate200-1"), NO_FILES);
    const missing = notes.filter(({ kind }) => kind === "not-modelled");
    expect(missing).toEqual([]);
  });
});

describe("folders", () => {
  const gunicorn = "gunicorn -w 2 -b unix:/a.sock app";

  test("without nginx have no nginx, whatever versions.txt says", () => {
    const texts = { "gunicorn.sh": gunicorn, "versions.txt": "nginx version: nginx/1.22.1\nLinux 6.1" };
    expect(importCase(texts, NO_FILES).scenario).toEqual({
      kernel: { profile: "linux-6.1" },
      gunicorn: { bind: "unix:/a.sock", workers: 2 },
    });
  });

  test("nginx.conf includes files of the folder, and notes name them", () => {
    const files = filesOf({
      "conf.d/app.conf":
        "server {\n listen 80;\n limit_rate 1k;\n location / { proxy_pass http://unix:/a.sock; } }",
    });
    const { scenario, notes } = importCase({ "nginx.conf": "http { include conf.d/*.conf; }" }, files);
    expect(scenario).toEqual({ nginx: { listen: "80", proxy_pass: "http://unix:/a.sock" } });
    expect(notes).toMatchObject([{ where: "conf.d/app.conf:3", directive: "limit_rate 1k" }]);
  });

  test("TCP on either side of nginx makes the kernel's settings of TCP matter", () => {
    const kernelOf = (listen: string, address: string) => {
      const nginx = `http { server { listen ${listen}; location / { proxy_pass http://${address}; } } }`;
      const texts = { "nginx.conf": nginx, "sysctl.txt": "net.ipv4.tcp_tw_reuse = 1" };
      return importCase(texts, NO_FILES).scenario.kernel;
    };
    const set = { sysctl: { "net.ipv4.tcp_tw_reuse": 1 } };
    expect(kernelOf("unix:/front.sock", "unix:/a.sock")).toBeUndefined();
    expect(kernelOf("unix:/front.sock", "127.0.0.1:8000")).toEqual(set);
    expect(kernelOf("80", "unix:/a.sock")).toEqual(set);
  });

  test("sysctls that the profile of the kernel does not have are left out", () => {
    const texts = {
      "gunicorn.sh": "gunicorn -b :80 app",
      "sysctl.txt": "net.ipv4.tcp_syn_linear_timeouts = 4\nnet.ipv4.tcp_tw_reuse_delay = 1000",
    };
    const imported = (kernel: string) => importCase({ ...texts, "versions.txt": kernel }, NO_FILES);
    expect(imported("Linux 6.14").scenario.kernel).toEqual({
      profile: "linux-6.14",
      sysctl: { "net.ipv4.tcp_syn_linear_timeouts": 4, "net.ipv4.tcp_tw_reuse_delay": 1000 },
    });
    const debian11 = imported("Linux 5.10.0-28-amd64");
    expect(debian11.scenario.kernel).toEqual({ profile: "linux-5.4" });
    expect(debian11.notes.filter(({ where }) => where.startsWith("sysctl"))).toMatchObject([
      { kind: "not-modelled", text: "the kernel's profile is older than Linux 6.5, which brought it" },
      { kind: "not-modelled", text: "the kernel's profile is older than Linux 6.14, which brought it" },
    ]);
  });

  test("worker_processes auto are as many as nproc says", () => {
    const location = "location / { proxy_pass http://unix:/a.sock; }";
    const texts = {
      "nginx.conf": `worker_processes auto; http { server { ${location} } }`,
      "versions.txt": "nproc 6",
    };
    expect(importCase(texts, NO_FILES).scenario.nginx).toMatchObject({ worker_processes: 6 });
  });

  test("the load's target chooses the server", () => {
    const server = (port: number) =>
      `server { listen ${port}; location / { proxy_pass http://unix:/${port}; } }`;
    const closed = { concurrency: 1, think_s: 0, duration_s: 1 };
    const load = { kind: "closed", target: "127.0.0.1:82", closed };
    const texts = { "nginx.conf": `http { ${server(81)} ${server(82)} }`, "load.json": JSON.stringify(load) };
    expect(importCase(texts, NO_FILES).scenario.nginx).toMatchObject({ listen: "82" });
  });

  test("without any configuration are refused", () => {
    const text =
      "expected nginx.conf or gunicorn.sh (and, if they are there, sysctl.txt, versions.txt, load.json), got neither";
    expect(messageOf(() => importCase({ "load.json": "{}" }, NO_FILES))).toBe(`import: ${text}`);
    expect(messageOf(() => importCase({}, NO_FILES, { folder: "etc/app" }))).toBe(`etc/app: ${text}`);
  });
});
