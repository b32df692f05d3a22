import { parseDecimal, type Decimal } from '../../domain/decimal.js';
import { fault } from '../../domain/errors.js';
import type { StrategySettings } from '../../ports/configuration/settings/strategy-settings.js';
import { nearestName } from './nearest-name.js';

export type ParameterValue = string | number | boolean;

/** Puts one parameter into settings. Throws CFG-002 for a value of the wrong grammar. */
export type ParameterSetter<S extends StrategySettings> = (settings: S, value: ParameterValue, name: string) => S;

/** Refuses, with CFG-008, a parameter that the strategy does not know. */
export function assertKnownParameters(
  strategy: string,
  params: StrategySettings['params'],
  known: readonly string[],
): void {
  for (const name of Object.keys(params)) {
    if (known.includes(name)) continue;
    const nearest = nearestName(name, known);
    throw fault('CFG-008', `strategy.params.${name} must be a parameter of ${strategy}, was unknown.`, {
      fix: nearest === undefined ? `Use one of: ${known.join(', ')}.` : `Did you mean ${nearest}?`,
    });
  }
}

/** Settings with every parameter put in its place, in the order of the setters, however they were written. */
export function applyParameters<S extends StrategySettings>(
  strategy: string,
  settings: S,
  setters: Readonly<Record<string, ParameterSetter<S>>>,
): S {
  assertKnownParameters(strategy, settings.params, Object.keys(setters));
  let result = settings;
  for (const [name, set] of Object.entries(setters)) {
    const value = settings.params[name];
    if (value !== undefined) result = set(result, value, name);
  }
  return result;
}

/** A whole number of at least `least`. */
export function whole(value: ParameterValue, name: string, least: number): number {
  const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= least) return number;
  throw malformed(name, `a whole number of at least ${least}`, value);
}

/** A decimal number of at least 0. */
export function amount(value: ParameterValue, name: string): Decimal {
  const text = String(value);
  if (typeof value === 'boolean' || !/^\d/.test(text)) throw malformed(name, 'a number of at least 0', value);
  return parsed(text, name, 'a number of at least 0');
}

/** How many times the equity may be used: at least 1. */
export function leverage(value: ParameterValue, name: string): number {
  const times = amount(value, name);
  if (times.lt(1)) throw malformed(name, 'a leverage of at least 1', value);
  return times.toNumber();
}

/** A fraction from 0 to 1, also written as a percentage: `0.05` or `5%`. */
export function fraction(value: ParameterValue, name: string): Decimal {
  const text = String(value);
  const wanted = 'a fraction from 0 to 1, such as 0.05 or 5%';
  const share = text.endsWith('%') ? parsed(text.slice(0, -1), name, wanted).div(100) : parsed(text, name, wanted);
  if (typeof value === 'boolean' || share.isNegative() || share.gt(1)) throw malformed(name, wanted, value);
  return share;
}

export function flag(value: ParameterValue, name: string): boolean {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw malformed(name, 'true or false', value);
}

export function choice<T extends string>(value: ParameterValue, name: string, options: readonly T[]): T {
  const found = options.find((option) => option === value);
  if (found === undefined) throw malformed(name, `one of ${options.join(', ')}`, value);
  return found;
}

function parsed(text: string, name: string, wanted: string): Decimal {
  try {
    return parseDecimal(text, name);
  } catch {
    throw malformed(name, wanted, text);
  }
}

const malformed = (name: string, wanted: string, value: ParameterValue): Error =>
  fault('CFG-002', `strategy.params.${name} must be ${wanted}, was ${JSON.stringify(value)}.`);
