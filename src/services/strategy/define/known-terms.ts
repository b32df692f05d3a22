import { fault } from '../../../domain/errors.js';
import type { OrderFilter, Why } from '../../../ports/strategy/intent.js';
import type { BreakEven, Distance, R, Trail } from '../exits/exit-terms.js';
import type { TakeProfit } from '../exits/take-profit.js';
import { assertTerms, either, type AnyTerms, type Term, type TermsOf } from '../terms.js';
import type { ChaseEntry, Entry, LimitEntry, StopEntry } from './entries/entry-kinds.js';
import type { EntryOrder, Exits } from './entries/entry-order.js';
import type { AddOrder, EitherOrders, ExitChange, ReduceOrder } from './market/market.js';
import type { MarketOrders, PlainOrder, PlainSpec } from './market/orders.js';

type First<M extends keyof MarketOrders> = MarketOrders[M] extends (order: infer O, ...rest: never[]) => unknown
  ? O
  : never;

const WHY: TermsOf<Why> = { why: true, values: true };
const SIZES = { risk: true, fraction: true, notional: true, quantity: true } as const;
const SIZE_NAMES = ['risk', 'fraction', 'notional', 'quantity'] as const;

const MULTIPLE: TermsOf<R> = { r: true };
const DISTANCE = either<TermsOf<Exclude<Distance, string>>>({ price: true, r: true }, ['price', 'r']);
const within =
  (terms: AnyTerms): ((value: object) => AnyTerms) =>
  () =>
    terms;
const multiple = within(MULTIPLE);
const distance = within(DISTANCE);

const TRAIL: TermsOf<Trail> = { by: distance, after: multiple, step: distance };
const BREAK_EVEN: TermsOf<BreakEven> = { after: multiple, offset: distance };
const RUNG: TermsOf<TakeProfit> = { at: multiple, share: true, postOnly: true };
const EXITS: TermsOf<Exits> = {
  ...{ stop: true, takeProfit: within(RUNG), trail: within(TRAIL), breakEven: within(BREAK_EVEN), timeStop: true },
};
const CHANGE: TermsOf<ExitChange> = { ...WHY, ...EXITS };

const LIMIT: TermsOf<LimitEntry> = { kind: true, price: true, postOnly: true, timeout: true, then: true };
const STOP: TermsOf<StopEntry> = { kind: true, price: true, limit: true, triggerBy: true, timeout: true };
const CHASE: TermsOf<ChaseEntry> = {
  ...{ kind: true, offsetTicks: true, every: true, limit: distance, timeout: true, then: true },
};

/** The way in that a verb takes, by its kind. */
const entryOf =
  (verb: string, kinds: Readonly<Partial<Record<Entry['kind'], AnyTerms>>>) =>
  (value: object): AnyTerms => {
    const { kind } = value as Partial<Entry>;
    const known = kind === undefined ? undefined : kinds[kind];
    if (known !== undefined) return known;
    throw fault(
      'STRAT-001',
      `entry of ${verb} must be made by ${Object.keys(kinds).join(', ')}, was ${JSON.stringify(kind)}.`,
      { fix: 'Write entry: limit(price), chase({ timeout }) or, for what opens, stopEntry(price).' },
    );
  };

const order = (verb: string): TermsOf<EntryOrder> =>
  either<TermsOf<EntryOrder>>(
    { ...CHANGE, ...SIZES, entry: entryOf(verb, { limit: LIMIT, stop: STOP, chase: CHASE }), tag: true },
    SIZE_NAMES,
  );
const LONG = order('long');
const SHORT = order('short');
const EITHER: TermsOf<EitherOrders> = { long: within(LONG), short: within(SHORT) };
const ADD = either<TermsOf<AddOrder>>(
  { ...WHY, ...SIZES, entry: entryOf('add', { limit: LIMIT, stop: STOP, chase: CHASE }), stop: true, tag: true },
  SIZE_NAMES,
);
const REDUCE: TermsOf<ReduceOrder> = {
  ...WHY,
  share: true,
  entry: entryOf('reduce', { limit: LIMIT, chase: CHASE }),
};

const PLAIN: TermsOf<PlainOrder> = {
  ...{ ...WHY, side: true, quantity: true, tag: true, role: true, reduceOnly: true, positionSide: true },
  leverage: true,
};
const TRIGGER = { price: true, limit: true, triggerBy: true } as const;
const ONE_OF: Readonly<Record<PlainSpec['type'], AnyTerms>> = {
  market: { ...PLAIN, type: true },
  limit: { ...PLAIN, type: true, price: true, postOnly: true },
  stop: { ...PLAIN, ...TRIGGER, type: true },
  take_profit: { ...PLAIN, ...TRIGGER, type: true },
};
const SPECS: { readonly orders: Term } = {
  orders: (value) => {
    const { type } = value as Partial<PlainSpec>;
    if (type !== undefined && Object.hasOwn(ONE_OF, type)) return ONE_OF[type];
    throw fault(
      'STRAT-001',
      `An order of a list must have one of the types ${Object.keys(ONE_OF).join(', ')}, was ${JSON.stringify(type)}.`,
      { fix: "Write type: 'limit', price, or another of them." },
    );
  },
};
const ORDERS_LIMIT: TermsOf<First<'limit'>> = {
  ...{ ...PLAIN, price: true, postOnly: true, timeout: true, timeInForce: true },
};
const ORDERS_STOP: TermsOf<First<'stop'>> = { ...PLAIN, ...TRIGGER, timeout: true };
const TAKE_PROFIT: TermsOf<First<'takeProfit'>> = { ...PLAIN, ...TRIGGER };
const TRAILING: TermsOf<First<'trailingStop'>> = { ...PLAIN, by: distance, after: true };
const BRACKET: TermsOf<First<'bracket'>> = {
  ...{ ...PLAIN, entry: entryOf('orders.bracket', { limit: LIMIT, stop: STOP, chase: CHASE }) },
};
const FILTER: TermsOf<Omit<OrderFilter, 'symbol'>> = { side: true, role: true, tag: true };

const KNOWN = {
  ...{ long: LONG, short: SHORT, either: EITHER, flat: WHY, add: ADD, reduce: REDUCE, exits: CHANGE },
  ...{ 'orders.market': PLAIN, 'orders.limit': ORDERS_LIMIT, 'orders.stop': ORDERS_STOP },
  ...{ 'orders.takeProfit': TAKE_PROFIT, 'orders.trailingStop': TRAILING, 'orders.bracket': BRACKET },
  ...{ 'exits of orders.bracket': EXITS, 'orders.oco': SPECS, 'orders.batch': SPECS, 'orders.cancelAll': FILTER },
} satisfies Readonly<Record<string, AnyTerms>>;
/** Whatever takes terms. */
export type Verb = keyof typeof KNOWN;
export const VERBS = Object.keys(KNOWN) as readonly Verb[];
export const termsOf = (verb: Verb): AnyTerms => KNOWN[verb];

/** Throws STRAT-001 for a term that the verb does not know, however deep it lies. */
export function assertKnownTerms(verb: Verb, given: object): void {
  assertTerms(verb, given, KNOWN[verb], KNOWN[verb] === LONG || KNOWN[verb] === SHORT ? LIMIT_HINT : '');
}
const LIMIT_HINT = '; a price to wait for is entry: limit(price)';
