// What a group remembers of its peers: one behaviour a script, seconds and sums in comments.

import { expect, test } from "vitest";
import { attempts, groupOf, letter, passing, server, upTo } from "./group-support.js";

const two = () => groupOf([server("A"), server("B")]);

test("a peer that failed in second 100 is skipped up to second 110 and eligible again in second 111", () => {
  const group = two();
  expect(group.choose(0, 100, 0)).toBe(0);
  expect(group.release(0, true, 100)).toBe(true);
  expect(passing(group, upTo(5), 100)).toBe("BBBBB");
  expect(passing(group, upTo(5), 110)).toBe("BBBBB"); // 110 - 100 = 10, not above fail_timeout
  expect([100, 110, 111].map(group.disabledPeers)).toEqual([1, 1, 0]);
  expect(passing(group, upTo(4), 111)).toContain("A");
});

test("fail_timeout is the server's own: with 2s a peer is back in second 3", () => {
  const group = groupOf([server("A", { fail_timeout: "2s" }), server("B")]);
  expect(attempts(group, "A")).toBe("AB");
  expect(passing(group, upTo(3), 2)).toBe("BBB");
  expect(passing(group, upTo(3), 3)).toContain("A");
});

test("a failed peer gets one probe a window, while everybody else keeps skipping it", () => {
  const group = groupOf([server("A"), server("B", { backup: true })]);
  expect(attempts(group, "A")).toBe("AB");
  // The probe of second 11 does not end. The next may be sent at 11 + 10 + 1 = 22.
  const chosen = [11, 11, 12, 21, 22, 22].map((nowS) => letter(group, group.choose(0, nowS, 0)));
  expect(chosen.join("")).toBe("ABBBAB");
  // A probe that passes makes it live again at once.
  group.release(0, false, 23);
  expect(passing(group, upTo(3), 23)).toBe("AAA");
});

test("a failed probe downs the peer again after that single failure, whatever max_fails", () => {
  const group = groupOf([server("A", { max_fails: 3 }), server("B", { backup: true })]);
  for (const disabled of [false, false, true]) {
    expect(letter(group, group.choose(0, 0, 0))).toBe("A");
    expect(group.release(0, true, 0)).toBe(disabled);
  }
  expect(passing(group, [0], 10)).toBe("B");
  expect(letter(group, group.choose(0, 11, 0))).toBe("A");
  expect(group.release(0, true, 11)).toBe(true);
  expect(passing(group, [0], 21)).toBe("B"); // 21 - 11 = 10
  expect(passing(group, [0], 22)).toBe("A");
});

test("max_fails=3 adds up failures that are at most fail_timeout apart, with successes between them", () => {
  const group = groupOf([server("A", { max_fails: 3 }), server("B", { backup: true })]);
  expect(attempts(group, "A", 0, 0)).toBe("AB");
  expect(passing(group, upTo(50), 5)).toBe("A".repeat(50));
  expect(attempts(group, "A", 0, 10)).toBe("AB");
  expect(attempts(group, "A", 0, 20)).toBe("AB");
  expect(passing(group, upTo(5), 20)).toBe("BBBBB");
});

test("a success more than fail_timeout after the last failure clears the count", () => {
  const group = groupOf([server("A", { max_fails: 3 }), server("B", { backup: true })]);
  expect(attempts(group, "A", 0, 0)).toBe("AB");
  expect(attempts(group, "A", 0, 10)).toBe("AB");
  expect(passing(group, [0], 21)).toBe("A"); // 21 - 10 = 11 > 10
  expect(attempts(group, "A", 0, 21)).toBe("AB");
  expect(attempts(group, "A", 0, 22)).toBe("AB");
  expect(passing(group, [0], 22)).toBe("A"); // 2 of 3
});

test("max_fails=0 never disables", () => {
  const group = groupOf([server("A", { max_fails: 0 }), server("B", { max_fails: 0 })]);
  // A wins first, (1,1) - (2,0), and B retries; then B leads with (0,2), and so in turn.
  expect(upTo(4).map(() => attempts(group, "AB"))).toEqual(["AB", "BA", "AB", "BA"]);
  expect(group.disabledPeers(0)).toBe(0);
});

