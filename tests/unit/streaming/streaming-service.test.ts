import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import type { MarketEvent } from '#src/ports/venue/market-event.js';
import type { Subscription } from '#src/ports/venue/subscription.js';
import { settled } from '#src/testing/settled.js';
import { spec } from '../../support/market-parts.js';
import { streamParts } from './stream-parts.js';

describe('StreamingService as a part', () => {
  it.each([
    ['canary', true, true],
    ['prod', true, true],
    ['demo', true, true],
    ['dev', true, false],
    ['spot', true, false],
    ['prod', false, false],
  ] as const)('on profile %s with streaming enabled %p starts running: %p', async (profile, enabled, running) => {
    const parts = await streamParts(['BTC-PERP'], { profile, streaming: { enabled } });

    parts.streaming.start();
    expect(parts.streaming.isRunning).toBe(running);
    await settled();
    expect(parts.broker.called().filter((call) => call === 'openBook')).toHaveLength(running ? 1 : 0);
    await parts.streaming.stop();
    expect(parts.streaming.isRunning).toBe(false);
  });

  it('opens nothing while it is only constructed (B-25)', async () => {
    const parts = await streamParts();
    await settled();

    expect([parts.broker.called(), parts.scheduler.pending]).toEqual([['listProducts'], 0]);
  });

  it('does not fail the start when the venue throws at once', async () => {
    const parts = await streamParts();
    parts.broker.openBook = () => {
      throw new Error('no book');
    };
    parts.broker.openTrades = () => {
      throw new Error('no trades');
    };

    expect(() => parts.streaming.start()).not.toThrow();
    await settled();
    expect(parts.streaming.isRunning).toBe(true);
    await parts.streaming.stop();
  });

  it('opens once however often it is asked', async () => {
    const parts = await streamParts();
    parts.streaming.open();
    parts.streaming.open();
    parts.streaming.start();
    await settled();

    expect(parts.broker.bookStreams).toHaveLength(1);
    await parts.streaming.close();
  });

  it.each([
    [2, 2, 0],
    [undefined, 2, 0],
    [0, 1, 1],
    [-1, 1, 1],
    [3, 1, 1],
    [Number.NaN, 1, 1],
    ['deep', 1, 1],
  ] as const)('opened at level %p uses level %p with %p warnings', async (asked, used, warnings) => {
    const parts = await streamParts(['BTC-PERP'], { streaming: { level: 2 } });

    parts.streaming.open(asked as number | undefined);

    expect(parts.streaming.status()).toMatchObject({ level: used, running: true });
    expect(parts.logger.at('warn')).toHaveLength(warnings);
    await parts.streaming.close();
  });

  it('does nothing without symbols', async () => {
    const parts = await streamParts([]);

    parts.streaming.open();
    await settled();

    expect([parts.streaming.isRunning, parts.broker.called(), parts.events.events]).toEqual([
      false,
      ['listProducts'],
      [],
    ]);
  });

  it('can be closed when idle, and twice', async () => {
    const parts = await streamParts();
    await parts.streaming.close();
    await parts.streaming.stop();
    parts.streaming.open();
    await parts.opened();

    await Promise.all([parts.streaming.close(), parts.streaming.close()]);

    expect([parts.streaming.isRunning, parts.events.payloads('ws_stream_exit')]).toEqual([
      false,
      [{ source: 'book', messages: 0 }],
    ]);
  });

  it('can be opened again after it was closed', async () => {
    const parts = await streamParts();
    parts.streaming.open();
    await parts.streaming.close();
    parts.streaming.open();
    (await parts.opened()).push(parts.trade('5'));

    expect(parts.marksOf()).toEqual(['5']);
    await parts.streaming.close();
  });
});

