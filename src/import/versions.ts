// From what `nginx -v`, `gunicorn --version`, `uname -sr`, `nproc` and the kernel's configuration say to the
// versions and the kernel profile of a scenario.

import { type Imported, type Note, note, type Place, type Source, unexpected } from "./note.js";

/** The profiles that models know, oldest first. */
const PROFILES = ["3.13", "4.4", "4.15", "4.19", "5.4", "5.15", "6.1", "6.8", "6.14", "6.18"];

interface Reader {
  form: RegExp;
  read(match: RegExpExecArray, place: Place, found: Imported, tcp: boolean): void;
}

/**
 * Line by line; a line of no known form is noted. `tcp` tells whether nginx reaches the application over TCP.
 * Throws an ImportError with file and line.
 */
export function importVersions({ file, text }: Source, { tcp }: { tcp: boolean }): Imported {
  const found: Imported = { scenario: {}, notes: [] };
  for (const [index, content] of text.split("\n").entries()) {
    const line = content.trim();
    if (line === "" || line.startsWith("#")) continue;
    const place = { file, line: index + 1 };
    const reader = READERS.find(({ form }) => form.test(line));
    if (reader) reader.read(reader.form.exec(line) as RegExpExecArray, place, found, tcp);
    else found.notes.push(note(place, line, "not-modelled", "not known to recvq"));
  }
  return found;
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
    form: /^gunicorn \(version (\d+\.\d+\.\d+)\)/,
    read([, version], _, { scenario }) {
      scenario.gunicorn = { version };
    },
  },
  {
    // `uname -sr`, or `uname -a`, which has the machine's name in between.
    form: /^Linux (?:\S+ )?(\d+)\.(\d+)(?:[.\s-]|$)/,
    read(match, place, { scenario, notes }) {
      scenario.kernel = { profile: kernelProfile(match, place, notes) };
    },
  },
  {
    form: /^nproc (\d+)/,
    read([line], place, { notes }) {
      notes.push(note(place, line, "no-effect", "an application that only waits needs no processor"));
    },
  },
  {
    // The kernel's clock and memory decide timers and limits of TCP.
    form: /^(CONFIG_HZ=\d+|MemTotal:? .+)/,
    read([line], place, { notes }, tcp) {
      if (tcp) notes.push(note(place, line, "not-modelled", "TCP to the application is not modelled yet"));
      else notes.push(note(place, line, "no-effect", "nginx reaches the application over a unix socket"));
    },
  },
];

/** The newest profile that is not newer than the kernel. */
function kernelProfile(
  { input: line, 1: major, 2: minor }: RegExpExecArray,
  place: Place,
  notes: Note[],
): string {
  const kernel = `${major}.${minor}`;
  const profile = PROFILES.findLast((candidate) => compare(candidate, kernel) <= 0);
  if (profile === undefined) throw unexpected(place, "", `Linux ${PROFILES[0]} or newer`, line);
  if (profile !== kernel) {
    notes.push(
      note(place, line, "not-modelled", `taken as Linux ${profile}, the nearest profile that is not newer`),
    );
  }
  return `linux-${profile}`;
}

function compare(one: string, other: string): number {
  const [major = 0, minor = 0] = one.split(".").map(Number);
  const [otherMajor = 0, otherMinor = 0] = other.split(".").map(Number);
  return major - otherMajor || minor - otherMinor;
}
