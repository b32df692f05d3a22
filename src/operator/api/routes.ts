import type { OperatorControl } from '../../ports/core-services/operator-control.js';
import type { LastDecisions } from '../../ports/runtime-state/runtime-state.js';
import type { EventStore, Json, StoredEvent } from '../../ports/storage/event-store.js';
import type { ApiParameters, ApiQuery } from './query.js';
import type { ApiScope } from './tokens.js';

/** What is read: the same as at the control door. */
export interface ApiSources {
  readonly control: Pick<OperatorControl, 'status'>;
  readonly events: Pick<EventStore, 'query' | 'lastSeq'>;
  readonly decisions: Pick<LastDecisions, 'all'>;
}

export interface ApiRoute {
  readonly method: 'GET';
  readonly path: string;
  readonly scope: ApiScope;
  readonly parameters: ApiParameters;
  /** May throw what the sources throw. */
  read(sources: ApiSources, query: ApiQuery): Json;
}

const MOST_RECORDS = 500;
const USUAL_RECORDS = 100;
const PAGE: ApiParameters = {
  after: { kind: 'number', least: 0, most: Number.MAX_SAFE_INTEGER },
  limit: { kind: 'number', least: 1, most: MOST_RECORDS },
};

const reading = (path: string, read: ApiRoute['read'], parameters: ApiParameters = {}): ApiRoute => ({
  method: 'GET',
  path: `/v1/${path}`,
  scope: 'read',
  parameters,
  read,
});

/** Every door of the API, and what each asks of who comes. */
export const API_ROUTES: readonly ApiRoute[] = [
  reading('status', ({ control }) => control.status() as unknown as Json),
  reading('positions', ({ control }) => {
    const { at = null, positionsKnown, positions } = control.status();
    return { at, positionsKnown, positions } as unknown as Json;
  }),
  reading('orders', ({ control }) => {
    const { at = null, orders } = control.status();
    const isUnknown = ({ status }: (typeof orders)[number]): boolean => status === 'unknown';
    // What may be live and is not known to be comes first: a person must look at it.
    return {
      at,
      orders: [...orders.filter(isUnknown), ...orders.filter((order) => !isUnknown(order))],
    } as unknown as Json;
  }),
  reading('strategies', ({ control, decisions }) => {
    const { at = null, disabled = [], suspended = [] } = control.status();
    const newest = [...decisions.all()].map(([symbol, { decision, at: decidedAt }]) => ({
      symbol,
      at: decidedAt,
      action: decision.action,
      reason: decision.reason,
    }));
    return { at, disabled, suspended, newest } as unknown as Json;
  }),
  reading('fills', ({ events }, query) => page(events, query, ['fill', 'external_fill']), PAGE),
  reading('funding', ({ events }, query) => page(events, query, ['funding']), PAGE),
  reading('journal', ({ events }, query) => page(events, query, typesOf(query)), { ...PAGE, type: { kind: 'name' } }),
];

const typesOf = ({ type }: ApiQuery): readonly string[] | undefined => (typeof type === 'string' ? [type] : undefined);

/**
 * The newest records after a number. Never more than can be read between two steps of the bot: where others lie between
 * that number and these, `complete` is false.
 */
function page(events: ApiSources['events'], query: ApiQuery, types: readonly string[] | undefined): Json {
  const limit = Number(query['limit'] ?? USUAL_RECORDS);
  const after = query['after'];
  const lastSeq = events.lastSeq;
  const found = events.query({
    limit: limit + 1,
    ...(types === undefined ? {} : { types }),
    ...(typeof after === 'number' ? { after } : {}),
  });
  return { lastSeq, complete: found.length <= limit, records: found.slice(-limit).map(told) };
}

const told = ({ seq, at, type, botId, profile, version, payload }: StoredEvent): Json => ({
  seq,
  at,
  type,
  botId,
  profile,
  version,
  payload,
});
