import type { ServiceIdentifier } from 'inversify';

declare const resolvesTo: unique symbol;

/**
 * Identifies one service of the container. Invariant in `T`, so that a wrong class or a wrong token does not compile.
 */
export type Token<T> = ServiceIdentifier<T> & symbol & { readonly [resolvesTo]: (value: T) => T };

/** Makes the token that stands beside an interface and bears its name. */
export const token = <T>(name: string): Token<T> => Symbol(`perps-bot/${name}`) as unknown as Token<T>;

/** The name a token was made with. */
export const tokenName = (id: symbol): string => (id.description ?? String(id)).replace('perps-bot/', '');
