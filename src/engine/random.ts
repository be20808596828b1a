// Named random streams. The numbers of a stream depend on the seed, the replication and the stream's name
// only, so that changing one setting leaves all other draws as they were, on every machine and for any number
// of threads.

import alea from "seedrandom/lib/alea.js";
import { exponentialOf } from "./exponential.js";

/** Uniform numbers in [0, 1), multiples of 2^-32. */
export interface Source {
  (): number;
  /** Where a stream's numbers come from: exponential ones are ready there. */
  readonly block?: Block;
  /** Other numbers may take the place of the next ones at any time: none is drawn before it is needed. */
  readonly isExchanged?: true;
  /** Calls `reset` when the numbers begin anew: whatever was drawn ahead, or kept, is void then. */
  onReset?(reset: () => void): void;
}

export interface Stream extends Source {
  readonly block: Block;
  onReset(reset: () => void): void;
}

/** The streams of one replication. */
export interface Streams {
  /**
   * The stream of this name, such as "clients.service". Throws when asked twice: a stream is never shared.
   */
  stream(name: string): Source;
  /** The same, of which no request's fate depends as long as nobody calls `reveal`. */
  hidden(name: string): Source;
  /** From now on what the hidden streams gave can be observed. */
  reveal(): void;
  /** How many streams were asked for, the hidden ones if they matter; a run with none is deterministic. */
  readonly used: number;
}

export interface OwnStreams extends Streams {
  stream(name: string): Stream;
  /** Hidden streams that have been revealed by now, when the model is built, are so in each replication. */
  keep(): void;
  /** From now on they are those of another replication, from their beginning. */
  reset(replication: number): void;
}

/** The streams of a replication (0, 1, 2 ...) of a run with this seed. */
export function streams(seed: string, replication: number): OwnStreams {
  const all = new Map<string, { block: Block; resets: (() => void)[] }>();
  const hidden = { count: 0, matters: false, alwaysMatters: false };
  let current = replication;
  const blockOf = (name: string) => generator(hash128(`${seed}\0${current}\0${name}`));
  function stream(name: string): Stream {
    if (all.has(name)) throw new Error(`the stream "${name}" was asked for twice: a stream is never shared`);
    const block = blockOf(name);
    const resets: (() => void)[] = [];
    all.set(name, { block, resets });
    return Object.assign(() => block.uniform(), {
      block,
      onReset: (reset: () => void) => void resets.push(reset),
    });
  }
  return {
    stream,
    hidden(name) {
      hidden.count++;
      return stream(name);
    },
    reveal() {
      hidden.matters = true;
    },
    get used() {
      return all.size - (hidden.matters ? 0 : hidden.count);
    },
    keep() {
      hidden.alwaysMatters = hidden.matters;
    },
    reset(next) {
      current = next;
      hidden.matters = hidden.alwaysMatters;
      for (const [name, own] of all) {
        own.block.continueAs(blockOf(name));
        for (const reset of own.resets) reset();
      }
    },
  };
}

// Alea is a multiply-with-carry generator of period about 2^116 whose arithmetic is exact in every engine. Of
// the other generators of seedrandom, xorshift7 gives the same numbers for names that differ in their first
// characters, xor128 and xorwow correlated ones (z up to 270 over 20,000 neighbouring names), xor4096 and
// arc4 are large.
//
// Its state is set from a hash, as seedrandom's `state` option allows, and not from a text: Mash, which alea
// applies to texts, gives twenty times more equal first draws than chance over names that differ in a few
// characters.
function generator(hash: Uint32Array): Block {
  const [first, second, third, fourth] = hash as unknown as [number, number, number, number];
  const state = {
    s0: first * 2 ** -32,
    s1: second * 2 ** -32,
    s2: third * 2 ** -32,
    c: 1 + (fourth % CARRIES),
  };
  return new Block(alea("", { state }).state());
}

// Of a block many numbers are computed side by side: an exponential one takes 20 ns instead of 50 (2 cores,
// both busy, Node 20.20, 2026-11).
const BLOCK = 64;
const MULTIPLIER = 2091639;
const TWO_TO_MINUS_32 = 2 ** -32;

