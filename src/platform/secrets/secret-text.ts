import { fault, type PerpsBotError } from '../../domain/errors.js';

/** What is shorter cannot be kept out of a line without blotting out half of it. */
const SHORTEST = 4;
const WORD = /^[\x21-\x7e]+$/;
const PEM = /^-----BEGIN [A-Z ]+-----[\x20-\x7e\r\n]+-----END [A-Z ]+-----$/;

export interface SecretPlace {
  /** The setting that it is for. */
  readonly name: string;
  readonly where: string;
}

/**
 * The secret without the space and the line's end around it. Throws CFG-009 for what is empty, too short to be kept
 * out of a log, or neither one word nor a key in PEM form; what it is stands in no message.
 */
export function checkedSecret(text: string, { name, where }: SecretPlace): string {
  const secret = text.trim();
  const refused = (must: string): PerpsBotError =>
    fault('CFG-009', `${name} must ${must}.`, { where, fix: 'Give the key as the venue showed it, and nothing else.' });
  if (secret === '') throw refused('be given, was empty');
  if (secret.length < SHORTEST) throw refused(`have at least ${String(SHORTEST)} characters`);
  if (!WORD.test(secret) && !PEM.test(secret)) throw refused('be one word of plain characters, or a key in PEM form');
  return secret;
}
