// What a component is built into: the clock, the rows, the network, the records and the random streams of one
// run.

import type { Source, Streams } from "../engine/random.js";
import { Simulation } from "../engine/simulation.js";
import { laidOut } from "../engine/time.js";
import { Gauge } from "../metrics/gauge.js";
import { type TimeAxis, timeAxis } from "../metrics/time-axis.js";
import type { Component } from "./component.js";
import { Connections } from "./connections.js";
import { type Network, network } from "./network.js";
import { type Places, places } from "./places.js";
import { Recorder } from "./recorder.js";
import { Requests } from "./requests.js";

/** A limit that the configuration sets, and the settings behind it, the deciding one first. */
export interface LimitNote {
  text: string;
  settings: string[];
}

/** A queue that refuses who finds it full, and the number of the cause that such requests get. */
export interface BoundedQueue {
  gauge: Gauge;
  cause: number;
}

export interface World {
  readonly sim: Simulation;
  readonly requests: Requests;
  readonly connections: Connections;
  readonly network: Network;
  readonly recorder: Recorder;
  readonly places: Places;
  readonly axis: TimeAxis;
  readonly gauges: Gauge[];
  readonly limits: LimitNote[];
  readonly bounded: BoundedQueue[];
  /** Why the load is not the same at all times, as ends of a sentence: such a run has no steady state. */
  readonly changes: string[];
  /** Asked at the end of a run: what the user should know before believing the numbers, if anything. */
  readonly notices: (() => string | undefined)[];
  /**
   * Processes that work for requests: their gauges, and nanoseconds of work for requests that had been given
   * up.
   */
  readonly work: { busy: Gauge[]; wastedNs: number };
  /** The stream of this name, of this seed and replication: asked for once. */
  random(stream: string): Source;
  /** The same, of which no request's fate depends before `reveal`: see engine/random.ts. */
  hidden(stream: string): Source;
  reveal(): void;
  /** A level over time that the report shows. */
  gauge(name: string, limit?: number): Gauge;
  /** Numbers of a file that a setting names: a trace's columns, an empirical distribution. */
  table(file: string): Table;
  /** What a component built before, the first of its section; undefined if the scenario has none. */
  find<Settings, Face>(component: Component<Settings, Face>): Face | undefined;
  /** The same, for one that must be there. */
  get<Settings, Face>(component: Component<Settings, Face>): Face;
  /** All that were built of its section so far, in the order of the scenario. */
  all<Settings, Face>(component: Component<Settings, Face>): readonly Face[];
  /** Builds a component and keeps its face for `find`. */
  build<Settings, Face>(component: Component<Settings, Face>, settings: Settings): void;
  /** Sets a source of traffic going when everything is built. */
  onStart(start: () => void): void;
  /**
   * What a component does to be as it was when it was built: in the order of building, after clock, rows,
   * streams and records, before the sources start again. Arrays that have grown stay as large.
   */
  onReset(reset: () => void): void;
  /**
   * Numbers that change during a run, each of them reset to what it is now; those whose name ends in `Ns`
   * are laid out for doubles (engine/time.ts).
   */
  state<Values extends Record<string, number | boolean>>(values: Values): Values;
  /** Wires the network and starts the sources; answers warnings. */
  start(): string[];
  /**
   * After a run, for the next one in the same world, whose streams begin anew before: all is as it was when
   * it was built, and whatever was declared to be shown or counted since the start is forgotten.
   */
  reset(): void;
}

/** The first of several without a name draws what it drew alone; one more changes nothing for it. */
function asIfAlone(stream: string): string {
  return stream.replace(/^([a-z]+)\.0\./, "$1.");
}

/** Columns of numbers by name, as read from a CSV file. */
export type Table = Record<string, Float64Array>;

/** An empty world for one replication. `table` reads the files that settings name. */
export function world(streams: Streams, table: (file: string) => Table): World {
  const sim = new Simulation();
  const requests = new Requests();
  const axis = timeAxis();
  const connections = new Connections(requests);
  const recorder = new Recorder(axis, requests);
  const net = network({ connections, requests, recorder });
  const gauges: Gauge[] = [];
  const faces = new Map<unknown, unknown[]>();
  const starts: (() => void)[] = [];
  const resets: (() => void)[] = [];
  const limits: LimitNote[] = [];
  const bounded: BoundedQueue[] = [];
  const changes: string[] = [];
  const notices: (() => string | undefined)[] = [];
  const work = { busy: [] as Gauge[], wastedNs: 0 };
  const lists: unknown[][] = [gauges, limits, bounded, changes, notices, work.busy];
  /** What was there when everything was built. */
  let built: { warnings: string[]; lengths: number[] } | undefined;
  const all = <Settings, Face>(component: Component<Settings, Face>) =>
    (faces.get(component) ?? []) as Face[];
  const find = <Settings, Face>(component: Component<Settings, Face>) => all(component)[0];
  return {
    sim,
    requests,
    connections,
    network: net,
    recorder,
    places: places(),
    axis,
    gauges,
    ...{ limits, bounded, changes, notices, work },
    random: (stream) => streams.stream(asIfAlone(stream)),
    hidden: (stream) => streams.hidden(asIfAlone(stream)),
    reveal: () => streams.reveal(),
    table,
    find,
    all,
    gauge(name, limit) {
      const gauge = new Gauge(sim, axis, name, limit);
      gauges.push(gauge);
      return gauge;
    },
    get(component) {
      const face = find(component);
      if (face === undefined) throw new Error(`${component.section} has to be built before it is asked for`);
      return face;
    },
    build(component, settings) {
      const face = component.build(this, settings);
      faces.set(component, [...all(component), face]);
    },
    onStart(start) {
      starts.push(start);
    },
    onReset(reset) {
      resets.push(reset);
    },
    state(values) {
      const first = { ...values };
      resets.push(() => void Object.assign(values, first));
      return laidOut(values);
    },
    start() {
      if (built === undefined) {
        built = { warnings: net.wire(), lengths: lists.map(({ length }) => length) };
        axis.keep();
        recorder.keep();
      }
      for (const start of starts) start();
      return [...built.warnings];
    },
    reset() {
      lists.forEach((list, index) => {
        list.length = built?.lengths[index] ?? list.length;
      });
      work.wastedNs = 0;
      sim.reset();
      axis.reset();
      requests.reset();
      connections.reset();
      for (const gauge of gauges) gauge.reset();
      recorder.reset();
      for (const reset of resets) reset();
    },
  };
}
