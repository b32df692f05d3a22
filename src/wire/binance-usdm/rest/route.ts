import type { AccountDesks } from '../account/account-desks.js';
import type { Params } from '../params.js';

/** One request that the venue answers. */
export interface Route {
  /** What it costs of the minute's weight, by what is asked for. Source: the venue's documentation of each. */
  readonly weight: (params: Params) => number;
  /** It must carry a key, a time and a signature. */
  readonly isSigned?: true;
  /** What is answered, as it becomes JSON. Throws a `WireRefusal`. */
  readonly answer: (params: Params, now: number) => unknown;
}

/** One request of an account. */
export interface AccountRoute {
  readonly weight: (params: Params) => number;
  /** The key alone is enough. */
  readonly byKey?: true;
  /** It counts among the orders: the answer says how many there were. */
  readonly isOrder?: true;
  readonly answer: (desks: AccountDesks, params: Params, now: number) => unknown;
}

/** By method, space, path. */
export type Routes = ReadonlyMap<string, Route>;

export const weighs =
  (weight: number): Route['weight'] =>
  () =>
    weight;

export type AccountRoutes = ReadonlyMap<string, AccountRoute>;
