/** Nobody could compute a point, which has nothing to do with its scenario; the other points do not mind. */
export class PointError extends Error {
  /** "bug" of recvq, or a "machine" that failed. */
  readonly blame: "bug" | "machine";

  constructor(blame: PointError["blame"], message: string) {
    super(message);
    this.blame = blame;
  }
}
