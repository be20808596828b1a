// What the requests of a probe failed for.

import type { Probe } from "./probe.js";

export interface ProbedCause {
  id: string;
  text: string;
  /** Those that decide, as `--set` names them. */
  settings: string[];
  /** Of all requests. */
  share: number;
}

const MOST = 5;

/** The most frequent ones first. */
export function causesOf(probe: Pick<Probe, "first" | "of"> | undefined): ProbedCause[] {
  if (!probe) return [];
  const sum = (name: string) => probe.of(name).reduce((all, one) => all + one, 0);
  const sent = sum("sent");
  return probe.first.causes
    .map(({ id, text, settings }, index) => ({
      ...{ id, text, settings },
      share: sum(`count cause.${index}`) / sent,
    }))
    .filter(({ share }) => share > 0)
    .sort((one, other) => other.share - one.share)
    .slice(0, MOST);
}
