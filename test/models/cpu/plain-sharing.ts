// Even sharing done the plain way: every job keeps what is left of it, and all of them are gone through whenever
// something happens. What models/cpu/sharing.ts has to agree with.

/** A thread of `process` starts at `atNs` to compute for `cpuNs`; it is stopped at `stopNs` if it runs then. */
export interface PlainJob {
  atNs: number;
  process: number;
  cpuNs: number;
  stopNs: number;
}

interface Running {
  job: number;
  process: number;
  leftNs: number;
}

/** When each job ends, NaN for one that is stopped; and the processor time that all got, in nanoseconds. */
export function plainSharing(
  cores: number,
  jobs: readonly PlainJob[],
): { endNs: number[]; servedNs: number } {
  const endNs = jobs.map(() => Number.NaN);
  let running: Running[] = [];
  let nowNs = 0;
  let servedNs = 0;
  const order = [...jobs.keys()].sort((one, other) => (jobs[one]?.atNs ?? 0) - (jobs[other]?.atNs ?? 0));
  const stops = [...jobs.keys()].sort((one, other) => (jobs[one]?.stopNs ?? 0) - (jobs[other]?.stopNs ?? 0));

  /** Rate of a job: a process has one core at most, and its threads take turns. */
  function rates(): number[] {
    const threads = new Map<number, number>();
    for (const { process } of running) threads.set(process, (threads.get(process) ?? 0) + 1);
    const each = Math.min(1, cores / threads.size);
    return running.map(({ process }) => each / (threads.get(process) as number));
  }

  for (;;) {
    const rate = rates();
    const ends = running.map(({ leftNs }, index) => nowNs + Math.max(0, leftNs / (rate[index] as number)));
    const firstNs = Math.round(Math.min(...ends));
    const startNs = order.length > 0 ? (jobs[order[0] as number] as PlainJob).atNs : Number.POSITIVE_INFINITY;
    const stopNs =
      stops.length > 0 ? (jobs[stops[0] as number] as PlainJob).stopNs : Number.POSITIVE_INFINITY;
    const nextNs = Math.min(firstNs, startNs, stopNs);
    if (nextNs === Number.POSITIVE_INFINITY) return { endNs, servedNs };
    running.forEach((one, index) => {
      one.leftNs -= (nextNs - nowNs) * (rate[index] as number);
      servedNs += (nextNs - nowNs) * (rate[index] as number);
    });
    nowNs = nextNs;
    if (startNs === nextNs) {
      const job = order.shift() as number;
      const { process, cpuNs } = jobs[job] as PlainJob;
      running.push({ job, process, leftNs: cpuNs });
    } else if (stopNs === nextNs) {
      const job = stops.shift() as number;
      running = running.filter((one) => one.job !== job);
    } else {
      const least = Math.min(...ends);
      const index = ends.indexOf(least);
      endNs[(running[index] as Running).job] = nowNs;
      running.splice(index, 1);
    }
  }
}
