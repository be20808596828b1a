// A bar on standard error that shows how much is done.

import cliProgress from "cli-progress";
import { unfinished } from "./unfinished.js";

const STEPS = 1000;

export interface ProgressBar {
  update(share: number): void;
  /** Takes the bar away, at most once. The process does that too when it ends early. */
  stop(): void;
}

export function startedBar(label: string): ProgressBar {
  const bar = new Bar({
    // Braces in a file's name are not the bar's.
    format: `{label} [{bar}] {percentage} % | {eta_formatted} left`,
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
    // Its own handlers would come after ours, which end the process.
    gracefulExit: false,
    barsize: 30,
    // Nothing is known as long as nothing has advanced.
    formatTime: (seconds, options, step) => {
      return Number.isFinite(seconds) ? cliProgress.Format.TimeFormat(seconds, options, step) : "?";
    },
  });
  bar.start(STEPS, 0, { label });
  const stop = () => {
    finished();
    bar.stop();
  };
  const finished = unfinished(stop);
  return { update: (share) => bar.update(Math.min(STEPS, Math.round(share * STEPS))), stop };
}

/** cli-progress redraws by a timer of its own, which must not keep a process that has nothing else to do. */
class Bar extends cliProgress.SingleBar {
  declare private timer: NodeJS.Timeout | null;

  override render(): void {
    super.render();
    this.timer?.unref();
  }
}
