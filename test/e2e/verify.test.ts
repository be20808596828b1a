// recvq import and recvq verify as a user has them: the built bundle, exit codes, files.

import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { recvq, repository } from "./recvq.js";

const folder = () => mkdtempSync(join(tmpdir(), "recvq-"));

describe("recvq import and verify", () => {
  const CASE = join(repository, "test/measured/seed-rate200-1");
  const SYSCTL = join(CASE, "sysctl.txt");

  test("what import writes runs, and predicts the measured 133 and 67", async () => {
    const { stdout: scenario, stderr, code } = await recvq(["import", CASE]);
    expect(code).toBe(0);
    expect(stderr).toContain("directives have no effect on a prediction");
    const { outcomes } = JSON.parse((await recvq(["run", "-", "--json"], { stdin: scenario })).stdout);
    expect([outcomes["200"].count, outcomes["502"].count]).toEqual([133, 67]);
  });

  test("import names files as the user does, follows includes, and leaves to fill in what no file says", async () => {
    const directory = folder();
    const nginx = join(directory, "main.conf");
    writeFileSync(
      nginx,
      "events { }\nhttp { include up*.conf; server { listen 80; location / { proxy_pass http://a; } } }\n",
    );
    writeFileSync(join(directory, "up.conf"), "upstream a { server unix:/run/a.sock; }\nlimit_rate 1k;\n");
    const { stdout, stderr } = await recvq(["import", "--nginx", nginx]);
    expect(stdout).toContain("- unix:/run/a.sock");
    expect(stdout).toContain("# clients:");
    expect(stderr).toContain(`${join(directory, "up.conf")}:2 limit_rate 1k: not modelled`);
  });

  test("verify prints a line a case and exits with 0 when all pass", async () => {
    const { code, stdout } = await recvq(["verify", CASE]);
    expect(stdout).toMatch(/^seed-rate200-1 .* passed$/m);
    expect(stdout).toContain("1 of 1 cases passed");
    expect(code).toBe(0);
  });

  test("verify exits with 99 when one fails; --json tells why; --requests writes each case's requests", async () => {
    const directory = folder();
    for (const file of readdirSync(CASE)) {
      const text = readFileSync(join(CASE, file), "utf8");
      writeFileSync(join(directory, file), file === "gunicorn.sh" ? text.replace("-w 4", "-w 5") : text);
    }
    const out = join(directory, "out");
    const { code, stdout } = await recvq(["verify", directory, CASE, "--json", "--requests", out]);
    expect(JSON.parse(stdout).map(({ passed }: { passed: boolean }) => passed)).toEqual([false, true]);
    expect(code).toBe(99);
    expect(readFileSync(join(out, "seed-rate200-1.csv"), "utf8").split("\n")).toHaveLength(202);
  });

  test("what verify cannot write is known before the first case is run", async () => {
    const directory = folder();
    const [out, text] = [join(directory, "out"), join(directory, "no", "text")];
    const unwritable = await recvq(["verify", CASE, "--requests", out, "-o", text]);
    expect([unwritable.code, unwritable.stderr]).toEqual([
      2,
      `${text}: cannot be written: ENOENT: no such file or directory\n`,
    ]);
    expect(readdirSync(directory)).toEqual([]);
    const twice = await recvq(["verify", CASE, CASE, "--requests", out, "-o", join(directory, "text")]);
    expect(twice.code).toBe(2);
    expect([readdirSync(directory), readdirSync(out)]).toEqual([["out"], []]);
  });

  test("of an option that is given twice, the last one counts here too", async () => {
    const directory = folder();
    const twice = ["-o", join(directory, "first"), "-o", "-"];
    const requests = ["--requests", join(directory, "one"), "--requests", join(directory, "other")];
    const verified = await recvq(["verify", CASE, ...twice, ...requests]);
    expect([verified.code, verified.stderr]).toEqual([0, ""]);
    expect(readdirSync(directory)).toEqual(["other"]);
    const none = join(directory, "none");
    const files = [
      "--nginx",
      none,
      "--nginx",
      join(CASE, "nginx.conf"),
      "--sysctl",
      none,
      "--sysctl",
      SYSCTL,
    ];
    const imported = await recvq(["import", ...files, ...twice]);
    expect(imported.code).toBe(0);
    expect(imported.stdout).toContain("- unix:/run/lab/g.sock");
  });
});
