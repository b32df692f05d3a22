import 'reflect-metadata';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createBot } from '#di/create-bot.js';
import type { PerpsBot } from '#di/bot.js';
import { EventStore } from '#src/ports/storage/event-store.js';
import { defineStrategy, r } from '#src/services/strategy/define/index.js';
import { OrdersStore } from '#src/ports/storage/orders-store.js';

/*
 * `laddered` below for 40 cycles, by the commit before intents of strategies were written down: a position with its
 * stop and what is left of its ladder.
 */
const FIXTURE = join('tests', 'fixtures', 'state-before-intents');
const directory = mkdtempSync(join(tmpdir(), 'perpsbot-before-intents-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const laddered = defineStrategy({
  name: 'laddered',
  timeframe: '5m',
  params: {},
  setup: ({ ind }) => ({ mean: ind.sma(3) }),
  onBar({ bar, position, long, flat, hold }, { mean }) {
    const takeProfit = [{ at: r(1), share: '50%' }, { at: r(6) }] as const;
    if (position.isFlat && bar.close > mean.value)
      long({ risk: '0.2%', stop: bar.close * 0.996, takeProfit, why: 'above', values: { mean: mean.value } });
    else if (position.isLong && bar.close < mean.value * 0.999) flat({ why: 'below', values: { mean: mean.value } });
    else hold('nothing new');
  },
});

const bot = (): PerpsBot =>
  createBot({
    strategies: [laddered],
    config: {
      ...{ profile: 'demo', symbols: ['BTC-PERP'], updateInterval: '60s', strategy: { name: 'laddered' } },
      ...{ execution: { onShutdown: 'keep' }, storage: { directory }, streaming: { enabled: false } },
      simulation: { speed: 'max', quoteInterval: '10s', seed: 5, startPrices: { 'BTC-PERP': 50_000 } },
      logging: { level: 'error' },
    },
  });

describe('a state folder of before intents were written down', () => {
  it('starts, goes on with its position, and writes down what is asked from then on', async () => {
    for (const name of readdirSync(FIXTURE))
      writeFileSync(join(directory, name.replace(/\.gz$/, '')), gunzipSync(readFileSync(join(FIXTURE, name))));
    const first = bot();
    let end: string[];
    try {
      await first.open();
      const journal = first.container.get(EventStore);
      expect(journal.query({ types: ['strategy_intent', 'strategy_refusal', 'strategy_hold'] })).toEqual([]);
      expect([...first.portfolio.positions()].map(({ size }) => size.toString())).toEqual(['0.016']);
      const resting = [...first.container.get(OrdersStore).open()].map(({ origin, request }) => [
        ...[origin?.asked?.tag, request.type],
      ]);
      expect(resting.length).toBeGreaterThan(1);
      await first.run({ cycles: 120 });
      end = [...first.portfolio.positions()].map(({ size }) => size.toString());
      first.portfolio.assertConsistent();
    } finally {
      await first.stop();
    }
    const second = bot();
    try {
      await second.open();
      const journal = second.container.get(EventStore);
      const asked = journal.query({ types: ['strategy_intent'] });
      const orders = journal.query({ types: ['order'] });
      expect(asked.length).toBeGreaterThan(2);
      for (const { seq, payload } of asked) {
        if (payload['verb'] === 'amend' || payload['verb'] === 'cancel') continue;
        const own = orders.find((order) => order.payload['client_id'] === payload['client_id']);
        expect(own?.seq).toBeGreaterThan(seq);
      }
      expect(journal.query({ types: ['strategy_hold'] }).length).toBeGreaterThan(0);
      expect([...second.portfolio.positions()].map(({ size }) => size.toString())).toEqual(end);
    } finally {
      await second.stop();
    }
  });
});
