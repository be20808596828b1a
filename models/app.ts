// What the application does with a request.
//
// Modelled: the time that a request waits for others while a worker is held, and the processor time that it
// takes, both drawn at the request's birth; the size of the response.
// Not modelled: several routes, failures of the application itself.

import { component } from "../src/component/component.js";
import { distribution, withFiles } from "../src/component/distribution-setting.js";
import { SettingError } from "../src/component/setting-error.js";
import { bytes, section, toggle } from "../src/component/settings.js";
import { readTable, secondsColumn, type TableUse } from "../src/component/table.js";
import type { Table } from "../src/component/world.js";
import { type Distribution, isRandom, sampler } from "../src/engine/distribution.js";
import { type Source, streams } from "../src/engine/random.js";
import { SECOND } from "../src/engine/time.js";

type Given = Parameters<typeof withFiles>[0];

const settings = section(
  {
    sleep: distribution({
      help: "how long a request holds its worker: a duration or a distribution",
      default: "0s",
    }),
    cpu: distribution({
      help: "processor time that the application takes for a request: a duration or a distribution",
      default: "0s",
    }),
    content_length: toggle({
      help: "whether responses announce their length; without it the application always closes first",
      default: true,
      source: "src/http/ngx_http_proxy_module.c",
    }),
    body: bytes({ help: "size of the response's body", default: "2B" }),
  },
  "the application",
);

export const app = component({
  section: "app",
  occurs: "once",
  help: "the application",
  settings,
  build(world, { sleep, cpu, body, content_length }) {
    const timesNs = (given: Given, key: string, column: string) => {
      const path = ["app", key];
      const times = withFiles(given, (file) => {
        const use = { file, path };
        return Array.from(recordedSeconds(readTable(world.table, use), column, use), (s) => s * SECOND);
      });
      checkTruncations(times, path);
      return (source: () => Source) => sampler(times, isRandom(times) ? source() : undrawn);
    };
    return {
      bodyBytes: body,
      announcesLength: content_length,
      /** Service times in whole nanoseconds, one draw a request. */
      serviceNs: timesNs(sleep, "sleep", "service_s"),
      /** Processor times, likewise. */
      cpuNs: timesNs(cpu, "cpu", "cpu_s"),
    };
  },
});

/** The column of this name, or the only one. Throws a SettingError, also for a file without a value. */
function recordedSeconds(table: Table, name: string, use: TableUse): Float64Array {
  const names = Object.keys(table);
  const column = secondsColumn(table, names.length === 1 ? (names[0] as string) : name, use);
  if (!column) {
    const text = `expected a column "${name}" or a single column, got ${names.join(",")}`;
    throw new SettingError(use.path, `${use.file}: ${text}`);
  }
  if (column.length > 0) return column;
  throw new SettingError(use.path, `${use.file}: expected at least one value, got none`);
}

const PROBES = 1_000;
const FEWEST_HITS = 10;

/**
 * What is outside of a truncation is drawn again, so it has to hold enough of the distribution. Without files
 * the settings are checked (component/distribution-setting.ts); here the values are known. Throws a
 * SettingError.
 */
function checkTruncations(distribution: Distribution, path: string[]): void {
  if (distribution.kind === "mixture") for (const { of } of distribution.parts) checkTruncations(of, path);
  if (distribution.kind !== "truncated") return;
  const { of, lowNs, highNs } = distribution;
  checkTruncations(of, path);
  const valueNs = sampler(of, streams("truncated", 0).stream("probe"));
  const probes = Array.from({ length: PROBES }, valueNs);
  if (probes.filter((ns) => ns >= lowNs && ns <= highNs).length >= FEWEST_HITS) return;
  const text =
    'expected limits that hold at least 1 % of the distribution in "of" (the others are drawn again)';
  throw new SettingError(path, `truncated: ${text}`);
}

function undrawn(): number {
  throw new Error("a constant service time draws nothing");
}
