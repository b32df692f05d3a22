import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JournalFold, Payload, StoredEvent } from '#src/ports/storage/event-store.js';
import { FOLDS, SAMPLES } from '#src/ports/storage/journal-folds.js';
import { KeptRecords, keptOf } from '#src/storage/kept-records.js';

type Read = (events: readonly StoredEvent[]) => unknown;

const list: Read = (events) => events.map(({ seq }) => seq);

/** The newest payload of each name, as services have read them since before there were folds. */
const newestBy =
  (name: string, where: (event: StoredEvent) => boolean = () => true): Read =>
  (events) => {
    const found = new Map<unknown, number>();
    for (const event of events)
      if (typeof event.payload[name] === 'string' && where(event)) found.set(event.payload[name], event.seq);
    return [...found];
  };

/** What is begun by one type of record and ended by another, by name. */
const standing =
  (name: string, begins: (event: StoredEvent) => boolean): Read =>
  (events) => {
    const found = new Set<unknown>();
    for (const event of events)
      if (typeof event.payload[name] !== 'string') continue;
      else if (begins(event)) found.add(event.payload[name]);
      else found.delete(event.payload[name]);
    return [...found].sort();
  };

const SEQ = /^PB[0-9A-Z]{6}-([0-9A-Z]+)-\d+$/;

/** What its readers want to know of a journal: of all records, or of those that are kept. One for each fold. */
const READERS: Readonly<Record<keyof typeof FOLDS, Read>> = {
  accountHistory: list,
  accountRowsAside: (events) =>
    [...new Set(events.flatMap(({ payload: { row } }) => (typeof row === 'string' ? [row] : [])))].sort(),
  blindGuards: standing('guard', ({ type, payload }) => type === 'guard_blind' && typeof payload['since'] === 'number'),
  deadMan: standing('scope', ({ payload }) => payload['state'] === 'running'),
  drawdownBreaches: (events) => {
    let [stands, accepted] = [false, false];
    for (const { type, payload } of events)
      if (type === 'drawdown_breach') stands = true;
      else if (payload['to'] === 'NORMAL') [accepted, stands] = [stands, false];
    return accepted;
  },
  instruments: newestBy('symbol'),
  intentNumbers: (events) =>
    Math.max(
      0,
      ...events.map(({ payload: { client_id: id } }) =>
        parseInt(SEQ.exec(typeof id === 'string' ? id : '')?.[1] ?? '0', 32),
      ),
    ),
  liquidationBuffers: standing('symbol', ({ type }) => type === 'liquidation_buffer_breach'),
  lossCancels: (events) =>
    events
      .filter(
        ({ payload: { reason, unconfirmed } }) => reason === 'daily_loss_limit' && JSON.stringify(unconfirmed) === '[]',
      )
      .at(-1)?.seq,
  orderChildren: list,
  orders: (events) => [newestBy('client_id')(events), events.filter((e) => typeof e.payload['client_id'] !== 'string')],
  personsDoings: (events) => {
    const since = new Map<unknown, number>();
    for (const { seq, type, payload } of events)
      if (type === 'strategy_rearmed' && typeof payload['strategy'] === 'string') since.set(payload['strategy'], seq);
      else if (payload['actor'] !== 'system') since.set(undefined, seq);
    return new Map([...since].sort());
  },
  plannedStops: list,
  stopTriggers: (events) => {
    const newest = new Map<unknown, StoredEvent>();
    for (const event of events) newest.set(event.payload['trigger_id'] ?? event.seq, event);
    const stands = [...newest.values()].filter(({ payload: { state } }) => state !== 'done' && state !== 'dropped');
    return stands.map(({ seq }) => seq).sort((a, b) => a - b);
  },
  strategyStates: (events) => {
    const mine = events.filter(({ botId, payload }) => botId === 'a' && typeof payload['strategy'] === 'string');
    return newestBy('symbol')(mine);
  },
  suspensions: (events) => {
    const mine = events.filter(({ botId }) => botId === 'a');
    return standing('instance', ({ type }) => type === 'strategy_suspended')(mine);
  },
  volatilityActions: newestBy('symbol'),
};

const name = fc.constantFrom<string | undefined>('x', 'y', 'z', undefined);
const payload: fc.Arbitrary<Payload> = fc.record(
  {
    symbol: name,
    strategy: name,
    guard: name,
    instance: name,
    row: name,
    trigger_id: name,
    client_id: fc.constantFrom('PB000AAA-1-1', 'PB000AAA-9-1', 'PB000AAA-10-1', 'PB000AAA-A-2', 'venue-7', undefined),
    since: fc.constantFrom<number | undefined>(1, undefined),
    state: fc.constantFrom('armed', 'fired', 'done', 'dropped'),
    to: fc.constantFrom('NORMAL', 'HALTED'),
    actor: fc.constantFrom('system', 'ann'),
    reason: fc.constantFrom('daily_loss_limit', 'shutdown'),
    unconfirmed: fc.constantFrom<readonly string[] | undefined>([], ['v1'], undefined),
  },
  { requiredKeys: [] },
);

/** A journal of what concerns a fold, and of a record that does not here and there. */
const journalOf = (fold: JournalFold): fc.Arbitrary<StoredEvent[]> =>
  fc
    .array(fc.tuple(fc.constantFrom(...fold.types, 'ws_mark_update'), fc.constantFrom('a', 'b'), payload), {
      maxLength: 40,
    })
    .map((rows) =>
      rows.map(([type, botId, body], i) => ({
        ...{ seq: i + 1, at: i * 10, type, botId, profile: 'demo', version: 1 },
        payload: body,
      })),
    );

describe.each(Object.entries(FOLDS) as [keyof typeof FOLDS, JournalFold][])('the fold %s', (key, fold) => {
  it('keeps all that its reader wants to know', () => {
    fc.assert(
      fc.property(journalOf(fold), (events) => {
        const read = READERS[key];
        expect(read(keptOf(fold, events))).toEqual(read(events.filter(({ type }) => fold.types.includes(type))));
      }),
      { numRuns: 50 },
    );
  });

  it('is the same from what was kept at any record, and the rest, as from the whole journal', () => {
    fc.assert(
      fc.property(journalOf(fold), fc.nat(40), (events, at) => {
        const rest = new KeptRecords(fold);
        for (const event of events.slice(at)) if (fold.types.includes(event.type)) rest.take(event);
        expect([...rest.events(keptOf(fold, events.slice(0, at)))]).toEqual(keptOf(fold, events));
      }),
      { numRuns: 50 },
    );
  });

  it('reads nothing that leaves a journal, and has a name of its own that a file can bear', () => {
    expect(fold.types.filter((type) => (SAMPLES as readonly string[]).includes(type))).toEqual([]);
    expect(fold.name).toMatch(/^[a-z][a-z0-9-]*$/);
    expect(Object.values(FOLDS).filter((other) => other.name === fold.name)).toHaveLength(1);
  });
});
