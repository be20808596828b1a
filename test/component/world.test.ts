import { describe, expect, test } from "vitest";
import * as z from "zod";
import { component } from "../../src/component/component.js";
import type { Caller } from "../../src/component/connections.js";
import { ECONNREFUSED, ENOENT, type Errno, errnoName, OK } from "../../src/component/errno.js";
import type { Server } from "../../src/component/network.js";
import { world } from "../../src/component/world.js";
import { streams } from "../../src/engine/random.js";

const made = () =>
  world(streams("seed", 0), () => {
    throw new Error("no files here");
  });

/** A server that takes every connection and remembers it. */
function listener(): Server & { taken: number[] } {
  const taken: number[] = [];
  const connect = (connection: number): Errno => {
    taken.push(connection);
    return OK;
  };
  return { taken, leadNs: 0, connect } as unknown as Server & { taken: number[] };
}

/** One connect() along a route by a caller that has a request. */
function connect(one: ReturnType<typeof made>, server: Server): { errno: Errno; cause: number } {
  const caller = one.connections.register({} as Caller);
  const request = one.requests.born(0, 0);
  const connection = one.connections.opened(caller, request, -1);
  return { errno: server.connect(connection), cause: one.requests.cause[request] as number };
}

describe("the network", () => {
  test("connects a route to whoever listens there, in whatever order they come", () => {
    const one = made();
    const [early, late] = [listener(), listener()];
    one.network.listen("unix:/early", [], early);
    const routes = ["unix:/early", "127.0.0.1:8000"].map((text) => one.network.route(text, "nginx"));
    one.network.listen("*:8000", [], late);
    expect(one.network.wire()).toEqual([]);
    expect(routes.map(({ server }) => server)).toEqual([early, late]);
    expect(connect(one, routes[1]?.server as Server)).toEqual({ errno: OK, cause: 0 });
    expect([early.taken.length, late.taken.length]).toEqual([0, 1]);
  });

  test.each([
    ["127.0.0.1:8000", "127.0.0.1:8000", {}],
    ["0.0.0.0:8000", "127.0.0.1:8000", {}],
    ["127.0.0.1:8000", "*:8000", {}],
    ["localhost:8000", "127.0.0.1:8000", {}],
    ["*:8000", "127.0.0.1:8000", { reuseport: true }],
  ])("bind() to %s fails where somebody listens on %s", (text, taken, place) => {
    const one = made();
    one.network.listen(taken, [], listener());
    expect(() => one.network.listen(text, ["nginx", "listen"], listener(), place)).toThrow(
      `expected an address of its own, but somebody listens on ${taken} already`,
    );
  });

  test.each([
    ["127.0.0.1:8000", "127.0.0.2:8000", {}],
    ["127.0.0.1:8000", "*:8001", {}],
    ["[::1]:8000", "0.0.0.0:8000", {}],
    ["unix:/run/a.sock", "*:8000", {}],
    ["*:8000", "127.0.0.1:8000", { namespace: 1 }],
    ["*:8000", "127.0.0.1:8000", { reuseport: true }],
  ])("bind() to %s succeeds where somebody listens on %s: %o", (text, taken, place) => {
    const one = made();
    one.network.listen(taken, [], listener(), { reuseport: true });
    expect(() => one.network.listen(text, [], listener(), place)).not.toThrow();
  });

  test.each([
    ["unix:/run/no.sock", ENOENT, "ENOENT", "unix:/run/no.sock"],
    ["127.0.0.1:9", ECONNREFUSED, "ECONNREFUSED", "127.0.0.1:9"],
    ["localhost", ECONNREFUSED, "ECONNREFUSED", "localhost:80"],
  ])("%s, where nobody listens, gives %d, a cause and a warning", (text, errno, name, written) => {
    const one = made();
    one.network.listen("unix:/run/yes.sock", [], listener());
    const route = one.network.route(text, "nginx");
    expect(one.network.wire()).toEqual([
      `nobody listens on ${written}: every connect() by nginx gives ${name}`,
    ]);
    const met = connect(one, route.server);
    expect(met.errno).toBe(errno);
    expect(one.recorder.causes[met.cause]?.id).toBe("nobody-listens");
    expect(one.recorder.causes[met.cause]?.text()).toBe(`nobody listens on ${written} (${name})`);
  });

  test("refuses to be used before it is wired", () => {
    const route = made().network.route("unix:/a", "clients");
    expect(() => route.server.connect(0)).toThrow(TypeError);
  });
});

test.each([
  [2, "ENOENT"],
  [11, "EAGAIN"],
  [111, "ECONNREFUSED"],
] as const)("errno %d is %s", (errno, name) => {
  expect(errnoName(errno)).toBe(name);
});

describe("a world", () => {
  const declared = (section: string) =>
    component({ section, occurs: "many", help: "", settings: z.number(), build: (_, face) => ({ face }) });

  test("finds the first that was built of a section, and says what is missing", () => {
    const one = made();
    const [nginx, gunicorn] = [declared("nginx"), declared("gunicorn")];
    one.build(nginx, 1);
    one.build(nginx, 2);
    expect(one.get(nginx)).toEqual({ face: 1 });
    expect(one.find(gunicorn)).toBeUndefined();
    expect(() => one.get(gunicorn)).toThrow("gunicorn has to be built before it is asked for");
  });

  test("wires the network before the sources start, in the order of their coming", () => {
    const one = made();
    const order: string[] = [];
    const server = listener();
    one.network.listen("unix:/a", [], server);
    const route = one.network.route("unix:/a", "clients");
    one.onStart(() => order.push(route.server === server ? "wired" : "unwired"));
    one.onStart(() => order.push("second"));
    expect(one.start()).toEqual([]);
    expect(order).toEqual(["wired", "second"]);
  });

  test("shows its gauges, and gives each stream once", () => {
    const one = made();
    const gauge = one.gauge("accept queue", 129);
    expect([one.gauges, gauge.name, gauge.limit]).toEqual([[gauge], "accept queue", 129]);
    one.random("clients.service");
    expect(() => one.random("clients.service")).toThrow('the stream "clients.service" was asked for twice');
  });
});
