// What nginx remembers of the requests of one run, the next one in the same world does not know.

import fc from "fast-check";
import { expect, test } from "vitest";
import { type UpstreamGroup, upstreamGroup } from "../../../models/nginx/group.js";
import { balanceSettings, serverSettings } from "../../../models/nginx/group-settings.js";
import { limitConn, limitConnSettings, limitConnZones } from "../../../models/nginx/limit-conn.js";
import { limitReq, limitReqSettings, limitReqZones } from "../../../models/nginx/limit-req.js";
import { section } from "../../../src/component/settings.js";
import { source } from "./group-support.js";

const methods = [
  "round_robin",
  "least_conn",
  "ip_hash",
  "random two",
  { hash: { key: "uri" } },
  { hash: { key: "uri", consistent: true } },
];
const aServer = fc.record({
  weight: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.integer({ min: 1, max: 5 })),
  max_fails: fc.integer({ min: 0, max: 2 }),
  max_conns: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 3 })),
});
// A request, whose first attempts fail and whose last one may go on for ever; some seconds pass before it.
const aRequest = fc.record({
  key: fc.nat(1_000),
  fails: fc.nat(3),
  isLeft: fc.boolean(),
  laterS: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(12)),
});
type Request = typeof aRequest extends fc.Arbitrary<infer Drawn> ? Drawn : never;
const requests = fc.array(aRequest, { maxLength: 40 });

/** The peers that these requests use, -1 where there is none. */
function used(group: UpstreamGroup, all: readonly Request[]): number[] {
  const peers: number[] = [];
  let nowS = 0;
  for (const { key, fails, isLeft, laterS } of all) {
    nowS += laterS;
    let tried = 0;
    for (let attempt = 0; attempt <= fails; attempt++) {
      const peer = group.choose(tried, nowS, key);
      peers.push(peer);
      if (peer < 0 || (attempt === fails && isLeft)) break;
      group.release(peer, attempt < fails, nowS);
      tried = group.mark(tried, peer);
    }
    if (!isLeft) group.forget(tried);
  }
  return peers;
}

test("a group that is reset gives requests the peers that a new one gives them", () => {
  const run = fc.property(
    fc.array(aServer, { minLength: 1, maxLength: 6 }),
    fc.constantFrom(...methods),
    fc.boolean(),
    requests,
    requests,
    (parameters, method, hasBackup, before, after) => {
      const balance = balanceSettings.parse(method);
      const servers = parameters.map((one, index) =>
        serverSettings.parse({ ...one, address: `h${index}:80` }),
      );
      if (hasBackup && (balance.kind === "round_robin" || balance.kind === "least_conn"))
        servers.push(serverSettings.parse({ address: "backup:80", backup: true }));
      let draw = source("reset");
      const group = upstreamGroup(servers, balance, { random: () => draw() });
      used(group, before);
      group.reset();
      draw = source("reset");
      expect(group.triedRows()).toBe(0);
      const peers = used(group, after);
      expect(peers).toEqual(used(upstreamGroup(servers, balance, { random: source("reset") }), after));
    },
  );
  fc.assert(run, { numRuns: 500 });
});

test("limit_req that is reset has seen nobody, however many it had", () => {
  const { limit_req_zone, limit_req } = section(limitReqSettings, "limits").parse({
    limit_req_zone: { name: "one", key: "client", rate: "1r/s" },
    limit_req: { zone: "one", burst: 1 },
  });
  const limit = limitReq(limitReqZones(limit_req_zone ?? []), limit_req ?? []);
  // At once the first passes, the second waits for a second, the third is refused.
  const thrice = (client: number) => [1, 2, 3].map(() => limit.request(client, 5));
  for (const client of [0, 100]) expect(thrice(client)).toEqual([0, 1000, -1]);
  limit.reset();
  for (const client of [0, 100]) expect(thrice(client)).toEqual([0, 1000, -1]);
});

test("limit_conn that is reset counts nobody", () => {
  const { limit_conn_zone, limit_conn } = section(limitConnSettings, "limits").parse({
    limit_conn_zone: { name: "one", key: "client" },
    limit_conn: { zone: "one", connections: 1 },
  });
  const limit = limitConn(limitConnZones(limit_conn_zone ?? []), limit_conn ?? []);
  const twice = () => [limit.enter(100), limit.enter(100)];
  expect(twice()).toEqual([true, false]);
  limit.reset();
  expect(twice()).toEqual([true, false]);
});
