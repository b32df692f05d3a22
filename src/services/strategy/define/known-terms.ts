import { fault } from '../../../domain/errors.js';
import { nearestName } from '../nearest-name.js';
import type { EntryOrder } from './entries/entry-order.js';
import type { AddOrder, EitherOrders, ExitChange, ReduceOrder } from './market/market.js';

type KeyOf<T> = T extends unknown ? keyof T : never;
/** Every term of an order, whichever of its forms has it: the compiler misses one that is added to the type alone. */
type Terms<T> = Readonly<Record<KeyOf<T>, true>>;

const WHY = { why: true, values: true } as const;
const SIZES = { risk: true, fraction: true, notional: true, quantity: true } as const;
const EXITS: Terms<ExitChange> = {
  ...WHY,
  ...{ stop: true, takeProfit: true, trail: true, breakEven: true, timeStop: true },
};
const ENTRY: Terms<EntryOrder> = { ...EXITS, ...SIZES, entry: true, tag: true };
const ADD: Terms<AddOrder> = { ...WHY, ...SIZES, entry: true, stop: true, tag: true };
const REDUCE: Terms<ReduceOrder> = { ...WHY, share: true, entry: true };
const EITHER: Terms<EitherOrders> = { long: true, short: true };

type Verb = 'long' | 'short' | 'either' | 'add' | 'reduce' | 'exits';
const KNOWN: Readonly<Record<Verb, Readonly<Record<string, true>>>> = {
  ...{ long: ENTRY, short: ENTRY, either: EITHER, add: ADD, reduce: REDUCE, exits: EXITS },
};

/**
 * JavaScript takes any key, and passes over one that nobody reads: an entry with a misspelt price would go to the
 * market. Throws STRAT-001 for a term that the verb does not know.
 */
export function assertKnownTerms(verb: Verb, order: object): void {
  const terms = KNOWN[verb];
  for (const term of Object.keys(order)) {
    if (Object.hasOwn(terms, term)) continue;
    const known = Object.keys(terms);
    const nearest = nearestName(term, known);
    throw fault('STRAT-001', `${verb} must be given what it knows, was given ${term}.`, {
      fix:
        nearest === undefined
          ? `Use ${known.join(', ')}; a price to wait for is entry: limit(price).`
          : `Did you mean ${nearest}?`,
    });
  }
}
