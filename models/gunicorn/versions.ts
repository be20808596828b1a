// Which versions of gunicorn there are, and which of them the models know.
//
// Modelled: 20.1 to 26.1, as read in the sources of their tags (20.1.0 of February 2021 to 26.1.0 of August
// 2026). Not modelled: what newer ones do differently; differences between patch levels, but
// for asgi_disconnect_grace_period.

import { SettingError } from "../../src/component/setting-error.js";
import type { World } from "../../src/component/world.js";
import { isAtLeast } from "../version.js";

/** The releases of gunicorn within what is modelled, without their patch levels. */
const RELEASES = [
  "20.1",
  "21.0",
  "21.1",
  "21.2",
  "22.0",
  "23.0",
  "24.0",
  "24.1",
  "25.0",
  "25.1",
  "25.2",
  "25.3",
  "26.0",
  "26.1",
];
const [FIRST, LAST] = [RELEASES[0] as string, RELEASES.at(-1) as string];
/** Released in October 2019; nothing that is modelled here is known to differ in 20.1. */
const OLDEST = "20.0";

/**
 * Throws a SettingError for a version that is too old for the models, or that there never was; notes one that
 * is taken as its neighbour.
 */
export function checkVersion(world: World, version: string, path: string): void {
  const release = version.split(".").slice(0, 2).join(".");
  const range = `gunicorn ${FIRST} to ${LAST} is modelled`;
  if (!isAtLeast(version, OLDEST)) {
    throw new SettingError(
      [path, "version"],
      `expected a version from ${OLDEST} on (${range}), got ${version}`,
    );
  }
  if (RELEASES.includes(release)) return;
  const isOld = release === OLDEST;
  if (!isOld && !isAtLeast(release, LAST)) {
    const known = RELEASES.join(", ");
    throw new SettingError(
      [path, "version"],
      `expected a version that gunicorn has had (${known}), got ${version}`,
    );
  }
  const like = isOld ? FIRST : LAST;
  world.notices.push(() => `${path}.version = ${version} is taken as ${like}: ${range}`);
}
