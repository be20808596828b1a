// Processor time of worker processes on a machine with as many cores as anybody wants.
//
// Modelled: threads of one process compute one at a time, first come, first served, in slices of the
// interpreter's switch interval (Python/ceval_gil.h; sys.setswitchinterval: 5 ms). Not modelled: a machine
// whose cores are fewer than its processes.

import type { World } from "../../src/component/world.js";
import { MILLISECOND } from "../../src/engine/time.js";

const SLICE_NS = 5 * MILLISECOND;

/** Who gets the processors of one machine: threads of one process share its interpreter lock. */
export interface Processors {
  /** Declares a process; its number. */
  process(): number;
  /** Declares a kind of job: `done(subject)` is called when a job of it has had its processor time. */
  jobs(name: string, done: (subject: number) => void): Jobs;
}

export interface Jobs {
  /** A thread of `process` starts to compute for `cpuNs`; a handle. */
  start(process: number, cpuNs: number, subject: number): number;
  /** It ends before its time (its process was killed). */
  stop(handle: number): void;
}

interface Job {
  handle: number;
  leftNs: number;
  subject: number;
  process: Process;
}

interface Process {
  jobs: Job[];
  /** The slice that runs. */
  slice: number | undefined;
}

export function processorsOf({ sim }: World): Processors {
  const processes: Process[] = [];
  return {
    process: () => processes.push({ jobs: [], slice: undefined }) - 1,
    jobs(name, done) {
      const started: Job[] = [];
      const free: number[] = [];
      const over = sim.event(name, (number) => {
        const process = processes[number] as Process;
        const job = process.jobs.shift() as Job;
        process.slice = undefined;
        job.leftNs -= SLICE_NS;
        if (job.leftNs > 0) process.jobs.push(job);
        else {
          free.push(job.handle);
          done(job.subject);
        }
        run(number);
      });
      function run(number: number): void {
        const process = processes[number] as Process;
        const [job] = process.jobs;
        if (job && process.slice === undefined) {
          process.slice = over.after(Math.min(job.leftNs, SLICE_NS), number);
        }
      }
      return {
        start(number, cpuNs, subject) {
          const process = processes[number] as Process;
          const handle = free.pop() ?? started.length;
          const job = { handle, leftNs: cpuNs, subject, process };
          started[handle] = job;
          process.jobs.push(job);
          run(number);
          return handle;
        },
        stop(handle) {
          const job = started[handle] as Job;
          const { jobs, slice } = job.process;
          const place = jobs.indexOf(job);
          if (place < 0) return;
          jobs.splice(place, 1);
          free.push(handle);
          if (place > 0 || slice === undefined) return;
          over.cancel(slice);
          job.process.slice = undefined;
          run(processes.indexOf(job.process));
        },
      };
    },
  };
}
