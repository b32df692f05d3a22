import { Decimal, parseDecimal } from '../../../domain/decimal.js';
import type { StoredEvent } from '../../../ports/storage/event-store.js';
import {
  flatFrom,
  heldBefore,
  HISTORY_RECORDS,
  historiesOf,
  stateBefore,
  type FillOf,
  type Histories,
  type ToldOrderStates,
  type OrderState,
} from './order-histories.js';
import { STRATEGY_RECORDS, strategyRecordOf, type StrategyRecord } from './strategy-records.js';

/** Records a moment is made of. */
export const MOMENT_RECORDS: readonly string[] = [...STRATEGY_RECORDS, ...HISTORY_RECORDS, 'safety_state'];

/** What protected a position. */
export interface MomentCover {
  /** Signed. */
  readonly position: string;
  readonly stops: readonly (Pick<OrderState, 'status' | 'stop'> & { readonly id: string; readonly left: string })[];
  /** Undefined while nothing is held. */
  readonly isCovered: boolean | undefined;
}

/** One order and what it executed. */
export interface FollowedOrder extends ToldOrderStates {
  readonly fills: readonly FillOf[];
}

/** One symbol at one instant. */
export interface SymbolMoment {
  readonly symbol: string;
  /** What was asked, refused, held and failed at, in the order in which it was. */
  readonly records: readonly StrategyRecord[];
  /** Orders that were asked for or changed, from then on. */
  readonly orders: readonly FollowedOrder[];
  /** What was made to leave the position that an entry opened, until it was gone. */
  readonly exits: readonly FollowedOrder[];
  /** As the strategy was asked. */
  readonly cover: MomentCover;
}

export interface Moment {
  readonly at: number;
  /** The safety state of then; undefined where it had never been another. */
  readonly safety: string | undefined;
  readonly symbols: readonly SymbolMoment[];
}

/** Nothing is known of that instant. */
export interface NoMoment {
  /** The nearest before and after of which something is known. */
  readonly before: number | undefined;
  readonly after: number | undefined;
}

/**
 * What strategies were shown, decided and asked for at one instant, and what came of it. `events` are in order.
 * Throws STORE-001 for a record that is not what it says.
 */
export function momentOf(events: readonly StoredEvent[], at: number, symbol?: string): Moment | NoMoment {
  const records = events
    .flatMap((event) => strategyRecordOf(event) ?? [])
    .filter((record) => symbol === undefined || record.symbol === symbol);
  const here = records.filter(({ instant }) => instant === at);
  const [first] = here;
  if (first === undefined) return nearest(records, at);
  const symbols = [...new Set(here.map((record) => record.symbol))];
  const states = events.filter(({ type, seq }) => type === 'safety_state' && seq < first.seq);
  const safety = states.at(-1)?.payload['to'];
  return {
    at,
    safety: typeof safety === 'string' ? safety : undefined,
    symbols: symbols.map((each) => ofSymbol(here, historiesOf(events, each), each)),
  };
}

export const isMoment = (found: Moment | NoMoment): found is Moment => 'symbols' in found;

function nearest(records: readonly StrategyRecord[], at: number): NoMoment {
  let before: number | undefined;
  let after: number | undefined;
  for (const { instant } of records) {
    if (instant < at) before = Math.max(before ?? instant, instant);
    else after = Math.min(after ?? instant, instant);
  }
  return { before, after };
}

function ofSymbol(here: readonly StrategyRecord[], histories: Histories, symbol: string): SymbolMoment {
  const records = here.filter((record) => record.symbol === symbol);
  const seq = records[0]?.seq ?? 0;
  const ids = idsOf(records, histories);
  const orders = followed(histories, (order) => ids.has(order.id));
  const until = opensPosition(records, orders) ? flatFrom(histories.fills, seq) : Number.NEGATIVE_INFINITY;
  const exits = followed(
    histories,
    ({ id, reduceOnly, states: [made] }) => reduceOnly && !ids.has(id) && made.seq > seq && made.seq < until,
  );
  return { symbol, records, orders, exits, cover: coverAt(histories, seq) };
}

/** Orders that were asked for, and those that took their place. */
function idsOf(records: readonly StrategyRecord[], { orders }: Histories): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const { kind, asked } of records)
    if (kind === 'intent' && asked?.clientId !== undefined) ids.add(asked.clientId);
  for (const { id, replaces } of orders.values()) if (replaces !== undefined && ids.has(replaces)) ids.add(id);
  return ids;
}

const opensPosition = (records: readonly StrategyRecord[], orders: readonly FollowedOrder[]): boolean =>
  records.some(({ kind, asked }) => kind === 'intent' && asked?.role === 'entry') &&
  orders.some(({ reduceOnly, fills }) => !reduceOnly && fills.length > 0);

const followed = (
  { orders, fills }: Histories,
  isWanted: (order: ToldOrderStates) => boolean,
): readonly FollowedOrder[] =>
  [...orders.values()]
    .filter(isWanted)
    .map((order) => ({ ...order, fills: fills.filter(({ clientId }) => clientId === order.id) }));

const LIVE: ReadonlySet<string> = new Set(['open', 'partially_filled']);
const OVER: ReadonlySet<string> = new Set(['done', 'dropped']);

function coverAt({ orders, fills }: Histories, seq: number): MomentCover {
  const position = heldBefore(fills, seq);
  const side = position.gt(0) ? 'sell' : 'buy';
  const stops = [...orders.values()].flatMap((order) => {
    const state = stateBefore(order, seq);
    if (state?.stop === undefined || !order.reduceOnly || order.side !== side) return [];
    if (order.isHeld ? OVER.has(state.status) : !LIVE.has(state.status)) return [];
    const left = sizeOf(state.quantity).minus(sizeOf(state.filled));
    // One without a size of its own closes the position.
    const most = left.gt(0) ? left : position.abs();
    return [{ id: order.id, status: state.status, stop: state.stop, left: most.toString() }];
  });
  const held = stops.reduce((sum, { left }) => sum.plus(left), new Decimal(0));
  return {
    ...{ position: position.toString(), stops },
    isCovered: position.isZero() ? undefined : held.gte(position.abs()),
  };
}

const sizeOf = (text: string): Decimal => parseDecimal(text, 'quantity');
