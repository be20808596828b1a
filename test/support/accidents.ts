// What may happen to gunicorns at random times.

import fc from "fast-check";
import type { Actions } from "../../models/gunicorn/actions.js";
import { MILLISECOND, SECOND } from "../../src/engine/time.js";

/** What happens to one of the gunicorns at some time. */
export interface Accident {
  atMs: number;
  master: number;
  worker: number;
  what: (actions: Actions, worker: number) => void;
}

/** Up to twelve of them, to one of so many gunicorns each. */
export function accidents(masters: number): fc.Arbitrary<Accident[]> {
  const accident: fc.Arbitrary<Accident> = fc.record({
    atMs: fc.nat(8000),
    master: fc.nat(masters - 1),
    worker: fc.integer({ min: 1, max: 9 }),
    what: fc.constantFrom<Accident["what"]>(
      (actions) => actions.reload(),
      (actions) => actions.restart(300 * MILLISECOND),
      (actions) => actions.addWorker(),
      (actions) => actions.removeWorker(),
      (actions) => actions.crash(),
      (actions, worker) => actions.crash(worker),
      (actions) => actions.hang(100 * MILLISECOND),
      (actions, worker) => actions.hang(3 * SECOND, worker),
    ),
  });
  return fc.array(accident, { maxLength: 12 });
}
