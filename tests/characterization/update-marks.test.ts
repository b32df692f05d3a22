import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { EventStore } from '#src/ports/event-store.js';
import { MarketMonitor } from '#src/ports/market-monitor.js';
import { WindowStore } from '#src/ports/window-store.js';
import { testConfig } from '../support/config.js';
import { FakeBroker } from '../support/fake-broker.js';
import { instrumentSpec } from '../support/instruments.js';
import { swap, testBot, type TestBot } from '../support/bot.js';

const SYMBOLS = ['BTC-PERP', 'ETH-PERP', 'SOL-PERP'];

let made: TestBot;
let monitored: string[];

beforeEach(async () => {
  monitored = [];
  const broker = new FakeBroker();
  broker.products = SYMBOLS.map((symbol) => instrumentSpec({ symbol }));
  made = testBot({
    broker,
    config: testConfig({ symbols: SYMBOLS, instruments: Object.fromEntries(SYMBOLS.map((symbol) => [symbol, instrumentSpec({ symbol })])), streaming: { enabled: false } }),
    overrides: (container) =>
      swap(container, MarketMonitor, {
        recordUpdate: (symbol) => void monitored.push(symbol),
        recordFailure: (symbol) => void monitored.push(symbol),
        checkStaleness: () => [],
        shouldFallBackToPolling: () => false,
        setSymbols: () => undefined,
      }),
  });
  await made.bot.open();
  quote('100', '200', '300');
});
afterEach(() => made.bot.stop());

function quote(...prices: string[]): void {
  prices.forEach((price, index) => made.broker.quotes.set(SYMBOLS[index] as string, { symbol: SYMBOLS[index] as string, last: new Decimal(price), at: made.clock.now() }));
}

const window = (symbol: string): string[] => made.get(WindowStore).read(symbol).map(String);

describe('update_marks behavior', () => {
  it('mark_windows updated for each symbol', async () => {
    await made.bot.updateMarks();
    expect(SYMBOLS.map(window)).toEqual([['100'], ['200'], ['300']]);
  });

  it('risk_manager.last_mark_update updated', async () => {
    await made.bot.updateMarks();
    expect(SYMBOLS.map((symbol) => made.bot.riskManager.isStale(symbol, made.clock.now()))).toEqual([false, false, false]);
  });

  it("error on one symbol doesn't stop others", async () => {
    made.broker.quotes.set('ETH-PERP', new Error('no such book'));
    await made.bot.updateMarks();
    expect([window('BTC-PERP'), window('ETH-PERP'), window('SOL-PERP')]).toEqual([['100'], [], ['300']]);
  });

  it('thread-safe when called concurrently', async () => {
    await Promise.all(Array.from({ length: 8 }, () => made.bot.updateMarks()));
    expect(SYMBOLS.map((symbol) => window(symbol).length)).toEqual([8, 8, 8]);
  });
});

describe('update_marks side effects', () => {
  it('1. updates mark_windows[symbol] (thread-safe via _mark_lock)', async () => {
    const { markLock } = made.get((await import('#src/ports/market-data.js')).MarketData);
    let held = 0;
    const enter = markLock.enter.bind(markLock);
    markLock.enter = () => {
      held += 1;
      enter();
    };
    await made.bot.updateMarks();
    expect(held).toBe(3);
    expect(markLock.depth).toBe(0);
  });

  it('2. updates risk_manager.last_mark_update[symbol] with timestamp', async () => {
    const at = made.clock.now();
    made.clock.advance(777);
    await made.bot.updateMarks();
    expect(SYMBOLS.map((symbol) => made.bot.riskManager.lastMarkUpdate.lastUpdate(symbol))).toEqual([at, at, at]);
  });

  it('3. trims mark_windows to max(long_ma, short_ma) + 5', async () => {
    for (let i = 1; i <= 30; i += 1) {
      made.clock.advance(1_000);
      quote(String(100 + i), '200', '300');
      await made.bot.updateMarks();
    }
    expect(window('BTC-PERP')).toEqual(Array.from({ length: 25 }, (_unused, index) => String(106 + index)));
  });

  it('4. logs errors but continues processing other symbols', async () => {
    made.broker.quotes.set('BTC-PERP', new Error('no such book'));
    await made.bot.updateMarks();
    expect(made.logger.lines.filter((line) => line.level === 'error').map((line) => line.fields?.['symbol'])).toEqual(['BTC-PERP']);
    expect(window('ETH-PERP')).toEqual(['200']);
  });

  it('5. no telemetry hooks: only streaming uses MarketActivityMonitor', async () => {
    const before = made.get(EventStore).lastSeq;
    await made.bot.updateMarks();
    expect(monitored).toEqual([]);
    expect(made.get(EventStore).lastSeq).toBe(before);
  });
});
