// proxy_next_upstream: after what another server is tried.
//
// Modelled: all classes; answers by their status (ngx_http_upstream_next_errors in
// src/http/ngx_http_upstream.c). Not modelled: a header that is invalid, which no application here sends.
//
//   proxy_next_upstream: error timeout http_500
//   proxy_next_upstream: [error, timeout]

import * as z from "zod";
import {
  choice,
  declare,
  delegate,
  fragment,
  pattern,
  withJsonSchema,
} from "../../src/component/settings.js";

const STATUSES = [500, 502, 503, 504, 403, 404, 429] as const;
const CLASSES = [
  "error",
  "timeout",
  "invalid_header",
  ...STATUSES.map((status) => `http_${status}` as const),
  "non_idempotent",
  "off",
] as const;
type Class = (typeof CLASSES)[number];

const classes = z
  .array(choice(CLASSES, { help: "a class of failures" }), {
    error: 'a list of classes, or their names as in "error timeout"',
  })
  .min(1, { error: 'a list with at least one class; "off" is none' });

const WORD = `(${CLASSES.join("|")})`;
const names = pattern({
  expected: `names of classes as in "error timeout", each one of ${CLASSES.join(", ")}`,
  form: new RegExp(`^\\s*${WORD}(\\s+${WORD})*\\s*$`),
  help: "names of classes",
});

const short = names.transform((text) => text.trim().split(/\s+/) as Class[]);

/** A list of classes, or their names with spaces between as nginx.conf has them. */
export const nextUpstreamSetting: z.ZodType<Class[]> = declare(
  withJsonSchema(
    z
      .unknown()
      .transform((input, context) =>
        typeof input === "string" ? delegate(short, input, context) : delegate(classes, input, context),
      ),
    () => ({ anyOf: [fragment(names), fragment(classes)] }),
  ),
  undefined,
  {
    help: "failures and answers after which another server is tried",
    default: ["error", "timeout"],
    source: "ngx_http_proxy_module proxy_next_upstream",
    steps: { each: ["error timeout", "off"] },
  },
) as z.ZodType as z.ZodType<Class[]>;

/** What is tried again. */
export interface NextUpstream {
  errors: boolean;
  timeouts: boolean;
  /** Answers with these statuses. */
  answers: ReadonlySet<number>;
}

export function nextUpstream(words: readonly Class[]): NextUpstream {
  const has = (word: Class) => words.includes(word) && !words.includes("off");
  return {
    errors: has("error"),
    timeouts: has("timeout"),
    answers: new Set(STATUSES.filter((status) => has(`http_${status}`))),
  };
}

/** Whether such an answer is a failure of its server, once another one is tried (ngx_http_upstream_next). */
export function isFailure(status: number): boolean {
  return status !== 403 && status !== 404;
}
