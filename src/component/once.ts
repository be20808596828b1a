// What is made when it is first asked for, since it draws random numbers or shows in the report.

/** Calls `make` at the first call and answers the same value ever after. */
export function once<Value>(make: () => Value): () => Value {
  let made: { value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
