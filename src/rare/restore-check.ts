// Whether a path that is taken up goes on as it would have done: from some places it is walked twice, once
// where it came from and once taken up, with the same random numbers and the same work for all that follow.

import { type Here, NotPlain, type Path, type Place, type Walker, type Way } from "./path.js";
import type { Work } from "./watched-world.js";

/** Births before the place that is checked, and births that are compared. */
const BEFORE = 8;
const COMPARED = 150;
const CHECKS = 24;
/** Many paths are over before they come to a place. */
const MOST_TRIES = 20 * CHECKS;
const FEWEST_COMPARED = 5;
/** Of a comparison: what is over sooner says nothing. */
const FEWEST_BIRTHS = 3;
/** That are kept of each birth. */
const NUMBERS = 3;
/**
 * Where nginx has a request when a place is saved, or when one ends, a few microseconds are lost: once they
 * may decide who was first.
 */
const MOST_DIFFERENT = 1;

/** What a path did: of each birth its time since the place, what it found, and refusals so far. */
type Trace = number[];

/** Walks from some of these places. Throws NotPlain where the two paths differ. */
export async function checkRestoring(
  way: Way,
  places: readonly Place[],
  branch: () => number,
): Promise<void> {
  let [different, compared] = [0, 0];
  for (let tries = 0; tries < MOST_TRIES && compared < CHECKS && places.length > 0; tries++) {
    // By the golden section, so that all levels have their turn.
    const from = places[Math.floor(((tries * 0.618) % 1) * places.length)] as Place;
    const again = branch();
    const original = onceMore({ from, branch: branch() }, BEFORE, again);
    await way.walk(original.walker);
    if (!original.place) continue;
    const restored = onceMore(
      { from: original.place, branch: again, isSame: true },
      0,
      again,
      original.works,
    );
    await way.walk(restored.walker);
    if (original.trace.join() !== restored.trace.join()) different++;
    if (original.trace.length >= FEWEST_BIRTHS * NUMBERS) compared++;
  }
  if (compared < FEWEST_COMPARED) throw new NotPlain("too few paths could be compared");
  if (different > MOST_DIFFERENT) throw new NotPlain("paths that were taken up went on otherwise");
}

/**
 * Walks a path once: `before` births, then with the numbers of the branch `again`, with works that were seen
 * before in the place of drawn ones.
 */
function onceMore(path: Path, before: number, again: number, given: Work[] = []) {
  const works = [...given];
  const trace: Trace = [];
  const at = { isWalked: false, births: 0, compared: 0, sinceNs: 0, refused: 0 };
  const found = { place: undefined as Place | undefined };

  function compare(level: number, here: Here): boolean {
    if (at.compared === 0) at.sinceNs = here.nowNs();
    trace.push(here.nowNs() - at.sinceNs, level, at.refused);
    Object.assign(here.work, works[at.compared % works.length]);
    return ++at.compared < COMPARED;
  }

  const walker: Walker = {
    next() {
      if (at.isWalked) return undefined;
      at.isWalked = true;
      return path;
    },
    arrived(level, here) {
      if (found.place || before === 0) return compare(level, here);
      if (++at.births < before || !here.isSettled()) {
        works.push({ ...here.work });
        return true;
      }
      found.place = here.save(true);
      here.goOn(again);
      at.refused = 0;
      return true;
    },
    refused(count) {
      at.refused += count;
    },
  };
  return {
    walker,
    trace,
    works,
    get place() {
      return found.place;
    },
  };
}
