import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import type { Quote } from '#src/domain/market.js';
import type { DepthEvent, DepthSequence } from '#src/ports/venue/market-event.js';
import type { StreamNotice } from '#src/ports/venue/stream-notice.js';
import { settled } from '#src/testing/settled.js';
import { streamParts } from './stream-parts.js';

const d = (text: string): Decimal => new Decimal(text);
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

/** Price and size. */
type Side = readonly (readonly [string, string])[];

describe('a book that comes as depth', () => {
  const depth = (
    parts: Awaited<ReturnType<typeof streaming>>,
    type: DepthEvent['type'],
    bids: Side,
    asks: Side,
    sequence?: DepthSequence,
  ): DepthEvent => {
    const levels = (side: Side) => side.map(([price, size]) => ({ price: d(price), size: d(size) }));
    const at = parts.clock.now();
    return {
      kind: 'depth',
      symbol: 'BTC-PERP',
      type,
      bids: levels(bids),
      asks: levels(asks),
      at,
      ...(sequence && { sequence }),
    };
  };

  it('is put together level by level, and its middle is the mark; best prices beside it are not asked', async () => {
    const parts = await streaming();
    const push = (type: DepthEvent['type'], ...sides: [bids: Side, asks: Side]): void =>
      parts.stream.push(depth(parts, type, ...sides));
    push('change', [['90', '1']], []);
    push(
      'snapshot',
      [
        ['99', '1'],
        ['100', '2'],
        ['98', '3'],
      ],
      [
        ['104', '1'],
        ['102', '1'],
        ['103', '1'],
      ],
    );
    parts.stream.push(parts.book('1', '3'));
    push(
      'change',
      [
        ['101', '1'],
        ['100', '0'],
      ],
      [],
    );
    push(
      'change',
      [
        ['101', '0'],
        ['97', '0'],
      ],
      [
        ['102', '0'],
        ['105', '2'],
      ],
    );
    push('change', [['99', '5']], []);
    push('snapshot', [['50', '1']], [['52', '1']]);
    expect(parts.marksOf()).toEqual(['101', '101', '101.5', '101', '101', '51']);
    await parts.streaming.close();
  });

  it.each<[string, DepthSequence, DepthSequence | undefined, boolean]>([
    ['follows by identity', { last: 7, previous: 5 }, { last: 9, previous: 7 }, true],
    ['misses one by identity', { last: 7, previous: 5 }, { last: 9, previous: 8 }, false],
    ['reaches back behind the snapshot', { last: 7, previous: 3 }, { last: 8, previous: 7 }, true],
    ['follows by counting', { first: 6, last: 7 }, { first: 8, last: 8 }, true],
    ['reaches back by counting', { first: 3, last: 7 }, undefined, true],
    ['misses one by counting', { first: 6, last: 7 }, { first: 9, last: 9 }, false],
    ['misses the first by counting', { first: 7, last: 9 }, undefined, false],
    ['goes on by number alone', { last: 9 }, { last: 30 }, true],
    ['is not numbered', { last: 6 }, undefined, true],
  ])('that %s', async (_name, first, second, fits) => {
    const parts = await streaming();
    parts.stream.push(depth(parts, 'snapshot', [['99', '1']], [['101', '1']], { last: 5 }));
    // Known already, whatever it says.
    parts.stream.push(depth(parts, 'change', [['100', '1']], [], { first: 3, last: 5 }));
    parts.stream.push(depth(parts, 'change', [['98', '1']], [], first));
    if (second !== undefined) parts.stream.push(depth(parts, 'change', [['97', '1']], [], second));
    await settled();
    expect(parts.fresh()).toEqual([fits, true]);
    const errors = parts.events.payloads('ws_stream_error');
    expect(errors).toEqual(fits ? [] : [{ message: 'a message of the depth of BTC-PERP is missing' }]);
    await parts.scheduler.advance(parts.config.current.streaming.reconnectMinMs);
    expect(parts.broker.bookStreams).toHaveLength(fits ? 1 : 2);
    await parts.streaming.close();
  });

  it('of which a message cannot be read is not believed', async () => {
    const parts = await streaming();
    parts.stream.push(depth(parts, 'snapshot', [['99', '1']], [['101', '1']]));
    parts.stream.push(depth(parts, 'change', [['NaN', '1']], []));
    await settled();
    expect(parts.fresh()).toEqual([false, true]);
    await parts.streaming.close();
  });

  it('changes an instrument as an answer would', async () => {
    const parts = await streaming();
    parts.stream.push({ kind: 'instrument', symbol: 'BTC-PERP', status: 'halted', at: parts.clock.now() });
    expect(parts.catalogue.getProduct('BTC-PERP').confirmed).toBe(false);
    parts.stream.push({ kind: 'instrument', symbol: 'BTC-PERP', status: 'nonsense' as never, at: parts.clock.now() });
    expect(parts.catalogue.getProduct('BTC-PERP').confirmed).toBe(false);
    parts.stream.push({ kind: 'instrument', symbol: 'BTC-PERP', status: 'trading', at: parts.clock.now() });
    expect(parts.catalogue.getProduct('BTC-PERP').confirmed).toBe(true);
    await parts.streaming.close();
  });
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
