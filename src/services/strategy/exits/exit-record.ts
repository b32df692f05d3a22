import { Decimal, parseDecimal } from '../../../domain/decimal.js';
import { fault } from '../../../domain/errors.js';
import type { Json } from '../../../ports/storage/event-store.js';
import type { MovingExits } from './exit-terms.js';
import type { MovingState } from './moving-stop.js';
import { ladderOf, type TakeProfit, type PositionExits } from './take-profit.js';

/** Of a position that has its stop alone. */
export const NO_EXITS: PositionExits = Object.freeze({});

type Fields = Readonly<Record<string, Json | undefined>>;

/** How a position is left, as the journal keeps it; undefined where it has its stop alone. */
export function exitsToJson(exits: PositionExits, state: MovingState | undefined): Json | undefined {
  if (Object.keys(exits).length === 0) return undefined;
  const { trail, breakEven, timeStop, takeProfit } = exits;
  return {
    ...(trail === undefined ? {} : { trail: plain(trail) }),
    ...(breakEven === undefined ? {} : { break_even: plain(breakEven) }),
    ...(timeStop === undefined ? {} : { time_stop: timeStop }),
    ...(takeProfit === undefined ? {} : { take_profit: plain(takeProfit) }),
    ...(state === undefined ? {} : { state: plain(state) }),
  };
}

/** Records of before have none. Throws STORE-001 for what was not written here. */
export function exitsFrom(record: Json | undefined): {
  readonly exits: PositionExits;
  readonly state: MovingState | undefined;
} {
  if (record === undefined || record === null) return { exits: NO_EXITS, state: undefined };
  const { trail, break_even: breakEven, time_stop: timeStop, take_profit: takeProfit, state } = fieldsOf(record);
  return {
    exits: {
      ...(trail === undefined ? {} : { trail: revived(trail) as NonNullable<MovingExits['trail']> }),
      ...(breakEven === undefined ? {} : { breakEven: revived(breakEven) as NonNullable<MovingExits['breakEven']> }),
      ...(timeStop === undefined ? {} : { timeStop: timeStop as NonNullable<MovingExits['timeStop']> }),
      ...(takeProfit === undefined ? {} : { takeProfit: rungsFrom(takeProfit) }),
    },
    state: state === undefined ? undefined : stateFrom(fieldsOf(state)),
  };
}

function rungsFrom(record: Json): readonly TakeProfit[] {
  if (!Array.isArray(record)) throw unreadable(record);
  return ladderOf(record.map((rung) => revived(rung as Json) as TakeProfit));
}

function stateFrom({ entry, risk, best, isTrailing, isEven, isFixed }: Fields): MovingState {
  if (typeof entry !== 'number' || typeof risk !== 'number')
    throw unreadable({ entry: entry ?? null, risk: risk ?? null });
  return {
    entry,
    risk,
    // No mark had been shown yet: JSON has no word for that but null.
    best: typeof best === 'number' ? best : Number.NaN,
    isTrailing: isTrailing === true,
    isEven: isEven === true,
    ...(isFixed === true ? { isFixed } : {}),
  };
}

/** Decimals as `{ decimal }`: a price that was given exactly comes back exactly. */
export const plain = (value: object): Json =>
  JSON.parse(
    JSON.stringify(value, function (this: Record<string, unknown>, key: string, given: unknown) {
      const own = this[key];
      return Decimal.isDecimal(own) ? { decimal: own.toString() } : given;
    }),
  ) as Json;

/** What `plain` has made. */
export function revived(value: Json): unknown {
  if (Array.isArray(value)) return (value as readonly Json[]).map(revived);
  if (typeof value !== 'object' || value === null) return value;
  const fields = fieldsOf(value);
  if (typeof fields['decimal'] === 'string') return parseDecimal(fields['decimal'], 'Saved exit');
  return Object.fromEntries(Object.entries(fields).map(([key, each]) => [key, revived(each ?? null)]));
}

function fieldsOf(value: Json): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw unreadable(value);
}

const unreadable = (value: Json): Error =>
  fault('STORE-001', `Saved exits must be what was written, was ${JSON.stringify(value)}.`);
