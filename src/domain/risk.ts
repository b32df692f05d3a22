declare const verdict: unique symbol;

/** Proof that risk let something pass. Only the risk manager makes one; execution accepts nothing else. */
export interface Approved<T> {
  readonly [verdict]: 'approved';
  readonly approved: true;
  readonly value: T;
}

/** An ordinary refusal: not an error. */
export interface Refused<T> {
  readonly approved: false;
  readonly value: T;
  /** Stable name of the check that refused. */
  readonly check: string;
  /** What was asked and what the limit is, as a sentence. */
  readonly reason: string;
}

export type Verdict<T> = Approved<T> | Refused<T>;

/** For the risk manager alone; a test of the project holds every other file to that. */
export const approve = <T>(value: T): Approved<T> => ({ approved: true, value }) as Approved<T>;

export const refuse = <T>(value: T, check: string, reason: string): Refused<T> => ({
  approved: false,
  value,
  check,
  reason,
});
