import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import type { MarketEvent } from '#src/ports/venue/market-event.js';
import { settled } from '#src/testing/settled.js';
import { streamParts } from './stream-parts.js';

describe('StreamingService marks', () => {
  it('puts each mark into window, freshness and portfolio, tells the monitor, and journals it', async () => {
    const parts = await streamParts();
    parts.streaming.open();
    const stream = await parts.opened();
    parts.clock.advance(250);

    stream.push(parts.book('100', '102'));

    expect(parts.marksOf()).toEqual(['101']);
    expect(parts.freshness.lastUpdate('BTC-PERP')).toBe(parts.clock.now());
    expect(parts.portfolio.marks).toEqual([['BTC-PERP', parts.windows.find('BTC-PERP')!.last]]);
    expect(parts.monitor.status()['symbols']).toMatchObject({ 'BTC-PERP': { source: 'stream', updates: 1 } });
    expect(parts.events.payloads('ws_mark_update')).toEqual([{ symbol: 'BTC-PERP', mark: '101' }]);
    await parts.streaming.close();
  });

  it('prefers the middle of bid and ask, then the last price, and skips what has neither', async () => {
    const parts = await streamParts();
    parts.streaming.open();
    const stream = await parts.opened();

    stream.push(parts.book('100', '100.1', '90'));
    stream.push(parts.book('100', undefined, '91'));
    stream.push(parts.book('0', '100', '92'));
    stream.push(parts.book('NaN', '100', '93'));
    stream.push(parts.book('101', '100', '93.5'));
    stream.push(parts.trade('94'));
    for (const junk of [
      parts.book('100', undefined),
      parts.book('101', '100'),
      parts.book('100', '100'),
      parts.book(undefined, undefined, '0'),
      parts.book(undefined, undefined, '-1'),
      parts.book(undefined, undefined, 'NaN'),
      parts.trade('0'),
      parts.trade('Infinity'),
    ])
      stream.push(junk);

    expect(parts.marksOf()).toEqual(['100.05', '91', '92', '93', '93.5', '94']);
    expect(parts.logger.at('error')).toEqual([]);
    await parts.streaming.close();
  });

  it('ignores symbols nobody trades: no window, no record (B-37)', async () => {
    const parts = await streamParts();
    parts.streaming.open();
    const stream = await parts.opened();

    stream.push(parts.trade('5', 'DOGE-PERP'));
    stream.push({ ...parts.trade('5'), symbol: undefined } as unknown as MarketEvent);

    expect([parts.windows.symbols(), parts.events.events, parts.logger.at('error')]).toEqual([['BTC-PERP'], [], []]);
    await parts.streaming.close();
  });

  it('records an event it cannot read as ws_stream_error and goes on (B-37)', async () => {
    const parts = await streamParts();
    parts.streaming.open();
    const stream = await parts.opened();

    stream.push({ ...parts.trade('5'), price: 'five' } as unknown as MarketEvent);
    stream.push({ ...parts.trade('5'), price: 'five' } as unknown as MarketEvent);
    stream.push(parts.trade('6'));

    expect(parts.marksOf()).toEqual(['6']);
    expect(parts.events.payloads('ws_stream_error')).toEqual([{ message: expect.any(String) }]);
    await parts.streaming.close();
  });

  it('does not believe a venue time in the future or one that is none', async () => {
    const parts = await streamParts();
    parts.streaming.open();
    const stream = await parts.opened();

    stream.push({ ...parts.trade('5'), at: parts.clock.now() + 1e9 });
    stream.push({ ...parts.trade('6'), at: Number.NaN });

    expect(parts.marksOf()).toEqual(['5', '6']);
    expect(parts.freshness.lastUpdate('BTC-PERP')).toBe(parts.clock.now());
    await parts.streaming.close();
  });

  it('leaves out an event that is older than the newest mark, and counts it', async () => {
    const parts = await streamParts();
    parts.streaming.open();
    const stream = await parts.opened();
    const now = parts.clock.now();

    stream.push({ ...parts.trade('5'), at: now });
    stream.push({ ...parts.trade('4'), at: now - 30_000 });
    stream.push({ ...parts.trade('6'), at: now });

    expect(parts.marksOf()).toEqual(['5', '6']);
    expect(parts.streaming.status()).toMatchObject({ marks: 2, stale: 1 });
    await parts.streaming.close();
  });

  it('samples the journal: one ws_mark_update per symbol and interval, every mark in the window (B-37)', async () => {
    const parts = await streamParts(['BTC-PERP', 'ETH-PERP']);
    parts.streaming.open();
    const stream = await parts.opened();

    for (let i = 0; i < 30; i += 1) {
      stream.push(parts.trade(String(100 + i)));
      if (i === 0) stream.push(parts.trade('7', 'ETH-PERP'));
      parts.clock.advance(100);
    }

    expect(parts.windows.find('BTC-PERP')!.count).toBe(30);
    expect(parts.events.payloads('ws_mark_update')).toEqual([
      { symbol: 'BTC-PERP', mark: '100' },
      { symbol: 'ETH-PERP', mark: '7' },
      { symbol: 'BTC-PERP', mark: '110' },
      { symbol: 'BTC-PERP', mark: '120' },
    ]);
    await parts.streaming.close();
  });

  it('journals every mark when the sample interval is zero', async () => {
    const parts = await streamParts(['BTC-PERP'], { streaming: { journalSampleMs: 0 } });
    parts.streaming.open();
    const stream = await parts.opened();

    for (let i = 1; i <= 5; i += 1) stream.push(parts.trade(String(i)));

    expect(parts.events.payloads('ws_mark_update')).toHaveLength(5);
    await parts.streaming.close();
  });

  it.each(['journal', 'monitor'])('goes on marking when the %s fails, and logs it', async (what) => {
    const parts = await streamParts();
    const broken = (): never => {
      throw new Error('disk full');
    };
    if (what === 'journal') parts.events.append = broken;
    else parts.monitor.recordUpdate = broken;
    parts.streaming.open();
    const stream = await parts.opened();

    stream.push(parts.trade('5'));
    stream.push(parts.trade('6'));

    expect(parts.marksOf()).toEqual(['5', '6']);
    expect(parts.logger.at('error')).toContain('Stream bookkeeping failed');
    expect(parts.streaming.isRunning).toBe(true);
    await parts.streaming.close();
  });

  it('records gap, stale and closed as ws_stream_error, and a reconnect only in the log', async () => {
    const parts = await streamParts();
    parts.streaming.open();
    const stream = await parts.opened();

    for (const kind of ['gap', 'stale', 'reconnected', 'closed'] as const)
      stream.push({ kind, message: `it is ${kind}`, at: 1 });

    expect(parts.events.payloads('ws_stream_error').map(({ message }) => message)).toEqual([
      'it is gap',
      'it is stale',
      'it is closed',
    ]);
    await parts.streaming.close();
  });

  it("values by the venue's own mark, and moves no window by it", async () => {
    const parts = await streamParts();
    parts.streaming.open();
    const stream = await parts.opened();
    const d = (text: string): Decimal => new Decimal(text);

    stream.push(parts.trade('100'));
    stream.push({ kind: 'mark', symbol: 'BTC-PERP', mark: d('101'), index: d('102'), at: parts.clock.now() });
    stream.push({ kind: 'mark', symbol: 'DOGE-PERP', mark: d('5'), at: parts.clock.now() });

    expect(parts.marksOf()).toEqual(['100']);
    expect(parts.prices.all('BTC-PERP', parts.clock.now(), 0).map(({ kind }) => kind)).toEqual([
      'last',
      'mark',
      'index',
    ]);
    expect(parts.portfolio.marks.at(-1)?.[1]).toBe(parts.catalogue.instrument('BTC-PERP').toMarks(d('101')));
    await parts.streaming.close();
  });

  it('shares market data, and with it the lock and the windows', async () => {
    const parts = await streamParts();

    expect(parts.streaming.marketData).toBe(parts.marketData);
    await settled();
  });
});

