// Distributions whose values stand in files, ready to be drawn from.

import { type Distribution, sampler } from "../engine/distribution.js";
import { streams } from "../engine/random.js";
import { SECOND } from "../engine/time.js";
import { type DistributionSetting, withFiles } from "./distribution-setting.js";
import { SettingError } from "./setting-error.js";
import { readTable, secondsColumn, type TableUse } from "./table.js";
import type { Table } from "./world.js";

type Path = (string | number)[];

/** The distribution of the setting at `path`. Throws a SettingError for files that hold no such values. */
export function recordedDistribution(
  read: (file: string) => Table,
  setting: DistributionSetting,
  path: Path,
): Distribution {
  const distribution = withFiles(setting, (file) => {
    const use = { file, path };
    return Array.from(recordedSeconds(readTable(read, use), use), (s) => s * SECOND);
  });
  checkTruncations(distribution, path);
  return distribution;
}

/** The column service_s, or the only one. Throws a SettingError, also for a file without a value. */
function recordedSeconds(table: Table, use: TableUse): Float64Array {
  const names = Object.keys(table);
  const column = secondsColumn(table, names.length === 1 ? (names[0] as string) : "service_s", use);
  if (!column) {
    const text = `expected a column "service_s" or a single column, got ${names.join(",")}`;
    throw new SettingError(use.path, `${use.file}: ${text}`);
  }
  if (column.length > 0) return column;
  throw new SettingError(use.path, `${use.file}: expected at least one value, got none`);
}

const PROBES = 1_000;
const FEWEST_HITS = 10;

/**
 * What is outside of a truncation is drawn again, so it has to hold enough of the distribution. Without files
 * the settings are checked (distribution-setting.ts); here the values are known. Throws a SettingError.
 */
function checkTruncations(distribution: Distribution, path: Path): void {
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
