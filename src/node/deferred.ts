/** A promise, and who keeps it. */
export interface Deferred<Value> {
  promise: Promise<Value>;
  resolve(value: Value): void;
  reject(error: unknown): void;
}

export function deferred<Value>(): Deferred<Value> {
  let keep: { resolve(value: Value): void; reject(error: unknown): void } | undefined;
  const promise = new Promise<Value>((resolve, reject) => {
    keep = { resolve, reject };
  });
  return { promise, ...(keep as NonNullable<typeof keep>) };
}
