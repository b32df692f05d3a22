import { afterEach, describe, expect, it } from '@jest/globals';
import { TOKENS } from '#di/index.js';
import { EventStore } from '#src/ports/event-store.js';
import { MarkLock } from '#src/ports/mark-lock.js';
import { OrdersStore } from '#src/ports/orders-store.js';
import { RiskManager } from '#src/ports/risk-manager.js';
import { testConfig } from '../support/config.js';
import { FakeBroker } from '../support/fake-broker.js';
import { instrumentSpec } from '../support/instruments.js';
import { testBot, type TestBot } from '../support/bot.js';

const SYMBOLS = ['BTC-PERP', 'ETH-PERP'];

function twoSymbols(): TestBot {
  const broker = new FakeBroker();
  broker.products = SYMBOLS.map((symbol) => instrumentSpec({ symbol }));
  return testBot({ broker, config: testConfig({ symbols: SYMBOLS, instruments: Object.fromEntries(SYMBOLS.map((symbol) => [symbol, instrumentSpec({ symbol })])) }) });
}

describe('initialization invariants', () => {
  let made: TestBot | undefined;
  afterEach(() => made?.bot.stop());

  it('all services exist after __init__', () => {
    made = twoSymbols();
    for (const phase of Object.values(TOKENS)) {
      for (const token of Object.values(phase)) expect(made.bot.container.getAll(token as never).length).toBeGreaterThan(0);
    }
  });

  it('mark_windows initialized for all symbols', async () => {
    made = twoSymbols();
    await made.bot.open();
    expect([...made.bot.markWindows.keys()]).toEqual(SYMBOLS);
    expect([...made.bot.markWindows.values()].map((window) => [window.length, window.capacity])).toEqual([[0, 25], [0, 25]]);
  });

  it('locks are created (RLock type)', () => {
    made = twoSymbols();
    const lock = made.get(MarkLock);
    expect(lock.runExclusive(() => lock.runExclusive(() => lock.depth))).toBe(2);
    expect(lock.depth).toBe(0);
  });

  it('registry has broker, risk_manager', async () => {
    made = twoSymbols();
    await made.bot.open();
    expect(made.bot.broker).toBe(made.broker);
    expect(made.bot.riskManager).toBe(made.get(RiskManager));
  });

  it('event/orders stores exist', async () => {
    made = twoSymbols();
    await made.bot.open();
    made.get(EventStore).append('probe', { n: 1 });
    expect(made.get(EventStore).query({ types: ['probe'] }).map((event) => event.payload)).toEqual([{ n: 1 }]);
    expect(made.get(OrdersStore).open()).toEqual([]);
  });
});
