import { afterEach, describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { marks } from '#src/domain/units.js';
import { EventStore } from '#src/ports/storage/event-store.js';
import { MarketData } from '#src/ports/market-data/market-data.js';
import { MarkLock } from '#src/ports/runtime-state/mark-lock.js';
import { Streaming } from '#src/ports/streaming/streaming.js';
import { swap } from 'perpsbot/testing';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { settled } from '#src/testing/settled.js';
import { instrument, InstrumentedLock } from './instrumented-lock.js';
import { openRig, type Rig } from './rig.js';

const BTC = 'BTC-PERP';
const ETH = 'ETH-PERP';

let made: Rig;
afterEach(() => made.bot.stop());

describe('Streaming behavior', () => {
  it('_ws_thread starts when configured', async () => {
    made = await openRig({ streaming: { enabled: false } });
    expect(made.get(Streaming).isRunning).toBe(false);
    expect(made.broker.bookStreams).toEqual([]);
    await made.bot.stop();

    made = await openRig({ streaming: { enabled: true } });
    expect(made.get(Streaming).isRunning).toBe(true);
    expect(made.broker.bookStreams).toHaveLength(1);
  });

  it('mark_windows updated from stream', async () => {
    made = await openRig();
    made.stream().push(made.book(BTC, 100, 102));
    made.stream().push(made.book(BTC, 101, 103));
    expect(made.marks(BTC)).toEqual([101, 102]);
  });

  it('Uses same lock as update_marks', async () => {
    const lock = new InstrumentedLock();
    made = await openRig({ overrides: (container) => swap(container, MarkLock, lock) });
    const entries = lock.entries();
    made.quote(BTC, 100);
    await made.bot.updateMarks();
    const byPolling = entries();
    made.stream().push(made.book(BTC, 101));
    const byStreaming = entries() - byPolling;
    expect(made.marks(BTC)).toEqual([100, 101]);
    expect(byPolling).toBeGreaterThan(0);
    expect(byStreaming).toBeGreaterThan(0);
  });

  it('Stops cleanly on shutdown', async () => {
    made = await openRig();
    const open = made.stream();
    const report = await made.bot.stop();
    expect(report.failed).toEqual([]);
    expect(made.get(Streaming).isRunning).toBe(false);
    expect(open.isOpen).toBe(false);
    open.push(made.book(BTC, 100));
    expect(made.marks(BTC)).toEqual([]);
  });
});

describe('Streaming side effects', () => {
  it('1. Updates mark_windows[symbol] via market_data_service._update_mark_window()', async () => {
    made = await openRig({ symbols: [BTC, ETH] });
    const marketData = made.get(MarketData);
    const accept = marketData.acceptMark.bind(marketData);
    const accepted: string[] = [];
    marketData.acceptMark = (symbol, mark, at) => {
      accepted.push(symbol);
      accept(symbol, mark, at);
    };
    made.stream().push(made.book(ETH, 200));
    made.stream().push(made.book(BTC, 100));
    expect(accepted).toEqual([ETH, BTC]);
    expect([ETH, BTC].map(made.marks)).toEqual([[200], [100]]);
  });

  it('2. Updates risk_manager.last_mark_update[symbol] with timestamp', async () => {
    made = await openRig();
    const sentAt = made.clock.now();
    made.clock.advance(250);
    made.stream().push(made.book(BTC, 100, 100, sentAt));
    expect(made.bot.riskManager.lastMarkUpdate.lastUpdate(BTC)).toBe(sentAt);
  });

  it('3. Records market_monitor.record_update(symbol) for each update', async () => {
    // Each of them, also those that the sampled journal leaves out.
    made = await openRig({ symbols: [BTC, ETH], streaming: { journalSampleMs: 1_000 } });
    for (const symbol of [BTC, BTC, ETH, BTC]) made.stream().push(made.book(symbol, 100));
    expect(made.monitored).toEqual([BTC, BTC, ETH, BTC].map((symbol) => `${symbol} stream`));
  });

  it('4. Writes event_store metrics: ws_mark_update, ws_stream_error, ws_stream_exit', async () => {
    made = await openRig();
    made.stream().push(made.book(BTC, 100));
    made.stream().push({ kind: 'gap', message: 'sequence 7 is missing', at: made.clock.now() });
    made.stream().close();
    await settled();
    const metrics = made
      .get(EventStore)
      .query()
      .filter((event) => event.type.startsWith('ws_'));
    expect(metrics.map(({ botId, type, payload }) => ({ botId, type, payload }))).toEqual([
      { botId: made.bot.config.botId, type: 'ws_mark_update', payload: { symbol: BTC, mark: '100' } },
      { botId: made.bot.config.botId, type: 'ws_stream_error', payload: { message: 'sequence 7 is missing' } },
      { botId: made.bot.config.botId, type: 'ws_stream_exit', payload: { source: 'book', messages: 1 } },
    ]);
  });

  it('5. Falls back from orderbook → trades on error', async () => {
    const broker = new FakeBroker();
    broker.always('openBook', { throws: new Error('no depth') });
    made = await openRig({ broker });
    expect(broker.tradeStreams).toHaveLength(1);
    broker.tradeStreams[0]?.push({
      kind: 'trade',
      symbol: BTC,
      price: new Decimal(99),
      size: new Decimal(1),
      at: made.clock.now(),
    });
    expect(made.marks(BTC)).toEqual([99]);
  });

  it('6. Respects stop event for graceful shutdown', async () => {
    made = await openRig();
    const open = made.stream();
    const closing = made.get(Streaming).close();
    // At once: what the socket still delivers while the stream is being closed is nobody's any more.
    open.push(made.book(BTC, 100));
    expect(made.marks(BTC)).toEqual([]);
    await closing;
    await made.scheduler.advance(60_000);
    expect(made.broker.bookStreams).toEqual([open]);
  });

  it('7. Thread-safe via shared _mark_lock from MarketDataService', async () => {
    made = await openRig({ overrides: instrument });
    const lock = made.get(Streaming).marketData.markLock as InstrumentedLock;
    const entries = lock.entries();
    made.stream().push(made.book(BTC, 100));
    expect(entries()).toBe(1);
    // Held for nothing but the mark: not after it, and not after one that no window takes (it rounds to nothing).
    expect(lock.depth).toBe(0);
    made.stream().push(made.book(BTC, 1e-9));
    const { marketData } = made.get(Streaming);
    expect(() => marketData.acceptMark(BTC, marks(0), made.clock.now())).toThrow(
      'Mark of BTC-PERP must be a positive whole number, was 0.',
    );
    expect(made.marks(BTC)).toEqual([100]);
    expect(lock.depth).toBe(0);
  });
});
