import { token } from '../../injection/token.js';

/** A seeded stream of numbers whose position can be stored and resumed. */
export interface RandomStream {
  /** Uniform in [0, 1). */
  next(): number;
  /** Standard normal. */
  normal(): number;
  state(): readonly number[];
  restore(state: readonly number[]): void;
}

/** Makes independent streams: the same seed and name always give the same numbers. */
export interface Random {
  stream(name: string, seed: number): RandomStream;
}
export const Random = token<Random>('Random');
