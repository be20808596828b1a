// Callers that leave an asgi worker: one rule a script, the arithmetic in a comment.

import { describe, expect, test } from "vitest";
import { play, type Step } from "./hand-made.js";

const asgi = (more: object = {}) => ({ worker_class: "asgi", version: "26.1.0", ...more });
/** A request of 20 s whose caller leaves after 1 s. */
const leaver: Step[] = [
  { at: 0, open: "a", sleep: 20 },
  { at: 1, leave: "a" },
];

/** How many connections the workers hold at so many seconds. */
function heldAt(untilS: number, settings: object, steps = leaver): number | undefined {
  const { gauges } = play(settings, steps, { untilS }).world;
  return gauges.find(({ name }) => name === "held by gunicorn workers")?.value;
}

describe("a request whose caller has left after 1 s", () => {
  test.each([
    // 1 s and the 3 s of the default.
    ["26.1.0", {}, 4],
    ["25.0.2", {}, 4],
    ["26.1.0", { asgi_disconnect_grace_period: "10s" }, 11],
    ["26.1.0", { asgi_disconnect_grace_period: "0s" }, 1],
    // Longer than the request itself takes.
    ["26.1.0", { asgi_disconnect_grace_period: "30s" }, 20],
    // Before 25.0.2 the task is cancelled at once, whatever the setting says.
    ["25.0.1", {}, 1],
    ["24.0.0", { asgi_disconnect_grace_period: "10s" }, 1],
  ])("of asgi %s with %j is held until %d s", (version, more, endS) => {
    const settings = asgi({ version, ...more });
    expect([heldAt(endS - 0.01, settings), heldAt(endS + 0.01, settings)]).toEqual([1, 0]);
    expect(play(settings, leaver).world.connections.open).toBe(0);
  });

  test.each(["gevent", "uvicorn"])("of %s is held until its 20 s are over", (worker_class) => {
    const settings = { worker_class, asgi_disconnect_grace_period: "3s" };
    expect([heldAt(19.99, settings), heldAt(20.01, settings)]).toEqual([1, 0]);
  });

  test.each([
    ["unix:/run/g.sock", {}],
    ["127.0.0.1:8000", {}],
    ["127.0.0.1:8000", { reuse_port: true }],
  ])("has its socket closed at once: %s %j", (bind, more) => {
    const { log } = play(asgi({ bind, ...more }), leaver);
    expect(log).toEqual(["1.000 a closed after its caller"]);
  });

  test("is not cancelled when it ends within the period", () => {
    // 1 + 3 s is after its end at 2 s.
    const steps = [{ at: 0, open: "a", sleep: 2 }, leaver[1] as Step];
    expect([heldAt(1.99, asgi(), steps), heldAt(2.01, asgi(), steps)]).toEqual([1, 0]);
  });

  test("computes until it gives the loop back, which only then hears of it", () => {
    // The loop is free at 2 s: 3 s from there.
    const steps = [{ at: 0, open: "a", cpu: 2, sleep: 20 }, leaver[1] as Step];
    expect(play(asgi(), steps).log).toEqual(["2.000 a closed after its caller"]);
    expect([heldAt(4.99, asgi(), steps), heldAt(5.01, asgi(), steps)]).toEqual([1, 0]);
  });

  test("was queued for the loop: it begins all the same, and 3 s are counted from then", () => {
    // b has the loop until 2 s; then a computes for 0.5 s.
    const steps: Step[] = [
      { at: 0, open: "b", cpu: 2 },
      { at: 0.5, open: "a", cpu: 0.5, sleep: 20 },
      { at: 1, leave: "a" },
    ];
    expect([heldAt(5.49, asgi(), steps), heldAt(5.51, asgi(), steps)]).toEqual([1, 0]);
  });

  test("and whose body still comes is cancelled before the application works on it", () => {
    // The body would be there at 10 s, and then computes for 5 s, during which b could not be served.
    const steps: Step[] = [
      { at: 0, open: "a", upload: 10, cpu: 5 },
      { at: 1, leave: "a" },
      { at: 11, open: "b" },
    ];
    const settings = asgi({ app: { reads_body: true } });
    expect([heldAt(3.99, settings, steps), heldAt(4.01, settings, steps)]).toEqual([1, 0]);
    expect(play(settings, steps).log.at(-1)).toBe("11.000 b 200");
  });

  test("has its connection's row used again without harm", () => {
    // b takes the row at 5 s, and keeps its 10 s.
    const steps: Step[] = [...leaver, { at: 5, open: "b", sleep: 10 }];
    expect(play(asgi(), steps).log.at(-1)).toBe("15.000 b 200");
  });
});
