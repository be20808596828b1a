// A client's timeout is named after what its request was doing: each has a remedy of its own.

import { expect, test } from "vitest";
import { PLAIN, simulate } from "../../support/simulate.js";

const UNIX = "unix:/run/g.sock";
const TCP = "127.0.0.1:8000";

interface Given {
  gunicorn?: string;
  nginx?: string;
  clients?: string;
  address?: string;
}

/** Requests of 3 s, all at 0 s, whose clients leave at 1 s: the causes by name. */
async function causes(requests: number, { gunicorn = "", nginx, clients = "", address = UNIX }: Given) {
  const front = nginx === undefined ? "" : `nginx: { upstream: { servers: ["${address}"] }, ${nginx} }`;
  const { result } = await simulate(`
kernel: { profile: linux-6.18 }
clients: { timeout: 1s, arrivals: { process: burst, requests: ${requests} } ${clients} }
${front}
gunicorn: { ${PLAIN.gunicorn}, bind: "${address}" ${gunicorn} }
app: { sleep: 3s }
run: { replications: 1 }`);
  const lines = result.causes.map(
    ({ count, id, text }) => `${count} ${id}: ${text.replace(/^client timeout/, "…")}`,
  );
  return lines.sort();
}

const RUNNING = "client-timeout-running: … of 1s while running";
const queued = (where: string) => `client-timeout-queued: … of 1s while queued in ${where}`;

test.each([
  ["at gunicorn over a unix socket", 3, {}, [`2 ${queued(`unix accept queue at ${UNIX}`)}`, `1 ${RUNNING}`]],
  [
    "at gunicorn over TCP",
    3,
    { address: TCP },
    [`2 ${queued(`TCP accept queue at ${TCP}`)}`, `1 ${RUNNING}`],
  ],
  [
    // One runs, one waits in a queue of one, whose SYN-ACK is never sent to the third.
    "before the handshake with gunicorn has ended",
    3,
    { address: TCP, gunicorn: ", backlog: 0" },
    [
      `1 tcp-accept-queue-full: TCP accept queue full (1 of 1) at ${TCP}`,
      `1 ${queued(`TCP accept queue at ${TCP}`)}`,
      `1 ${RUNNING}`,
    ],
  ],
  [
    // A gthread worker has two threads and accepts without end.
    "in a worker that hoards what it cannot begin",
    5,
    { gunicorn: ", worker_class: gthread, threads: 2" },
    [`3 ${queued(`a worker at ${UNIX}`)}`, `2 ${RUNNING}`],
  ],
  [
    // Whichever of the two sockets it comes to.
    "at one of gunicorn's sockets with SO_REUSEPORT",
    5,
    { address: TCP, gunicorn: ", version: 25.1.0, workers: 2, reuse_port: true" },
    [`3 ${queued(`TCP accept queue at ${TCP}`)}`, `2 ${RUNNING}`],
  ],
  [
    "behind nginx",
    3,
    { nginx: PLAIN.nginx },
    [`2 ${queued(`unix accept queue at ${UNIX}`)}`, `1 ${RUNNING}`],
  ],
  [
    "while nginx cannot connect",
    3,
    { nginx: PLAIN.nginx, address: TCP, gunicorn: ", backlog: 0" },
    [
      `1 tcp-accept-queue-full: TCP accept queue full (1 of 1) at ${TCP}`,
      `1 ${queued(`TCP accept queue at ${TCP}`)}`,
      `1 ${RUNNING}`,
    ],
  ],
  [
    // The first takes nginx 2 s (half of request_cpu) before it turns to the second.
    "in nginx's listen queue",
    2,
    { nginx: "connect_overhead: 0s, response_overhead: 0s, request_cpu: 4s" },
    [`1 ${queued("TCP accept queue at *:80")}`, `1 ${RUNNING}`],
  ],
  [
    "while nginx delays it",
    2,
    {
      nginx: `${PLAIN.nginx}, limit_req_zone: { name: z, key: server, rate: 30r/m }, limit_req: { zone: z, burst: 9 }`,
    },
    ["1 client-timeout-delayed: … of 1s while delayed by nginx's limit_req", `1 ${RUNNING}`],
  ],
  [
    "while its body is on its way",
    1,
    { nginx: PLAIN.nginx, clients: ", method: POST, body: 100KiB, upload: 50KiB" },
    ["1 client-timeout-sending: … of 1s while its body was on its way to nginx"],
  ],
])("a timeout %s says so", async (_, requests, given, expected) => {
  expect(await causes(requests, given)).toEqual([...expected].sort());
});

test("an answer that a busy nginx has not passed on is no fault of the application", async () => {
  // The first takes nginx 0.6 s of processor time to hand over, and the second as long from 0.6 s on. At 0.7 s the
  // application has answered the first, which nginx looks at after 1.2 s.
  const { trace, result } = await simulate(`
clients: { timeout: 1s, arrivals: { process: burst, requests: 2 } }
nginx: { connect_overhead: 0s, response_overhead: 0s, request_cpu: 1200ms, upstream: { servers: ["${UNIX}"] } }
gunicorn: { ${PLAIN.gunicorn}, bind: "${UNIX}", workers: 2 }
app: { sleep: 700ms }`);
  expect(trace.split("\n")[0]).toBe("0.000 -> 1.000 client-timeout client-timeout-answered");
  expect(result.causes.map(({ text }) => text)).toContain(
    "client timeout of 1s while its answer waited in a busy nginx worker",
  );
});

test("a request on a kept connection waits in a busy nginx, which has accepted it long ago", async () => {
  // Each of two other requests at 2.9 s takes nginx 0.6 s, and each pass of its loop accepts before it looks at what
  // else has come: it turns to the kept connection at 4.1 s, whose client has left at 4 s.
  const trace = (name: string) => `arrivals: { process: trace, file: ${name}.csv }`;
  const { result } = await simulate(
    `
clients:
  - { name: kept, timeout: 1s, keepalive: {}, ${trace("kept")} }
  - { name: others, ${trace("others")} }
nginx: { connect_overhead: 0s, response_overhead: 0s, request_cpu: 1200ms, upstream: { servers: ["${UNIX}"] } }
gunicorn: { ${PLAIN.gunicorn}, bind: "${UNIX}", workers: 9 }`,
    { "kept.csv": "sent_s,service_s\n0,0\n3,0\n", "others.csv": "sent_s,service_s\n2.9,0\n2.9,0\n" },
  );
  expect(result.causes.map(({ text }) => text)).toEqual([
    "client timeout of 1s while queued in a busy nginx worker",
  ]);
});
