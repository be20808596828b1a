// Hashes. What is called measured are the choices of a real nginx (`hash $arg_k`, `hash $remote_addr` and
// `ip_hash` behind real_ip) in front of sockets /tmp/grp/A.sock and so on: nginx 1.22.1, Linux 6.18,
// 2026-11.

import { describe, expect, test } from "vitest";
import { attempts, chiSquare, groupOf, ipv4, passing, server, tally, upTo } from "./group-support.js";

const CHI_SQUARE_2 = 13.82; // two degrees of freedom, 99.9 %

const plain = { hash: { key: "uri" } };
const ketama = { hash: { key: "uri", consistent: true } };
const UNIX_CLIENT = 0;
const clients = [
  "10.0.0.1",
  "10.0.1.1",
  "10.0.1.200",
  "192.168.1.1",
  "172.16.5.4",
  "8.8.8.8",
  "203.0.113.7",
  "198.51.100.9",
  "1.2.3.4",
].map(ipv4);

/** A, B and C with weights 1, 2 and 3. */
function weighted(down = "") {
  return [..."ABC"].map((one, index) => server(one, { weight: index + 1, down: one === down }));
}

/** The same on TCP ports 18001 to 18003, without weights. */
function onPorts(down = "") {
  return [..."ABC"].map((one, index) => ({ address: `127.0.0.1:${18001 + index}`, down: one === down }));
}

/** X and Y refuse every connection and are not disabled by it; B and D answer. */
const refusing = [
  server("X", { max_fails: 0 }),
  server("B", { weight: 2 }),
  server("Y", { weight: 3, max_fails: 0 }),
  server("D"),
];

describe("measured choices", () => {
  test.each<[string, unknown, unknown[], string]>([
    ["hash", plain, weighted(), "CCCCABACBCCBCBBBBCCBBBCCCCBCBBCCBABBCBCB"],
    ["hash with C down", plain, weighted("C"), "BABAABAABABBBBBBBBABBBBBBBBABBBBBABBABBB"],
    ["consistent, unix sockets", ketama, weighted(), "BAACBCABBBACBCCBCBCBCCACBBCACBBABCCCCCCA"],
    ["consistent, ports", ketama, onPorts(), "ABCBACACBBACBACABBBABACCABCCBABBBACABCCA"],
    ["consistent, ports, B down", ketama, onPorts("B"), "ACCCACACCCACAACAACCACACCACCCCACCAACAACCA"],
  ])("%s: of the keys 0 to 39", (_, balance, servers, measured) => {
    const chosen = passing(groupOf(servers, balance), upTo(40));
    expect(chosen.replace(/127.0.0.1:1800(\d)/g, (_all, port) => "ABC"[port - 1] as string)).toBe(measured);
  });

  test.each<[string, unknown, string, string]>([
    ["ip_hash", "ip_hash", "", "CCCCCCAAB"],
    ["ip_hash with B down", "ip_hash", "B", "CCCCCCAAC"],
    ["hash of $remote_addr", { hash: { key: "remote_addr" } }, "", "CABCCCCBC"],
    ["hash of $binary_remote_addr", { hash: { key: "binary_remote_addr" } }, "", "BCCBCCCCA"],
  ])("%s: of nine addresses", (_, balance, down, measured) => {
    expect(passing(groupOf(weighted(down), balance), clients)).toBe(measured);
  });

  test.each<[string, unknown]>([
    ["ip_hash", "ip_hash"],
    ["hash of $remote_addr", { hash: { key: "remote_addr" } }],
    ["hash of $binary_remote_addr", { hash: { key: "binary_remote_addr" } }],
  ])("%s: all clients on unix sockets go to B", (_, balance) => {
    expect(passing(groupOf(weighted(), balance), [UNIX_CLIENT])).toBe("B");
  });

  test.each<[string, unknown, number[], string]>([
    [
      "hash",
      plain,
      upTo(40),
      "YB B B B YB YB D D YB YB B XB XB XYB YB B XYB B XD YB " +
        "YXD YD B B YXB YXB B B YB B B YB D YB B YB D YXB YB YXD",
    ],
    [
      "consistent",
      ketama,
      upTo(40),
      "D XYB YXB D B YXB YXD B XB YB YD D B YB XYD YB YD B YD YB " +
        "B YB YB YD YB B YB YXB YXB B YB YD YB YXB XYD D YXB YB B YXB",
    ],
    ["ip_hash", "ip_hash", clients, "YD YB YB XYD YB D B YD B"],
  ])("%s: a request that fails goes on to the peers of the next hashes", (_, balance, keys, measured) => {
    const group = groupOf(refusing, balance);
    expect(keys.map((key) => attempts(group, "XY", key)).join(" ")).toBe(measured);
  });
});

