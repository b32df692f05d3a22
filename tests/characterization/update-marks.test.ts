import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { EventStore } from '#src/ports/event-store.js';
import { MarketMonitor } from '#src/ports/market-monitor.js';
import { MarkLock } from '#src/ports/mark-lock.js';
import type { BotContainer } from '#di/container.js';
import { swap, testBot, type TestBot } from '../support/bot.js';
import { testConfig } from '../support/config.js';
import { FakeBroker } from '../support/fake-broker.js';
import { instrumentSpec } from '../support/instruments.js';
import { instrument, type InstrumentedLock } from './instrumented-lock.js';

const SYMBOLS = ['BTC-PERP', 'ETH-PERP', 'SOL-PERP'];
const [BTC, ETH, SOL] = SYMBOLS as [string, string, string];

let made: TestBot;
let monitored: string[];

/** A bot that only polls. */
async function open(symbols: readonly string[] = SYMBOLS, overrides: (container: BotContainer) => void = () => undefined): Promise<void> {
  await made?.bot.stop();
  monitored = [];
  const broker = new FakeBroker();
  broker.products = symbols.map((symbol) => instrumentSpec({ symbol }));
  made = testBot({
    broker,
    config: testConfig({ symbols, instruments: Object.fromEntries(broker.products.map((spec) => [spec.symbol, spec])), streaming: { enabled: false } }),
    overrides: (container) => {
      swap(container, MarketMonitor, {
        recordUpdate: (symbol) => void monitored.push(symbol),
        recordFailure: (symbol) => void monitored.push(symbol),
        checkStaleness: () => [],
        shouldFallBackToPolling: () => false,
        setSymbols: () => undefined,
      });
      overrides(container);
    },
  });
  await made.bot.open();
}

function quote(symbol: string, price: string | number): void {
  made.broker.quotes.set(symbol, { symbol, last: new Decimal(price), at: made.clock.now() });
}

function quoteAll(): void {
  SYMBOLS.forEach((symbol, index) => quote(symbol, 100 * (index + 1)));
}

/** Marks of a window, oldest first. */
function marks(symbol: string): number[] {
  const window = made.bot.markWindows.get(symbol);
  if (window === undefined) return [];
  return Array.from({ length: window.length }, (_unused, back) => window.instrument.markPrice(window.at(window.length - 1 - back)).toNumber());
}

beforeEach(async () => {
  await open();
  quoteAll();
});
afterEach(() => made.bot.stop());

describe('update_marks behavior', () => {
  it('mark_windows updated for each symbol', async () => {
    // More symbols than are asked for at once.
    const many = Array.from({ length: 10 }, (_unused, index) => `S${index}-PERP`);
    await open(many);
    many.forEach((symbol, index) => quote(symbol, 100 + index));
    await made.bot.updateMarks();
    expect(many.map(marks)).toEqual(many.map((_symbol, index) => [100 + index]));
  });

  it('risk_manager.last_mark_update updated', async () => {
    const stale = (): boolean[] => SYMBOLS.map((symbol) => made.bot.riskManager.isStale(symbol, made.clock.now()));
    expect(stale()).toEqual([true, true, true]);
    await made.bot.updateMarks();
    expect(stale()).toEqual([false, false, false]);
    // Every update counts, not only the first.
    made.clock.advance(made.bot.config.risk.maxMarkStalenessMs + 1);
    expect(stale()).toEqual([true, true, true]);
    quoteAll();
    await made.bot.updateMarks();
    expect(stale()).toEqual([false, false, false]);
  });

  it("Error on one symbol doesn't stop others", async () => {
    const answer = made.broker.getQuote.bind(made.broker);
    // Whatever a venue's client may throw.
    const thrown = [new Error('no such book'), 'no such book', { code: 404 }, null, undefined];
    for (const error of thrown) {
      made.broker.getQuote = (symbol) => (symbol === BTC ? Promise.reject(error) : answer(symbol));
      await made.bot.updateMarks();
    }
    expect(SYMBOLS.map((symbol) => marks(symbol).length)).toEqual([0, thrown.length, thrown.length]);
  });

  it('Thread-safe when called concurrently', async () => {
    // Eight calls at once, one quote a millisecond; the fourth and the sixth are overtaken by the ones after them.
    const turns = [1, 2, 3, 30, 4, 50, 20, 40];
    let call = 0;
    const start = made.clock.now();
    made.broker.getQuote = async (symbol) => {
      const number = Math.floor(call++ / SYMBOLS.length);
      for (let i = 0; i < (turns[number] as number); i += 1) await Promise.resolve();
      return { symbol, last: new Decimal(100 + number), at: start + number };
    };
    made.clock.advance(1_000);
    await Promise.all(turns.map(() => made.bot.updateMarks()));
    // None twice, none lost but the overtaken: the window stays in order of time.
    for (const symbol of SYMBOLS) expect(marks(symbol)).toEqual([100, 101, 102, 104, 106, 107]);
  });
});

describe('update_marks side effects', () => {
  it('1. Updates mark_windows[symbol] (thread-safe via _mark_lock)', async () => {
    await open(SYMBOLS, instrument);
    quoteAll();
    const lock = made.get(MarkLock) as InstrumentedLock;
    const total = (): number => SYMBOLS.reduce((sum, symbol) => sum + marks(symbol).length, 0);
    let grownUnderLock = 0;
    lock.watch = (moment) => void (grownUnderLock += moment === 'leaving' ? total() : -total());
    await made.bot.updateMarks();
    expect(total()).toBe(3);
    expect(grownUnderLock).toBe(3);
  });

  it('2. Updates risk_manager.last_mark_update[symbol] with timestamp', async () => {
    const quotedAt = made.clock.now();
    made.clock.advance(777);
    await made.bot.updateMarks();
    expect(SYMBOLS.map((symbol) => made.bot.riskManager.lastMarkUpdate.lastUpdate(symbol))).toEqual([quotedAt, quotedAt, quotedAt]);
  });

  it('3. Trims mark_windows to max(long_ma, short_ma) + 5', async () => {
    const { longMa, shortMa } = made.bot.config.strategy;
    const kept = Math.max(longMa, shortMa) + 5;
    for (let price = 1; price <= 40; price += 1) {
      made.clock.advance(1_000);
      quote(BTC, price);
      await made.bot.updateMarks();
    }
    expect(marks(BTC)).toEqual(Array.from({ length: kept }, (_unused, index) => 40 - kept + 1 + index));
  });

  it('4. Logs errors but continues processing other symbols', async () => {
    made.broker.quotes.set(BTC, new Error('no such book'));
    await made.bot.updateMarks();
    expect(made.logger.lines.filter((line) => line.level === 'error').map((line) => line.fields)).toEqual([{ symbol: BTC, error: 'no such book' }]);
    expect([ETH, SOL].map(marks)).toEqual([[200], [300]]);
  });

  it('5. No telemetry hooks (verified: only streaming uses MarketActivityMonitor)', async () => {
    const before = made.get(EventStore).lastSeq;
    await made.bot.updateMarks();
    expect(monitored).toEqual([]);
    expect(made.get(EventStore).lastSeq).toBe(before);
  });
});