/**
 * The numbers of a stream, of which some are there before they are asked for. A class, not closures: V8 knows
 * where its fields are however many streams there are.
 */
export class Block {
  private readonly uniforms = new Float64Array(BLOCK);
  private readonly exponentials = new Float64Array(BLOCK);
  private used = BLOCK;
  private carry: number;
  private hasExponentials = false;

  /** Goes on where a generator of seedrandom's is. */
  constructor({ s0, s1, s2, c }: Record<"s0" | "s1" | "s2" | "c", number>) {
    // The rest of alea's state are the last three numbers.
    this.uniforms.set([s0, s1, s2], BLOCK - 3);
    this.carry = c;
  }

  /** From now on the numbers are those of another stream. */
  continueAs({ uniforms, used, carry }: Block): void {
    this.uniforms.set(uniforms);
    this.used = used;
    this.carry = carry;
    this.hasExponentials = false;
  }

  /** The next number of the stream. */
  uniform(): number {
    if (this.used === BLOCK) this.refill();
    return this.uniforms[this.used++] as number;
  }

  /** -ln(1 - u) of the next number u. */
  exponential(): number {
    if (this.used === BLOCK || !this.hasExponentials) this.refine();
    return this.exponentials[this.used++] as number;
  }

  // The step of seedrandom's alea, whose state stays in registers here. There, the next carry is the whole
  // part of M s + c / 2^32, so that each step waits for the one before: a product, a sum and a floor. Here it
  // is the whole part of M s, whose s has been there for three steps, unless what is left is 1 or more with
  // c / 2^32; that happens once in 4,000 times (measured: an exponential variate in 20 ns instead of 22.6, 2
  // cores, both busy, Node 20.20, 2026-12; with `| 0` in place of Math.floor in 25).
  private refill(): void {
    const { uniforms } = this;
    let s0 = uniforms[BLOCK - 3] as number;
    let s1 = uniforms[BLOCK - 2] as number;
    let s2 = uniforms[BLOCK - 1] as number;
    let carry = this.carry;
    for (let index = 0; index < BLOCK; index++) {
      const product = MULTIPLIER * s0;
      const whole = Math.floor(product);
      let next = product - whole + carry * TWO_TO_MINUS_32;
      carry = whole;
      if (next >= 1) {
        next -= 1;
        carry += 1;
      }
      s0 = s1;
      s1 = s2;
      s2 = next;
      uniforms[index] = next;
    }
    this.carry = carry;
    this.used = 0;
    this.hasExponentials = false;
  }

  private refine(): void {
    if (this.used === BLOCK) this.refill();
    const { uniforms, exponentials } = this;
    for (let index = 0; index < BLOCK; index++)
      exponentials[index] = exponentialOf(uniforms[index] as number);
    this.hasExponentials = true;
  }
}

// The carry is below alea's multiplier, 2091639. The smallest and the largest are left out: with all other
// state at its smallest or largest too, the generator would repeat one number for ever.
const CARRIES = 2091637;

/** 128 bits of a text: cyrb128 by bryc (public domain), four 32-bit lanes with a multiplication each. */
function hash128(text: string): Uint32Array {
  let [one, two, three, four] = [1779033703, 3144134277, 1013904242, 2773480762];
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    one = two ^ Math.imul(one ^ code, 597399067);
    two = three ^ Math.imul(two ^ code, 2869860233);
    three = four ^ Math.imul(three ^ code, 951274213);
    four = one ^ Math.imul(four ^ code, 2716044179);
  }
  one = Math.imul(three ^ (one >>> 18), 597399067);
  two = Math.imul(four ^ (two >>> 22), 2869860233);
  three = Math.imul(one ^ (three >>> 17), 951274213);
  four = Math.imul(two ^ (four >>> 19), 2716044179);
  one ^= two ^ three ^ four;
  return Uint32Array.of(one, two ^ one, three ^ one, four ^ one);
}
