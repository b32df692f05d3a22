import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import type { Quote } from '#src/domain/market.js';
import type { StreamNotice } from '#src/ports/venue/stream-notice.js';
import { settled } from '#src/testing/settled.js';
import { streamParts } from './stream-parts.js';

const BOTH = ['BTC-PERP', 'ETH-PERP'];
const KINDS: readonly StreamNotice['kind'][] = ['gap', 'stale', 'reconnected', 'closed'];

async function streaming() {
  const parts = await streamParts(BOTH);
  parts.streaming.open();
  const stream = await parts.opened();
  stream.push(parts.book('100', '102'));
  stream.push(parts.trade('5', 'ETH-PERP'));
  parts.clock.advance(10);
  const fresh = (): boolean[] => BOTH.map((symbol) => !parts.freshness.isStale(symbol, parts.clock.now(), 60_000));
  expect(fresh()).toEqual([true, true]);
  return { ...parts, stream, fresh };
}

describe('NW-13: a book that crosses or locks', () => {
  const STATES = [
    ['crossed', '103', '102'],
    ['locked', '102', '102'],
  ] as const;

  it.each(STATES)('NW-13 %s for a second is tolerated, and gives no mark', async (_state, bid, ask) => {
    const parts = await streaming();
    parts.stream.push(parts.book(bid, ask));
    expect(parts.prices.isCrossed('BTC-PERP')).toBe(bid !== ask);
    await parts.scheduler.advance(999);
    parts.stream.push(parts.book('102', '104'));
    await parts.scheduler.advance(60_000);

    expect([parts.marksOf(), parts.prices.isCrossed('BTC-PERP')]).toEqual([['101', '103'], false]);
    expect(parts.broker.bookStreams).toHaveLength(1);
    await parts.streaming.close();
    expect(parts.scheduler.pending).toBe(0);
  });

  it.each(STATES)(
    'NW-13 %s for longer is not believed any more, and the stream is opened anew',
    async (_s, bid, ask) => {
      const parts = await streaming();
      for (let i = 0; i < 11; i += 1) {
        parts.stream.push(parts.book(bid, ask, '101'));
        await parts.scheduler.advance(100);
      }

      expect(parts.fresh()).toEqual([false, true]);
      expect(parts.events.payloads('ws_stream_error')).toEqual([
        { message: 'the book of BTC-PERP stays crossed or locked' },
      ]);
      parts.stream.push(parts.book('90', '92'));
      expect(parts.fresh()).toEqual([false, true]);
      await parts.scheduler.advance(parts.config.current.streaming.reconnectMinMs);
      (await parts.opened()).push(parts.book('101', '103'));
      expect([parts.fresh(), parts.marksOf().at(-1)]).toEqual([[true, true], '102']);
      expect(parts.broker.bookStreams).toHaveLength(2);
      await parts.streaming.close();
      expect(parts.scheduler.pending).toBe(0);
    },
  );
});

describe('a value that may be wrong', () => {
  it.each(KINDS)('is not believed after a notice "%s" of its symbol, and again once a new one comes', async (kind) => {
    const parts = await streaming();

    parts.stream.push({ kind, symbol: 'BTC-PERP', message: 'lost', at: parts.clock.now() });
    expect(parts.fresh()).toEqual([false, true]);
    expect(parts.marksOf()).toEqual(['101']);

    parts.stream.push(parts.book('101', '103'));
    expect(parts.fresh()).toEqual([true, true]);
    await parts.streaming.close();
  });

  it.each(KINDS)('is one of every symbol of the stream where a notice "%s" names none', async (kind) => {
    const parts = await streaming();

    parts.stream.push({ kind, message: 'lost', at: parts.clock.now() });
    expect(parts.fresh()).toEqual([false, false]);

    parts.stream.push(parts.trade('6', 'ETH-PERP'));
    expect(parts.fresh()).toEqual([false, true]);
    await parts.streaming.close();
  });

  it('stays one when a poll comes back that was asked before the gap; the next poll ends it', async () => {
    const parts = await streaming();
    const answers: ((quote: Quote) => void)[] = [];
    parts.broker.getQuote = (symbol) =>
      symbol === 'BTC-PERP' ? new Promise((resolve) => answers.push(resolve)) : Promise.reject(new Error('offline'));
    const answer = (price: string): void => answers.pop()!({ symbol: 'BTC-PERP', last: new Decimal(price) });

    const before = parts.marketData.updateMarks();
    await settled();
    parts.stream.push({ kind: 'gap', message: 'lost', at: parts.clock.now() });
    answer('99');
    await before;
    expect([parts.fresh()[0], parts.marksOf()]).toEqual([false, ['101']]);
    expect(parts.marketData.status()).toMatchObject({ stale_polls: 1 });

    const after = parts.marketData.updateMarks();
    await settled();
    answer('98');
    await after;
    expect([parts.fresh()[0], parts.marksOf()]).toEqual([true, ['101', '98']]);
    await parts.streaming.close();
  });
});
