// Peers of one weight are picked without a look at each, and yet as nginx picks them.

import fc from "fast-check";
import { expect, test } from "vitest";
import { roundRobin, smoothPass } from "../../../models/nginx/balancing.js";
import { serverSettings } from "../../../models/nginx/group-settings.js";
import { peersOf } from "../../../models/nginx/peers.js";

// A request that asks for so many peers in turn; in the end so many of them, the first ones, have failed.
const aRequest = fc.record({
  asks: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.integer({ min: 1, max: 9 })),
  failed: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(3)),
  laterS: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(4)),
});

test("whom requests get, in which order, is what a look at every peer gives", () => {
  const run = fc.property(
    fc.integer({ min: 2, max: 8 }),
    fc.integer({ min: 1, max: 4 }),
    fc.nat(2),
    fc.boolean(),
    fc.array(aRequest, { maxLength: 60 }),
    (count, weight, max_fails, hasBackup, requests) => {
      const servers = Array.from({ length: count }, (_, index) =>
        serverSettings.parse({ address: `h${index}:80`, weight, max_fails, fail_timeout: "3s" }),
      );
      if (hasBackup) servers.push(serverSettings.parse({ address: "backup:80", backup: true }));
      const [quick, plain] = [peersOf(servers), peersOf(servers)];
      const picks = roundRobin(quick);
      const pass = smoothPass(plain);
      const looks = (first: number, end: number, nowS: number) => {
        pass.begin();
        for (let peer = first; peer < end; peer++) if (plain.isEligible(peer, nowS)) pass.offer(peer);
        return pass.winner();
      };
      let nowS = 0;
      for (const { asks, failed, laterS } of requests) {
        nowS += laterS;
        let tried = 0;
        const used: number[] = [];
        for (let ask = 0; ask < asks; ask++) {
          for (const peers of [quick, plain]) peers.tried.recall(tried);
          const found = picks(0, count, nowS, 0);
          expect(found).toBe(looks(0, count, nowS));
          if (found < 0) {
            const [first, end] = [count, quick.count];
            expect(picks(first, end, nowS, 0)).toBe(looks(first, end, nowS));
            break;
          }
          for (const peers of [quick, plain]) peers.assigned(found, nowS);
          used.push(found);
          [tried] = [quick, plain].map((peers) => peers.tried.mark(tried, found)) as [number];
        }
        for (const [index, peer] of used.entries()) {
          for (const peers of [quick, plain]) {
            if (index < failed) peers.failed(peer, nowS);
            else peers.passed(peer);
          }
        }
        for (const peers of [quick, plain]) peers.tried.forget(tried);
        expect(quick.lowered.count).toBe(
          quick.weight.filter((own, peer) => own !== quick.effectiveWeight[peer]).length,
        );
      }
      expect(quick.effectiveWeight).toEqual(plain.effectiveWeight);
    },
  );
  fc.assert(run, { seed: 20261130, numRuns: 300 });
});
