// Requests and connections share a rule: a row is used again when nobody needs it any more, and not before.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Caller, Connections, NO_DOWNSTREAM } from "../../src/component/connections.js";
import { NO_CAUSE, Requests } from "../../src/component/requests.js";
import { NO_TIMER } from "../../src/engine/timer.js";

const caller = () => ({ hungUp() {} }) as unknown as Caller;

/** What a connection should be, kept as an object. */
interface Plain {
  row: number;
  caller: Caller;
  request: number;
  downstream: number;
  callerOpen: boolean;
  serverOpen: boolean;
  accepted: boolean;
  closedNs: number | undefined;
}

type Step =
  | { do: "request"; sentNs: number; serviceNs: number }
  | { do: "forward" | "accept" | "callerCloses" | "serverCloses" | "bothClose"; which: number };

const which = fc.nat(1_000);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("request" as const), sentNs: fc.nat(), serviceNs: fc.nat() }),
  },
  ...(["forward", "accept", "callerCloses", "serverCloses", "bothClose"] as const).map((what) => ({
    weight: what === "bothClose" ? 1 : 3,
    arbitrary: fc.record({ do: fc.constant(what), which }),
  })),
);

test("rows hold what was put there until both ends have closed and the last holder has gone", () => {
  // Long programs outgrow what is left of the first 2,048 rows.
  const steps = fc.array(step, { maxLength: 3_000, size: "max" });
  fc.assert(fc.property(steps, followed), { seed: 9, numRuns: 60 });
});

/** Rows of others. */
const TAKEN = 2_000;

function followed(steps: readonly Step[]): void {
  const requests = new Requests();
  const connections = new Connections(requests);
  const callers = [caller(), caller()].map((one) => ({ one, number: connections.register(one) }));
  for (let row = 0; row < TAKEN; row++) {
    connections.opened(callers[0]?.number as number, requests.born(0, 0), NO_DOWNSTREAM);
  }
  let open: Plain[] = [];
  const born = new Map<number, { id: number; sentNs: number; serviceNs: number }>();

  function opens(request: number, downstream: number): void {
    const { one, number } = callers[open.length % 2] as (typeof callers)[number];
    const row = connections.opened(number, request, downstream);
    expect(open.some((other) => other.row === row)).toBe(false);
    expect(connections.callerTimer[row]).toBe(NO_TIMER);
    const isOpen = { callerOpen: true, serverOpen: true, accepted: false, closedNs: undefined };
    open.push({ row, caller: one, request, downstream, ...isOpen });
    // As a timer would be noted; it must not be found by the row's next connection.
    connections.callerTimer[row] = 7;
  }

  function take(taken: Step): void {
    if (taken.do === "request") {
      const request = requests.born(taken.sentNs, taken.serviceNs);
      expect(open.some((other) => other.request === request)).toBe(false);
      expect(requests.cause[request]).toBe(NO_CAUSE);
      requests.cause[request] = 3;
      born.set(request, { id: requests.sent - 1, sentNs: taken.sentNs, serviceNs: taken.serviceNs });
      opens(request, -1);
      return;
    }
    const one = open[taken.which % open.length];
    if (one === undefined) return;
    if (taken.do === "forward") opens(one.request, one.row);
    else change(one, taken.do, taken.which);
    open = open.filter(({ callerOpen, serverOpen }) => callerOpen || serverOpen);
  }

  function change(one: Plain, what: Step["do"], nowNs: number): void {
    const { row } = one;
    if (what === "accept") {
      connections.accepted(row);
      one.accepted = true;
    } else if (what === "callerCloses" && one.callerOpen) {
      connections.closedByCaller(row, nowNs);
      one.callerOpen = false;
      one.closedNs = nowNs;
    } else if (what === "serverCloses" && one.serverOpen) {
      connections.closedByServer(row);
      one.serverOpen = false;
    } else if (what === "bothClose") {
      connections.closed(row);
      one.callerOpen = false;
      one.serverOpen = false;
    }
  }

  for (const taken of steps) take(taken);
  expect(connections.open).toBe(TAKEN + open.length);
  expect(requests.live).toBe(TAKEN + new Set(open.map(({ request }) => request)).size);
  for (const { row, caller, request, downstream, callerOpen, accepted, closedNs } of open) {
    expect(connections.caller(row)).toBe(caller);
    expect({
      request: connections.request[row],
      downstream: connections.downstream[row],
      callerOpen: connections.isCallerOpen(row),
      accepted: connections.isAccepted(row),
    }).toEqual({ request, downstream, callerOpen, accepted });
    if (closedNs !== undefined) expect(connections.callerClosedNs[row]).toBe(closedNs);
    expect({
      id: requests.id[request],
      sentNs: requests.sentNs[request],
      serviceNs: requests.serviceNs[request],
    }).toEqual(born.get(request));
  }
}

