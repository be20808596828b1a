// Points on all cores of this machine: each is computed by one thread, while the main thread is free.

import type { Tinypool } from "tinypool";
import type { Point } from "../run/point.js";
import type { PointResult } from "../run/point-result.js";
import { ScenarioError } from "../scenario/error.js";
import { type Answer, PointError } from "./point-protocol.js";

// As with replications (threads.ts): in a thread that has computed something else before, each request takes
// twice as long, and a new thread takes half a second.
const LONG_MS = 1_000;

export interface PointThreads {
  /** Rejects with a ScenarioError or, if a thread died of it, with a PointError. */
  compute(point: Point): Promise<PointResult>;
  stop(): Promise<void>;
}

/** `program` exports `answer`, which is given a Point and gives an Answer. */
export function pointThreads(threads: number, program: URL): PointThreads {
  const pools = new Map<boolean, Promise<Tinypool>>();
  let isLong = false;

  async function start(isolateWorkers: boolean): Promise<Tinypool> {
    const { Tinypool } = await import("tinypool");
    const { href: filename } = program;
    return new Tinypool({ filename, name: "answer", minThreads: 0, maxThreads: threads, isolateWorkers });
  }

  return {
    async compute(point) {
      const pool = pools.get(isLong) ?? start(isLong);
      pools.set(isLong, pool);
      const startMs = performance.now();
      const answer: Answer = await (await pool).run(point).catch((error) => {
        if (error.code !== "ERR_WORKER_OUT_OF_MEMORY") throw error;
        throw new PointError("machine", "a thread had too little memory for it");
      });
      isLong = performance.now() - startMs >= LONG_MS;
      if ("problems" in answer) throw new ScenarioError(answer.problems);
      return answer.result;
    },
    async stop() {
      for (const pool of pools.values()) await (await pool).destroy();
    },
  };
}
