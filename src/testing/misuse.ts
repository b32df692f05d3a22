import { fault, type PerpsBotError } from '../domain/errors.js';

/** The test itself is wrong. The remedy stands in the message too: it is all that most runners print. */
export const misuse = (fact: string, fix: string): PerpsBotError => fault('TEST-001', `${fact} ${fix}`, { fix });
