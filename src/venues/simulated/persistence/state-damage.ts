import { fault } from '../../../domain/errors.js';

/** Stored state that cannot be what the exchange has written. */
export const damaged = (what: string): Error =>
  fault('STORE-001', `Exchange state must be readable, was ${what}.`, {
    fix: 'Restore it from a backup, or start a new paper account in another state directory.',
  });

export function unknownInstrument(): never {
  throw damaged('about an instrument that is not in its own core');
}

/** Throws STORE-001. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw fault('STORE-001', 'Exchange state must be JSON.', { cause });
  }
}
