import { fault } from '../errors.js';
import type { AsleepRecord, AskedBy, KeptPlace, OrderRole, Values } from './origin.js';

type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value | undefined };
type Plain = { readonly [key: string]: Value | undefined };

/** Under which name an order was asked for. */
export const askedToRecord = ({ kept, ...asked }: AskedBy): Plain => ({
  ...asked,
  ...(kept === undefined
    ? {}
    : {
        kept: { ...kept, ...(kept.asleep === undefined ? {} : { asleep: kept.asleep.map((each) => ({ ...each })) }) },
      }),
});

/**
 * Absent in orders that were made of a decision, and in records of before there were names. Throws STORE-001 for what
 * is no such name.
 */
export function askedFrom(record: Value | undefined): { readonly asked?: AskedBy } {
  if (!isPlain(record)) return {};
  const { values, kept } = record;
  return {
    asked: {
      instance: text(record, 'instance'),
      tag: text(record, 'tag'),
      nth: number(record, 'nth'),
      role: text(record, 'role') as OrderRole,
      ...(isPlain(values) ? { values: values as Values } : {}),
      ...(isPlain(kept) ? { kept: keptFrom(kept) } : {}),
    },
  };
}

function keptFrom(record: Plain): KeptPlace {
  const { group, asleep } = record;
  return {
    ...(group === undefined ? {} : { group: text(record, 'group') }),
    ...(Array.isArray(asleep) ? { asleep: (asleep as readonly Value[]).map(asleepFrom) } : {}),
  };
}

function asleepFrom(record: Value): AsleepRecord {
  if (!isPlain(record)) throw damaged('asleep', 'records', record);
  for (const key of ['tag', 'role', 'side', 'type', 'quantity', 'why']) text(record, key);
  number(record, 'nth');
  return record as unknown as AsleepRecord;
}

const isPlain = (value: Value | undefined): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function text(record: Plain, key: string): string {
  const value = record[key];
  if (typeof value !== 'string') throw damaged(key, 'text', value);
  return value;
}

function number(record: Plain, key: string): number {
  const value = record[key];
  if (typeof value !== 'number') throw damaged(key, 'a number', value);
  return value;
}

const damaged = (key: string, shape: string, value: Value | undefined): Error =>
  fault('STORE-001', `Field ${key} of a name must be ${shape}, was ${JSON.stringify(value) ?? 'absent'}.`);
