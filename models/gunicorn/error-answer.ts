// Modelled: the 500 that a request gets whose worker is killed by SIGABRT, where gunicorn catches SystemExit
// as it does any other error of the application. Not modelled: its being appended to a response that had
// begun.

import type { World } from "../../src/component/world.js";
import { timeoutCause } from "./causes.js";
import type { Employment } from "./worker-class.js";

const INTERNAL_ERROR = 500;
// gunicorn/util.py write_error, for "Internal Server Error" without a message.
const PAGE_BYTES = 141;

/** Answers and closes a connection; one whose caller has gone is lost as any other, by `lose`. */
export function errorAnswer(
  world: World,
  { settings, path }: Employment,
  lose: (connection: number, cause: number) => void,
) {
  const { connections, requests } = world;
  const answered = timeoutCause(world, { settings, path, className: "sync" }, true);
  return (connection: number, cause: number): void => {
    if (!connections.isCallerOpen(connection)) {
      lose(connection, cause);
      return;
    }
    requests.cause[connections.request[connection] as number] = answered;
    connections.caller(connection).responded(connection, INTERNAL_ERROR, PAGE_BYTES, 0);
    if (connections.hasData(connection)) connections.closedByServer(connection);
  };
}