test("hash follows the weights", () => {
  const counts = tally(passing(groupOf(weighted(), plain), upTo(6_000)), "ABC");
  expect(chiSquare(counts, [1, 2, 3])).toBeLessThan(CHI_SQUARE_2);
});

test("ip_hash spreads networks by the weights, more evenly than chance would", () => {
  // 6000 neighbouring /24 networks; the hash is linear, modulo 6271.
  const networks = upTo(6_000).map((network) => ipv4("10.0.0.0") + network * 256);
  const counts = tally(passing(groupOf(weighted(), "ip_hash"), networks), "ABC");
  expect(chiSquare(counts, [1, 2, 3])).toBeLessThan(CHI_SQUARE_2);
});

test("ip_hash gives all clients of a /24 one peer", () => {
  const neighbours = upTo(256).map((last) => ipv4("198.51.100.0") + last);
  expect(new Set(passing(groupOf(weighted(), "ip_hash"), neighbours)).size).toBe(1);
});

test("consistent: taking a peer away moves its own keys only; without `consistent` most keys move", () => {
  const all = [..."ABCDE"].map((one) => server(one));
  const moved = (balance: unknown) => {
    const before = passing(groupOf(all, balance), upTo(5_000));
    const after = passing(groupOf(all.slice(0, 4), balance), upTo(5_000));
    const others = [...before].filter((peer, key) => peer !== "E" && peer !== after[key]).length;
    return { own: tally(before, "E")[0] as number, others };
  };
  const { own, others } = moved(ketama);
  expect(others).toBe(0);
  // E's share is 1000 of 5000; 160 points a server leave a deviation of 1 / sqrt(160), 8 %. Three of them.
  expect(Math.abs(own - 1_000)).toBeLessThan(240);
  expect(moved(plain).others).toBeGreaterThan(2_500);
});

test("consistent: a disabled peer's keys are spread, and come back with it", () => {
  const servers = [..."ABC"].map((one) => server(one));
  const group = groupOf(servers, ketama);
  const before = passing(group, upTo(300), 0);
  group.release(group.choose(0, 0, 0), true, 0);
  const during = passing(group, upTo(300), 10);
  const moved = [...during].filter((peer, key) => peer !== before[key]);
  expect(moved.length).toBe(tally(before, before[0] as string)[0]);
  expect(new Set(moved).size).toBe(2);
  expect(passing(group, upTo(300), 11)).toBe(before);
});

test("consistent: the addresses of one server have one place and take turns", () => {
  const double = { address: "app:80", resolves: ["10.0.0.1:80", "10.0.0.2:80"] };
  const group = groupOf([double, "10.0.0.3:80"], ketama);
  const whole = groupOf(["app:80", "10.0.0.3:80"], ketama);
  const key = upTo(100).find((candidate) => whole.choose(0, 0, candidate) === 0) as number;
  expect(upTo(4).map(() => group.choose(0, 0, key))).toEqual([0, 1, 0, 1]);
});

const HASHES: [string, unknown][] = [
  ["hash", plain],
  ["consistent", ketama],
  ["ip_hash", "ip_hash"],
];

test.each(HASHES)("%s: after 20 misses the round robin finds the peer", (_, balance) => {
  // A has 1 in 1001 of the weight.
  const group = groupOf([server("A"), server("B", { weight: 1000, down: true })], balance);
  expect(passing(group, clients)).toBe("A".repeat(clients.length));
});

test.each(HASHES)("%s: max_conns sends a key elsewhere while its peer is full", (_, balance) => {
  const servers = [..."ABC"].map((one) => server(one, { max_conns: 1 }));
  const group = groupOf(servers, balance);
  const [first, second] = [group.choose(0, 0, 7), group.choose(0, 0, 7)];
  expect(second).not.toBe(first);
  group.release(first, false, 0);
  expect(group.choose(0, 0, 7)).toBe(first);
});
