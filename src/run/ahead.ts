// Work of which several pieces are done at once, and what comes out is wanted in the order of the pieces.

/**
 * Does `work` with each item, with up to `atOnce()` of them at a time: asked again whenever one is through.
 * Answers each item with its outcome, in their order; whoever waits for it gets what was thrown. When nobody
 * asks for the next one any more, nothing more is begun.
 */
export async function* ahead<Item, Outcome>(
  items: readonly Item[],
  atOnce: () => number,
  work: (item: Item) => Promise<Outcome>,
): AsyncGenerator<[item: Item, outcome: Promise<Outcome>], void> {
  const begun: Promise<Outcome>[] = [];
  let running = 0;
  let isOver = false;

  function begin(): void {
    while (!isOver && begun.length < items.length && running < Math.max(1, atOnce())) {
      running++;
      const outcome = work(items[begun.length] as Item);
      begun.push(outcome);
      const through = () => {
        running--;
        begin();
      };
      outcome.then(through, through);
    }
  }

  begin();
  try {
    for (const [index, item] of items.entries()) {
      // Begun at the latest when the one before is through.
      if (begun.length <= index) await begun[index - 1]?.catch(() => {});
      yield [item, begun[index] as Promise<Outcome>];
    }
  } finally {
    isOver = true;
  }
}
