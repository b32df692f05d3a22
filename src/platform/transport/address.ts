import { TransportError } from '../../ports/transport/transport-error.js';

export interface Address {
  readonly isSecure: boolean;
  readonly hostname: string;
  readonly port: number;
  /** As the header says it: with the port where it is not the usual one. */
  readonly host: string;
  /** Path and query, letter by letter as they were given. */
  readonly target: string;
}

const SECURE: ReadonlySet<string> = new Set(['https:', 'wss:']);
/** Scheme and host, and from there on what is sent as it stands. */
const PARTS = /^([a-z]+:\/\/[^/?#]+)([!-"$-~]*)$/i;
/** Hosts that were taken apart before: a venue has a few, and is asked of them for as long as a bot lives. */
const MOST_KNOWN = 32;
const known = new Map<string, URL>();

/** Takes a URL apart without rewriting what is sent. Throws a `TransportError` for one that cannot be sent so. */
export function addressOf(url: string, schemes: readonly string[]): Address {
  const [, origin, rest] = PARTS.exec(url) ?? [];
  const parsed = origin === undefined ? undefined : hostIn(origin);
  if (rest === undefined || parsed === undefined || !schemes.includes(parsed.protocol))
    throw new TransportError(
      `An address must be visible ASCII and begin with ${schemes.join('// or ')}//, was ${nameOf(url)}.`,
      'no',
    );
  const isSecure = SECURE.has(parsed.protocol);
  return {
    isSecure,
    hostname: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: parsed.port === '' ? (isSecure ? 443 : 80) : Number(parsed.port),
    host: parsed.host,
    target: rest.startsWith('/') ? rest : `/${rest}`,
  };
}

function hostIn(origin: string): URL | undefined {
  const before = known.get(origin);
  if (before !== undefined) return before;
  if (!URL.canParse(origin)) return undefined;
  const parsed = new URL(origin);
  if (known.size < MOST_KNOWN) known.set(origin, parsed);
  return parsed;
}

/** Without the query, which may hold a signature. */
const nameOf = (url: string): string => JSON.stringify(url.split('?')[0]);
