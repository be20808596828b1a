// Numbers as the pages print them: three significant digits, with their unit.

/** `4.88 %`; what is below 0.001 % is told as that. */
export function percent(share: number): string {
  if (share > 0 && share < 1e-5) return "below 0.001 %";
  return `${rounded(100 * share)} %`;
}

/** `67.1 ms`, `1.25 s`. */
export function duration(seconds: number): string {
  return seconds < 1 ? `${rounded(1000 * seconds)} ms` : `${rounded(seconds)} s`;
}

/** Three digits, without an exponent: `0`, `0.0712`, `1.3`, `38`, `1250`. */
export function rounded(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

/** `one` or `many`, by the number. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
