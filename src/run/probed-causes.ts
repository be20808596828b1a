// What the requests of a probe failed for.

import type { Probe } from "./probe.js";

export interface ProbedCause {
  id: string;
  text: string;
  /** Those that decide, as `--set` names them. */
  settings: string[];
  /** Of all requests: the mean of the replications' shares, as metrics have it. */
  share: number;
}

const MOST = 5;

/** The most frequent ones first. */
export function causesOf(probe: Pick<Probe, "first" | "of"> | undefined): ProbedCause[] {
  if (!probe) return [];
  const sent = probe.of("sent");
  const some = sent.filter((count) => count > 0).length;
  const shareOf = (counts: readonly number[]) => {
    return counts.reduce((sum, count, index) => sum + (sent[index] ? count / sent[index] : 0), 0) / some;
  };
  return probe.first.causes
    .map(({ id, text, settings }, index) => ({
      ...{ id, text, settings },
      share: shareOf(probe.of(`count cause.${index}`)),
    }))
    .filter(({ share }) => share > 0)
    .sort((one, other) => other.share - one.share)
    .slice(0, MOST);
}
