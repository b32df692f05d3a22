import { Decimal } from '../domain/decimal.js';
import { DAY_MS } from '../domain/time-spans.js';
import { fault, PerpsBotError } from '../domain/errors.js';

/** Clocks differ by seconds or minutes; a stamp further ahead of us than this is of another unit, or nonsense. */
const FURTHEST_AHEAD_MS = DAY_MS;
/** Instants before 1973 are those of worlds that count from zero, where no unit can be told. */
const FIRST_REAL_MS = 1e11;
const MS_PER_SECOND = 1_000;
/** Powers of ten between which everything lies that a venue can mean; written out, others fill a disk. */
const FURTHEST_POWER = 100;

/** True for what this room refuses: the venue said something that cannot be read. */
export const isUnreadable = (error: unknown): boolean => PerpsBotError.is(error) && error.code === 'VENUE-005';

/**
 * VENUE-005: what a venue said of `what` is not what it must be. Readers get the id apart: a fill is read on the fast
 * path, and only a refusal needs the sentence.
 */
export const unreadable = (what: string, must: string, was: unknown, id?: string): PerpsBotError =>
  fault('VENUE-005', `${what}${id === undefined ? '' : ` ${id}`} of the venue must be ${must}, was ${shown(was)}.`);

/** Any value, short and harmless enough for a message. */
function shown(value: unknown): string {
  const isDecimal = Decimal.isDecimal(value);
  const isObject = typeof value === 'object' && value !== null && !isDecimal;
  const text = isObject ? 'an object' : isDecimal ? value.toExponential() : String(value);
  return text === '' ? 'empty' : text.slice(0, 80);
}

export function requireObject(value: unknown, what: string): void {
  if (typeof value !== 'object' || value === null) throw unreadable(what, 'an object', value);
}

export function requireList(value: unknown, what: string): void {
  if (!Array.isArray(value)) throw unreadable(what, 'a list', value);
}

export function requireText(value: unknown, what: string): void {
  if (typeof value !== 'string' || value === '') throw unreadable(what, 'text', value);
}

export function allowText(value: unknown, what: string): void {
  if (value !== undefined && typeof value !== 'string') throw unreadable(what, 'text or absent', value);
}

export function requireOneOf(value: unknown, known: ReadonlySet<unknown>, what: string, id?: string): void {
  if (!known.has(value)) throw unreadable(what, `one of ${[...known].join(', ')}`, value, id);
}

export function allowOneOf(value: unknown, known: ReadonlySet<unknown>, what: string, id?: string): void {
  if (value !== undefined) requireOneOf(value, known, what, id);
}

export function requireFlag(value: unknown, what: string): void {
  if (typeof value !== 'boolean') throw unreadable(what, 'true or false', value);
}

const isNumber = (value: unknown): value is Decimal =>
  Decimal.isDecimal(value) && value.isFinite() && Math.abs(value.e) <= FURTHEST_POWER;

export function requireFinite(value: unknown, what: string): void {
  if (!isNumber(value)) throw unreadable(what, 'a decimal number', value);
}

export function requireAbove(value: unknown, what: string): void {
  if (!isNumber(value) || !value.gt(0)) throw unreadable(what, 'above zero', value);
}

export function requireNotNegative(value: unknown, what: string): void {
  if (!isNumber(value) || value.lt(0)) throw unreadable(what, 'zero or more', value);
}

export function allowFinite(value: unknown, what: string): void {
  if (value !== undefined) requireFinite(value, what);
}

/** An instant of any time, one to come too. */
export function allowInstant(value: unknown, what: string): void {
  if (value !== undefined && !(typeof value === 'number' && Number.isFinite(value) && value >= 0))
    throw unreadable(what, 'epoch milliseconds or absent', value);
}

/** Integers of the hot path. */
export function requireWhole(value: unknown, what: string, least = -Infinity, id?: string): void {
  if (!Number.isSafeInteger(value) || (value as number) < least) throw unreadable(what, 'a whole number', value, id);
}

/**
 * Epoch milliseconds. A stamp in seconds, microseconds or nanoseconds is refused, not converted: whoever has one unit
 * wrong may have others wrong, and a watermark that has jumped ahead never comes back.
 */
export function requireInstant(value: unknown, what: string, now: number, id?: string): void {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
    throw unreadable(what, 'epoch milliseconds', value, id);
  if (value > now + FURTHEST_AHEAD_MS)
    throw unreadable(what, `epoch milliseconds, at most a day ahead of ${now}`, value, id);
  if (now >= FIRST_REAL_MS && isNear(value * MS_PER_SECOND, now))
    throw unreadable(what, 'epoch milliseconds, not seconds', value, id);
}

const isNear = (value: number, now: number): boolean => value > now / 2 && value < now * 2;
