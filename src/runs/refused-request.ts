import { fault } from '../domain/errors.js';

/**
 * A request that cannot be carried out as it stands (CLI-001). Names are those of the command line, which everybody
 * has.
 */
export const refusedRequest = (message: string, fix: string): Error =>
  fault('CLI-001', message, { fix, why: 'Nothing was done: a command that is half understood is not carried out.' });
