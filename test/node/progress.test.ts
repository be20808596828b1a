import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { progressBar } from "../../src/node/progress.js";
import { undoUnfinished } from "../../src/node/unfinished.js";

const HIDE = "\u001b[?25l";
const SHOW = "\u001b[?25h";
const CLEAR_LINE = "\u001b[2K";

let printed = "";
const wasTerminal = process.stderr.isTTY;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance", "Date", "setTimeout", "clearTimeout"] });
  printed = "";
  process.stderr.isTTY = true;
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    printed += text;
    return true;
  });
});

afterEach(() => {
  undoUnfinished();
  process.stderr.isTTY = wasTerminal;
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** A bar that has appeared, after two seconds. */
async function shownBar(label = "app.yaml") {
  const bar = progressBar(label, { quiet: false });
  vi.advanceTimersByTime(2000);
  await bar.report(0.25);
  return bar;
}

describe("the progress bar", () => {
  test("does not appear in the first second, nor with --quiet, nor without a terminal", async () => {
    const early = progressBar("app.yaml", { quiet: false });
    const quiet = progressBar("app.yaml", { quiet: true });
    vi.advanceTimersByTime(900);
    await early.report(0.5);
    vi.advanceTimersByTime(1100);
    await quiet.report(0.5);
    process.stderr.isTTY = false;
    const piped = progressBar("app.yaml", { quiet: false });
    vi.advanceTimersByTime(2000);
    await piped.report(0.5);
    expect(printed).toBe("");
  });

  test("hides the cursor while it is there; stopped, it leaves an empty line and the cursor", async () => {
    const bar = await shownBar("{bar}.yaml");
    expect(printed).toContain(HIDE);
    expect(printed).toContain("{bar}.yaml [-------");
    expect(printed).not.toContain(SHOW);
    printed = "";
    bar.stop();
    expect(printed.endsWith(CLEAR_LINE)).toBe(true);
    expect(printed).toContain(SHOW);
    printed = "";
    bar.stop();
    expect(printed).toBe("");
  });

  test("is taken away when the process ends early", async () => {
    await shownBar();
    printed = "";
    undoUnfinished();
    expect(printed).toContain(SHOW);
    expect(printed.endsWith(CLEAR_LINE)).toBe(true);
  });

  test("keeps no process alive, however often it redraws itself", async () => {
    const started = vi.spyOn(globalThis, "setTimeout");
    const before = process.listenerCount("SIGINT");
    await shownBar();
    vi.advanceTimersByTime(1000);
    const timers = started.mock.results.map(({ value }) => value as NodeJS.Timeout);
    expect(timers.length).toBeGreaterThan(5);
    expect(timers.filter((timer) => timer.hasRef())).toEqual([]);
    expect(process.listenerCount("SIGINT")).toBe(before);
  });

  test("lets handlers of signals in, in every report after a tenth of a second", async () => {
    const bar = progressBar("app.yaml", { quiet: true });
    let turns = 0;
    const count = () => {
      turns++;
    };
    setImmediate(count);
    await bar.report(0.1);
    expect(turns).toBe(0);
    vi.advanceTimersByTime(200);
    await bar.report(0.2);
    expect(turns).toBe(1);
  });
});
