// Which peers a request has used already (`tried` in ngx_http_upstream_rr_peer_data_t).
//
// Modelled: a peer is used at most once by a request, whatever the number of peers.
// Not modelled: nginx's bitmap for each request; this has no limit and costs nothing without a retry.
//
// Nearly every request uses one peer, so nothing is kept for it: the number 0 stands for "none". A request
// that tries again gets a row, which links to the row of the attempt before. A peer is looked up by one
// comparison: `recall` stamps the peers of a request with its turn.

const NONE = 0;
const FIRST_CAPACITY = 16;

export interface TriedPeers {
  /** The request of `tried` has used `peer` too; its new `tried`, to be kept in place of the old one. */
  mark(tried: number, peer: number): number;
  /** The request of `tried` has ended. */
  forget(tried: number): void;
  /** From now on, and until the next call, the questions below are about the request of `tried`. */
  recall(tried: number): void;
  isTried(peer: number): boolean;
  /** Whether it has used any. */
  hasAny(): boolean;
  /** The peers that it has used. */
  forEach(of: (peer: number) => void): void;
  /** Rows in use: 0 when no request that tried again is in flight. */
  rows(): number;
  /** As it was before the first `mark` and `recall`. */
  reset(): void;
}

export function triedPeers(peers: number): TriedPeers {
  let peerOf = new Int32Array(FIRST_CAPACITY);
  let linked = new Int32Array(FIRST_CAPACITY);
  let unused = NONE;
  let allocated = 1;
  let rows = 0;
  const stampOf = new Float64Array(peers);
  // A field, not a captured variable: it is read for each peer.
  const asked = { turn: 0, tried: NONE };

  function mark(tried: number, peer: number): number {
    let row = unused;
    if (row === NONE) {
      if (allocated === linked.length) grow();
      row = allocated++;
    } else unused = linked[row] as number;
    peerOf[row] = peer;
    linked[row] = tried;
    rows++;
    return row;
  }

  function forget(tried: number): void {
    for (let row = tried; row !== NONE; ) {
      const before = linked[row] as number;
      linked[row] = unused;
      unused = row;
      rows--;
      row = before;
    }
  }

  function recall(tried: number): void {
    asked.turn++;
    asked.tried = tried;
    for (let row = tried; row !== NONE; row = linked[row] as number)
      stampOf[peerOf[row] as number] = asked.turn;
  }

  function grow(): void {
    const [oldPeers, oldLinks] = [peerOf, linked];
    peerOf = new Int32Array(oldPeers.length * 2);
    linked = new Int32Array(oldLinks.length * 2);
    peerOf.set(oldPeers);
    linked.set(oldLinks);
  }

  return {
    mark,
    forget,
    recall,
    isTried: (peer) => stampOf[peer] === asked.turn,
    hasAny: () => asked.tried !== NONE,
    forEach(of) {
      for (let row = asked.tried; row !== NONE; row = linked[row] as number) of(peerOf[row] as number);
    },
    rows: () => rows,
    reset() {
      peerOf.fill(0);
      linked.fill(0);
      unused = NONE;
      allocated = 1;
      rows = 0;
      stampOf.fill(0);
      asked.turn = 0;
      asked.tried = NONE;
    },
  };
}
