import { Decimal, parseDecimal } from '../../../domain/decimal.js';
import { fault } from '../../../domain/errors.js';
import type { ParameterRange } from '../../../ports/core-services/strategy.js';
import { assertTimeframe } from './timeframe.js';
import { flag as readFlag, choice as readChoice, type ParameterValue } from '../parameters.js';

/** One parameter of a strategy: its value unless another is given, how others are read, and what a sweep may try. */
export interface Parameter<T> {
  readonly initial: T;
  readonly range: ParameterRange;
  /** Throws CFG-002 for a value of the wrong grammar or out of range. */
  read(value: ParameterValue, name: string): T;
}

export interface Bounds {
  readonly min?: number;
  readonly max?: number;
  /** Distance between the values a sweep tries; default 1 for whole numbers. */
  readonly step?: number;
}

/** A whole number. */
export function int(initial: number, bounds: Bounds = {}): Parameter<number> {
  const range = rangeOf('int', { step: 1, ...bounds });
  return checked(initial, range, (value, name) => {
    const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
    if (typeof number === 'number' && Number.isSafeInteger(number) && within(number, range)) return number;
    throw malformed(name, `a whole number${boundsText(range)}`, value);
  });
}

/** A number. */
export function number(initial: number, bounds: Bounds = {}): Parameter<number> {
  const range = rangeOf('number', bounds);
  return checked(initial, range, (value, name) => {
    const read = typeof value === 'string' && /^-?\d/.test(value) ? Number(value) : value;
    if (typeof read === 'number' && Number.isFinite(read) && within(read, range)) return read;
    throw malformed(name, `a number${boundsText(range)}`, value);
  });
}

export interface PercentBounds {
  readonly min?: string;
  readonly max?: string;
  readonly step?: string;
}

/** A share, written `0.5%` or `0.005`; from 0% to 100% unless bounds say otherwise. Read as an exact fraction. */
export function percent(initial: string, bounds: PercentBounds = {}): Parameter<Decimal> {
  const limit = (text: string | undefined, otherwise: number): number =>
    text === undefined ? otherwise : share(text, 'bounds').toNumber();
  const range: ParameterRange = {
    kind: 'percent',
    min: limit(bounds.min, 0),
    max: limit(bounds.max, 1),
    ...(bounds.step === undefined ? {} : { step: limit(bounds.step, 0) }),
  };
  const read = (value: ParameterValue, name: string): Decimal => {
    const fraction = share(value, name);
    if (fraction.gte(range.min ?? 0) && fraction.lte(range.max ?? 1)) return fraction;
    throw malformed(name, `a share from ${percentText(range.min ?? 0)} to ${percentText(range.max ?? 1)}`, value);
  };
  return { initial: read(initial, 'initial value'), range, read };
}

/** True or false. */
export const flag = (initial: boolean): Parameter<boolean> => ({
  initial,
  range: { kind: 'flag', options: ['true', 'false'] },
  read: readFlag,
});

/** One of several words. */
export function choice<const T extends string>(initial: NoInfer<T>, options: readonly T[]): Parameter<T> {
  return {
    initial: readChoice(initial, 'initial value', options),
    range: { kind: 'choice', options },
    read: (value, name) => readChoice(value, name, options),
  };
}

/** A timeframe as a parameter: one of several, for sweeps. Throws STRAT-001 for what is no length of a bar. */
export function duration<const T extends string>(initial: NoInfer<T>, options: readonly T[]): Parameter<T> {
  for (const option of options) assertTimeframe('duration', option);
  return choice(initial, options);
}

function checked(initial: number, range: ParameterRange, read: Parameter<number>['read']): Parameter<number> {
  return { initial: read(initial, 'initial value'), range, read };
}

function rangeOf(kind: 'int' | 'number', { min, max, step }: Bounds): ParameterRange {
  return {
    kind,
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(step === undefined ? {} : { step }),
  };
}

const within = (value: number, { min, max }: ParameterRange): boolean =>
  (min === undefined || value >= min) && (max === undefined || value <= max);

function boundsText({ min, max }: ParameterRange): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` of at least ${min}`;
  return max === undefined ? '' : ` of at most ${max}`;
}

const percentText = (fraction: number): string => `${new Decimal(fraction).times(100).toString()}%`;

function share(value: ParameterValue, name: string): Decimal {
  const text = String(value);
  if (typeof value === 'boolean' || !/^\d/.test(text)) throw malformed(name, 'a share, such as 0.5% or 0.005', value);
  try {
    return text.endsWith('%') ? parseDecimal(text.slice(0, -1), name).div(100) : parseDecimal(text, name);
  } catch {
    throw malformed(name, 'a share, such as 0.5% or 0.005', value);
  }
}

const malformed = (name: string, wanted: string, value: ParameterValue): Error =>
  fault('CFG-002', `strategy.params.${name} must be ${wanted}, was ${JSON.stringify(value)}.`);
