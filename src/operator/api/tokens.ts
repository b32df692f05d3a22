import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { fault } from '../../domain/errors.js';

/** What a caller may do: see, tighten, trade (flatten), loosen. No scope contains another. */
const API_SCOPES = ['read', 'operate', 'trade', 'admin'] as const;
export type ApiScope = (typeof API_SCOPES)[number];

/** What is kept of a token: never the token. */
export interface ApiToken {
  /** Stands in journals and logs as the actor; 1 to 40 letters, digits, dots and dashes. */
  readonly id: string;
  /** SHA-256 of the token, in hex. */
  readonly hash: string;
  readonly scopes: readonly ApiScope[];
}

const BYTES = 32;
const ID = /^[\w.-]{1,40}$/;
const HASH = /^[0-9a-f]{64}$/;
/** What `newApiToken` makes: 32 bytes in base64url. */
export const TOKEN_FORM = /^[\w-]{43}$/;

/** A token of 256 bits, shown once, and what is to be kept of it. Throws CFG-009 for an id or scopes that cannot be. */
export function newApiToken(
  id: string,
  scopes: readonly ApiScope[],
): { readonly token: string; readonly kept: ApiToken } {
  const token = randomBytes(BYTES).toString('base64url');
  const kept = { id, hash: hashOf(token).toString('hex'), scopes: [...scopes] };
  assertToken(kept);
  return { token, kept };
}

/** A whole token has 256 bits that nobody chose: a fast hash of it cannot be guessed backwards. */
const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/** The tokens that are known, by their hashes. */
export class KnownTokens {
  private readonly known: readonly { readonly token: ApiToken; readonly hash: Buffer }[];

  /** Throws CFG-009 without tokens, for two of one name, and for one that cannot be. */
  constructor(tokens: readonly ApiToken[]) {
    if (tokens.length === 0)
      throw fault('CFG-009', 'The control API must know at least one token, knows none.', {
        why: 'Nobody is let in without one, from this machine neither.',
        fix: 'Make one with newApiToken(id, scopes), keep what is to be kept, and give it here.',
      });
    for (const token of tokens) assertToken(token);
    if (new Set(tokens.map(({ id }) => id)).size < tokens.length)
      throw fault('CFG-009', 'Tokens of the control API must have names of their own, two have the same.', {
        fix: 'Name each after who uses it: the name stands in the journal.',
      });
    this.known = tokens.map((token) => ({ token, hash: Buffer.from(token.hash, 'hex') }));
  }

  /** Every hash is compared, each in constant time: how long it takes tells nothing of what is known. */
  find(presented: string): ApiToken | undefined {
    const hash = hashOf(presented);
    let found: ApiToken | undefined;
    for (const { token, hash: kept } of this.known) if (timingSafeEqual(hash, kept)) found = token;
    return found;
  }
}

function assertToken({ id, hash, scopes }: ApiToken): void {
  const isWhole =
    ID.test(id) && HASH.test(hash) && scopes.length > 0 && scopes.every((scope) => API_SCOPES.includes(scope));
  if (isWhole) return;
  // Not the hash: somebody may have written the token itself in its place.
  throw fault('CFG-009', `Token ${JSON.stringify(id)} of the control API must have a name, a SHA-256 and scopes.`, {
    why: `A name has 1 to 40 letters, digits, dots and dashes; scopes are ${API_SCOPES.join(', ')}.`,
    fix: 'Make it with newApiToken(id, scopes).',
  });
}
