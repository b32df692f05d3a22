import type { Json } from '../../../../ports/storage/event-store.js';
import { plain, revived } from '../../exits/exit-record.js';
import type { ChaseEntry } from '../entries/entry-kinds.js';

/** What follows an order's time: the rest goes to the market as that of such an order, with such terms. */
export interface Then {
  readonly of: 'add' | 'reduce' | 'bracket';
  readonly terms?: object;
}

/** What a restart must know of an order that rests, beside the order. */
export interface RestRecord {
  readonly chase: ChaseEntry | undefined;
  /** Its time ends with the close of this bar, or so long after its acceptance. */
  readonly untilBar: number | undefined;
  readonly ms: number | undefined;
  /** The same as it was asked; undefined where that is not known any more. */
  readonly timeout: string | undefined;
  readonly first: number;
  readonly further: number;
  readonly then: Then | undefined;
  /** Its time was over: it was being withdrawn. */
  readonly isOver: boolean;
}

type Fields = Readonly<Record<string, Json | undefined>>;

export const restToJson = (tag: string, rest: RestRecord): Json => {
  const { timeout, untilBar, ms, chase, first, further, then, isOver } = rest;
  return {
    tag,
    ...(timeout === undefined ? {} : { timeout }),
    ...(untilBar === undefined ? {} : { until_bar: untilBar }),
    ...(ms === undefined ? {} : { ms }),
    ...(chase === undefined ? {} : { chase: plain(chase), first, further }),
    ...(then === undefined ? {} : { then: plain(then) }),
    ...(isOver ? { over: true } : {}),
  };
};

/** What cannot be read is not known: an order goes on without it. */
export function restRecordsFrom(saved: Json | undefined): readonly (RestRecord & { readonly tag: string })[] {
  return (Array.isArray(saved) ? (saved as readonly Json[]) : []).flatMap((value) => {
    const fields: Fields = isFields(value) ? value : {};
    const { tag, until_bar: untilBar, ms, timeout, chase, first, further, over, then } = fields;
    if (typeof tag !== 'string') return [];
    return [
      {
        tag,
        untilBar: typeof untilBar === 'number' ? untilBar : undefined,
        ms: typeof ms === 'number' ? ms : undefined,
        timeout: typeof timeout === 'string' ? timeout : undefined,
        chase: chase === undefined || typeof first !== 'number' ? undefined : (revived(chase) as ChaseEntry),
        first: typeof first === 'number' ? first : Number.NaN,
        further: typeof further === 'number' ? further : 0,
        then: thenFrom(then),
        isOver: over === true,
      },
    ];
  });
}

function thenFrom(saved: Json | undefined): Then | undefined {
  if (!isFields(saved)) return undefined;
  const { of, terms } = saved;
  if (of === 'add' || of === 'reduce') return { of };
  return of === 'bracket' && isFields(terms) ? { of, terms: revived(terms) as object } : undefined;
}

const isFields = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
