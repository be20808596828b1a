// Truth from outside: the simulation against queueing theory, from the scenario's text to what became of each request.
//
// No case is judged by itself at 99.9 %, since of many right ones some would fail: the largest |z| of all is compared
// with what chance would exceed once in a thousand times. No seed was picked; a seed that fails is a finding.
// RECVQ_THEORY_HALF_WIDTH is the relative half-width of the intervals, RECVQ_THEORY_TABLE a file for the table without
// its ending: Markdown is written to .md, the same as data to .json, once all cases are there.

import { writeFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { type Case, cases, leftOut, reasonLeftOut, smallQueue, theoryValue, values } from "./cases.js";
import { critical, type Estimate, estimate } from "./estimate.js";
import { forgetful, keeper } from "./kept.js";
import { blocked } from "./quantities.js";
import { exponential, type Queue, queueSystem } from "./queue.js";
import { RARE_DEGREES, type RareRow, rareCases, rareRow } from "./rare.js";
import { type Sampling, samplings } from "./sample.js";
import { doubts, normal, type Score } from "./scores.js";
import { asData, type Row, table } from "./table.js";

const given = process.env.RECVQ_THEORY_HALF_WIDTH;
const relativeHalfWidth = Number(given ?? 0.025);
if (!(relativeHalfWidth > 0))
  throw new Error("RECVQ_THEORY_HALF_WIDTH: expected a number above 0 such as 0.005");
/** What tenths of a percent are to ordinary values, percents are to rare ones. */
const rareHalfWidth = given === undefined ? 0.5 : 10 * relativeHalfWidth;
const HOURS_MS = 10 * 3_600_000;
const kept = given === undefined ? forgetful : keeper(relativeHalfWidth);
const metRareCases = rareCases.filter(({ isOnlyPublished }) => given !== undefined || !isOnlyPublished);
const limit = critical(cases.length);
/** Ten controls at most and the plain mean of each case: a family of their own. */
const wideLimit = critical(11 * cases.length);

/** What contradicts the exact value, if anything does. */
function contradictions({ z, plainZ, controlZs }: Estimate, isBound = false): string[] {
  const [far, plainFar] = isBound ? [z, plainZ] : [Math.abs(z), Math.abs(plainZ)];
  return [
    ...(far <= limit ? [] : [`estimate: z = ${z.toFixed(1)}`]),
    ...(plainFar <= wideLimit ? [] : [`plain mean: z = ${plainZ.toFixed(1)}`]),
    ...controlZs.flatMap((one, index) =>
      Math.abs(one) <= wideLimit ? [] : [`control ${index}: z = ${one.toFixed(1)}`],
    ),
  ];
}

/** Cases with one scenario share its replications, and no two scenarios share random numbers. */
function sharedSamplings(): Map<Case, Sampling> {
  const found = new Map<Case, Sampling>();
  for (const text of new Set(cases.map(({ system }) => system.text))) {
    const alike = cases.filter(({ system }) => system.text === text);
    const quantities = alike.map(({ quantity }) => quantity);
    const [first] = alike as [Case];
    const family = `${first.id} ${first.law ?? ""}`;
    for (const [index, sampling] of samplings(first.system, quantities).entries())
      found.set(alike[index] as Case, (seed, ...which) => sampling(`${seed} ${family}`, ...which));
  }
  return found;
}

describe(`agreement with queueing theory, half-widths of ${relativeHalfWidth * 100} %`, () => {
  const rows: Row[] = [];
  const rareRows: RareRow[] = [];
  const shared = sharedSamplings();

  for (const of of cases) {
    const { model, quantity, value: exact } = theoryValue(of.id);
    const law = of.law === undefined ? "" : `, ${of.law}`;
    test(`${of.id}: ${quantity} of ${model}${law}`, { timeout: HOURS_MS }, async () => {
      const asked = given === undefined ? (of.ordinaryHalfWidth ?? relativeHalfWidth) : relativeHalfWidth;
      const found = await kept(`${of.id}${law}`, () => estimate(shared.get(of) as Sampling, exact, asked));
      rows.push({ of, asked, estimate: found });
      expect(found.halfWidth).toBeLessThanOrEqual(asked * exact);
      expect(contradictions(found, of.isBound)).toEqual([]);
    });
  }

  for (const of of metRareCases) {
    const { model, quantity } = theoryValue(of.id);
    test(`${of.id}: ${quantity} of ${model}, by splitting`, { timeout: HOURS_MS }, async () => {
      const row = await kept(of.id, () => rareRow(of, rareHalfWidth));
      rareRows.push(row);
      expect(row.halfWidth).toBeLessThanOrEqual(rareHalfWidth * row.value);
      expect(Math.abs(row.z)).toBeLessThanOrEqual(critical(rareCases.length));
    });
  }

  // Of the cases that share replications only the first, so that all scores are independent of each other.
  const independent = (scores: (estimate: Estimate) => Score[]) => {
    const firsts = new Map(rows.map((row) => [row.of.system.text, row] as const).reverse());
    return [...firsts.values()].filter(({ of }) => !of.isBound).flatMap(({ estimate }) => scores(estimate));
  };
  const ofSplitting = () => rareRows.map(({ z }): Score => ({ t: z, degreesOfFreedom: RARE_DEGREES }));
  const kinds = {
    "with control variates and by splitting": () => [
      ...independent(({ scores }) => scores),
      ...ofSplitting(),
    ],
    "of plain means": () => independent(({ plainScores }) => plainScores),
  };

  describe.each(Object.entries(kinds))("the z-scores %s of all cases together", (_, scoresOf) => {
    test("are standard normal", () => {
      const scores = scoresOf();
      expect(scores.length).toBeGreaterThan(120);
      expect(doubts(normal(scores))).toEqual([]);
    });

    test.each([0.7, 1.5])("are not, when every interval is %d times as wide", (scale) => {
      expect(doubts(normal(scoresOf(), scale))).toContainEqual(expect.stringMatching(/^variance/));
    });
  });

  afterAll(() => {
    if (rows.length === 0) return;
    const scores = normal(kinds["with control variates and by splitting"]());
    const given = { relativeHalfWidth, limit, scores, rare: { rows: rareRows, halfWidth: rareHalfWidth } };
    const text = table(rows, given);
    console.log(text);
    const file = process.env.RECVQ_THEORY_TABLE;
    // Of a part there is no table.
    if (file === undefined || rows.length < cases.length || rareRows.length < rareCases.length) return;
    writeFileSync(`${file}.md`, text);
    writeFileSync(`${file}.json`, `${JSON.stringify(asData(rows, given), null, 1)}\n`);
  });
});

describe("the check can fail", () => {
  const { value: exact } = theoryValue("B1");
  const foundFor = async (wrong: Partial<Queue>) => {
    const [sampling] = samplings(queueSystem({ ...smallQueue, ...wrong }), [blocked]);
    return contradictions(await estimate(sampling as Sampling, exact, 0.025));
  };

  test.each([2, 4])("an M/M/1/%d queue does not block as M/M/1/3 does", async (places) => {
    expect(await foundFor({ places })).toContainEqual(expect.stringMatching(/^estimate: /));
  });

  test("5 % more arrivals are noticed", async () => {
    expect(await foundFor({ ratePerSecond: 0.84 })).toContainEqual(expect.stringMatching(/^estimate: /));
  });

  test("service times that are 2 % too long are noticed, although the correction makes up for them", async () => {
    const { law } = exponential(1.02);
    const service = { ...smallQueue.service, law };
    expect(await foundFor({ service })).toContainEqual(expect.stringMatching(/^control 0: /));
  });
});

describe("the values", () => {
  test("each is met or left out for a reason", () => {
    const met = new Set([...cases, ...rareCases].map(({ id }) => id));
    const wrong = values.filter((value) => met.has(value.id) === (reasonLeftOut(value) !== undefined));
    expect(wrong.map(({ id }) => id)).toEqual([]);
  });

  test("each reason has a value that it is for", () => {
    const unused = Object.keys(leftOut).filter((key) => !values.some(({ id }) => id.startsWith(key)));
    expect(unused).toEqual([]);
  });

  test("of finite queues, retrials, modulated arrivals and ports none but those rarer than 1e-4 is left out", () => {
    const out = values.filter((value) => /^[BIJM]/.test(value.id) && reasonLeftOut(value) !== undefined);
    expect(out.filter(({ value }) => value > 1e-4)).toEqual([]);
  });
});
