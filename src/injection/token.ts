import type { ServiceIdentifier } from 'inversify';

declare const resolvesTo: unique symbol;

/**
 * Identifies one service of the container. Invariant in `T`, so that a wrong class or a wrong token does not compile.
 */
export type Token<T> = ServiceIdentifier<T> & symbol & { readonly [resolvesTo]: (value: T) => T };

const PREFIX = 'perps-bot/';
const made = new Set<symbol>();

/** Makes the token that stands beside an interface and bears its name. */
export function token<T>(name: string): Token<T> {
  const id = Symbol(`${PREFIX}${name}`);
  made.add(id);
  return id as unknown as Token<T>;
}

/** True for a token that another copy of this package made: here it identifies nothing. */
export const isOfAnotherCopy = (id: unknown): boolean =>
  typeof id === 'symbol' && id.description?.startsWith(PREFIX) === true && !made.has(id);

/** The name a token was made with. */
export const tokenName = (id: symbol): string => (id.description ?? String(id)).replace(PREFIX, '');
