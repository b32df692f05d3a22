import { parseDecimal } from '../../../../domain/decimal.js';
import type { Instrument } from '../../../../domain/instrument.js';
import type { Lots } from '../../../../domain/units.js';
import type { Json } from '../../../../ports/storage/event-store.js';
import type { OrderTicket } from '../../../../ports/strategy/order-ticket.js';

type Side = 'buy' | 'sell';

/** What a restart must know of an entry that waits, beside its order. */
export interface EntryRecord {
  readonly side: Side;
  readonly tag: string;
  readonly kind: string | undefined;
  readonly untilBar: number | undefined;
  readonly timeoutMs: number | undefined;
  /** As it was asked; undefined where it was not saved. */
  readonly timeout: string | undefined;
  readonly then: 'cancel' | 'market';
  /** Its time was over: it was being withdrawn. */
  readonly isOver: boolean;
}

/** Of what has not filled in its time, and is still to go to the market. */
interface RestRecord {
  readonly side: Side;
  readonly tag: string;
  readonly why: string;
  readonly lots: Lots;
  readonly until: number;
}

/** What was saved of the entries of a life before. */
export interface SavedEntries {
  readonly waiting: readonly EntryRecord[];
  readonly rest: RestRecord | undefined;
}

/** Tags of the entries of the verbs, where the strategy names none. */
export const entryTag = (side: Side): string => (side === 'buy' ? 'entry.long' : 'entry.short');

export function entriesToJson({ waiting, rest }: SavedEntries, instrument: Instrument): Json {
  return [
    ...waiting.map(({ side, tag, kind, untilBar, timeoutMs, timeout, then, isOver }) => ({
      ...{ side, tag, then },
      ...(kind === undefined ? {} : { kind }),
      ...(untilBar === undefined ? {} : { until_bar: untilBar }),
      ...(timeoutMs === undefined ? {} : { timeout_ms: timeoutMs }),
      ...(timeout === undefined ? {} : { timeout }),
      ...(isOver ? { over: true } : {}),
    })),
    ...(rest === undefined
      ? []
      : [
          {
            ...{ side: rest.side, tag: rest.tag, why: rest.why, until: rest.until },
            rest: instrument.sizeText(rest.lots),
          },
        ]),
  ];
}

/** What cannot be read is not known: an entry goes on without it, a rest is not sent. */
export function entriesFrom(saved: Json | undefined, instrument: Instrument): SavedEntries {
  const records = (Array.isArray(saved) ? (saved as readonly Json[]) : []).map(fieldsOf);
  return {
    waiting: records.filter(({ rest }) => rest === undefined).flatMap(entryFrom),
    rest: records.flatMap((record) => restFrom(record, instrument))[0],
  };
}

/** The record of an order that was found again; undefined for one that is no entry of a verb. */
export const recordOf = (ticket: OrderTicket, { waiting }: SavedEntries): EntryRecord | undefined =>
  waiting.find(({ tag }) => tag === ticket.tag) ??
  (ticket.tag === entryTag(ticket.side)
    ? {
        ...{ side: ticket.side, tag: ticket.tag, kind: undefined, untilBar: undefined, timeoutMs: undefined },
        ...{ timeout: undefined, then: 'cancel', isOver: false },
      }
    : undefined);

type Fields = Readonly<Record<string, Json | undefined>>;

function entryFrom(fields: Fields): readonly EntryRecord[] {
  const { kind, until_bar: untilBar, timeout_ms: timeoutMs, timeout, then, over } = fields;
  const side = sideFrom(fields);
  if (side === undefined) return [];
  const { tag = entryTag(side) } = fields;
  return [
    {
      ...{ side, tag: typeof tag === 'string' ? tag : entryTag(side) },
      kind: typeof kind === 'string' ? kind : undefined,
      untilBar: typeof untilBar === 'number' ? untilBar : undefined,
      timeoutMs: typeof timeoutMs === 'number' ? timeoutMs : undefined,
      timeout: typeof timeout === 'string' ? timeout : undefined,
      then: then === 'market' ? 'market' : 'cancel',
      isOver: over === true,
    },
  ];
}

function restFrom(fields: Fields, instrument: Instrument): readonly RestRecord[] {
  const { rest, tag, why, until } = fields;
  const side = sideFrom(fields);
  if (side === undefined || typeof rest !== 'string' || typeof tag !== 'string') return [];
  if (typeof why !== 'string' || typeof until !== 'number') return [];
  const size = lotsFrom(rest, instrument);
  return size === undefined ? [] : [{ side, tag, why, lots: size, until }];
}

function lotsFrom(text: string, instrument: Instrument): Lots | undefined {
  try {
    const size = instrument.toLots(parseDecimal(text, 'rest'), 'floor');
    return size > 0 ? size : undefined;
  } catch {
    return undefined;
  }
}

const sideFrom = ({ side }: Fields): Side | undefined => (side === 'buy' || side === 'sell' ? side : undefined);

const fieldsOf = (value: Json): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
