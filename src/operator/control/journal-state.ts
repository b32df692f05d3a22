import { Decimal, ZERO } from '../../domain/decimal.js';
import { isTerminal, protects, type OrderStatus } from '../../domain/order-state.js';
import { wakefulSize, type OrderType } from '../../domain/order.js';
import type { SuspendedStrategy } from '../../ports/core-services/operator-control.js';
import type { EventQuery, Payload, StoredEvent } from '../../ports/storage/event-store.js';

/** A journal that is only read; its bot may be writing it. */
export interface ReadJournal {
  query(query: EventQuery): readonly StoredEvent[];
}

/** What a journal last knew: of a bot that cannot be asked there is nothing newer. */
export interface JournalState {
  /** World time of the newest record, epoch milliseconds; null for an empty journal. */
  readonly at: number | null;
  readonly state: string;
  readonly reason: string | null;
  readonly actor: string | null;
  readonly since: number | null;
  readonly account: string | null;
  /** Strategies that were suspended. */
  readonly suspended: readonly SuspendedStrategy[];
  /** Strategies that had entered too often without a person. */
  readonly disabled: readonly string[];
  readonly positions: readonly {
    readonly symbol: string;
    readonly side: 'long' | 'short';
    readonly size: string;
    /** How much of it was covered by stops that the venue held. */
    readonly stopSize: string;
  }[];
  /** Not proven dead. */
  readonly orders: readonly {
    readonly clientId: string;
    readonly symbol: string;
    readonly side: string;
    readonly type: string;
    readonly size: string;
    readonly price: string | null;
    readonly stopPrice: string | null;
    readonly reduceOnly: boolean;
    readonly status: string;
  }[];
}

const FILLS = ['fill', 'external_fill'] as const;

/** Folds a journal without a bot: the newest safety state, the sum of the fills, and the orders that had not ended. */
export function journalState(journal: ReadJournal): JournalState {
  const newest = journal.query({ limit: 1 }).at(-1);
  const safety = journal.query({ types: ['safety_state'], limit: 1 }).at(-1);
  const account = journal.query({ types: ['account'], limit: 1 })[0]?.payload['account'];
  const state = textOf(safety?.payload, 'to') ?? 'NORMAL';
  const records = ordersOf(journal);
  return {
    at: newest?.at ?? null,
    state,
    reason: state === 'NORMAL' ? null : textOf(safety?.payload, 'reason'),
    actor: state === 'NORMAL' ? null : textOf(safety?.payload, 'actor'),
    since: safety?.at ?? null,
    account: typeof account === 'string' ? account : null,
    suspended: suspendedOf(journal),
    disabled: disabledOf(journal),
    positions: positionsOf(journal, records),
    orders: openOf(records),
  };
}

function suspendedOf(journal: ReadJournal): SuspendedStrategy[] {
  const standing = new Map<string, SuspendedStrategy>();
  for (const { type, at, payload } of journal.query({ types: ['strategy_suspended', 'strategy_resumed'] })) {
    const instance = textOf(payload, 'instance') ?? '?';
    standing.delete(instance);
    if (type === 'strategy_suspended')
      standing.set(instance, { instance, reason: textOf(payload, 'reason') ?? '', at });
  }
  return [...standing.values()];
}

/** A person lets one of them go on, or all, or has done so by changing the safety state. */
function disabledOf(journal: ReadJournal): string[] {
  const standing = new Set<string>();
  for (const { type, payload } of journal.query({ types: ['strategy_disabled', 'strategy_rearmed', 'safety_state'] })) {
    const strategy = textOf(payload, 'strategy');
    if (type === 'strategy_disabled') standing.add(strategy ?? '?');
    else if (type === 'strategy_rearmed' && strategy !== null) standing.delete(strategy);
    else if (payload['actor'] !== 'system') standing.clear();
  }
  return [...standing];
}

function positionsOf(journal: ReadJournal, orders: Orders): JournalState['positions'] {
  const sizes = new Map<string, Decimal>();
  const seen = new Set<string>();
  for (const { payload } of journal.query({ types: FILLS })) {
    const [symbol, trade, quantity] = [
      textOf(payload, 'symbol'),
      textOf(payload, 'trade_id'),
      textOf(payload, 'quantity'),
    ];
    if (symbol === null || quantity === null || (trade !== null && seen.has(`${symbol} ${trade}`))) continue;
    if (trade !== null) seen.add(`${symbol} ${trade}`);
    const size = new Decimal(quantity);
    sizes.set(symbol, (sizes.get(symbol) ?? ZERO).plus(payload['side'] === 'sell' ? size.neg() : size));
  }
  return [...sizes]
    .filter(([, size]) => !size.isZero())
    .map(([symbol, size]) => ({
      symbol,
      side: size.gt(0) ? 'long' : 'short',
      size: size.abs().toString(),
      stopSize: stopSizeOf(symbol, size, orders).toString(),
    }));
}

function stopSizeOf(symbol: string, held: Decimal, orders: Orders): Decimal {
  const exit = held.gt(0) ? 'sell' : 'buy';
  let covered = ZERO;
  for (const order of orders.values())
    if (order['symbol'] === symbol && order['side'] === exit && isStanding(order) && isStop(order))
      covered = covered.plus(closesPosition(order) ? held.abs() : wakefulSizeOf(order, orders));
  return covered.lt(held.abs()) ? covered : held.abs();
}

function wakefulSizeOf(order: Payload, orders: Orders): Decimal {
  const options = order['options'] as Payload | null | undefined;
  const entry = orders.get(textOf(options ?? undefined, 'after') ?? '');
  return wakefulSize(
    sizeOf(order, 'quantity'),
    sizeOf(order, 'filled_quantity'),
    entry === undefined ? undefined : sizeOf(entry, 'filled_quantity'),
  );
}

const closesPosition = ({ options }: Payload): boolean =>
  (options as Payload | null | undefined)?.['closePosition'] === true;

const isStanding = ({ status }: Payload): boolean => status === 'open' || status === 'partially_filled';

const isStop = (order: Payload): boolean =>
  protects({ reduceOnly: order['reduce_only'] === true, type: textOf(order, 'order_type') as OrderType });

/** The newest record of every order, by client id. */
type Orders = ReadonlyMap<string, Payload>;

function ordersOf(journal: ReadJournal): Orders {
  const latest = new Map<string, Payload>();
  for (const { payload } of journal.query({ types: ['order'] }))
    latest.set(textOf(payload, 'client_id') ?? '?', payload);
  return latest;
}

const openOf = (orders: Orders): JournalState['orders'] =>
  [...orders]
    .filter(([, order]) => !isTerminal((textOf(order, 'status') ?? 'unknown') as OrderStatus))
    .map(([clientId, order]) => ({
      clientId,
      symbol: textOf(order, 'symbol') ?? '?',
      side: textOf(order, 'side') ?? '?',
      type: textOf(order, 'order_type') ?? '?',
      size: textOf(order, 'quantity') ?? '?',
      price: textOf(order, 'limit_price'),
      stopPrice: textOf(order, 'stop_price'),
      reduceOnly: order['reduce_only'] === true,
      status: textOf(order, 'status') ?? 'unknown',
    }));

function sizeOf(order: Payload, key: string): Decimal {
  const text = textOf(order, key);
  return text === null ? ZERO : new Decimal(text);
}

function textOf(payload: Payload | undefined, key: string): string | null {
  const value = payload?.[key];
  return typeof value === 'string' ? value : null;
}
