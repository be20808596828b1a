// Numbers in the sentences of findings: three digits, with the unit beside them.
//
// Modelled: nothing. Not modelled: everything; this is only how a number is written.

import { durationText } from "../../src/component/units.js";

const DIGITS = 3;

/** `32.3s`, `658ms`. */
export function timeText(ns: number): string {
  return durationText(Math.round(digits(ns)));
}

/** `463/s`. */
export function rateText(perSecond: number): string {
  return `${numberText(perSecond)}/s`;
}

/** `33.5 %`. */
export function shareText(share: number): string {
  return `${digits(share * 100)} %`;
}

/** Of a share that draws have told: `all requests`, `about 24 % of the requests`. */
export function partText(share: number): string {
  return share === 1 ? "all requests" : `about ${Number((share * 100).toPrecision(2))} % of the requests`;
}

/** Three digits, or a whole number as it is: `0.94`, `28,232`. */
export function numberText(value: number): string {
  const written = value >= 1000 ? String(Math.round(value)) : String(digits(value));
  return written.replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ",");
}

/** `1 server`, `2 servers`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${numberText(count)} ${count === 1 ? one : many}`;
}

function digits(value: number): number {
  return Number(value.toPrecision(DIGITS));
}
