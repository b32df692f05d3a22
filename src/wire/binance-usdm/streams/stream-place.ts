import type { StreamRoute } from './stream-names.js';

/** What a client asks for with the address that it opens. */
export interface StreamPlace {
  /** Only streams of this one are served; absent: the old addresses, which serve all. */
  readonly route: StreamRoute | undefined;
  readonly names: readonly string[];
  /** Events of accounts that are told alone; absent: all are. */
  readonly events: ReadonlySet<string> | undefined;
  /** Each message says of which stream it is. */
  readonly isCombined: boolean;
}

const PLACE = /^(?:\/(public|market|private))?\/(?:ws(?:\/([^?]*))?|(stream))\/?(?:\?(.*))?$/;

/** Undefined for an address under which nothing is served. */
export function streamPlace(target: string): StreamPlace | undefined {
  const [whole, route, raw = '', combined, query = ''] = PLACE.exec(target) ?? [];
  if (whole === undefined) return undefined;
  const given = new URLSearchParams(query);
  const asked = combined === undefined ? decoded(raw) : (given.get('streams') ?? '');
  const events = (given.get('events') ?? '').split(/[/,]/).filter((name) => name !== '');
  return {
    route: route as StreamRoute | undefined,
    names: [...asked.split('/'), ...given.getAll('listenKey')].filter((name) => name !== ''),
    events: events.length === 0 ? undefined : new Set(events),
    isCombined: combined !== undefined,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
