import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { EventStore } from '#src/ports/storage/event-store.js';
import { MarkLock } from '#src/ports/runtime-state/mark-lock.js';
import { instrument, type InstrumentedLock } from './instrumented-lock.js';
import { openRig, type Rig, type RigOptions } from './rig.js';

const SYMBOLS = ['BTC-PERP', 'ETH-PERP', 'SOL-PERP'];
const OFF: RigOptions = { symbols: SYMBOLS, streaming: { enabled: false } };

let made: Rig;

/** In place of the bot of `beforeEach`. */
async function reopen(options: RigOptions): Promise<void> {
  await made.bot.stop();
  made = await openRig({ ...OFF, ...options });
}

/** 100, 200, 300. */
function quoteAll(): void {
  SYMBOLS.forEach((symbol, index) => made.quote(symbol, 100 * (index + 1)));
}

beforeEach(async () => {
  made = await openRig(OFF);
  quoteAll();
});
afterEach(() => made.bot.stop());

describe('update_marks behavior', () => {
  it('mark_windows updated for each symbol', async () => {
    // More symbols than are asked for at once.
    const many = [...SYMBOLS, 'ADA-PERP', 'DOT-PERP', 'XRP-PERP'];
    await reopen({ symbols: many });
    many.forEach((symbol, index) => made.quote(symbol, 100 + index));
    await made.bot.updateMarks();
    expect(many.map(made.marks)).toEqual([[100], [101], [102], [103], [104], [105]]);
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
      made.broker.getQuote = (symbol) => (symbol === 'BTC-PERP' ? Promise.reject(error) : answer(symbol));
      await made.bot.updateMarks();
    }
    expect(SYMBOLS.map((symbol) => made.marks(symbol).length)).toEqual([0, thrown.length, thrown.length]);
  });

  it('Thread-safe when called concurrently', async () => {
    // Eight calls at once, one quote a millisecond; the fourth and the sixth are overtaken by the ones after them.
    const turns = [10, 20, 30, 80, 40, 90, 50, 60];
    const start = made.clock.now();
    let asked = 0;
    made.broker.getQuote = async (symbol) => {
      const call = Math.floor(asked / SYMBOLS.length);
      asked += 1;
      for (let i = 0; i < (turns[call] as number); i += 1) await Promise.resolve();
      return { symbol, last: new Decimal(100 + call), at: start + call };
    };
    made.clock.advance(1_000);
    await Promise.all(turns.map(() => made.bot.updateMarks()));
    // None twice, none lost but the overtaken: the windows stay in order of time.
    for (const symbol of SYMBOLS) expect(made.marks(symbol)).toEqual([100, 101, 102, 104, 106, 107]);
  });
});

describe('update_marks side effects', () => {
  it('1. Updates mark_windows[symbol] (thread-safe via _mark_lock)', async () => {
    await reopen({ overrides: instrument });
    quoteAll();
    const lock = made.get(MarkLock) as InstrumentedLock;
    const total = (): number => SYMBOLS.reduce((sum, symbol) => sum + made.marks(symbol).length, 0);
    let grownUnderLock = 0;
    lock.watch = (moment) => void (grownUnderLock += moment === 'leaving' ? total() : -total());
    await made.bot.updateMarks();
    expect(total()).toBe(3);
    expect(grownUnderLock).toBe(3);
  });

  it('2. Updates risk_manager.last_mark_update[symbol] with timestamp', async () => {
    const [last, now] = [new Decimal(100), made.clock.advance(777)];
    made.broker.quotes.set('BTC-PERP', { symbol: 'BTC-PERP', last, at: now - 500 });
    // Never later than our own time, or the mark would look fresh for longer than it is.
    made.broker.quotes.set('ETH-PERP', { symbol: 'ETH-PERP', last, at: now + 60_000 });
    made.broker.quotes.set('SOL-PERP', { symbol: 'SOL-PERP', last });
    await made.bot.updateMarks();
    expect(SYMBOLS.map((symbol) => made.bot.riskManager.lastMarkUpdate.lastUpdate(symbol))).toEqual([
      now - 500,
      now,
      now,
    ]);
  });

  it('3. Trims mark_windows to max(long_ma, short_ma) + 5', async () => {
    const { longMa, shortMa } = made.bot.config.strategy;
    const kept = Math.max(longMa, shortMa) + 5;
    for (let price = 1; price <= 40; price += 1) {
      made.clock.advance(1_000);
      made.quote('BTC-PERP', price);
      await made.bot.updateMarks();
    }
    expect(made.marks('BTC-PERP')).toEqual(Array.from({ length: kept }, (_unused, index) => 40 - kept + 1 + index));
  });

  it('4. Logs errors but continues processing other symbols', async () => {
    made.broker.quotes.set('BTC-PERP', new Error('no such book'));
    await made.bot.updateMarks();
    expect(made.logger.lines.filter((line) => line.level === 'error').map((line) => line.fields)).toEqual([
      { symbol: 'BTC-PERP', error: 'no such book' },
    ]);
    expect(['ETH-PERP', 'SOL-PERP'].map(made.marks)).toEqual([[200], [300]]);
  });

  it('5. No telemetry hooks (verified: only streaming uses MarketActivityMonitor)', async () => {
    const before = made.get(EventStore).lastSeq;
    await made.bot.updateMarks();
    expect(made.monitored).toEqual([]);
    expect(made.get(EventStore).lastSeq).toBe(before);
  });
});
