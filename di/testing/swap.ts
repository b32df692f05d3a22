import { tokenName, type Token } from '../../src/injection/token.js';
import { misuse } from '../../src/testing/misuse.js';
import type { BotContainer } from '../container.js';

/**
 * Puts a test's own object in the place of a service: a role of the venue, the whole `Brokerage`, or any other token.
 * For `overrides`, before anything is built. Throws DI-001 for a token that nothing had bound, DI-007 once the bot is
 * in use, and TEST-001 for a class or for nothing.
 */
export function swap<T>(container: BotContainer, token: Token<T>, value: T): void {
  if (value === undefined || value === null)
    throw misuse(`${tokenName(token)} must be swapped for an object, was ${String(value)}.`, 'Make it before the bot.');
  if (typeof value === 'function')
    throw misuse(
      `${tokenName(token)} must be swapped for an object, was the class ${value.name}.`,
      'Pass an instance, or have it made: container.rebind(token).to(Class).inSingletonScope().',
    );
  container.rebind(token).toConstantValue(value);
}