describe('StreamingService generations', () => {
  it('accepts no mark after close, from a socket that lingers (B-13)', async () => {
    const parts = await streamParts();
    parts.streaming.open();
    const stream = await parts.opened();
    stream.push(parts.trade('5'));

    const closing = parts.streaming.close();
    stream.push(parts.trade('6'));
    await closing;
    stream.push(parts.trade('7'));

    expect(parts.marksOf()).toEqual(['5']);
    expect(stream.isOpen).toBe(false);
  });

  it('accepts no mark of the old stream after a restart (B-13)', async () => {
    const parts = await streamParts();
    parts.streaming.open();
    const old = await parts.opened();
    await parts.streaming.restart();
    const fresh = await parts.opened();

    old.push(parts.trade('5'));
    fresh.push(parts.trade('6'));

    expect(fresh).not.toBe(old);
    expect(parts.marksOf()).toEqual(['6']);
    await parts.streaming.close();
  });

  it('closes while the venue never answers the opening, and shuts what opens late', async () => {
    const parts = await streamParts();
    let answer!: (subscription: Subscription) => void;
    let sink!: (event: MarketEvent) => void;
    parts.broker.openBook = (_symbols, _level, given) => {
      sink = given;
      return new Promise((resolve) => (answer = resolve));
    };
    parts.streaming.open();
    await settled();

    await parts.streaming.close();
    let shut = 0;
    answer({ closed: new Promise(() => undefined), close: () => (shut += 1) });
    await settled();
    sink(parts.trade('5'));

    expect([shut, parts.marksOf(), parts.scheduler.pending]).toEqual([1, [], 0]);
  });

  it('closes a stream whose end the venue never reports', async () => {
    const parts = await streamParts();
    let shut = 0;
    parts.broker.openBook = () =>
      Promise.resolve({ closed: new Promise<void>(() => undefined), close: () => (shut += 1) });
    parts.streaming.open();
    await settled();

    await parts.streaming.close();

    expect([shut, parts.streaming.isRunning, parts.events.payloads('ws_stream_exit')]).toEqual([
      1,
      false,
      [{ source: 'book', messages: 0 }],
    ]);
  });

  it('leaves no timer behind when it is closed during a pause', async () => {
    const parts = await streamParts();
    parts.broker.always('openBook', { throws: new Error('down') }).always('openTrades', { throws: new Error('down') });
    parts.streaming.open();
    await settled();
    expect(parts.scheduler.pending).toBe(1);

    await parts.streaming.close();
    const calls = parts.broker.calls.length;
    await parts.scheduler.advance(60_000);

    expect([parts.scheduler.pending, parts.broker.calls.length]).toEqual([0, calls]);
  });

  it('stays closed when it is closed while a restart waits', async () => {
    const parts = await streamParts();
    parts.streaming.open();
    await parts.opened();

    await Promise.all([parts.streaming.restart(), parts.streaming.close()]);
    await settled();

    expect([parts.streaming.isRunning, parts.broker.bookStreams.length]).toEqual([false, 1]);
  });
});

describe('StreamingService fallback and reconnect', () => {
  it('falls back from the book to trades when the book cannot be opened', async () => {
    const parts = await streamParts();
    parts.broker.always('openBook', { throws: new Error('no depth here') });
    parts.streaming.open();
    (await parts.opened()).push(parts.trade('5'));

    expect(parts.marksOf()).toEqual(['5']);
    expect(parts.logger.lines).toContainEqual(
      expect.objectContaining({ level: 'warn', fields: expect.objectContaining({ reason: 'no depth here' }) }),
    );
    expect(parts.events.payloads('ws_stream_error')).toEqual([]);
    await parts.streaming.close();
    expect(parts.events.payloads('ws_stream_exit')).toEqual([{ source: 'trades', messages: 1 }]);
  });

  it('falls back to trades when the book ends before its first message (B-37)', async () => {
    const parts = await streamParts();
    parts.streaming.open();
    const book = await parts.opened();
    book.push({ kind: 'closed', message: 'not entitled', at: 1 });
    book.close();
    await settled();

    expect([parts.broker.tradeStreams.length, parts.scheduler.pending]).toEqual([1, 0]);
    await parts.streaming.close();
  });

  it('records error and exit when both fail, tells the monitor, and tries again', async () => {
    const parts = await streamParts();
    parts.broker
      .always('openBook', { throws: new Error('no book') })
      .always('openTrades', { throws: new Error('no trades') });
    parts.streaming.open();
    await settled();

    expect(parts.events.payloads('ws_stream_error')).toEqual([{ message: 'no trades' }]);
    expect(parts.events.payloads('ws_stream_exit')).toEqual([{ source: 'trades', messages: 0 }]);
    expect(parts.monitor.status()['symbols']).toMatchObject({ 'BTC-PERP': { failures: 1, last_error: 'no trades' } });
    parts.broker.heal();
    await parts.scheduler.advance(100);
    (await parts.opened()).push(parts.trade('5'));
    expect(parts.marksOf()).toEqual(['5']);
    await parts.streaming.close();
  });

  it('waits twice as long after each failure, up to the cap', async () => {
    const parts = await streamParts();
    parts.broker.always('openBook', { throws: new Error('x') }).always('openTrades', { throws: new Error('x') });
    parts.streaming.open();
    await settled();
    for (let i = 0; i < 8; i += 1) await parts.scheduler.advance(5_000);

    const { requestTimeoutMs } = parts.config.current.execution;
    const pauses = parts.scheduler.delays.filter((ms) => ms !== requestTimeoutMs);
    expect(pauses.slice(0, 8)).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
    await parts.streaming.close();
  });

  it('reconnects after a stream has ended, and forgets failures after a healthy period (B-13)', async () => {
    const parts = await streamParts();
    parts.streaming.open();
    const pauses: number[] = [];
    for (const livedMs of [0, 0, 4_999, 5_000, 0]) {
      const stream = await parts.opened();
      stream.push(parts.trade('5'));
      parts.clock.advance(livedMs);
      stream.close();
      await settled();
      pauses.push(parts.scheduler.delays.at(-1)!);
      await parts.scheduler.advance(10_000);
    }

    expect(pauses).toEqual([100, 200, 400, 100, 200]);
    expect(parts.events.payloads('ws_stream_exit')).toHaveLength(5);
    await parts.streaming.close();
  });

  it('records a stream that breaks as ws_stream_error and opens again', async () => {
    const parts = await streamParts();
    let breakIt!: (error: Error) => void;
    parts.broker.openBook = (_symbols, _level, sink) => {
      sink(parts.trade('5'));
      return Promise.resolve({
        closed: new Promise<void>((_resolve, reject) => (breakIt = reject)),
        close: () => {
          throw new Error('already gone');
        },
      });
    };
    parts.streaming.open();
    await settled();
    breakIt(new Error('socket hang up'));
    await settled();

    expect(parts.events.payloads('ws_stream_error')).toEqual([{ message: 'socket hang up' }]);
    expect([parts.marksOf(), parts.scheduler.pending]).toEqual([['5'], 1]);
    await parts.streaming.close();
  });

  it('asks only for symbols that have a window, and waits while there are none', async () => {
    const parts = await streamParts(['BTC-PERP', 'ETH-PERP']);
    parts.windows.drop('ETH-PERP');
    const asked: (readonly string[])[] = [];
    const openBook = parts.broker.openBook.bind(parts.broker);
    parts.broker.openBook = (symbols, ...rest) => {
      asked.push(symbols);
      return openBook(symbols, ...rest);
    };
    parts.streaming.open();
    await settled();
    parts.windows.drop('BTC-PERP');
    await parts.streaming.restart();
    await settled();

    expect(asked).toEqual([['BTC-PERP']]);
    expect(parts.scheduler.pending).toBe(1);
    await parts.streaming.close();
  });
});