describe("connections", () => {
  test("tell their own caller of the answer", () => {
    const requests = new Requests();
    const connections = new Connections(requests);
    const told: string[] = [];
    const named = (name: string) =>
      connections.register({ responded: () => told.push(name) } as unknown as Caller);
    const [client, proxy] = [named("client"), named("proxy")] as const;
    const request = requests.born(0, 0);
    const outer = connections.opened(client, request, -1);
    const inner = connections.opened(proxy, request, outer);
    connections.caller(inner).responded(inner, 200, 2, 0);
    connections.caller(outer).responded(outer, 200, 2, 0);
    expect(told).toEqual(["proxy", "client"]);
  });

  test("of a caller that has gone stay open for the server, and so does their request", () => {
    const requests = new Requests();
    const connections = new Connections(requests);
    const row = connections.opened(connections.register(caller()), requests.born(5, 10), -1);
    connections.closedByCaller(row, 77);
    expect(connections.isCallerOpen(row)).toBe(false);
    expect([connections.open, requests.live, connections.callerClosedNs[row]]).toEqual([1, 1, 77]);
    connections.closedByServer(row);
    expect([connections.open, requests.live]).toEqual([0, 0]);
  });

  test("are deserted when their caller closes, or when the client behind it has left before", () => {
    const requests = new Requests();
    const connections = new Connections(requests);
    const number = connections.register(caller());
    const request = requests.born(0, 0);
    const outer = connections.opened(number, request, NO_DOWNSTREAM);
    const [first, second] = [
      connections.opened(number, request, outer),
      connections.opened(number, request, outer),
    ];
    connections.closedByCaller(first, 50);
    expect([first, second].map((row) => connections.desertedNs(row))).toEqual([50, Number.POSITIVE_INFINITY]);
    connections.closedByCaller(outer, 70);
    connections.closedByCaller(second, 90);
    expect([first, second].map((row) => connections.desertedNs(row))).toEqual([50, 70]);
    for (const row of [outer, first, second]) connections.closedByServer(row);
    const next = connections.opened(number, requests.born(100, 0), NO_DOWNSTREAM);
    expect(connections.desertedNs(next)).toBe(Number.POSITIVE_INFINITY);
  });

  test("have room for 65536 callers", () => {
    const connections = new Connections(new Requests());
    for (let number = 0; number < 65_535; number++) connections.register(caller());
    expect(connections.register(caller())).toBe(65_535);
    expect(() => connections.register(caller())).toThrow("more than 65536 parts open connections");
  });
});

test("requests are numbered in the order of sending, whatever row they get", () => {
  const requests = new Requests();
  expect([requests.sent, requests.firstSentNs, requests.lastSentNs]).toEqual([0, Number.NaN, Number.NaN]);
  const first = requests.born(10, 1);
  requests.hold(first);
  requests.release(first);
  const second = requests.born(30, 2);
  expect(second).toBe(first);
  expect([requests.id[second], requests.sent, requests.firstSentNs, requests.lastSentNs]).toEqual([
    1, 2, 10, 30,
  ]);
});

test("a request that is sent again has a row of its own with all that it asks, and no cause", () => {
  const requests = new Requests();
  const connections = new Connections(requests);
  const number = connections.register(caller());
  const first = requests.born(5, 7, 9);
  requests.route[first] = 2;
  requests.uri[first] = 3;
  requests.client[first] = 4;
  requests.cause[first] = 6;
  requests.errnos[first] = 1;
  const connection = connections.opened(number, first, -1);
  const second = requests.again(first);
  expect(second).not.toBe(first);
  const { id, sentNs, serviceNs, cpuNs, route, uri, client, attempt, cause, errnos } = requests;
  const columns = [id, sentNs, serviceNs, cpuNs, route, uri, client, attempt, cause, errnos];
  expect(columns.map((column) => column[second])).toEqual([0, 5, 7, 9, 2, 3, 4, 2, NO_CAUSE, 1]);
  expect(requests.sent).toBe(1);
  // Each attempt's row is free when its own connection has gone.
  connections.opened(number, second, -1);
  connections.closed(connection);
  expect(requests.live).toBe(1);
  expect(requests.born(0, 0)).toBe(first);
});
