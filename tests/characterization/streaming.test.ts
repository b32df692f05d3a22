import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import type { BookEvent } from '#src/ports/brokerage.js';
import { EventStore } from '#src/ports/event-store.js';
import { MarketData } from '#src/ports/market-data.js';
import { MarketMonitor } from '#src/ports/market-monitor.js';
import { MarkLock } from '#src/ports/mark-lock.js';
import { Streaming } from '#src/ports/streaming.js';
import { WindowStore } from '#src/ports/window-store.js';
import { testConfig } from '../support/config.js';
import type { FakeStream } from '../support/fake-broker.js';
import { swap, testBot, type TestBot } from '../support/bot.js';

let made: TestBot;
let monitored: string[];

const turns = async (count = 20): Promise<void> => {
  for (let i = 0; i < count; i += 1) await Promise.resolve();
};

function book(bid: string, ask: string): BookEvent {
  const size = new Decimal(1);
  return { kind: 'book', symbol: 'BTC-PERP', bid: { price: new Decimal(bid), size }, ask: { price: new Decimal(ask), size }, at: made.clock.now() };
}

const stream = (): FakeStream => made.broker.bookStreams.at(-1) as FakeStream;
const window = (): string[] => made.get(WindowStore).read('BTC-PERP').map(String);
const types = (): string[] => made.get(EventStore).query().map((event) => event.type).filter((type) => type.startsWith('ws_'));

beforeEach(() => {
  monitored = [];
  made = testBot({
    config: testConfig({ streaming: { enabled: true, journalSampleMs: 0 } }),
    overrides: (container) =>
      swap(container, MarketMonitor, {
        recordUpdate: (symbol, source) => void monitored.push(`${symbol} ${source}`),
        recordFailure: () => undefined,
        checkStaleness: () => [],
        shouldFallBackToPolling: () => false,
        setSymbols: () => undefined,
      }),
  });
});
afterEach(() => made.bot.stop());

async function opened(): Promise<void> {
  await made.bot.open();
  await turns();
}

describe('streaming behavior', () => {
  it('_ws_thread starts when configured', async () => {
    await opened();
    expect(made.get(Streaming).isRunning).toBe(true);
    const off = testBot({ config: testConfig({ streaming: { enabled: false } }) });
    await off.bot.open();
    await turns();
    expect(off.get(Streaming).isRunning).toBe(false);
    await off.bot.stop();
  });

  it('mark_windows updated from stream', async () => {
    await opened();
    stream().push(book('100', '102'));
    stream().push(book('101', '103'));
    expect(window()).toEqual(['101', '102']);
  });

  it('uses same lock as update_marks', async () => {
    await opened();
    const lock = made.get(MarkLock);
    let held = 0;
    const enter = lock.enter.bind(lock);
    lock.enter = () => {
      held += 1;
      enter();
    };
    stream().push(book('100', '102'));
    expect(held).toBe(1);
  });

  it('stops cleanly on shutdown', async () => {
    await opened();
    const open = stream();
    await made.bot.stop();
    open.push(book('100', '102'));
    expect(made.get(Streaming).isRunning).toBe(false);
    expect(open.isOpen).toBe(false);
    expect(window()).toEqual([]);
  });
});

