/** A promise, and who keeps it. */
export function deferred<Value>() {
  let keep: { resolve(value: Value): void; reject(error: unknown): void } | undefined;
  const promise = new Promise<Value>((resolve, reject) => {
    keep = { resolve, reject };
  });
  return { promise, ...(keep as NonNullable<typeof keep>) };
}
