// Modelled: the order of version numbers such as 1.22.1 or 20.1.0. Not modelled: pre-releases and suffixes of
// distributions, which follow after a space and are ignored here.

/** Whether `version` is `least` or newer. */
export function isAtLeast(version: string, least: string): boolean {
  const have = numbers(version);
  const want = numbers(least);
  for (let index = 0; index < want.length; index++) {
    const difference = (have[index] ?? 0) - (want[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function numbers(version: string): number[] {
  return (version.split(" ")[0] as string).split(".").map(Number);
}
