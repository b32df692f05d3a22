import type { Decision } from '../../domain/decision.js';

/** What a strategy answered at one step. */
export interface TapedDecision {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly symbol: string;
  readonly action: Decision['action'];
  readonly reason: string;
  /** Size, prices and flags: everything beside action and reason, as text. */
  readonly terms: string;
  /** What the strategy says it rests on. */
  readonly detail: string | undefined;
}

/** Takes answers in the order in which they are given. */
export interface AnswerTape {
  push(answer: TapedDecision): void;
}
