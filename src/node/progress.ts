// Progress on standard error: only on a terminal, and only for what takes longer than a second. Each report
// also lets signals in, so that a long run can be interrupted.

import cliProgress from "cli-progress";
import { unfinished } from "./unfinished.js";

const PATIENCE_MS = 1000;
const REFRESH_MS = 100;

export interface Progress {
  report(share: number): Promise<void>;
  /** Takes the bar away. */
  stop(): void;
}

/** `label` is shown before the bar. Stop it in a `finally`: it hides the cursor. */
export function progressBar(label: string, options: { quiet: boolean }): Progress {
  const shown = !options.quiet && process.stderr.isTTY === true;
  const startMs = performance.now();
  let lastMs = startMs;
  let stop: (() => void) | undefined;
  let bar: cliProgress.SingleBar | undefined;
  return {
    async report(share) {
      const nowMs = performance.now();
      if (nowMs - lastMs < REFRESH_MS) return;
      lastMs = nowMs;
      if (shown && !bar && nowMs - startMs > PATIENCE_MS) [bar, stop] = startedBar(label);
      bar?.update(Math.min(STEPS, Math.round(share * STEPS)));
      await letSignalsIn();
    },
    stop() {
      stop?.();
    },
  };
}

const STEPS = 1000;

/** Lets handlers run of signals that have come: Node calls them between two turns of its event loop. */
export function letSignalsIn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A bar, and what takes it away, at most once. The process does that too when it ends early. */
function startedBar(label: string): [cliProgress.SingleBar, () => void] {
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
  return [bar, stop];
}

/** cli-progress redraws by a timer of its own, which must not keep a process that has nothing else to do. */
class Bar extends cliProgress.SingleBar {
  declare private timer: NodeJS.Timeout | null;

  override render(): void {
    super.render();
    this.timer?.unref();
  }
}
