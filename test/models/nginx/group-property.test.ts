// Whatever happens, in any order: counts stay counts, and nobody gets a peer that is not for him.

import fc from "fast-check";
import { expect, test } from "vitest";
import { upstreamGroup } from "../../../models/nginx/group.js";
import { balanceSettings, serverSettings } from "../../../models/nginx/group-settings.js";
import { SECOND } from "../../../src/engine/time.js";
import { source } from "./group-support.js";

const aServer = fc.record({
  weight: fc.integer({ min: 1, max: 9 }),
  max_fails: fc.integer({ min: 0, max: 3 }),
  fail_timeout: fc.integer({ min: 0, max: 4 }).map((seconds) => `${seconds}s`),
  max_conns: fc.integer({ min: 0, max: 3 }),
  down: fc.boolean(),
  backup: fc.boolean(),
});
const methods = [
  "round_robin",
  "least_conn",
  "ip_hash",
  "random",
  "random two",
  { hash: { key: "uri" } },
  { hash: { key: "uri", consistent: true } },
];
// An attempt begins, ends well or fails; a request gives up; a second passes. `which` picks the request.
const aStep = fc.record({
  what: fc.constantFrom("arrive", "arrive", "pass", "fail", "fail", "second"),
  which: fc.nat(1_000),
});

interface Request {
  key: number;
  tried: number;
  used: Set<number>;
  peer: number;
}

test("choose gives an eligible peer exactly when there is one, and every count returns to 0", () => {
  const run = fc.property(
    fc.array(aServer, { minLength: 1, maxLength: 6 }),
    fc.constantFrom(...methods),
    fc.array(aStep, { maxLength: 120 }),
    (parameters, method, steps) => {
      const balance = balanceSettings.parse(method);
      const backups = balance.kind === "round_robin" || balance.kind === "least_conn";
      const servers = parameters
        .map((one, index) => ({
          ...one,
          address: `h${index}:80`,
          backup: one.backup && backups && index > 0,
        }))
        .map((one) => serverSettings.parse(one))
        .sort((one, other) => Number(one.backup) - Number(other.backup));
      const group = upstreamGroup(servers, balance, { random: source("property") });
      const fails = servers.map(() => 0);
      const failedS = servers.map(() => -100);
      const touchedS = servers.map(() => -100);
      const conns = servers.map(() => 0);
      const requests: Request[] = [];
      let nowS = 0;

      const isDisabled = (peer: number) => {
        const { max_fails, fail_timeout } = servers[peer] as (typeof servers)[0];
        if (group.single || max_fails === 0 || (fails[peer] as number) < max_fails) return false;
        return nowS - (touchedS[peer] as number) <= fail_timeout / SECOND;
      };
      const isEligible = (peer: number, { used }: Request) => {
        const { down, max_conns } = servers[peer] as (typeof servers)[0];
        if (down || isDisabled(peer) || (used.has(peer) && !group.single)) return false;
        return max_conns === 0 || (conns[peer] as number) < max_conns;
      };
      const attempt = (request: Request) => {
        const eligible = servers.map((_, peer) => peer).filter((peer) => isEligible(peer, request));
        const isBackup = (peer: number) => (servers[peer] as (typeof servers)[0]).backup;
        const primaries = [...request.used].some(isBackup) ? [] : eligible.filter((peer) => !isBackup(peer));
        const candidates = primaries.length > 0 ? primaries : eligible.filter(isBackup);
        const peer = group.choose(request.tried, nowS, request.key);
        request.peer = peer;
        if (peer < 0) {
          expect(candidates).toEqual([]);
          group.forget(request.tried);
          return;
        }
        expect(candidates).toContain(peer);
        conns[peer] = (conns[peer] as number) + 1;
        const { fail_timeout } = servers[peer] as (typeof servers)[0];
        if (nowS - (touchedS[peer] as number) > fail_timeout / SECOND) touchedS[peer] = nowS;
        requests.push(request);
      };
      const end = (which: number, failed: boolean) => {
        const [request] = requests.splice(which % requests.length, 1) as [Request];
        const { peer } = request;
        group.release(peer, failed, nowS);
        conns[peer] = (conns[peer] as number) - 1;
        if (failed) {
          fails[peer] = (fails[peer] as number) + 1;
          failedS[peer] = nowS;
          touchedS[peer] = nowS;
          request.used.add(peer);
          request.tried = group.mark(request.tried, peer);
          attempt(request);
        } else {
          if ((failedS[peer] as number) < (touchedS[peer] as number)) fails[peer] = 0;
          group.forget(request.tried);
        }
      };
      for (const { what, which } of steps) {
        if (what === "arrive") attempt({ key: which, tried: 0, used: new Set(), peer: -1 });
        else if (what === "second") nowS += 1 + (which % 3);
        else if (requests.length > 0) end(which, what === "fail");
        expect(servers.map((_, peer) => group.conns(peer))).toEqual(conns);
        expect(Math.min(...conns)).toBeGreaterThanOrEqual(0);
        expect(group.disabledPeers(nowS)).toBe(servers.filter((_, peer) => isDisabled(peer)).length);
      }
      while (requests.length > 0) end(0, false);
      expect(servers.map((_, peer) => group.conns(peer))).toEqual(servers.map(() => 0));
      expect(group.triedRows()).toBe(0);
    },
  );
  fc.assert(run, { seed: 20261121, numRuns: 400 });
});
