import { describe, expect, test } from "vitest";
import { PROFILE_NAMES } from "../../models/linux/profiles.js";
import { importSysctl } from "../../src/import/sysctl.js";
import { importVersions } from "../../src/import/versions.js";
import { messageOf } from "./support.js";

const sysctl = (text: string, tcp = false) => importSysctl({ file: "sysctl.txt", text }, { tcp });
const versions = (text: string, tcp = false) => importVersions({ file: "versions.txt", text }, { tcp });

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

  test("TCP's keys matter only where nginx reaches the application over TCP", () => {
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
  ])("%j is refused", (text, message) => {
    expect(messageOf(() => sysctl(text))).toBe(message);
  });
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
    ["Linux 5.10.0-28-amd64", "linux-5.4"],
    ["Linux web1 6.2.0-39-generic #40 SMP x86_64 GNU/Linux", "linux-6.1"],
    ["Linux 7.0", "linux-6.18"],
  ])("%j is taken as %s, and a note says so", (line, profile) => {
    const { scenario, notes } = versions(line);
    expect(scenario).toEqual({ kernel: { profile } });
    expect(notes[0]?.text).toContain(profile.replace("linux-", "Linux "));
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
    const tcpOnly = "versions.txt:3 no-effect,versions.txt:4 no-effect";
    expect(told(false).join()).toBe(`versions.txt:2 no-effect,${tcpOnly},versions.txt:5 not-modelled`);
    expect(told(true).join()).toBe(
      `versions.txt:2 no-effect,${tcpOnly.replaceAll("no-effect", "not-modelled")},versions.txt:5 not-modelled`,
    );
  });
});
