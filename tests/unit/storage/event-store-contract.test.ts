import 'reflect-metadata';
import { afterEach, describe, expect, it } from '@jest/globals';
import { SecretRedactor } from '#src/platform/secret-redactor.js';
import type { EventStore } from '#src/ports/storage/event-store.js';
import { MemoryEventStore } from '#src/storage/memory/event-store.js';
import { ManualClock } from '#src/testing/manual-clock.js';
import { FakeConfigController, testConfig } from '../../support/config.js';
import { drivers, removeTemporaryDirectories, sqliteStore, temporaryDirectory } from './support/stores.js';

const subjects: readonly (readonly [string, () => { readonly store: EventStore; readonly clock: ManualClock }])[] = [
  [
    'memory',
    () => {
      const clock = new ManualClock();
      return {
        store: new MemoryEventStore(new FakeConfigController(testConfig()), clock, new SecretRedactor()),
        clock,
      };
    },
  ],
  ...drivers.map((driver) => [driver.name, () => sqliteStore(temporaryDirectory(), driver)] as const),
];

afterEach(removeTemporaryDirectories);

describe.each(subjects)('event store contract: %s', (_name, make) => {
  const opened = (): { readonly store: EventStore; readonly clock: ManualClock } => {
    const parts = make();
    parts.store.open();
    return parts;
  };

  it('starts empty and healthy', async () => {
    const { store } = opened();
    expect(store.query()).toEqual([]);
    expect(store.lastSeq).toBe(0);
    expect(store.healthy).toBe(true);
    await store.close();
  });

  it('puts payloads inside an envelope that their keys cannot touch (B-46)', async () => {
    const { store, clock } = opened();
    const payload = {
      type: 'funding',
      seq: 99,
      at: 1,
      botId: 'x',
      bot_id: 'y',
      version: 7,
      payload: 'p',
      nested: { a: [1, null, true] },
    };
    await store.appendDurable('metric', payload);
    expect(store.query({ types: ['funding'] })).toEqual([]);
    expect(store.query({ types: ['metric'] })).toEqual([
      { seq: 1, at: clock.now(), type: 'metric', botId: 'perps-bot', profile: 'demo', version: 1, payload },
    ]);
    await store.close();
  });

  it('numbers records in the order of the calls, durable and queued ones mixed', async () => {
    const { store } = opened();
    store.append('a', { n: 1 });
    const second = store.appendDurable('b', { n: 2 });
    store.append('c', { n: 3 });
    const fourth = store.appendDurable('d', { n: 4 });
    expect((await second).seq).toBe(2);
    expect((await fourth).seq).toBe(4);
    expect(store.query().map((event) => [event.seq, event.type])).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
      [4, 'd'],
    ]);
    expect(store.lastSeq).toBe(4);
    await store.close();
  });

  it('shows what is still queued', async () => {
    const { store } = opened();
    await store.appendDurable('a', {});
    store.append('b', {});
    expect(store.query({ types: ['b'] }).map((event) => event.seq)).toEqual([2]);
    expect(store.query({ limit: 1 }).map((event) => event.seq)).toEqual([2]);
    await store.close();
  });

  it('filters by type, bot and sequence, and gives the newest, oldest first', async () => {
    const { store } = opened();
    for (let n = 1; n <= 10; n += 1)
      store.append(n % 2 === 0 ? 'even' : 'odd', { n }, n > 5 ? 'risk_engine' : undefined);
    await store.flush();
    store.append('even', { n: 11 });
    const numbers = (query: Parameters<EventStore['query']>[0]): number[] =>
      store.query(query).map((event) => event.seq);
    expect(numbers({ types: ['even'] })).toEqual([2, 4, 6, 8, 10, 11]);
    expect(numbers({ types: ['even', 'odd'], limit: 3 })).toEqual([9, 10, 11]);
    expect(numbers({ botId: 'risk_engine' })).toEqual([6, 7, 8, 9, 10]);
    expect(numbers({ after: 8 })).toEqual([9, 10, 11]);
    expect(numbers({ types: ['odd'], botId: 'perps-bot', after: 1, limit: 1 })).toEqual([5]);
    expect(numbers({ limit: 0 })).toEqual([]);
    expect(numbers({ types: [] })).toEqual([]);
    expect(numbers({ limit: 100 })).toHaveLength(11);
    await store.close();
  });

  it('keeps a record as it was when it was appended', async () => {
    const { store } = opened();
    const payload: { list: number[]; gone: undefined } = { list: [1], gone: undefined };
    store.append('a', payload);
    payload.list.push(2);
    expect(store.query()[0]?.payload).toEqual({ list: [1] });
    (store.query()[0]?.payload['list'] as number[]).push(3);
    expect(store.query()[0]?.payload).toEqual({ list: [1] });
    await store.close();
  });

  it('keeps text, numbers and times exactly', async () => {
    const { store, clock } = opened();
    clock.set(1_704_153_600_123.5);
    const payload = {
      text: 'a\n\u2028"ü漢😀\0',
      big: Number.MAX_SAFE_INTEGER,
      small: -1.5e-7,
      money: '0.000000000000000001',
    };
    await store.appendDurable('a', payload);
    expect(store.query()[0]).toMatchObject({ at: 1_704_153_600_123.5, payload });
    await store.close();
  });

  it('is opened twice without harm and refuses records while it is closed', async () => {
    const { store } = make();
    expect(() => store.append('a', {})).toThrow(expect.objectContaining({ code: 'BOT-001' }));
    await expect(store.appendDurable('a', {})).rejects.toMatchObject({ code: 'BOT-001' });
    store.open();
    store.append('a', {});
    store.open();
    expect(store.lastSeq).toBe(1);
    await store.close();
    await store.close();
    expect(() => store.append('a', {})).toThrow(expect.objectContaining({ code: 'BOT-001' }));
  });
});
