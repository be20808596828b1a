// The kernel's settings: a profile's defaults with the sysctls that were changed.
//
// Modelled: net.core.somaxconn, by kernel version.
// Not modelled: everything of TCP (SYN queue, retransmission, ports, TIME_WAIT); more than one network
// namespace.

import { component } from "../../src/component/component.js";
import { choice, count, section } from "../../src/component/settings.js";
import { PROFILE_NAMES, PROFILES } from "./profiles.js";

/** The largest value that the sysctl takes: int of net/core/sysctl_net_core.c. */
const MOST = 2 ** 31 - 1;

const settings = section(
  {
    profile: choice(PROFILE_NAMES, {
      help: "kernel whose defaults hold",
      default: "linux-6.1",
    }),
    sysctl: section({
      "net.core.somaxconn": count({
        least: 0,
        most: MOST,
        help: "upper limit of every listen() backlog; the default is the profile's",
        source: "net/socket.c __sys_listen",
      }).optional(),
    }).prefault({}),
  },
  "the Linux kernel under nginx and gunicorn",
);

export const kernel = component({
  section: "kernel",
  occurs: "once",
  help: "the Linux kernel under nginx and gunicorn",
  settings,
  build(_world, { profile, sysctl }) {
    const changed = sysctl["net.core.somaxconn"];
    const somaxconn = changed ?? PROFILES[profile].somaxconn;
    const from = changed === undefined ? ` (default of ${profile})` : "";
    return {
      somaxconn,
      /** The setting behind it, for the report. */
      somaxconnText: `net.core.somaxconn = ${somaxconn}${from}`,
    };
  },
});
