// Templates of new scenarios: a claim, and the answers that make it.

import type { Answers } from "./new.js";

export interface Template {
  name: string;
  claim: string;
  answers: Answers;
}

/** What nobody has asked otherwise for. */
const USUAL: Answers = {
  connect: "nginx",
  socket: "unix",
  arrivals: "poisson",
  rate: "60/s",
  service: "50ms",
  servers: 1,
  workers: "4",
  worker_class: "sync",
  threads: "1",
  kernel: "linux-6.1",
};

export const TEMPLATES: readonly Template[] = [
  {
    name: "unix",
    claim: "Visitors come to nginx, which passes them to gunicorn's sync workers over a unix socket.",
    answers: USUAL,
  },
  {
    name: "tcp",
    claim: "nginx reaches gunicorn over TCP: each request takes a port, and a full queue means waiting.",
    answers: { ...USUAL, socket: "tcp", rate: "300/s", service: "10ms" },
  },
  {
    name: "servers",
    claim: "Two gunicorns behind one nginx, which leaves a server alone for 10 s after a single failure.",
    answers: { ...USUAL, servers: 2, rate: "120/s" },
  },
  {
    name: "gthread",
    claim: "Workers with threads accept more than they have threads for, and it waits inside of them.",
    answers: { ...USUAL, worker_class: "gthread", workers: "2", threads: "4", rate: "120/s" },
  },
  {
    name: "closed",
    claim: "A load tester's 60 clients, each of which waits for its answer before it asks again.",
    answers: { ...USUAL, arrivals: "closed" },
  },
  {
    name: "burst",
    claim: "A calm load, and in its midst 300 requests at one instant.",
    answers: { ...USUAL, arrivals: "burst" },
  },
  {
    name: "ramp",
    claim: "The load rises to twice what it was, and beyond what the workers can do.",
    answers: { ...USUAL, arrivals: "ramp" },
  },
  {
    name: "direct",
    claim: "Clients connect straight to gunicorn: no proxy buffers, retries or gives up for them.",
    answers: { ...USUAL, connect: "gunicorn", socket: "tcp" },
  },
];
