// Many runs after each other in a page that stays alive: between two slices of work the browser draws and
// listens, what is done so far is shown, and runs that nobody waits for any more are given up.

export interface Runs<Of> {
  wanted: number;
  done: Of[];
}

/** Lets the page breathe; throws if the runs are not wanted any more. */
export type Pause = () => Promise<void>;

/** Longer than a frame, so that no time is lost by stopping, and far below what anybody notices. */
const SLICE_MS = 20;
/** Whoever draws what is done takes time as well. */
const SHOWN_EVERY_MS = 200;

const GIVEN_UP = new Error("the runs are not wanted any more");

/**
 * Run 0 to `wanted` - 1, one after the other: yields what is done, at first, now and then, and at the end.
 * Ends early, without a word, once `stop` is fulfilled.
 */
export async function* runs<Of>(
  wanted: number,
  run: (index: number, pause: Pause) => Promise<Of>,
  stop: Promise<unknown>,
): AsyncGenerator<Runs<Of>> {
  let isOver = false;
  void stop.then(() => {
    isOver = true;
  });
  let sliceEndMs = 0;
  const pause = async () => {
    if (performance.now() >= sliceEndMs) await new Promise((resolve) => setTimeout(resolve));
    else if (!isOver) return;
    if (isOver) throw GIVEN_UP;
    sliceEndMs = performance.now() + SLICE_MS;
  };

  const done: Of[] = [];
  yield { wanted, done: [] };
  let shownMs = performance.now();
  try {
    for (let index = 0; index < wanted; index++) {
      await pause();
      done.push(await run(index, pause));
      if (index < wanted - 1 && performance.now() < shownMs + SHOWN_EVERY_MS) continue;
      yield { wanted, done: [...done] };
      shownMs = performance.now();
    }
  } catch (error) {
    if (error !== GIVEN_UP) throw error;
  }
}
