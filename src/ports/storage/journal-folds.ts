import { intentSeqOf } from '../../domain/client-order-id.js';
import type { JournalFold, StoredEvent } from './event-store.js';

/**
 * Measured again and again, and read by nobody at start: the only records that ever leave a journal, into its archive.
 * Intents, fills, the ledger, the safety state and what operators did are never among them.
 */
export const SAMPLES = [
  'ws_mark_update',
  'cycle_metrics',
  'account_snapshot',
  'order_reconcile_snapshot',
  'strategy_refusal',
  'strategy_hold',
] as const;

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** What stands under no name is kept, for whoever reads it to refuse. */
const named = (value: unknown, { seq }: StoredEvent): string => textOf(value) ?? `record ${seq}`;

const numberOf = ({ payload }: StoredEvent): number => intentSeqOf(textOf(payload['client_id']) ?? '') ?? 0;

const isLossCancel = ({ payload: { reason, unconfirmed } }: StoredEvent): boolean =>
  reason === 'daily_loss_limit' && Array.isArray(unconfirmed) && unconfirmed.length === 0;

/**
 * What each reader needs of a long past. All of them stand here, and tests go over all of them: a fold that keeps too
 * little would let a start forget.
 */
export const FOLDS = {
  /** All that moved money or a position, in order: the ledger is made of these records at each start, and of no sum. */
  accountHistory: { name: 'account-history', version: 1, types: ['fill', 'external_fill', 'funding', 'transfer'] },
  /** What the venue said and could not be booked, each row once. */
  accountRowsAside: {
    name: 'account-rows-aside',
    version: 1,
    types: ['account_event_failed'],
    key: ({ payload }) => textOf(payload['row']),
  },
  /** Guards that were blind at the end. */
  blindGuards: {
    name: 'blind-guards',
    version: 1,
    types: ['guard_blind', 'guard_evaluated'],
    key: ({ payload }) => textOf(payload['guard']),
    ends: ({ type, payload }) => type === 'guard_evaluated' || typeof payload['since'] !== 'number',
  },
  /** Dead man's switches that may still run. */
  deadMan: {
    name: 'dead-man',
    version: 1,
    types: ['dead_man'],
    key: ({ payload }) => textOf(payload['scope']),
    ends: ({ payload }) => payload['state'] === 'off',
  },
  /** Breaches, and each time that the state was loosened for all. */
  drawdownBreaches: {
    name: 'drawdown-breaches',
    version: 1,
    types: ['drawdown_breach', 'safety_state'],
    key: ({ type, seq, payload }) => (type === 'safety_state' && payload['to'] !== 'NORMAL' ? undefined : String(seq)),
  },
  instruments: {
    name: 'instruments',
    version: 1,
    types: ['instrument'],
    key: (event) => named(event.payload['symbol'], event),
  },
  /** The order with the highest number of each bot that has ever sent one on this account. */
  intentNumbers: {
    name: 'intent-numbers',
    version: 1,
    types: ['order'],
    key: (event) => (numberOf(event) === 0 ? undefined : textOf(event.payload['client_id'])?.split('-', 1)[0]),
    replaces: (newer, older) => numberOf(newer) > numberOf(older),
  },
  /** Symbols whose buffer was not restored. */
  liquidationBuffers: {
    name: 'liquidation-buffers',
    version: 1,
    types: ['liquidation_buffer_breach', 'liquidation_buffer_restored'],
    key: ({ payload }) => textOf(payload['symbol']),
    ends: ({ type }) => type === 'liquidation_buffer_restored',
  },
  /** The newest cancellation for the day's loss that left nothing open. */
  lossCancels: {
    name: 'loss-cancels',
    version: 1,
    types: ['cancel_all'],
    key: (event) => (isLossCancel(event) ? 'newest' : undefined),
  },
  /** The orders of intents that are sent as several. */
  orderChildren: { name: 'order-children', version: 1, types: ['order_child'] },
  /** The newest record of each order. */
  orders: {
    name: 'orders',
    version: 1,
    types: ['order'],
    key: (event) => named(event.payload['client_id'], event),
  },
  /** When a person last did something about a strategy, or about all of them. */
  personsDoings: {
    name: 'persons-doings',
    version: 1,
    types: ['strategy_rearmed', 'safety_state'],
    key: ({ type, payload: { strategy, actor } }) => {
      if (type === 'strategy_rearmed' && typeof strategy === 'string') return `strategy ${strategy}`;
      return actor === 'system' ? undefined : 'all';
    },
  },
  /** The stop of each entry. */
  plannedStops: { name: 'planned-stops', version: 1, types: ['planned_protection'] },
  /** The newest record of each stop that is not over. */
  stopTriggers: {
    name: 'stop-triggers',
    version: 1,
    types: ['stop_trigger'],
    key: (event) => named(event.payload['trigger_id'], event),
    ends: ({ payload: { state } }) => state === 'done' || state === 'dropped',
  },
  /** What each strategy last remembered of each symbol. */
  strategyStates: {
    name: 'strategy-states',
    version: 1,
    types: ['strategy_state'],
    key: ({ botId, payload: { symbol, strategy } }) =>
      typeof symbol === 'string' && typeof strategy === 'string' ? JSON.stringify([botId, symbol]) : undefined,
  },
  /** Strategies that are suspended. */
  suspensions: {
    name: 'suspensions',
    version: 1,
    types: ['strategy_suspended', 'strategy_resumed'],
    key: ({ botId, payload }) =>
      typeof payload['instance'] === 'string' ? JSON.stringify([botId, payload['instance']]) : undefined,
    ends: ({ type }) => type === 'strategy_resumed',
  },
  volatilityActions: {
    name: 'volatility-actions',
    version: 1,
    types: ['volatility_circuit_breaker'],
    key: ({ payload }) => textOf(payload['symbol']),
  },
} satisfies Readonly<Record<string, JournalFold>>;
