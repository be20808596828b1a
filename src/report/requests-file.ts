// Requests end in another order than they were sent; a requests file has them in the order of sending. Only
// those that wait for an earlier one are kept.

import { isStatus } from "../component/outcome.js";
import type { EndedRequest } from "../component/recorder.js";
import { requestRow, requestsHeader } from "./requests-csv.js";

export interface RequestsFile {
  /** Takes a request of replication number `replication` (from 0) when it has its outcome. */
  ended(replication: number, request: EndedRequest): void;
  /** Writes what is left. */
  finish(): void;
}

/**
 * Writes the header, then a row a request; replications follow each other. The first request tells whether
 * there is a column of processor times.
 */
export function requestsFile(write: (text: string) => void): RequestsFile {
  const waiting = new Map<number, string>();
  let current = 0;
  let next = 0;
  let hasHeader = false;
  function begin(hasCpu: boolean): void {
    if (!hasHeader) write(`${requestsHeader({ hasCpu })}\n`);
    hasHeader = true;
  }
  function finish(): void {
    begin(false);
    for (const [, row] of [...waiting].sort(([one], [other]) => one - other)) write(row);
    waiting.clear();
  }
  return {
    ended(replication, request) {
      begin(request.computes);
      if (replication !== current) {
        finish();
        current = replication;
        next = 0;
      }
      waiting.set(request.id, rowOf(replication, request));
      for (let row = waiting.get(next); row !== undefined; row = waiting.get(++next)) {
        write(row);
        waiting.delete(next);
      }
    },
    finish,
  };
}

function rowOf(replication: number, request: EndedRequest): string {
  const { outcome, computes, cpuNs, ...rest } = request;
  const answered = isStatus(outcome);
  const status = answered ? Number(outcome) : 0;
  const time = computes ? { cpuNs } : {};
  return `${requestRow({ replication, ...rest, ...time, status, error: answered ? "" : outcome })}\n`;
}
