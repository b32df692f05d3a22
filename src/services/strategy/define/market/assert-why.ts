import { fault } from '../../../../domain/errors.js';

/** Plain JavaScript may hand over nothing. Throws STRAT-001. */
export function assertWhy(verb: string, why: unknown): void {
  if (typeof why !== 'string' || why.trim() === '')
    throw fault('STRAT-001', `${verb} must say why, was ${JSON.stringify(why)}.`);
}
