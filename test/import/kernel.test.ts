import { describe, expect, test } from "vitest";
import { PROFILE_NAMES } from "../../models/linux/profiles.js";
import { sysctlSettings } from "../../models/linux/sysctls.js";
import { importSysctl } from "../../src/import/sysctl.js";
import { importVersions } from "../../src/import/versions.js";
import { messageOf } from "./support.js";

const sysctl = (text: string, tcp = false) => importSysctl({ file: "sysctl.txt", text }, { tcp });
const versions = (text: string, tcp = false) => importVersions({ file: "versions.txt", text }, { tcp });

const PORTS = 'expected two ports from 1024 to 65535, lowest first, such as "32768 60999"';

describe("sysctl", () => {
  test.each([
    "net.core.somaxconn = 128",
    "net.core.somaxconn: 128",
    "net/core/somaxconn=128",
    "-net.core.somaxconn =128",
  ])("%j sets somaxconn", (text) => {
    expect(sysctl(`# comment\n; comment\n\n${text}\n`)).toEqual({
      scenario: { kernel: { sysctl: { "net.core.somaxconn": 128 } } },
      notes: [],
    });
  });

  test("TCP's keys matter only where something is reached over TCP", () => {
    const modelled = "net.ipv4.tcp_tw_reuse = 1\nnet.ipv4.ip_local_port_range = 1024\t2000";
    expect(sysctl(modelled, true)).toEqual({
      scenario: {
        kernel: { sysctl: { "net.ipv4.tcp_tw_reuse": 1, "net.ipv4.ip_local_port_range": "1024 2000" } },
      },
      notes: [],
    });
    expect(sysctl(modelled)).toMatchObject({
      scenario: {},
      notes: [{ kind: "no-effect" }, { kind: "no-effect" }],
    });
  });

  test("every key of the models is read, and their default profile is known", () => {
    for (const key of Object.keys(sysctlSettings().shape)) {
      const value = key.endsWith("range") ? "1024 2000" : "1";
      const settings = { "net.ipv4.tcp_syn_linear_timeouts": "6.8", "net.ipv4.tcp_tw_reuse_delay": "6.14" };
      const since = (settings as Record<string, string>)[key];
      const { notes } = importSysctl({ file: "sysctl.txt", text: `${key} = ${value}` }, { tcp: true });
      expect(notes).toHaveLength(since ? 1 : 0);
      const context = { tcp: true, profile: `linux-${since ?? "6.1"}` };
      const { scenario } = importSysctl({ file: "sysctl.txt", text: `${key} = ${value}` }, context);
      expect(scenario.kernel).toHaveProperty("sysctl");
    }
  });

  test("no reserved ports are not written", () => {
    expect(sysctl("net.ipv4.ip_local_reserved_ports = ", true)).toEqual({ scenario: {}, notes: [] });
  });

  test("other keys of TCP are told", () => {
    const text = "net.ipv4.tcp_rmem = 4096\t131072\t6291456\r\n";
    const [note] = sysctl(text).notes;
    expect(note).toMatchObject({
      where: "sysctl.txt:1",
      directive: "net.ipv4.tcp_rmem = 4096 131072 6291456",
    });
    expect(note?.kind).toBe("no-effect");
    expect(sysctl(text, true).notes[0]?.kind).toBe("not-modelled");
  });

  test.each([
    ["kernel.hostname = web", "no-effect"],
    ["fs.file-max = 1000", "not-modelled"],
    ["fs.nr_open = 1000", "not-modelled"],
    ["fs.inotify.max_user_watches = 1000", "no-effect"],
    ["sysctl: permission denied on key 'net.core.somaxconn'", "not-modelled"],
  ])("%j is told as %s, whatever the network", (text, kind) => {
    expect(sysctl(text)).toMatchObject({ scenario: {}, notes: [{ kind }] });
  });

  test.each([
    [
      "\nsomaxconn 128",
      'sysctl.txt:2: expected a line such as "net.core.somaxconn = 128", got "somaxconn 128"',
    ],
    ["net.core.somaxconn = many", 'sysctl.txt:1 net.core.somaxconn: expected a whole number, got "many"'],
    [
      "net.ipv4.ip_local_port_range = 1024",
      `sysctl.txt:1 net.ipv4.ip_local_port_range: ${PORTS}, got "1024"`,
    ],
  ])("%j is refused", (text, message) => {
    expect(messageOf(() => sysctl(text))).toBe(message);
  });

  test.each(["1000 65535", "1023 1023", "2000 1024", "1024 65536", "1024 65535", "1024 1024"])(
    "a range of ports %j is refused or taken as a scenario does it",
    (range) => {
      const { issues = [] } =
        sysctlSettings().safeParse({ "net.ipv4.ip_local_port_range": range }).error ?? {};
      const [message] = issues.map((issue) => `expected ${issue.message}`);
      expect(message ?? PORTS).toBe(PORTS);
      const where = "\nnet.ipv4.ip_local_port_range";
      const read = () => sysctl(`${where} = ${range}`, true);
      if (message === undefined) expect(read().notes).toEqual([]);
      else expect(messageOf(read)).toBe(`sysctl.txt:2${where.replace("\n", " ")}: ${PORTS}, got "${range}"`);
    },
  );
});

