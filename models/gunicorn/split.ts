// Which of several workers gets a connection when more than one waits for it.
//
// Modelled: all workers of a class wait on the same sockets without EPOLLEXCLUSIVE, each is woken for each
// connection and the first accept() wins, so only workers whose accept loop runs take part, whether or not
// they have a thread free. Event loops win evenly (measured: within 30 % of it, 4 workers, gunicorn 20.1.0,
// Linux 6.18, two cores, 2026-11). Of gthread workers one is favoured for a whole run and draws are
// independent: of two the favourite gets N(0.655, 0.05) (measured: .60 to .75 in eight runs of 460 to 750
// requests, gunicorn 20.1.0 and 26.1.0, the same machine). For more workers the same half-and-half is kept:
// with r = (1 - q) / q the shares fall as r^(2 k / workers), so the favoured half gets q. That gives .38 .28
// .20 .14 for four and .21 .18 .15 .13 .11 .09 .08 .07 for eight; measured .39 .24 .19 .17 and .22 .21 .16
// .10 .10 .07 .07 .07.
// A worker that a reload starts beside the others has the weight of the one it replaces.
// Not modelled: that with three workers or more the same one wins twice in a row a little less often than
// independent draws say; steeper shares within a burst; machines with more cores than workers.

import { randomNormal } from "d3-random";
import type { World } from "../../src/component/world.js";
import type { Source } from "../../src/engine/random.js";
import type { Employment } from "./worker-class.js";

const FAVOURITE_MEAN = 0.655;
const FAVOURITE_DEVIATION = 0.05;
const CLOSED = -1;

export interface Split {
  /** Makes room for this worker. */
  reserve(worker: number): void;
  /** Workers whose accept loop runs. */
  readonly open: number;
  isOpen(worker: number): boolean;
  /** Its accept loop runs from now on, or no longer. */
  set(worker: number, isOpen: boolean): void;
  /** The one that wins the next connection; there has to be one. */
  choose(): number;
}

/** The split of one object's workers: even among event loops, uneven among gthread workers. */
export function splitOf(world: World, { settings, path, of }: Employment, isEven: boolean): Split {
  const drawn: { source?: Source } = {};
  // With sockets of their own they do not compete.
  const workers = of === "" ? settings.workers : 1;
  // Of a stream of its own, since a worker more takes a draw more.
  const favourites = isEven || workers === 1 ? undefined : world.random(`${path}.favourites`);
  const weights = favourites && new Float64Array(workers);
  if (weights) favour(weights, favourites);
  const among = split(workers, weights, () => {
    drawn.source ??= world.random(`${path}.split`);
    return drawn.source();
  });
  world.onReset(() => {
    if (weights) favour(weights, favourites);
    among.reset();
  });
  return among;
}

/**
 * Every open worker is as likely as any other, or some are favoured, of so many at the start. `draw` decides
 * for each connection; a worker that is alone draws nothing.
 */
function split(workers: number, weights: Float64Array | undefined, draw: Source) {
  const list: number[] = [];
  const places: number[] = [];

  // A worker's own socket has connections before there is room for the worker, which boots.
  const placeOf = (worker: number) => places[worker] ?? CLOSED;

  function chooseByWeight(of: Float64Array): number {
    const { open: count } = among;
    let total = 0;
    for (let index = 0; index < count; index++) total += of[(list[index] as number) % workers] as number;
    let left = draw() * total;
    for (let index = 0; index < count - 1; index++) {
      const worker = list[index] as number;
      left -= of[worker % workers] as number;
      if (left < 0) return worker;
    }
    return list[count - 1] as number;
  }

  const among = {
    open: 0,
    /** Nobody accepts. */
    reset() {
      among.open = 0;
      list.fill(CLOSED);
      places.fill(CLOSED);
    },
    reserve(worker: number) {
      while (places.length <= worker) {
        places.push(CLOSED);
        list.push(CLOSED);
      }
    },
    isOpen: (worker: number) => placeOf(worker) !== CLOSED,
    set(worker: number, isOpen: boolean) {
      const place = placeOf(worker);
      if ((place !== CLOSED) === isOpen) return;
      if (isOpen) {
        places[worker] = among.open;
        list[among.open++] = worker;
        return;
      }
      const last = list[--among.open] as number;
      list[place] = last;
      places[last] = place;
      places[worker] = CLOSED;
    },
    choose() {
      if (workers === 1 && among.open === 1) return list[0] as number;
      return weights ? chooseByWeight(weights) : (list[Math.floor(draw() * among.open)] as number);
    },
  };
  return among;
}

/** Draws the weights of the workers, of which any may be the favourite. */
function favour(weights: Float64Array, draw: Source): void {
  const share = randomNormal.source(draw)(FAVOURITE_MEAN, FAVOURITE_DEVIATION)();
  // 6.9 standard deviations; a share of 1 would leave nothing to the others.
  if (!(share > 0 && share < 1)) throw new Error(`expected a share between 0 and 1, got ${share}`);
  const ratio = ((1 - share) / share) ** (2 / weights.length);
  for (let rank = 0; rank < weights.length; rank++) weights[rank] = ratio ** rank;
  for (let rank = weights.length - 1; rank > 0; rank--) {
    const other = Math.floor(draw() * (rank + 1));
    const weight = weights[rank] as number;
    weights[rank] = weights[other] as number;
    weights[other] = weight;
  }
}
