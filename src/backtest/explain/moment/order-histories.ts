import { Decimal, parseDecimal } from '../../../domain/decimal.js';
import type { StoredEvent } from '../../../ports/storage/event-store.js';
import { CheckedRecord } from './checked-record.js';

export const HISTORY_RECORDS = ['order', 'fill', 'external_fill', 'stop_trigger'] as const;

/** What an order was at one instant, each time that something of it was another. */
export interface OrderState {
  readonly seq: number;
  readonly at: number;
  readonly status: string;
  readonly filled: string;
  readonly limit: string | undefined;
  readonly stop: string | undefined;
  readonly quantity: string;
  readonly reason: string | undefined;
}

/** One order, or one stop that the bot holds itself, from its first record to its newest. */
export interface ToldOrderStates {
  readonly id: string;
  readonly symbol: string;
  readonly side: string;
  readonly type: string;
  readonly reduceOnly: boolean;
  /** Why it was made. */
  readonly why: string | undefined;
  readonly replaces: string | undefined;
  /** By the bot itself, not at the venue. */
  readonly isHeld: boolean;
  readonly states: readonly [OrderState, ...OrderState[]];
}

export interface FillOf {
  readonly seq: number;
  readonly at: number;
  readonly symbol: string;
  readonly clientId: string;
  readonly side: string;
  readonly quantity: string;
  readonly price: string;
}

export interface Histories {
  readonly orders: ReadonlyMap<string, ToldOrderStates>;
  readonly fills: readonly FillOf[];
}

type Growing = Omit<ToldOrderStates, 'states'> & { readonly states: [OrderState, ...OrderState[]] };

/** Orders, stops and fills of one symbol. Throws STORE-001 for a record that is not what it says. */
export function historiesOf(events: readonly StoredEvent[], symbol: string): Histories {
  const orders = new Map<string, Growing>();
  const fills: FillOf[] = [];
  for (const event of events) {
    if (event.payload['symbol'] !== symbol) continue;
    const record = new CheckedRecord(event);
    if (event.type === 'order' || event.type === 'stop_trigger') keep(orders, record);
    else if (event.type === 'fill' || event.type === 'external_fill') fills.push(fillOf(record));
  }
  return { orders, fills };
}

function keep(orders: Map<string, Growing>, record: CheckedRecord): void {
  const isHeld = record.event.type === 'stop_trigger';
  const id = record.text(isHeld ? 'trigger_id' : 'client_id');
  const state: OrderState = {
    ...{ seq: record.event.seq, at: record.event.at, status: record.text(isHeld ? 'state' : 'status') },
    ...{ filled: record.optionalText('filled_quantity') ?? '0', quantity: record.text('quantity') },
    ...{ limit: record.optionalText('limit_price'), stop: record.optionalText('stop_price') },
    reason: record.optionalText('reason'),
  };
  const known = orders.get(id);
  if (known === undefined)
    orders.set(id, {
      ...{ id, symbol: record.text('symbol'), side: record.text('side'), type: record.text('order_type') },
      ...{ reduceOnly: record.flag('reduce_only'), why: record.optionalText('decision') },
      ...{ replaces: record.optionalText('replaces'), isHeld, states: [state] },
    });
  else if (differs(known.states.at(-1), state)) known.states.push(state);
}

const differs = (before: OrderState | undefined, state: OrderState): boolean =>
  before === undefined ||
  (['status', 'filled', 'limit', 'stop', 'quantity', 'reason'] as const).some((key) => before[key] !== state[key]);

const fillOf = (record: CheckedRecord): FillOf => ({
  ...{ seq: record.event.seq, at: record.optionalNumber('filled_at') ?? record.event.at },
  ...{ symbol: record.text('symbol'), clientId: record.text('client_id'), side: record.text('side') },
  ...{ quantity: record.text('quantity'), price: record.text('price') },
});

const signed = ({ side, quantity }: FillOf): Decimal => {
  const size = parseDecimal(quantity, 'quantity');
  return side === 'buy' ? size : size.neg();
};

/** What was held before the record of a number, by all fills until then. */
export const heldBefore = (fills: readonly FillOf[], seq: number): Decimal =>
  fills.reduce((sum, fill) => (fill.seq < seq ? sum.plus(signed(fill)) : sum), new Decimal(0));

/** The number of the first record from `seq` on by which nothing was held; Infinity where that never was. */
export function flatFrom(fills: readonly FillOf[], seq: number): number {
  let held = heldBefore(fills, seq);
  for (const fill of fills) {
    if (fill.seq < seq) continue;
    held = held.plus(signed(fill));
    if (held.isZero()) return fill.seq;
  }
  return Number.POSITIVE_INFINITY;
}

/** The newest state of an order before the record of a number. */
export const stateBefore = ({ states }: ToldOrderStates, seq: number): OrderState | undefined =>
  states.findLast((state) => state.seq < seq);
