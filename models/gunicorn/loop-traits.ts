// Modelled: in what workers with an event loop differ from class to class. Not modelled: what follows from
// it; see event-loop.ts and loop-life.ts.

/** What is special about a class. */
export interface LoopTraits {
  /** Connections that a worker takes, and those that have a place to run in; Infinity without a limit. */
  takes: number;
  places: number;
  /** Connections that it accepts in one turn. */
  acceptsPerTurn: number;
  /** The application waits on the loop; it is called when the whole request is there. */
  waitsOnLoop: boolean;
  readsAll: boolean;
  /** It closes at once, whatever it has not read. */
  resets: boolean;
  /** How long a first request may take to come, and how long a connection may rest; 0 for ever. */
  firstNs: number;
  restNs: number;
  keeps: boolean;
  /** `busy` counts requests in a place, not loops that are in use. */
  countsPlaces: boolean;
  /** How long a request goes on whose peer has closed; Infinity if nobody notices before it writes. */
  cancelsNs: number;
  leaving: LoopLeaving;
}

/** How a class leaves, and how it beats. */
export interface LoopLeaving {
  /** Between two heartbeats. */
  beatNs: number;
  /** Between two looks whether it is to leave. */
  noticeNs: number;
  /** Between two looks whether anybody is left; 0 if it knows at once. */
  pollNs: number;
  /** It ends with the first of these looks at which its loop is free. */
  leavesAnyway: boolean;
  /** It closes connections that rest. */
  closesIdle: boolean;
  /** It goes on with heartbeats meanwhile. */
  beats: boolean;
  /** After which it ends with whatever is left; Infinity for never. */
  graceNs: number;
  /** What SIGABRT ends: the request that has the loop; the process; the process, when the loop is free. */
  abortEnds: "request" | "process" | "process, by its loop";
}