describe('a stream for several symbols', () => {
  const BOTH = ['BTC-PERP', 'ETH-PERP'];

  /** A venue that refuses a whole subscription for one symbol that it does not know. */
  async function strict(unknown: readonly string[]) {
    const parts = await streamParts(BOTH);
    const venue = { unknown };
    const asked: string[] = [];
    const { broker } = parts;
    const openBook = broker.openBook.bind(broker);
    broker.openBook = (symbols, ...rest) => {
      asked.push(symbols.join(' '));
      if (symbols.some((symbol) => venue.unknown.includes(symbol))) return Promise.reject(new Error('unknown symbol'));
      return openBook(symbols, ...rest);
    };
    broker.openTrades = () => Promise.reject(new Error('unknown symbol'));
    parts.streaming.open();
    await settled();
    return { ...parts, venue, asked };
  }

  it('leaves out a symbol that the venue does not name, and takes it in when it does', async () => {
    const parts = await streamParts(BOTH);
    const asked: string[] = [];
    const openBook = parts.broker.openBook.bind(parts.broker);
    parts.broker.openBook = (symbols, ...rest) => (asked.push(symbols.join(' ')), openBook(symbols, ...rest));
    parts.unnamed.missing = ['ETH-PERP'];
    parts.streaming.open();
    const stream = await parts.opened();
    stream.push(parts.book('99', '101'));
    expect([asked, parts.marksOf()]).toEqual([['BTC-PERP'], ['100']]);
    await parts.scheduler.advance(600_000);
    expect(asked).toEqual(['BTC-PERP']);

    parts.unnamed.missing = [];
    await parts.scheduler.advance(60_000);
    expect([asked, stream.isOpen]).toEqual([['BTC-PERP', 'BTC-PERP ETH-PERP'], false]);
    await parts.streaming.close();
    expect(parts.scheduler.pending).toBe(0);
  });

  it('goes on without a symbol for whose sake the venue refuses all, and tries it again', async () => {
    const { asked, broker, scheduler, streaming, venue, opened, book, marksOf } = await strict(['ETH-PERP']);
    for (let i = 0; i < 10; i += 1) await settled();
    expect(asked).toEqual(['BTC-PERP ETH-PERP', 'BTC-PERP', 'ETH-PERP']);
    await scheduler.advance(1_000);
    expect(asked.at(-1)).toBe('BTC-PERP');
    (await opened()).push(book('99', '101'));
    expect([marksOf(), broker.bookStreams.at(-1)?.isOpen]).toEqual([['100'], true]);

    venue.unknown = [];
    await scheduler.advance(700_000);
    expect([asked.at(-1), broker.bookStreams.at(-1)?.isOpen]).toEqual(['BTC-PERP ETH-PERP', true]);
    await streaming.close();
  });

  it('blames none while none can be opened', async () => {
    const { asked, scheduler, streaming } = await strict(BOTH);
    await scheduler.advance(60_000);
    expect(asked.filter((symbols) => symbols === 'BTC-PERP ETH-PERP').length).toBeGreaterThan(3);
    await streaming.close();
  });
});