describe('streaming side effects', () => {
  it('1. updates mark_windows[symbol] via market_data_service._update_mark_window()', async () => {
    await opened();
    const accepted: number[] = [];
    const { marketData } = made.get(Streaming);
    const accept = marketData.acceptMark.bind(marketData);
    marketData.acceptMark = (symbol, mark, at) => {
      accepted.push(mark);
      accept(symbol, mark, at);
    };
    stream().push(book('100', '102'));
    expect(accepted).toHaveLength(1);
    expect(window()).toEqual(['101']);
  });

  it('2. updates risk_manager.last_mark_update[symbol] with timestamp', async () => {
    await opened();
    made.clock.advance(5_000);
    stream().push(book('100', '102'));
    expect(made.bot.riskManager.lastMarkUpdate.lastUpdate('BTC-PERP')).toBe(made.clock.now());
  });

  it('3. records market_monitor.record_update(symbol) for each update', async () => {
    await opened();
    stream().push(book('100', '102'));
    stream().push(book('101', '103'));
    expect(monitored).toEqual(['BTC-PERP stream', 'BTC-PERP stream']);
  });

  it('4. writes event_store metrics: ws_mark_update, ws_stream_error, ws_stream_exit', async () => {
    await opened();
    stream().push(book('100', '102'));
    stream().push({ kind: 'gap', message: 'sequence 7 is missing', at: made.clock.now() });
    stream().close();
    await turns();
    expect(types().slice(0, 3)).toEqual(['ws_mark_update', 'ws_stream_error', 'ws_stream_exit']);
    expect(made.get(EventStore).query({ types: ['ws_mark_update'] })[0]?.payload).toMatchObject({ symbol: 'BTC-PERP', mark: '101' });
  });

  it('5. falls back from orderbook to trades on error', async () => {
    made.broker.failing.set('openBook', new Error('no depth'));
    await opened();
    made.broker.tradeStreams.at(-1)?.push({ kind: 'trade', symbol: 'BTC-PERP', price: new Decimal('99'), size: new Decimal(1), at: made.clock.now() });
    expect(window()).toEqual(['99']);
  });

  it('6. respects stop event for graceful shutdown', async () => {
    await opened();
    const open = stream();
    await made.get(Streaming).close();
    expect(open.isOpen).toBe(false);
    open.push(book('100', '102'));
    expect(window()).toEqual([]);
    expect(made.broker.bookStreams).toHaveLength(1);
  });

  it('7. thread-safe via shared _mark_lock from MarketDataService', async () => {
    await opened();
    const lock = made.get(Streaming).marketData.markLock;
    const depths: number[] = [];
    const exit = lock.exit.bind(lock);
    lock.exit = () => {
      depths.push(lock.depth);
      exit();
    };
    stream().push(book('100', '102'));
    expect(depths).toEqual([1]);
    expect(lock.depth).toBe(0);
  });
});

describe('lock sharing', () => {
  it('unit tests verify lock usage via instrumentation: nobody appends without holding it', async () => {
    await opened();
    const lock = made.get(MarkLock);
    const order: string[] = [];
    const [enter, exit] = [lock.enter.bind(lock), lock.exit.bind(lock)];
    lock.enter = () => (order.push('enter'), enter());
    lock.exit = () => (order.push('exit'), exit());
    made.broker.quotes.set('BTC-PERP', { symbol: 'BTC-PERP', last: new Decimal('100'), at: made.clock.now() });
    await made.bot.updateMarks();
    stream().push(book('100', '102'));
    expect(order).toEqual(['enter', 'exit', 'enter', 'exit']);
  });

  it('bot._mark_lock is bot._streaming_service.market_data_service._mark_lock, and so are the windows', () => {
    const marketData = made.get(MarketData);
    expect(made.get(Streaming).marketData).toBe(marketData);
    expect(marketData.markLock).toBe(made.get(MarkLock));
    expect(marketData.windows).toBe(made.get(WindowStore));
  });

  it("concurrent update_marks and streaming don't race: nothing lost, nothing twice, never beyond the window", async () => {
    await opened();
    for (let round = 0; round < 10; round += 1) {
      made.clock.advance(1_000);
      made.broker.quotes.set('BTC-PERP', { symbol: 'BTC-PERP', last: new Decimal(1_000 + round), at: made.clock.now() });
      await Promise.all([made.bot.updateMarks(), ...Array.from({ length: 3 }, async (_unused, i) => {
        await Promise.resolve();
        stream().push(book(String(100 * (round + 1) + i), String(100 * (round + 1) + i)));
      })]);
    }
    const marks = window();
    expect(made.get(WindowStore).find('BTC-PERP')?.count).toBe(40);
    expect(marks).toHaveLength(25);
    expect(new Set(marks).size).toBe(25);
  });
});
