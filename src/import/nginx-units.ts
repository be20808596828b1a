// nginx's own units, which differ from everybody else's: a bare number is seconds, `m` is minutes in times
// and mebibytes in sizes (nginx: src/core/ngx_parse.c).

const TIME = /^ *(?:(\d+)w)? *(?:(\d+)d)? *(?:(\d+)h)? *(?:(\d+)m(?!s))? *(?:(\d+)s)? *(?:(\d+)ms)? *(\d+)?$/;
const UNITS_MS = [604_800_000, 86_400_000, 3_600_000, 60_000, 1_000, 1, 1_000];

const SIZE = /^(\d+)([kKmMgG]?)$/;
const UNITS_BYTES: Record<string, number> = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** `"60s"`, `"1m30s"`, `"500ms"` or `"60"` in milliseconds (ngx_parse_time); undefined for anything else. */
export function parseTimeMs(text: string): number | undefined {
  const match = TIME.exec(text);
  if (!match || !/\d/.test(text)) return undefined;
  return UNITS_MS.reduce((totalMs, unitMs, index) => totalMs + Number(match[index + 1] ?? 0) * unitMs, 0);
}

/**
 * `"10m"` is 10 MiB (ngx_parse_offset, which knows `g` beyond ngx_parse_size); undefined for anything else.
 */
export function parseSizeBytes(text: string): number | undefined {
  const match = SIZE.exec(text);
  if (!match) return undefined;
  return Number(match[1]) * (UNITS_BYTES[(match[2] as string).toLowerCase()] as number);
}

/** A time in a scenario's units: `600s`, `1500ms`. */
export function timeText(timeMs: number): string {
  return timeMs % 1000 === 0 ? `${timeMs / 1000}s` : `${timeMs}ms`;
}

/** A size in a scenario's units: `10MiB`, `1500B`. */
export function sizeText(bytes: number): string {
  if (bytes > 0 && bytes % 2 ** 20 === 0) return `${bytes / 2 ** 20}MiB`;
  return bytes > 0 && bytes % 2 ** 10 === 0 ? `${bytes / 2 ** 10}KiB` : `${bytes}B`;
}
