// What a user wrote wrongly, and where. Every problem of a file is told at once.

/**
 * One mistake. `file` may be a command-line option, which has no line; an empty `path` means the whole of it.
 */
export interface Problem {
  file: string;
  line?: number;
  column?: number;
  /** `gunicorn.timeout`, list elements by number: `clients.0.arrivals`. */
  path: string;
  text: string;
}

/** More problems than this nobody reads at once. */
const MOST_TOLD = 20;

/** A mistake of the user, printed without a stack. */
export class ScenarioError extends Error {
  readonly problems: readonly Problem[];

  /**
   * Problems of one file are sorted by position; the files keep the order in which they are first named. The
   * message tells the first 20 and how many more there are.
   */
  constructor(problems: readonly Problem[]) {
    const sorted = sortByPosition(problems);
    const lines = [...new Set(sorted.map(problemLine))];
    const more = lines.length - MOST_TOLD;
    super([...lines.slice(0, MOST_TOLD), ...(more > 0 ? [`... and ${more} more`] : [])].join("\n"));
    this.name = "ScenarioError";
    this.problems = sorted;
  }
}

/** `scenarios/a.yaml:13:3 gunicorn.timeot: unknown key`, or `--set gunicorn.wokers=4: unknown key`. */
function problemLine({ file, line, column, path, text }: Problem): string {
  const where = line === undefined ? `${file}:` : `${file}:${line}:${column}`;
  if (path !== "") return `${where} ${path}: ${text}`;
  return line === undefined ? `${where} ${text}` : `${where}: ${text}`;
}

function sortByPosition(problems: readonly Problem[]): Problem[] {
  const files = [...new Set(problems.map((problem) => problem.file))];
  return [...problems].sort(
    (a, b) =>
      files.indexOf(a.file) - files.indexOf(b.file) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0),
  );
}