test("a group of one address remembers nothing, and its peer may be tried again by the same request", () => {
  const group = groupOf(["unix:/tmp/grp/A.sock"]);
  expect(group).toMatchObject({ single: true, attempts: 1, peers: 1 });
  for (let failure = 0; failure < 5; failure++) {
    expect(group.choose(0, 0, 0)).toBe(0);
    expect(group.release(0, true, 0)).toBe(false);
  }
  const tried = group.mark(0, 0);
  expect(group.choose(tried, 0, 0)).toBe(0);
  expect(group.disabledPeers(0)).toBe(0);
});

test.each([
  ["a backup", [server("A"), server("B", { backup: true })], 2],
  ["a second server that is down", [server("A"), server("B", { down: true })], 1],
  [
    "a host name with two addresses",
    [{ address: "localhost:80", resolves: ["[::1]:80", "127.0.0.1:80"] }],
    2,
  ],
])("with %s the group is not single", (_, servers, expected) => {
  const group = groupOf(servers);
  expect(group).toMatchObject({ single: false, attempts: expected, peers: 2 });
  group.choose(0, 0, 0);
  expect(group.release(0, true, 0)).toBe(true);
  expect(group.choose(0, 0, 0)).toBe(expected === 1 ? -1 : 1);
});

test("a dual-stack localhost with a dead ::1 turns one failure of 127.0.0.1 into no live upstreams", () => {
  const group = groupOf([{ address: "localhost:8000", resolves: ["[::1]:8000", "127.0.0.1:8000"] }]);
  expect([group.address(0), group.address(1)]).toEqual(["[::1]:8000", "127.0.0.1:8000"]);
  const [first, second] = [group.choose(0, 0, 0), group.choose(group.mark(0, 0), 0, 0)];
  expect([first, second]).toEqual([0, 1]);
  group.release(0, true, 0);
  group.release(1, true, 1);
  expect(group.choose(0, 1, 0)).toBe(-1);
  expect(group.disabledPeers(10)).toBe(2);
});

test("backups serve the same request once no primary is eligible, and then without a failed attempt", () => {
  // Measured: nginx 1.22.1, Linux 6.18, 2026-11; $upstream_addr of four requests, X and Y refuse.
  const backup = { backup: true };
  const group = groupOf([server("C", backup), server("X"), server("Y"), server("D", backup)]);
  expect(group.attempts).toBe(4);
  expect(upTo(4).map(() => attempts(group, "XY"))).toEqual(["XYC", "D", "C", "D"]);
});

test("a request that has gone over to the backups does not come back to a primary", () => {
  const group = groupOf([server("A"), server("B", { backup: true })]);
  expect(attempts(group, "A", 0, 0)).toBe("AB");
  const backup = group.choose(0, 10, 0);
  group.release(backup, true, 12);
  expect(letter(group, backup)).toBe("B");
  expect(group.choose(group.mark(0, backup), 12, 0)).toBe(-1);
});

test("a peer at max_conns is skipped and not failed; with all of them full nobody is eligible", () => {
  const group = groupOf([server("A", { max_conns: 1 }), server("B", { max_conns: 2 })]);
  const chosen = upTo(4).map(() => letter(group, group.choose(0, 0, 0)));
  expect(chosen).toEqual(["A", "B", "B", "-"]);
  expect(group.disabledPeers(0)).toBe(0);
  group.release(0, false, 0);
  expect(letter(group, group.choose(0, 0, 0))).toBe("A");
});

test.each([
  ["full", { max_conns: 1 }, [0, -1]],
  ["down", { down: true }, [-1, -1]],
])("a single peer that is %s is not used", (_, parameters, expected) => {
  const group = groupOf([server("A", parameters)]);
  expect(group.single).toBe(true);
  expect(expected.map(() => group.choose(0, 0, 0))).toEqual(expected);
});

test("a request uses each of 70 peers once, then nobody is left; its rows are free again", () => {
  const group = groupOf(upTo(70).map((index) => server(`S${index}`, { max_fails: 0 })));
  let tried = 0;
  const used = upTo(70).map(() => {
    const peer = group.choose(tried, 0, 0);
    tried = group.mark(tried, peer);
    return peer;
  });
  expect(new Set(used).size).toBe(70);
  expect(group.choose(tried, 0, 0)).toBe(-1);
  expect(group.triedRows()).toBe(70);
  group.forget(tried);
  expect(group.triedRows()).toBe(0);
  expect(group.choose(0, 0, 0)).toBeGreaterThanOrEqual(0);
});
