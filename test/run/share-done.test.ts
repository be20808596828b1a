import { expect, test } from "vitest";
import { shareDone } from "../../src/run/share-done.js";

test("runs at once add up, and what is over stays done", async () => {
  const shares: number[] = [];
  const all = shareDone((share) => void shares.push(share));
  all.expect(10);
  const [one, other] = [all.run(), all.run()];
  await one.report(2);
  await other.report(3);
  one.ended(5);
  await other.report(4);
  other.ended(5);
  await all.run().report(0);
  expect(shares).toEqual([0.2, 0.5, 0.9, 1]);
});

test("the share never goes back, nor beyond all", async () => {
  const shares: number[] = [];
  const all = shareDone((share) => void shares.push(share));
  all.expect(4);
  const run = all.run();
  await run.report(3);
  all.expect(30);
  await run.report(3);
  await run.report(60);
  expect(shares).toEqual([0.75, 0.75, 1]);
});
