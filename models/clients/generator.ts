// The program that sends the requests, where it shares a machine with what it measures.
//
// Modelled: the processor time that it takes for each request that it sends, as one process; it lives in the
// population's network namespace, or where nginx or gunicorn does. Not modelled: that it may itself be late.

import type { World } from "../../src/component/world.js";
import { processorsOf } from "../cpu.js";
import { gunicorn } from "../gunicorn/gunicorn.js";
import { kernel, kernelOf } from "../linux/kernel.js";
import { nginx } from "../nginx/nginx.js";
import type { Settings } from "./settings.js";

/** To be called with each request that is sent; undefined if that costs nothing that anybody could notice. */
export function loadGenerator(world: World, declared: Settings, path: string): (() => void) | undefined {
  const { cpu: cpuNs } = declared;
  if (cpuNs === 0) return undefined;
  const front = (world.find(nginx) ?? world.find(gunicorn))?.kernel ?? world.get(kernel);
  const home = declared.kernel === undefined ? front : kernelOf(world, declared.kernel, [path, "kernel"]);
  const processors = processorsOf(home);
  if (processors.isUnlimited) return undefined;
  const process = processors.process();
  const jobs = processors.jobs("load generator", () => {});
  return () => void jobs.start(process, cpuNs, 0);
}
