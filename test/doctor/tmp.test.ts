import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { examine, rules } from "../../models/doctor/rules.js";
import { components } from "../../models/index.js";
import { withKernelDefaults } from "../../models/linux/kernel-defaults.js";
import { diagnose } from "../../src/check/diagnosis.js";
import { loadScenario } from "../../src/scenario/load.js";
import { cases, scenarioOf } from "./scenarios.js";
const of = (s: any) => diagnose(loadScenario("a.yaml", { read: () => scenarioOf(s), components }), { components, table: () => ({}), examine, effective: withKernelDefaults });
test("x", () => {
  const out: any = {}; const bad: string[] = [];
  for (const { id } of rules) {
    const c = cases[id];
    if (!c) { bad.push(`no case ${id}`); continue; }
    try {
      const f = of(c.applies).findings.filter((x) => x.rule === id);
      if (f.length !== 1) bad.push(`${id}: ${f.length} findings; ${of(c.applies).findings.map((x)=>x.rule)}`);
      out[id] = f[0]?.text;
      const n = of(c.near).findings.filter((x) => x.rule === id);
      if (n.length) bad.push(`${id} near: ${n[0]?.text}`);
    } catch (e) { bad.push(`${id}: ${(e as Error).message}`); }
  }
  writeFileSync("/tmp/doctor/out.json", JSON.stringify(out, null, 1));
  console.log(bad.join("\n")); console.log(JSON.stringify(out, null, 1));
});
