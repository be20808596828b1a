// Progress on standard error: only on a terminal, and only for what takes longer than a second. Each report
// also lets signals in, so that a long run can be interrupted.

import cliProgress from "cli-progress";

const PATIENCE_MS = 1000;
const REFRESH_MS = 100;

export interface Progress {
  report(share: number): Promise<void>;
  stop(): void;
}

/** `label` is shown before the bar. */
export function progressBar(label: string, options: { quiet: boolean }): Progress {
  const shown = !options.quiet && process.stderr.isTTY === true;
  const startMs = performance.now();
  let lastMs = startMs;
  let bar: cliProgress.SingleBar | undefined;
  return {
    async report(share) {
      const nowMs = performance.now();
      if (nowMs - lastMs < REFRESH_MS) return;
      lastMs = nowMs;
      if (shown && !bar && nowMs - startMs > PATIENCE_MS) {
        bar = new cliProgress.SingleBar({
          format: `${label} [{bar}] {percentage} % | {eta_formatted} left`,
          stream: process.stderr,
          clearOnComplete: true,
          hideCursor: true,
          barsize: 30,
        });
        bar.start(1000, 0);
      }
      bar?.update(Math.min(1000, Math.round(share * 1000)));
      await new Promise((resolve) => setImmediate(resolve));
    },
    stop() {
      bar?.update(1000);
      bar?.stop();
    },
  };
}
