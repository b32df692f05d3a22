import { fault } from '../domain/errors.js';
import type { RandomStream } from '../ports/configuration/random.js';

const TWO_POW_26 = 2 ** 26;
const TWO_POW_53 = 2 ** 53;
const isWord = (value: number | undefined): value is number =>
  value !== undefined && Number.isInteger(value) && value >= 0 && value < 2 ** 32;

/**
 * Chris Doty-Humphrey's sfc32 (PractRand 0.94): 128 bits of state, period at least 2^32, 53-bit output from two words.
 */
export class Sfc32 implements RandomStream {
  private a = 0;
  private b = 0;
  private c = 0;
  private counter = 1;
  private spare: number | undefined;

  constructor(text: string) {
    this.a = hash(text, 0x9e3779b9);
    this.b = hash(text, 0x243f6a88);
    this.c = hash(text, 0xb7e15162);
    // The generator's own rule: the first words still resemble the seed.
    for (let i = 0; i < 15; i += 1) this.word();
  }

  next(): number {
    return ((this.word() >>> 5) * TWO_POW_26 + (this.word() >>> 6)) / TWO_POW_53;
  }

  /**
   * Box-Muller in Marsaglia's polar form: only `log` and `sqrt`, whose results do not differ between V8 versions as
   * those of `sin` and `cos` do. The second number of each pair is kept, and is part of the state.
   */
  normal(): number {
    if (this.spare !== undefined) {
      const value = this.spare;
      this.spare = undefined;
      return value;
    }
    let u: number;
    let v: number;
    let square: number;
    do {
      u = 2 * this.next() - 1;
      v = 2 * this.next() - 1;
      square = u * u + v * v;
    } while (square >= 1 || square === 0);
    const factor = Math.sqrt((-2 * Math.log(square)) / square);
    this.spare = v * factor;
    return u * factor;
  }

  state(): readonly number[] {
    const words = [this.a, this.b, this.c, this.counter];
    return this.spare === undefined ? words : [...words, this.spare];
  }

  /** Throws STORE-001 for numbers that are not a state of this generator. */
  restore(state: readonly number[]): void {
    const [a, b, c, counter, spare] = state;
    if (
      !isWord(a) ||
      !isWord(b) ||
      !isWord(c) ||
      !isWord(counter) ||
      state.length > 5 ||
      (spare !== undefined && !Number.isFinite(spare))
    ) {
      throw fault(
        'STORE-001',
        `State of a random stream must be four words and at most one spare, was ${JSON.stringify(state)}.`,
      );
    }
    this.a = a;
    this.b = b;
    this.c = c;
    this.counter = counter;
    this.spare = spare;
  }

  private word(): number {
    const sum = (((this.a + this.b) >>> 0) + this.counter) >>> 0;
    this.counter = (this.counter + 1) >>> 0;
    this.a = (this.b ^ (this.b >>> 9)) >>> 0;
    this.b = (this.c + (this.c << 3)) >>> 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) >>> 0;
    return sum;
  }
}

/** FNV-1a with a seed, finished with MurmurHash3's mixer so that near names give far states. */
function hash(text: string, seed: number): number {
  let h = (0x811c9dc5 ^ seed) >>> 0;
  for (let i = 0; i < text.length; i += 1) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
