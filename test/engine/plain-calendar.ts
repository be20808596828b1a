// The calendar without any trick: one array, searched for the smallest (time, sequence). Random programs run
// on it and on the real one, and have to leave the same log.

import { type EventKind, Simulation } from "../../src/engine/simulation.js";
import type { Timer } from "../../src/engine/timer.js";

/** What a program does. Handles are counted in the order of scheduling, the oldest ones included. */
export type Action =
  | { do: "after"; delayNs: number }
  | { do: "at"; aheadNs: number }
  | { do: "start"; timer: number }
  | { do: "cancel"; handle: number }
  | { do: "many"; events: number; spreadNs: number }
  | { do: "cancelEvery"; stride: number };

export interface Program {
  timerDelaysNs: number[];
  /** What a thing does when it happens: that of its number, round and round. */
  reactions: Action[][];
  /** Done from outside, each before a slice of the run. */
  slices: { actions: Action[]; lengthNs: number }[];
}

/** What the two calendars have in common. */
interface Calendar {
  readonly now: number;
  readonly executed: number;
  readonly isPending: boolean;
  at(timeNs: number, subject: number): () => boolean;
  after(delayNs: number, subject: number): () => boolean;
  start(timer: number, subject: number): () => boolean;
  run(untilNs?: number): void;
}

export type Make = (timerDelaysNs: number[], happened: (subject: number) => void) => Calendar;

const MOST_SCHEDULED = 600;

/** Runs a program to its end and answers everything that could be seen. */
export function logOf(make: Make, { timerDelaysNs, reactions, slices }: Program): string[] {
  const log: string[] = [];
  const cancels: (() => boolean)[] = [];
  const calendar = make(timerDelaysNs, (subject) => {
    log.push(`${calendar.now} happened ${subject}`);
    perform(reactions[subject % reactions.length] as Action[]);
  });
  const schedule = (how: (subject: number) => () => boolean) => {
    if (cancels.length < MOST_SCHEDULED) cancels.push(how(cancels.length));
  };
  const cancel = (index: number) => log.push(`cancel ${index} ${(cancels[index] as () => boolean)()}`);

  function perform(actions: Action[]): void {
    for (const action of actions) act(action);
  }

  function act(action: Action): void {
    if (action.do === "cancel") {
      if (cancels.length > 0) cancel(action.handle % cancels.length);
    } else if (action.do === "cancelEvery") {
      for (let index = 0; index < cancels.length; index += action.stride) cancel(index);
    } else if (action.do === "many") {
      for (let event = 0; event < action.events; event++)
        schedule((subject) => calendar.after((event * 7) % action.spreadNs, subject));
    } else {
      schedule((subject) => {
        if (action.do === "after") return calendar.after(action.delayNs, subject);
        if (action.do === "at") return calendar.at(calendar.now + action.aheadNs, subject);
        return calendar.start(action.timer % timerDelaysNs.length, subject);
      });
    }
  }

  for (const { actions, lengthNs } of slices) {
    perform(actions);
    calendar.run(calendar.now + lengthNs);
    log.push(`${calendar.now} paused ${calendar.executed} ${calendar.isPending}`);
  }
  calendar.run();
  log.push(`${calendar.now} ended ${calendar.executed} ${calendar.isPending}`);
  return log;
}

export const real: Make = (timerDelaysNs, happened) => realCalendar(timerDelaysNs, happened).calendar;

/** One that has been left in the midst of something else, and was reset. */
export const used: Make = (timerDelaysNs, happened) => {
  let isReset = false;
  const { sim, calendar, free } = realCalendar(timerDelaysNs, (subject) => {
    if (isReset) happened(subject);
  });
  const cancels = Array.from({ length: 500 }, (_, subject) => calendar.after((subject * 7) % 900, subject));
  for (const timer of timerDelaysNs.keys()) calendar.start(timer, timer);
  for (const cancel of cancels.filter((_, index) => index % 3 === 0)) cancel();
  calendar.run(450);
  for (let subject = 0; subject < 300; subject++) calendar.after(1_000 + subject, subject);
  for (const timer of timerDelaysNs.keys()) calendar.start(timer, timer);
  calendar.run(480);
  sim.reset();
  free();
  isReset = true;
  return calendar;
};

export function realCalendar(...[timerDelaysNs, happened]: Parameters<Make>) {
  const sim = new Simulation();
  const events = [sim.event("one", happened), sim.event("other", happened)] as const;
  const timers = timerDelaysNs.map((delayNs, index) => sim.timer(`timer ${index}`, delayNs, happened));
  for (const timer of timers) shrink(timer);
  const lone = sim.lone("lone", (subject) => {
    isLoneFree = true;
    happened(subject);
  });
  let isLoneFree = true;
  const event = (subject: number) => {
    if (subject % 4 === 0 && isLoneFree) return lone;
    return subject % 3 === 0 ? events[0] : events[1];
  };
  const cancelOf = (kind: EventKind, handle: number) => {
    if (kind === lone) isLoneFree = false;
    return () => {
      const isCancelled = kind.cancel(handle);
      if (kind === lone && isCancelled) isLoneFree = true;
      return isCancelled;
    };
  };
  const calendar: Calendar = {
    get now() {
      return sim.now;
    },
    get executed() {
      return sim.executed;
    },
    get isPending() {
      return sim.isPending;
    },
    at(timeNs, subject) {
      const kind = event(subject);
      return cancelOf(kind, kind.at(timeNs, subject));
    },
    after(delayNs, subject) {
      const kind = event(subject);
      return cancelOf(kind, kind.after(delayNs, subject));
    },
    start(timer, subject) {
      const handle = timers[timer]?.start(subject) as number;
      return () => timers[timer]?.stop(handle) as boolean;
    },
    run: (untilNs) => void sim.run(untilNs),
  };
  return {
    sim,
    calendar,
    /** The lone event is not pending. */
    free() {
      isLoneFree = true;
    },
  };
}

/** Its ring has room for four: it is to be full now and then. */
function shrink(timer: Timer): void {
  const [times, sequences] = [new Float64Array(4), new Float64Array(4)];
  Object.assign(timer, { times, sequences, subjects: new Int32Array(4) });
}

export const plain: Make = (timerDelaysNs, happened) => {
  interface Entry {
    timeNs: number;
    subject: number;
  }
  // In the order of scheduling, so that the first of the smallest is the next.
  const entries: Entry[] = [];
  const calendar = {
    now: 0,
    executed: 0,
    get isPending() {
      return entries.length > 0;
    },
    at(timeNs: number, subject: number) {
      const entry = { timeNs, subject };
      entries.push(entry);
      return () => {
        const index = entries.indexOf(entry);
        if (index >= 0) entries.splice(index, 1);
        return index >= 0;
      };
    },
    after: (delayNs: number, subject: number) => calendar.at(calendar.now + delayNs, subject),
    start: (timer: number, subject: number) => calendar.after(timerDelaysNs[timer] as number, subject),
    run(untilNs = Number.POSITIVE_INFINITY) {
      while (entries.length > 0) {
        const next = entries.reduce((least, entry) => (entry.timeNs < least.timeNs ? entry : least));
        if (next.timeNs > untilNs) return;
        entries.splice(entries.indexOf(next), 1);
        calendar.now = next.timeNs;
        calendar.executed++;
        happened(next.subject);
      }
    },
  };
  return calendar;
};
