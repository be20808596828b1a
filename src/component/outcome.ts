// What an outcome's name says: the clients' view of a request, a status or an error word.

/** A status is three digits; everything else is the word for an answer that never came. */
export function isStatus(outcome: string): boolean {
  return /^\d{3}$/.test(outcome);
}

/** vegeta's success: 200 to 399 (vegeta v12, lib/metrics.go, Metrics.Add). */
export function isSuccess(outcome: string): boolean {
  return isStatus(outcome) && outcome >= "200" && outcome < "400";
}
