// From what `nginx -v`, `gunicorn --version`, `uname -sr`, `nproc` and the kernel's configuration say to the
// versions and the kernel profile of a scenario.

import { type Imported, type Note, note, type Place, type Source, unexpected } from "./note.js";

/** The profiles that models know, oldest first. */
const PROFILES = ["3.13", "4.4", "4.15", "4.19", "5.4", "5.15", "6.1", "6.8", "6.14", "6.18"];

/** Kernels that are nearer to a newer profile: 4.18, of RHEL 8, has tcp_tw_reuse = 2 as 4.19 has. */
const NEARER: Record<string, string> = { "4.18": "4.19" };

/** The profile that a scenario has without saying so. */
const DEFAULT_PROFILE = "linux-6.1";

interface Reader {
  form: RegExp;
  read(match: RegExpExecArray, place: Place, found: Imported, about: About): void;
}

/** What the rest of a deployment is like. */
export interface About {
  /** Something is reached over TCP. */
  tcp: boolean;
  /** The application takes processor time. */
  computes?: boolean;
}

/**
 * Line by line; a line of no known form is noted. Throws an ImportError with file and line.
 */
export function importVersions({ file, text }: Source, about: About): Imported {
  const found: Imported = { scenario: {}, notes: [] };
  for (const [index, content] of text.split("\n").entries()) {
    const line = content.trim();
    if (line === "" || line.startsWith("#")) continue;
    const place = { file, line: index + 1 };
    const reader = READERS.find(({ form }) => form.test(line));
    if (reader) reader.read(reader.form.exec(line) as RegExpExecArray, place, found, about);
    else found.notes.push(note(place, line, "not-modelled", "not known to recvq"));
  }
  return found;
}

/** The number of processors, if it is told. */
export function coresIn({ text }: Source): number | undefined {
  const cores = /^\s*nproc (\d+)/m.exec(text)?.[1];
  return cores === undefined ? undefined : Number(cores);
}

const READERS: Reader[] = [
  {
    // A distribution may put its name after the version, which makes the error pages longer.
    form: /^nginx version: nginx\/(\d+\.\d+\.\d+)(?: \((\w+)\))?/,
    read([, version, distribution], _, { scenario }) {
      scenario.nginx = { version: distribution ? `${version} (${distribution})` : version };
    },
  },
  {
    form: /^gunicorn \(version (\d+\.\d+(?:\.\d+)?)\)/,
    read([, version], _, { scenario }) {
      scenario.gunicorn = { version };
    },
  },
  {
    // `uname -sr`, or `uname -a`, which has the machine's name in between.
    form: /^Linux (?:\S+ )?(\d+)\.(\d+)(?:[.\s-]|$)/,
    read(match, place, { scenario, notes }) {
      const profile = kernelProfile(match, place, notes);
      scenario.kernel = { ...(scenario.kernel as object | undefined), profile };
    },
  },
  {
    form: /^nproc (\d+)/,
    read([line, cores], place, { scenario, notes }, { computes }) {
      if (computes) scenario.kernel = { ...(scenario.kernel as object | undefined), cores: Number(cores) };
      else notes.push(note(place, line, "no-effect", "an application that only waits needs no processor"));
    },
  },
  {
    form: /^CONFIG_HZ=(\d+)/,
    read([line, hz], place, found, { tcp }) {
      machine({ hz: Number(hz) }, line, place, found, tcp);
    },
  },
  {
    // As /proc/meminfo has it, where kB stands for 1024 bytes, or in units.
    form: /^MemTotal:? +(\d+) ?(kB|[KMG]iB)$/,
    read([line, amount, unit], place, found, { tcp }) {
      const memory = `${amount}${(unit as string).replace("kB", "KiB")}`;
      machine({ memory }, line, place, found, tcp);
    },
  },
];

/** The kernel's clock and memory decide timers and limits of TCP, and nothing else. */
function machine(kernel: object, line: string, place: Place, found: Imported, tcp: boolean): void {
  if (tcp) found.scenario.kernel = { ...(found.scenario.kernel as object | undefined), ...kernel };
  else found.notes.push(note(place, line, "no-effect", "everything is reached over unix sockets"));
}

/** Whether a profile, or the models' default one, is of this release or newer. */
export function isProfileFrom(profile: string | undefined, release: string): boolean {
  return compare((profile ?? DEFAULT_PROFILE).replace("linux-", ""), release) >= 0;
}

/** The newest profile that is not newer than the kernel, but for the exceptions. */
function kernelProfile(
  { input: line, 1: major, 2: minor }: RegExpExecArray,
  place: Place,
  notes: Note[],
): string {
  const kernel = `${major}.${minor}`;
  const profile = NEARER[kernel] ?? PROFILES.findLast((candidate) => compare(candidate, kernel) <= 0);
  if (profile === undefined) throw unexpected(place, "", `Linux ${PROFILES[0]} or newer`, line);
  if (profile !== kernel) {
    const which = kernel in NEARER ? "the nearest profile" : "the next older profile";
    notes.push(note(place, line, "no-effect", `taken as Linux ${profile}, ${which}`));
  }
  return `linux-${profile}`;
}

function compare(one: string, other: string): number {
  const [major = 0, minor = 0] = one.split(".").map(Number);
  const [otherMajor = 0, otherMinor = 0] = other.split(".").map(Number);
  return major - otherMajor || minor - otherMinor;
}
