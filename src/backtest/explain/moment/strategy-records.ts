import type { Payload, StoredEvent } from '../../../ports/storage/event-store.js';
import { CheckedRecord } from './checked-record.js';

/** What a strategy did at one instant, by one record. */
export interface StrategyRecord {
  readonly seq: number;
  readonly kind: 'intent' | 'refusal' | 'hold' | 'fault';
  readonly instant: number;
  readonly symbol: string;
  /** `name@SYMBOL`; undefined of a hold while no strategy was known. */
  readonly instance: string | undefined;
  readonly handler: string | undefined;
  readonly mark: string | undefined;
  readonly position: string | undefined;
  /** In one sentence: why, or the error. */
  readonly why: string;
  readonly values: Payload | undefined;
  /** How many of its kind were not written down since the one before. */
  readonly suppressed: number;
  readonly asked: AskedOrder | undefined;
  readonly refusal: { readonly check: string; readonly reason: string } | undefined;
  /** What kept the strategy from being asked. */
  readonly gate: string | undefined;
}

export interface AskedOrder {
  readonly verb: string;
  readonly clientId: string | undefined;
  readonly tag: string | undefined;
  readonly role: string | undefined;
  readonly side: string | undefined;
  readonly type: string | undefined;
  readonly quantity: string | undefined;
  readonly sentQuantity: string | undefined;
  readonly limit: string | undefined;
  readonly stop: string | undefined;
  readonly reduceOnly: boolean;
  readonly closesPosition: boolean;
  readonly plan: Payload | undefined;
}

const KINDS: Readonly<Record<string, StrategyRecord['kind']>> = {
  strategy_intent: 'intent',
  strategy_refusal: 'refusal',
  strategy_hold: 'hold',
  strategy_fault: 'fault',
};
export const STRATEGY_RECORDS = Object.keys(KINDS);

/** Undefined for a record of another type. Throws STORE-001 for one that is not what it says. */
export function strategyRecordOf(event: StoredEvent): StrategyRecord | undefined {
  const kind = KINDS[event.type];
  if (kind === undefined) return undefined;
  const record = new CheckedRecord(event);
  const instance = kind === 'hold' ? record.optionalText('instance') : record.text('instance');
  return {
    ...{ seq: event.seq, kind, instance, instant: record.number('instant'), symbol: record.text('symbol') },
    ...{ handler: record.optionalText('handler'), mark: record.optionalText('mark') },
    position: record.optionalText('position'),
    why: record.text(kind === 'fault' ? 'error' : 'why'),
    values: record.optionalFields('values'),
    suppressed: record.optionalNumber('suppressed') ?? 0,
    asked: kind === 'intent' || kind === 'refusal' ? askedOf(record) : undefined,
    refusal: kind === 'refusal' ? { check: record.text('check'), reason: record.text('reason') } : undefined,
    gate: record.optionalText('gate'),
  };
}

function askedOf(record: CheckedRecord): AskedOrder {
  return {
    ...{ verb: record.text('verb'), clientId: record.optionalText('client_id'), tag: record.optionalText('tag') },
    ...{ role: record.optionalText('role'), side: record.optionalText('side') },
    ...{ type: record.optionalText('order_type'), quantity: record.optionalText('quantity') },
    ...{ sentQuantity: record.optionalText('sent_quantity'), limit: record.optionalText('limit_price') },
    ...{ stop: record.optionalText('stop_price'), reduceOnly: record.flag('reduce_only') },
    ...{ closesPosition: record.flag('close_position'), plan: record.optionalFields('plan') },
  };
}
