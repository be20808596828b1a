// Clients that keep connections, against a server whose every move is told here.

import { describe, expect, test } from "vitest";
import { app } from "../../../models/app.js";
import { clients } from "../../../models/clients/clients.js";
import { kernel } from "../../../models/linux/kernel.js";
import { OK } from "../../../src/component/errno.js";
import type { Server } from "../../../src/component/network.js";
import { type World, world } from "../../../src/component/world.js";
import { streams } from "../../../src/engine/random.js";
import { SECOND } from "../../../src/engine/time.js";
import { loadScenario } from "../../../src/scenario/load.js";

const components = [kernel, app, clients] as never;

/** What the server and the clients do, one line each; connections are numbered in the order of connect(). */
interface Told {
  lines: string[];
  built: World;
}

interface Manners {
  /** Answers after its service time and keeps the connection. */
  keeps?: boolean;
  /** Closes a connection that has been without a request for so long. */
  idleS?: number;
  /** Takes note of that close only when the next request comes: what the client sends meets a RST. */
  isSecretive?: boolean;
  /** Closes instead of answering, from this request number of a connection on. */
  hangsUpAt?: number;
}

/** Requests as `sent_s,service_s` pairs. */
function play(rows: string, more: string, manners: Manners = {}): Told {
  const text = `clients: { target: 127.0.0.1:80, arrivals: { process: trace, file: t.csv } ${more} }`;
  const { settings } = loadScenario("test.yaml", { read: () => text, components });
  const columns = rows.split(" ").map((row) => row.split(",").map(Number) as [number, number]);
  const built = world(streams("1", 0), () => ({
    sent_s: Float64Array.from(columns, ([sent]) => sent),
    service_s: Float64Array.from(columns, ([, service]) => service),
  }));
  for (const one of settings.kernel as never[]) built.build(kernel, one);
  built.build(app, settings.app as never);
  for (const one of settings.clients as never[]) built.build(clients, one);
  const lines: string[] = [];
  built.network.listen("127.0.0.1:80", [], server(built, manners, lines));
  built.recorder.observer = ({ id, outcome, latencyNs, sentNs }) => {
    lines.push(`${(sentNs + latencyNs) / SECOND} request ${id}: ${outcome}`);
  };
  built.start();
  built.sim.run();
  return { lines, built };
}

function server(built: World, manners: Manners, lines: string[]): Server {
  const { sim, connections, requests } = built;
  const { keeps = true, idleS, isSecretive = false, hangsUpAt = Number.POSITIVE_INFINITY } = manners;
  const numbers = new Map<number, number>();
  const carried = new Map<number, number>();
  const idle = new Map<number, number>();
  const gone = new Set<number>();
  let opened = 0;
  const say = (text: string, row: number) => lines.push(`${sim.now / SECOND} ${text} ${numbers.get(row)}`);
  const served = sim.event("served", (row) => {
    if (!connections.isCallerOpen(row)) {
      connections.closedByServer(row);
      return;
    }
    if ((carried.get(row) as number) >= hangsUpAt) {
      say("closes", row);
      connections.caller(row).hungUp(row);
      connections.closedByServer(row);
      return;
    }
    if (keeps && connections.isMoreWanted(row)) connections.keeps(row);
    connections.caller(row).responded(row, 200, 2, 0);
    if (!keeps || !connections.isCallerOpen(row)) {
      say("both close", row);
      connections.closedByServer(row);
    } else if (idleS !== undefined) idle.set(row, idled.after(idleS * SECOND, row));
  });
  const idled = sim.event("idled", (row) => {
    if (isSecretive) {
      gone.add(row);
      return;
    }
    say("closes idle", row);
    connections.closedByServer(row);
    connections.caller(row).dismissed?.(row);
  });
  function serve(row: number): void {
    carried.set(row, (carried.get(row) ?? 0) + 1);
    served.after(requests.serviceNs[connections.request[row] as number] as number, row);
  }
  return {
    leadNs: 0,
    connect(row) {
      numbers.set(row, opened++);
      carried.delete(row);
      gone.delete(row);
      say("connect", row);
      serve(row);
      return OK;
    },
    sent(row) {
      idled.cancel(idle.get(row) ?? -1);
      if (gone.has(row)) {
        say("RST on", row);
        connections.closedByServer(row);
        return false;
      }
      say("next request on", row);
      serve(row);
      return true;
    },
    dropped(row) {
      say("client closes idle", row);
      idled.cancel(idle.get(row) ?? -1);
      connections.closedByServer(row);
    },
    abandoned() {},
    answered() {},
    obstacle: () => 0,
  };
}

const KEPT = ", keepalive: {}";

