import { expect, test } from "vitest";
import { PLAIN, simulate } from "../support/simulate.js";

test("a dropped SYN names its queue however many causes a scenario has", async () => {
  // Sixty gunicorns have more than 255 causes among them. Of three requests to the last one runs, one waits, and the
  // third is not let in.
  const ports = Array.from({ length: 60 }, (_, index) => 8000 + index);
  const gunicorns = ports.map(
    (port) => `  - { ${PLAIN.gunicorn}, name: g${port}, bind: "127.0.0.1:${port}", backlog: 0 }`,
  );
  const { result } = await simulate(`
clients: { timeout: 500ms, target: "127.0.0.1:8059", arrivals: { process: burst, requests: 3 } }
gunicorn:
${gunicorns.join("\n")}
app: { sleep: 1s }`);
  expect(result.causes.map(({ text }) => text)).toContain("TCP accept queue full (1 of 1) at 127.0.0.1:8059");
});