describe('StreamingService and configuration changes (B-11)', () => {
  it('restarts with the new symbols', async () => {
    const parts = await streamParts();
    parts.broker.products.push(spec('ETH-PERP'));
    await parts.catalogue.refresh();
    parts.streaming.start();
    const old = await parts.opened();

    parts.change({ symbols: ['ETH-PERP'] });
    const fresh = await parts.opened();
    old.push(parts.trade('5'));
    fresh.push(parts.trade('6', 'ETH-PERP'));

    expect([old.isOpen, fresh.isOpen, parts.marksOf('ETH-PERP'), parts.windows.symbols()]).toEqual([
      false,
      true,
      ['6'],
      ['ETH-PERP'],
    ]);
    await parts.streaming.stop();
  });

  it('closes when the flag is taken away and opens when it comes back', async () => {
    const parts = await streamParts();
    parts.streaming.start();
    const stream = await parts.opened();

    parts.change({ streaming: { enabled: false } });
    await settled();
    expect([parts.streaming.isRunning, stream.isOpen]).toEqual([false, false]);
    parts.change({ streaming: { enabled: true } });
    await settled();
    expect([parts.streaming.isRunning, parts.broker.bookStreams.length]).toEqual([true, 2]);
    await parts.streaming.stop();
  });

  it('restarts at a new level', async () => {
    const parts = await streamParts();
    parts.streaming.open(1);
    await settled();

    parts.change({ streaming: { level: 2 } });
    await settled();

    expect(parts.streaming.status()).toMatchObject({ level: 2 });
    await parts.streaming.close();
  });

  it('leaves the stream alone when something else changes, open or closed by hand', async () => {
    const parts = await streamParts();
    parts.streaming.start();
    await settled();
    parts.change({ risk: { reduceOnly: true } });
    await settled();
    expect(parts.broker.bookStreams).toHaveLength(1);

    await parts.streaming.close();
    parts.change({ risk: { reduceOnly: false } });
    await settled();
    expect(parts.streaming.isRunning).toBe(false);
  });

  it('opens nothing after it was stopped', async () => {
    const parts = await streamParts(['BTC-PERP'], { streaming: { enabled: false } });
    parts.streaming.start();
    await parts.streaming.stop();

    parts.change({ streaming: { enabled: true } });
    await settled();

    expect(parts.streaming.isRunning).toBe(false);
  });
});

describe('a market stream that is not opened and not refused', () => {
  it('falls back and is asked for again; what comes after all is closed', async () => {
    const parts = await streamParts();
    const { broker, scheduler, streaming } = parts;
    const late: ((stream: Subscription) => void)[] = [];
    const asked: string[] = [];
    const hang = (what: string) => (): Promise<Subscription> => {
      asked.push(what);
      return new Promise((resolve) => late.push(resolve));
    };
    broker.openBook = hang('book');
    broker.openTrades = hang('trades');
    streaming.start();
    await settled();
    for (let second = 0; second < 30; second += 1) await scheduler.advance(1_000);
    expect(asked.slice(0, 3)).toEqual(['book', 'trades', 'book']);
    let shut = 0;
    late[0]?.({ closed: new Promise(() => undefined), close: () => (shut += 1) });
    await settled();
    expect(shut).toBe(1);
    await streaming.stop();
    expect(scheduler.pending).toBe(0);
  });
});