describe("versions", () => {
  test("nginx's version comes with the distribution, whose name is in the error pages", () => {
    expect(versions("nginx version: nginx/1.18.0 (Ubuntu)").scenario).toEqual({
      nginx: { version: "1.18.0 (Ubuntu)" },
    });
    expect(versions("nginx version: nginx/1.22.1").scenario).toEqual({ nginx: { version: "1.22.1" } });
  });

  test("every profile of the models is found by its own kernel, without a note", () => {
    for (const profile of PROFILE_NAMES) {
      const line = `${profile.replace("linux-", "Linux ")}.44`;
      expect(versions(line)).toEqual({ scenario: { kernel: { profile } }, notes: [] });
    }
  });

  test.each([
    ["Linux 5.10.0-28-amd64", "linux-5.4", "next older"],
    ["Linux web1 6.2.0-39-generic #40 SMP x86_64 GNU/Linux", "linux-6.1", "next older"],
    ["Linux 4.18.0-553.el8_10.x86_64", "linux-4.19", "nearest"],
    ["Linux 7.0", "linux-6.18", "next older"],
  ])("%j is taken as %s, and a note says so", (line, profile, which) => {
    const { scenario, notes } = versions(line);
    expect(scenario).toEqual({ kernel: { profile } });
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatchObject({ kind: "no-effect", directive: line });
    expect(notes[0]?.text).toBe(`taken as ${profile.replace("linux-", "Linux ")}, the ${which} profile`);
  });

  test("a kernel older than every profile is refused", () => {
    expect(messageOf(() => versions("\nLinux 2.6.32"))).toBe(
      "versions.txt:2: expected Linux 3.13 or newer, got Linux 2.6.32",
    );
  });

  test("the rest is told", () => {
    const text = "gunicorn (version 20.1.0)\nnproc 2\nCONFIG_HZ=250\nMemTotal 24 GiB\nPython 3.11.2";
    const told = (tcp: boolean) => versions(text, tcp).notes.map(({ where, kind }) => `${where} ${kind}`);
    expect(versions(text).scenario).toEqual({ gunicorn: { version: "20.1.0" } });
    expect(told(false)).toEqual([
      "versions.txt:2 no-effect",
      "versions.txt:3 no-effect",
      "versions.txt:4 no-effect",
      "versions.txt:5 not-modelled",
    ]);
    expect(told(true)).toEqual(["versions.txt:2 no-effect", "versions.txt:5 not-modelled"]);
  });

  test("processors matter to an application that computes", () => {
    const source = { file: "versions.txt", text: "Linux 6.1\nnproc 2" };
    expect(importVersions(source, { tcp: false, computes: true })).toEqual({
      scenario: { kernel: { profile: "linux-6.1", cores: 2 } },
      notes: [],
    });
  });

  test.each([
    ["Linux 6.1\nCONFIG_HZ=1000\nMemTotal 24 GiB", { profile: "linux-6.1", hz: 1000, memory: "24GiB" }],
    ["MemTotal:       24684096 kB\nLinux 6.1", { memory: "24684096KiB", profile: "linux-6.1" }],
  ])("over TCP %j is the kernel's clock and memory", (text, kernel) => {
    expect(versions(text, true)).toEqual({ scenario: { kernel }, notes: [] });
  });
});
