import { ERRORS, type PerpsBotError } from '../../domain/errors.js';
import type { Json } from '../../ports/storage/event-store.js';

/** A request as a server has read it, whichever server that is. */
export interface ApiRequest {
  readonly method: string;
  /** Path and query as they came, undecoded. */
  readonly target: string;
  /** Names and values in turn, as they came: what was sent twice is seen twice. Node's `rawHeaders`. */
  readonly rawHeaders: readonly string[];
  /** Who asks, as far as the server knows: an address. Failures are counted by it. */
  readonly source: string;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
}

/** No page of anybody's may hold, read or keep an answer. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

export const answering = (data: Json): ApiAnswer => ({
  status: 200,
  headers: { ...HEADERS, 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(data),
});

/** Problem details (RFC 9457), with the code that the command line has for it. */
export function refusing(
  status: number,
  { code, message, fix }: PerpsBotError,
  headers: Readonly<Record<string, string>> = {},
): ApiAnswer {
  const problem = { type: 'about:blank', title: ERRORS[code].title, status, detail: message, code, fix: fix ?? null };
  return {
    status,
    headers: { ...HEADERS, ...headers, 'content-type': 'application/problem+json; charset=utf-8' },
    body: JSON.stringify(problem),
  };
}

/** Every value of a header, in order; names have no case. */
export const valuesOf = (rawHeaders: readonly string[], name: string): string[] =>
  rawHeaders.filter((_value, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
