// Round robin, least connections and random. Sequences called measured are those of a real nginx in front
// of sockets A, B and C: nginx 1.22.1, Linux 6.18, 2026-11, one worker, one request after the other.

import { expect, test } from "vitest";
import { chiSquare, groupOf, letter, passing, server, source, tally, upTo } from "./group-support.js";

// With two degrees of freedom 99.9 % of the statistics lie below.
const CHI_SQUARE_2 = 13.82;

test("weights 5, 1, 1 give A A B A C A A, again and again", () => {
  // Current weights after each pass gains (5, 1, 1) and before the winner pays 7:
  // (5,1,1) A  (3,2,2) A  (1,3,3) B  (6,-3,4) A  (4,-2,5) C  (9,-1,-1) A  (7,0,0) A, then (0,0,0).
  // Measured: AABACAAAABACAA.
  const group = groupOf([server("A", { weight: 5 }), server("B"), server("C")]);
  expect(passing(group, upTo(14))).toBe("AABACAAAABACAA");
});

test("failures lower the effective weight by weight / max_fails, and each pass gives 1 back", () => {
  // Requests marked f fail, the others pass; A is disabled by its fourth failure (measured).
  const requests = "oofooffofoooofofoooooofffofoooooooooooooo";
  const measured = "ABACAABACABAABACAABAACABABCBBCBCBBCBCBBCB";
  const group = groupOf([
    server("A", { weight: 8, max_fails: 4, fail_timeout: "100s" }),
    server("B", { weight: 3, max_fails: 100, fail_timeout: "100s" }),
    server("C", { weight: 2, max_fails: 0 }),
  ]);
  const chosen = [...requests].map((outcome) => {
    const peer = group.choose(0, 0, 0);
    group.release(peer, outcome === "f", 0);
    return letter(group, peer);
  });
  expect(chosen.join("")).toBe(measured);
});

test("with max_fails=1 a peer comes back with no weight and regains it pass by pass", () => {
  // A and B weigh 4. A fails: its effective weight is 0, its current one 4 - 8 = -4; B's is 4. B then wins
  // alone and stays at 4. From second 11 on A gains 0, 1, 2, 3, 4, B always 4, and the winner pays both:
  // (-4,8) B, (-3,8) B, (-1,7) B, (2,5) B, (6,2) A.
  const group = groupOf([server("A", { weight: 4 }), server("B", { weight: 4 })]);
  group.choose(0, 0, 0);
  group.release(0, true, 0);
  expect(passing(group, upTo(3), 10)).toBe("BBB");
  expect(passing(group, upTo(5), 11)).toBe("BBBBA");
});

test("least_conn takes the peer with the fewest connections for its weight", () => {
  const group = groupOf([server("A", { weight: 3 }), server("B"), server("C", { weight: 2 })], "least_conn");
  // conns / weight stay as equal as they can: after 6 requests 3, 1 and 2.
  for (let request = 0; request < 6; request++) group.choose(0, 0, 0);
  expect(upTo(3).map(group.conns)).toEqual([3, 1, 2]);
  group.release(1, false, 0);
  expect(letter(group, group.choose(0, 0, 0))).toBe("B");
  group.release(0, false, 0);
  expect(letter(group, group.choose(0, 0, 0))).toBe("A"); // 2/3 < 1
});

test("least_conn breaks ties by the smooth round robin among the tied", () => {
  // Measured, weights 3, 1, 2, nobody busy: the round robin's own sequence.
  const servers = [server("A", { weight: 3 }), server("B"), server("C", { weight: 2 })];
  expect(passing(groupOf(servers, "least_conn"), upTo(12))).toBe("ACABCAACABCA");
  // A is busy, B and C are tied: C gains 2 and wins, then 2 - 3 + 2 = 1 against 2, then 3 against 0.
  const group = groupOf(servers, "least_conn");
  expect(letter(group, group.choose(0, 0, 0))).toBe("A");
  expect(passing(group, upTo(3))).toBe("CBC");
});

test("least_conn goes over to the least busy backup", () => {
  const backup = { backup: true };
  const servers = [server("A", { max_conns: 1 }), server("B", backup), server("C", backup)];
  const group = groupOf(servers, "least_conn");
  // The first tie leaves (1 - 2, 1) to B, then C alone has none; the second tie is (0, 2), to C.
  expect(upTo(5).map(() => letter(group, group.choose(0, 0, 0)))).toEqual(["A", "B", "C", "C", "B"]);
});

test("random follows the weights", () => {
  const group = groupOf([server("A"), server("B", { weight: 2 }), server("C", { weight: 3 })], "random");
  const counts = tally(passing(group, upTo(60_000)), "ABC");
  expect(chiSquare(counts, [1, 2, 3])).toBeLessThan(CHI_SQUARE_2);
});

test("random passes over a disabled peer and keeps the others' shares", () => {
  const group = groupOf([server("A"), server("B", { weight: 2 }), server("C", { down: true })], "random");
  const counts = tally(passing(group, upTo(30_000)), "ABC");
  expect(counts[2]).toBe(0);
  expect(chiSquare(counts.slice(0, 2), [1, 2])).toBeLessThan(10.83); // one degree of freedom
});

test("random finds the last eligible peer, by the round robin after 21 misses", () => {
  // A has 1 in 1001 of the weight: 21 picks find it in 2 % of the requests, the round robin in the others.
  let draws = 0;
  const random = source("misses");
  const counted = () => {
    draws++;
    return random();
  };
  const group = groupOf([server("A"), server("B", { weight: 1000, down: true })], "random", counted);
  expect(passing(group, upTo(50))).toBe("A".repeat(50));
  expect(draws).toBeGreaterThan(45 * 21);
  expect(draws).toBeLessThanOrEqual(50 * 21);
});

test.each(["random two", "random two least_conn"])("%s never takes the busiest of three", (balance) => {
  // Two different peers are drawn, so the busiest always has a less busy one beside it.
  const group = groupOf([server("A"), server("B"), server("C")], balance);
  const busy = group.choose(0, 0, 0);
  const [first, second] = upTo(3).filter((peer) => peer !== busy) as [number, number];
  const chosen = passing(group, upTo(3_000));
  const counts = [first, second].map((peer) => tally(chosen, letter(group, peer))[0] as number);
  expect(chosen).not.toContain(letter(group, busy));
  expect(chiSquare(counts, [1, 1])).toBeLessThan(10.83);
});

test("random two compares connections for their weight", () => {
  const group = groupOf([server("A", { weight: 3 }), server("B")], "random two");
  // Both are always drawn: 4 requests end as 3 and 1 wherever they began.
  for (let request = 0; request < 4; request++) group.choose(0, 0, 0);
  expect([group.conns(0), group.conns(1)]).toEqual([3, 1]);
});

test("random two takes what is left by the round robin when only one peer is eligible", () => {
  const group = groupOf([server("A"), server("B", { down: true })], "random two");
  expect(passing(group, upTo(20))).toBe("A".repeat(20));
});