describe("a kept connection", () => {
  test("carries the next request; without keepalive each has its own", () => {
    expect(play("0,1 2,1", KEPT).lines).toEqual([
      "0 connect 0",
      "1 request 0: 200",
      "2 next request on 0",
      "3 request 1: 200",
    ]);
    expect(play("0,1 2,1", "").lines).toEqual([
      "0 connect 0",
      "1 request 0: 200",
      "1 both close 0",
      "2 connect 1",
      "3 request 1: 200",
      "3 both close 1",
    ]);
  });

  test("is not kept if the server does not keep it", () => {
    expect(play("0,1 2,1", KEPT, { keeps: false }).lines.filter((line) => line.includes("connect"))).toEqual([
      "0 connect 0",
      "2 connect 1",
    ]);
  });

  test("is the one that was used last", () => {
    // 0 is free at 1 s, 1 at 2 s; at 3 s the latter is taken, and at 3.5 s there is only 0.
    const { lines } = play("0,1 0,2 3,1 3.5,1", KEPT);
    expect(lines.filter((line) => line.includes("next"))).toEqual([
      "3 next request on 1",
      "3.5 next request on 0",
    ]);
  });

  test("is opened when all are busy, and counted", () => {
    const { built } = play("0,1 0,1 0.5,1 2,1 2,1 2,1 2,1", KEPT);
    expect(built.recorder.tally("clients.connections").count).toBe(4);
    expect(built.recorder.tally("clients.reused").count).toBe(3);
  });

  test("beyond the number that may rest is closed at its answer", () => {
    const { lines, built } = play("0,1 0,2 0,3", ", keepalive: { connections: 2 }");
    expect(lines.filter((line) => line.includes("close"))).toEqual(["3 both close 2"]);
    expect(built.connections.open).toBe(2);
  });

  test("has so many requests and is then closed by the client", () => {
    const { lines } = play("0,0.5 1,0.5 2,0.5", ", keepalive: { requests: 2 }");
    expect(lines.filter((line) => line.includes("close") || line.includes("connect"))).toEqual([
      "0 connect 0",
      "1.5 both close 0",
      "2 connect 1",
    ]);
  });

  test("is closed when it has been without a request for long enough", () => {
    const { lines } = play("0,1 2,1 8,1", ", keepalive: { idle: 4s }");
    expect(lines.filter((line) => line.includes("close") || line.includes("on"))).toEqual([
      "0 connect 0",
      "2 next request on 0",
      "7 client closes idle 0",
      "8 connect 1",
    ]);
  });

  test("does not keep a run going: nobody waits for its end", () => {
    const { built } = play("0,1", KEPT);
    expect(built.sim.now).toBe(1 * SECOND);
  });

  test("that the server closes is used no more", () => {
    const { lines } = play("0,1 9,1", KEPT, { idleS: 5 });
    expect(lines).toEqual([
      "0 connect 0",
      "1 request 0: 200",
      "6 closes idle 0",
      "9 connect 1",
      "10 request 1: 200",
      "15 closes idle 1",
    ]);
  });

  test("in the middle of those that rest may be closed by the server", () => {
    // Three rest from 1, 1.5 and 2 s; the server closes them at 6, 6.5 and 7 s: at 6.75 s the third is left.
    const { lines, built } = play("0,1 0,1.5 0,2 6.75,1", KEPT, { idleS: 5 });
    expect(lines.filter((line) => /closes|next/.test(line)).slice(0, 3)).toEqual([
      "6 closes idle 0",
      "6.5 closes idle 1",
      "6.75 next request on 2",
    ]);
    expect(built.connections.open).toBe(0);
  });

  test("belongs to no request while it rests: the rows of requests are free", () => {
    const { built } = play("0,1 0,1 5,1", KEPT);
    expect(built.requests.live).toBe(0);
  });
});

describe("a request that meets a RST on a kept connection", () => {
  const secretive = { idleS: 5, isSecretive: true };

  test("is sent over another one, at no cost but that", () => {
    const { lines, built } = play("0,1 9,1", KEPT, secretive);
    expect(lines).toEqual([
      "0 connect 0",
      "1 request 0: 200",
      "9 RST on 0",
      "9 connect 1",
      "10 request 1: 200",
    ]);
    expect(built.recorder.tally("clients.resent").count).toBe(1);
    expect(built.recorder.tallies.has("error.ECONNRESET")).toBe(false);
  });

  test("tries all that rest before it opens a new one", () => {
    const { lines, built } = play("0,1 0,1 9,1", KEPT, secretive);
    expect(lines.filter((line) => line.startsWith("9 "))).toEqual([
      "9 RST on 1",
      "9 RST on 0",
      "9 connect 2",
    ]);
    expect([built.requests.live, built.connections.open]).toEqual([0, 1]);
  });

  test("fails if it may not be sent again", () => {
    const { lines, built } = play("0,1 9,1", ", keepalive: { resend: false }", secretive);
    expect(lines.slice(-2)).toEqual(["9 RST on 0", "9 request 1: ECONNRESET"]);
    expect(built.recorder.causes.find(({ count }) => count > 0)?.id).toBe("kept-connection-closed");
    expect(built.recorder.tally("error.ECONNRESET").count).toBe(1);
    expect(built.requests.live).toBe(0);
  });
});

describe("a request whose kept connection is closed before its answer", () => {
  test("is sent over another one; on a new connection it fails", () => {
    const { lines } = play("0,1 2,1", KEPT, { hangsUpAt: 2 });
    expect(lines.slice(2)).toEqual(["2 next request on 0", "3 closes 0", "3 connect 1", "4 request 1: 200"]);
    expect(play("0,1", KEPT, { hangsUpAt: 1 }).lines).toEqual([
      "0 connect 0",
      "1 closes 0",
      "1 request 0: closed",
    ]);
  });

  test("keeps to its time-out over all its connections", () => {
    // It is sent at 2 s, again at 3 s, and leaves at 3.5 s.
    const { lines, built } = play("0,1 2,1", `${KEPT}, timeout: 1500ms`, { hangsUpAt: 2 });
    expect(lines.slice(2)).toEqual([
      "2 next request on 0",
      "3 closes 0",
      "3 connect 1",
      "3.5 request 1: client-timeout",
    ]);
    expect([built.requests.live, built.connections.open]).toEqual([0, 0]);
  });
});
