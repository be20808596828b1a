// The settings of a population of clients.
//
// Modelled: loops, retries, kept connections, addresses and URIs: what the other files here do with them.
// Not modelled: cookies, TLS.

import * as z from "zod";
import { address } from "../../src/component/address.js";
import { distribution } from "../../src/component/distribution-setting.js";
import { ERROR_WORDS } from "../../src/component/outcome.js";
import { MOST_CLIENTS } from "../../src/component/requests.js";
import {
  choice,
  count,
  declare,
  duration,
  later,
  number,
  oneOrMany,
  section,
  share,
  text,
  toggle,
  withJsonSchema,
} from "../../src/component/settings.js";
import { SECOND } from "../../src/engine/time.js";
import { kernelSetting } from "../linux/kernel.js";
import { phase } from "./phases.js";
import { requestContentSettings } from "./request-content.js";

const closed = () =>
  section(
    {
      concurrency: count({
        least: 1,
        most: 1_000_000,
        help: "clients with one request at a time, which all begin at once: k6's VUs, wrk's connections",
        steps: { percent: 10, isEnvironment: true },
      }),
      think: distribution({
        help: "time between the end of a client's request and its next one: a duration or a distribution",
        default: "0s",
      }),
      for: duration({
        help: "after this time no request is sent any more; those that are on their way come to their end",
      }).optional(),
      requests: count({ least: 1, help: "requests of all clients together; nobody sends more" }).optional(),
    },
    "a closed loop: each client waits for the end of its request before it sends the next one",
  ).refine((one) => one.for !== undefined || one.requests !== undefined, {
    path: ["for"],
    error: 'a duration, or "requests"',
  });

const OUTCOME_EXPECTED = `a status from 400 to 599, or one of ${ERROR_WORDS.join(", ")}`;
const outcome = withJsonSchema(
  z.unknown().transform((input, context): number | string => {
    if (typeof input === "string" && ERROR_WORDS.some((word) => word === input)) return input;
    if (typeof input === "number" && Number.isInteger(input) && input >= 400 && input < 600) return input;
    context.addIssue({ code: "custom", message: OUTCOME_EXPECTED, input });
    return z.NEVER;
  }),
  () => ({
    anyOf: [
      { type: "integer", minimum: 400, maximum: 599 },
      { type: "string", enum: ERROR_WORDS },
    ],
  }),
);

const budget = () =>
  section(
    {
      ratio: share({
        help: "retries for each request",
        default: 0.2,
        source: "linkerd 2 ServiceProfile, retryRatio",
      }),
      min_retries_per_second: number({
        above: 0,
        help: "retries a second that are allowed besides",
        default: 10,
        source: "linkerd 2 ServiceProfile, minRetriesPerSecond",
      }),
      ttl: duration({
        help: "how long a request counts for the budget",
        default: "10s",
        source: "linkerd 2 ServiceProfile, ttl",
      }).pipe(z.number().gte(SECOND, { error: "a duration of at least 1s" })),
    },
    "a bucket of tokens that all clients of the population share: requests fill it, retries empty it",
  );

const retries = () =>
  section(
    {
      attempts: count({
        least: 1,
        help: "how often a request is sent at most, the first time included",
        default: 3,
        source: "AWS SDKs and Tools Reference Guide, max_attempts",
      }),
      on: declare(z.array(outcome, { error: "a list of outcomes" }), undefined, {
        help: "outcomes after which a request is sent again, whatever its method",
        default: [502, 503, 504, ...ERROR_WORDS],
        source: "Envoy's retry_on: gateway-error; urllib3's Retry: errors of connect and read, time-outs too",
      }),
      delay: distribution({
        help: "time from the end of an attempt to the next one: a duration or a distribution",
        default: "0s",
        source: "urllib3 Retry, backoff_factor = 0",
      }),
      factor: number({
        above: 0,
        help: "each delay is so many times the one before; 2 is the usual exponential backoff",
        default: 1,
      }),
      most: duration({
        help: "no delay is longer",
        default: "120s",
        source: "urllib3 Retry, backoff_max",
      }),
      jitter: choice(["none", "full", "equal"], {
        help: "what is drawn of a delay: nothing, all of it, or its second half",
        default: "none",
        source: "AWS Architecture Blog, Exponential Backoff And Jitter, 2015",
      }),
      budget: later(budget).optional(),
    },
    "failed requests are sent again",
  );

const keepalive = () =>
  section(
    {
      connections: count({
        least: 1,
        help: "connections without a request that are kept open",
        default: 10_000,
        source: "vegeta attack -connections",
      }),
      requests: count({
        least: 1,
        help:
          "requests of one connection, after which the client closes it; " +
          "without it there is no such limit",
      }).optional(),
      idle: duration({
        help: "how long a connection is kept without a request",
        default: "90s",
        source: "Go net/http DefaultTransport, IdleConnTimeout",
      }),
      resend: toggle({
        help: "a request whose kept connection turns out to be closed is sent again over another one",
        default: true,
        source: "Go net/http Transport, persistConn.shouldRetryRequest: requests that may be repeated",
      }),
    },
    "clients of the population share connections that they keep",
  );

const WEIGHT_EXPECTED = "a weight of 0 or more";

export const settings = section(
  {
    name: text({ help: "name of this population, if there are several" }).optional(),
    kernel: kernelSetting("the clients"),
    target: address({ help: "where they connect; without it nginx's listen, or gunicorn's bind" }).optional(),
    timeout: duration({
      help: "how long a client waits for the answer to an attempt before it leaves; 0s, or none, is for ever",
      source: "vegeta attack -timeout",
    }).optional(),
    cpu: duration({
      help: "processor time of the load generator for a request, if it runs on the machine of the others",
      default: "0s",
    }),
    ...requestContentSettings,
    arrivals: oneOrMany(
      phase,
      "when requests are sent, whatever becomes of them: phases that follow each other",
    ).optional(),
    closed: later(closed).optional(),
    retries: later(retries).optional(),
    keepalive: later(keepalive).optional(),
    addresses: count({
      least: 1,
      most: MOST_CLIENTS,
      help: "IPv4 addresses of the clients: one for a load generator, many (each in a /24) for visitors",
      default: 1,
    }),
    uris: count({
      least: 1,
      most: 1_000_000,
      help: "different URIs of each route that they ask for: what `hash $request_uri` tells apart",
      default: 1,
    }),
    routes: z
      .record(z.string(), z.number({ error: WEIGHT_EXPECTED }).min(0, { error: WEIGHT_EXPECTED }), {
        error: "weights by path",
      })
      .meta({ description: "this population's weights of the application's routes, by path" })
      .optional(),
  },
  "clients that send requests",
).superRefine(({ arrivals, closed }, context) => {
  const expected = 'either "arrivals" or "closed"';
  if (arrivals === undefined && closed === undefined) {
    context.addIssue({ code: "custom", path: ["arrivals"], message: expected });
  } else if (arrivals !== undefined && closed !== undefined) {
    context.addIssue({ code: "custom", path: ["closed"], message: `no "closed" beside "arrivals"` });
  }
});

export type Settings = z.output<typeof settings>;
export type Closed = z.output<ReturnType<typeof closed>>;
export type Retries = z.output<ReturnType<typeof retries>>;
export type Budget = z.output<ReturnType<typeof budget>>;
export type Keepalive = z.output<ReturnType<typeof keepalive>>;
