// Who gets which share of a population's requests.
//
// Modelled: a group's requests are spread by weight. Not modelled: what other methods of balancing make of it
// when times differ.

import type { GunicornPart, NginxPart, Population } from "./parts.js";

/** The share of a population's requests that come to a gunicorn. */
export function shareOf(
  gunicorn: GunicornPart,
  { target }: Population,
  nginx: NginxPart | undefined,
): number {
  if (target === gunicorn) return 1;
  if (nginx === undefined || target !== nginx) return 0;
  const own = nginx.peers.filter((peer) => peer.gunicorn === gunicorn);
  return own.reduce((sum, { share }) => sum + share, 0);
}
