import type { PositionExits } from './take-profit.js';
import { parseDecimal } from '../../../domain/decimal.js';
import { fault } from '../../../domain/errors.js';
import type { Instrument } from '../../../domain/instrument.js';
import type { Ticks } from '../../../domain/units.js';
import type { Json } from '../../../ports/storage/event-store.js';
import { exitsFrom, exitsToJson } from './exit-record.js';

import type { MovingState, MovingStop } from './moving-stop.js';

/** How a position is left, as it is remembered. */
export interface HeldPlan {
  readonly side: 1 | -1;
  readonly stop: Ticks | undefined;
  readonly exits: PositionExits;
  /** Orders of it are no older. */
  readonly since: number;
}

/** What is known of the position that it is of. */
export interface HeldFor {
  readonly openedAt?: number | undefined;
  readonly moving?: MovingStop | undefined;
  readonly state?: MovingState | undefined;
  readonly entered?: number | undefined;
  /** Of an entry that has made nothing yet. */
  readonly tag?: string | undefined;
}

type Fields = Readonly<Record<string, Json | undefined>>;

/** Undefined where nothing but the market leaves it. */
export function heldToJson(
  { side, stop, exits, since }: HeldPlan,
  instrument: Instrument,
  { openedAt, moving, state, entered, tag }: HeldFor,
): Fields | undefined {
  const written = exitsToJson(exits, moving?.state() ?? state);
  if (stop === undefined && written === undefined) return undefined;
  return {
    side: side > 0 ? 'long' : 'short',
    ...(stop === undefined ? {} : { stop: instrument.price(stop).toString() }),
    opened_at: openedAt ?? null,
    ...(tag === undefined ? {} : { tag }),
    ...(written === undefined ? {} : { exits: written }),
    ...(exits.takeProfit === undefined ? {} : { since, ...(entered === undefined ? {} : { entered }) }),
  };
}

/** Throws STORE-001 for what is no stop. */
export function heldFrom(state: Json, instrument: Instrument): HeldPlan & Required<Omit<HeldFor, 'moving'>> {
  const {
    side,
    stop,
    opened_at: openedAt,
    exits,
    since,
    entered,
    tag,
  } = (typeof state === 'object' && state !== null ? state : {}) as Fields;
  if (
    (side !== 'long' && side !== 'short') ||
    (typeof stop !== 'string' && (stop !== undefined || exits === undefined)) ||
    (openedAt !== null && typeof openedAt !== 'number')
  ) {
    throw fault('STORE-001', `Saved stop must have side, stop and opened_at, was ${JSON.stringify(state)}.`);
  }
  const level = stop === undefined ? undefined : instrument.toTicks(parseDecimal(stop, 'Saved stop'), 'nearest');
  return {
    side: side === 'long' ? 1 : -1,
    stop: level,
    openedAt: openedAt ?? undefined,
    ...exitsFrom(exits),
    since: typeof since === 'number' ? since : 0,
    entered: typeof entered === 'number' ? entered : undefined,
    tag: typeof tag === 'string' ? tag : undefined,
  };
}
