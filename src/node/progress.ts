// Progress on standard error: only on a terminal, and only for what takes longer than a second. Each report
// also lets signals in, so that a long run can be interrupted.

import type { ProgressBar } from "./progress-bar.js";

const PATIENCE_MS = 1000;
const REFRESH_MS = 100;

export interface Progress {
  report(share: number): Promise<void>;
  /** Takes the bar away. */
  stop(): void;
}

/** `label` is shown before the bar. Stop it in a `finally`: it hides the cursor. */
export function progressBar(label: string, options: { quiet: boolean }): Progress {
  const startMs = performance.now();
  let isShown = !options.quiet && process.stderr.isTTY === true;
  let lastMs = startMs;
  let bar: ProgressBar | undefined;
  return {
    async report(share) {
      const nowMs = performance.now();
      if (nowMs - lastMs < REFRESH_MS) return;
      lastMs = nowMs;
      if (isShown && !bar && nowMs - startMs > PATIENCE_MS) {
        // Loaded only now: most runs are over before.
        const { startedBar } = await import("./progress-bar.js");
        // Until then another report may have come, or the end.
        if (isShown && !bar) bar = startedBar(label);
      }
      bar?.update(share);
      await letSignalsIn();
    },
    stop() {
      isShown = false;
      bar?.stop();
    },
  };
}

/** Lets handlers run of signals that have come: Node calls them between two turns of its event loop. */
export function letSignalsIn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
