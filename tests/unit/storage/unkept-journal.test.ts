import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { UnkeptJournal } from '#src/storage/memory/unkept-journal.js';
import { ManualClock } from '#src/testing/manual-clock.js';
import { FakeConfigController, testConfig } from '../../support/config.js';

const journal = (): UnkeptJournal => new UnkeptJournal(new FakeConfigController(testConfig()), new ManualClock());

describe('UnkeptJournal', () => {
  it('numbers records in the order of the calls and keeps none', async () => {
    const store = journal();
    store.open();
    store.append();
    await expect(store.appendDurable('order', { n: 2 })).resolves.toMatchObject({
      seq: 2,
      type: 'order',
      botId: 'perps-bot',
      payload: { n: 2 },
    });
    store.append();
    await store.flush();
    expect([store.lastSeq, store.query(), store.healthy, store.discards]).toEqual([3, [], true, true]);
  });

  it('refuses records and questions while it is closed', async () => {
    const store = journal();
    expect(() => store.append()).toThrow(expect.objectContaining({ code: 'BOT-001' }));
    await expect(store.appendDurable('a', {})).rejects.toMatchObject({ code: 'BOT-001' });
    store.open();
    await store.close();
    expect(() => store.query()).toThrow(expect.objectContaining({ code: 'BOT-001' }));
  });
});
