// How long programs and calls take, and how much memory.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * Runs a program to its end: seconds of processor time of all its threads, which other work on the machine
 * disturbs least (elsewhere than on Linux those that went by), peak resident memory in MB (Linux only), and
 * what it printed.
 */
export function measure(command, args) {
  return new Promise((resolve, reject) => {
    const start = process.hrtime.bigint();
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    let peakMb;
    let cpuSeconds;
    const look = setInterval(() => {
      peakMb = peakOf(child.pid) ?? peakMb;
      cpuSeconds = cpuOf(child.pid) || cpuSeconds;
    }, 20);
    child.stdout.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(look);
      const seconds = cpuSeconds ?? Number(process.hrtime.bigint() - start) / 1e9;
      if (code === 0) resolve({ seconds, peakMb, output });
      else reject(new Error(`${command} ended with ${code}`));
    });
  });
}

/** The high-water mark of a process that still runs (proc(5), VmHWM). */
function peakOf(pid) {
  try {
    const kb = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kb && Number(kb) / 1024;
  } catch {
    return undefined;
  }
}

/** Processor seconds so far (proc(5), utime and stime, in hundredths): 0 for a process that has ended. */
export function cpuOf(pid) {
  try {
    // The name of the program, in brackets, may hold blanks.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /, "")
      .split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}

/** The least of some measurements: the one that other work on the machine has disturbed least. */
export function least(values) {
  return Math.min(...values);
}

/** Processor seconds of the shortest of so many calls. */
export function secondsOf(times, work) {
  const seconds = Array.from({ length: times }, () => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  });
  return least(seconds);
}
