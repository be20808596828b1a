// What is made when it is first asked for, since it draws random numbers, shows in the report or takes
// time to make.

/**
 * Calls `make` at the first call and answers the same value ever after; with a world, until it is reset.
 */
export function once<Value>(make: () => Value, world?: { onReset(reset: () => void): void }): () => Value {
  let made: { value: Value } | undefined;
  world?.onReset(() => {
    made = undefined;
  });
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
