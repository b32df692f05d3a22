import { Decimal } from '../../domain/decimal.js';
import { fault } from '../../domain/errors.js';
import type { Instrument } from '../../domain/instrument.js';
import type { Values } from '../../domain/order.js';
import { nearestName } from './nearest-name.js';

type KeyOf<T> = T extends unknown ? keyof T : never;
type ValueOf<T, K> = T extends unknown ? (K extends keyof T ? T[K] : never) : never;
/** Of the values of a term, those that have terms of their own. */
type Nested<V> = Exclude<V, Decimal | Instrument | Values | string | number | boolean | undefined>;

/** What a term holds: a word, or terms of its own, by the value that was given. */
export type Term = true | ((value: object) => AnyTerms);
export type AnyTerms = Readonly<Record<string, Term>>;
/**
 * Every term of an order, whichever of its forms has it, and every object within it: the compiler misses one that is
 * added to the type alone.
 */
export type TermsOf<T> = {
  readonly [K in KeyOf<T>]-?: [Nested<ValueOf<T, K>>] extends [never] ? true : (value: object) => AnyTerms;
};

/** Names that stand for one another, by the terms that they are among. */
const ALTERNATIVES = new WeakMap<AnyTerms, readonly string[]>();

/** Terms of which at most one of `names` may be given: of two, one would hold and the other be passed over. */
export function either<T extends AnyTerms>(terms: T, names: readonly (keyof T & string)[]): T {
  ALTERNATIVES.set(terms, names);
  return terms;
}

/**
 * JavaScript takes any key, and passes over one that nobody reads: an entry with a misspelt price would go to the
 * market. Throws STRAT-001 for a term that is not known, and for two that say the same thing otherwise, however deep
 * they lie. `hint` goes with the list of those that are known.
 */
export function assertTerms(what: string, given: object, terms: AnyTerms, hint = ''): void {
  const names = ALTERNATIVES.get(terms) ?? [];
  const said = names.filter((name) => given[name as keyof typeof given] !== undefined);
  if (said.length > 1) throw twice(what, names, said);
  for (const term in given) {
    if (!Object.hasOwn(given, term)) continue;
    const known = Object.hasOwn(terms, term) ? terms[term] : undefined;
    if (known === undefined) throw unknown(what, term, Object.keys(terms), hint);
    if (known === true) continue;
    const value: unknown = given[term as keyof typeof given];
    for (const each of Array.isArray(value) ? (value as readonly unknown[]) : [value])
      if (typeof each === 'object' && each !== null && !Decimal.isDecimal(each))
        assertTerms(`${what}: ${term}`, each, known(each));
  }
}

function unknown(what: string, term: string, known: readonly string[], hint: string): Error {
  const nearest = nearestName(term, known);
  return fault('STRAT-001', `${what} must be given what it knows, was given ${term}.`, {
    fix: nearest === undefined ? `Use ${known.join(', ')}${hint}.` : `Did you mean ${nearest}?`,
  });
}

const twice = (what: string, names: readonly string[], said: readonly string[]): Error =>
  fault('STRAT-001', `${what} must be given one of ${names.join(', ')}, was given ${said.join(' and ')}.`, {
    fix: `Keep ${said.join(' or ')}, and leave the rest of them away.`,
  });
