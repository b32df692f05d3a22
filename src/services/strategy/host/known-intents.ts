import type { OrderChange } from '../../../domain/order.js';
import type { Intent, IntentList, OrderFilter, Why } from '../../../ports/strategy/intent.js';
import { assertTerms, type AnyTerms, type TermsOf } from '../terms.js';

const INTENT: TermsOf<Intent> = {
  ...{ why: true, values: true, instrument: true, side: true, type: true, lots: true, limit: true, stop: true },
  ...{ triggerBy: true, timeInForce: true, goodTill: true, postOnly: true, reduceOnly: true, closePosition: true },
  ...{ positionSide: true, leverage: true, trailBps: true, activation: true, role: true, tag: true },
};
/** And what the short form hands over with it: how it is left, and what it was sized on. */
const SIZED: AnyTerms = { ...INTENT, plan: true, basis: true, cut: true };
const intent = (): AnyTerms => SIZED;
const LIST: TermsOf<IntentList> = { kind: true, intents: intent, entry: intent, exits: intent };
const CHANGE: TermsOf<OrderChange & Why> = { limit: true, stop: true, lots: true, why: true, values: true };
const FILTER: TermsOf<OrderFilter> = { symbol: true, side: true, role: true, tag: true };
const KNOWN = { place: SIZED, placeList: LIST, amend: CHANGE, cancelAll: FILTER } as const;

/** Throws STRAT-001 for a term that nobody reads: an exit with a misspelt `reduceOnly` would open. */
export const assertKnownIntent = (verb: keyof typeof KNOWN, given: object): void =>
  assertTerms(verb, given, KNOWN[verb]);
