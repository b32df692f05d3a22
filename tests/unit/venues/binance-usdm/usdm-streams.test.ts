import { beforeEach, describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { HOUR_MS } from '#src/domain/time-spans.js';
import { level, NOW } from '../../wire/binance-usdm/scene.js';
import { UsdmScene } from './usdm-scene.js';

const isDepth = (text: string): boolean => text.includes('"depthUpdate"');

describe("Binance USD-M's public market, as it streams", () => {
  let scene: UsdmScene;
  beforeEach(async () => {
    scene = await new UsdmScene().serve();
    scene.btc.show([level('100.1', '2'), level('100', '1.5')], [level('100.3', '0.25')], NOW);
    scene.btc.value(new Decimal('100.2'), new Decimal('100.15'), NOW);
    scene.btc.funding(new Decimal('0.0001'), NOW + HOUR_MS);
    scene.eth.show([level('10.1', '2')], [level('10.3', '1')], NOW);
  });
  const isClosed = async (subscription: { readonly closed: Promise<void> }): Promise<boolean> => {
    let closed = false;
    void subscription.closed.then(() => (closed = true));
    await scene.scheduler.advance(0);
    return closed;
  };

  it('tells best prices, marks and trades, each once and in the order of its numbers', async () => {
    await scene.book(1, ['BTCUSDT', 'ETHUSDT']);
    await scene.trades();
    scene.way = (text) => (text.includes('markPrice') ? [text] : [text, text]);
    scene.btc.update([level('100.2', '1')], [], NOW + 1);
    scene.eth.update([], [level('10.2', '3')], NOW + 1);
    scene.btc.trade(new Decimal('100.3'), new Decimal('0.1'), NOW + 2, 'buy');
    scene.btc.trade(new Decimal('100.2'), new Decimal('0.2'), NOW + 3, 'sell');
    await scene.scheduler.advance(1_000);
    expect(scene.heard('book')).toEqual([
      { kind: 'book', symbol: 'BTCUSDT', bid: level('100.2', '1'), ask: level('100.3', '0.25'), at: NOW + 1 },
      { kind: 'book', symbol: 'ETHUSDT', bid: level('10.1', '2'), ask: level('10.2', '3'), at: NOW + 1 },
    ]);
    expect(
      scene
        .heard('trade')
        .map(({ price, size, side, at }) => `${price.toString()} ${size.toString()} ${side} ${at - NOW}`),
    ).toEqual(['100.3 0.1 buy 2', '100.2 0.2 sell 3']);
    expect(scene.heard('mark')[0]).toMatchObject({
      symbol: 'BTCUSDT',
      mark: new Decimal('100.2'),
      index: new Decimal('100.15'),
      fundingRate: new Decimal('0.0001'),
      nextFundingAt: NOW + HOUR_MS,
    });
    expect(scene.heard('gap')).toEqual([]);
  });

  it('keeps a book by snapshot and changes', async () => {
    await scene.book(2);
    expect(scene.bestOf('BTCUSDT')).toBe('100.1 2 100.3 0.25');
    scene.btc.update([level('100.2', '1')], [level('100.3', '0'), level('100.4', '9')], NOW + 1);
    await scene.scheduler.advance(100);
    expect(scene.bestOf('BTCUSDT')).toBe('100.2 1 100.4 9');
  });

  it.each([
    ['lost', (): string[] => []],
    ['cut short of a level', (text: string): string[] => [text.replace('"b":[[', '"b":[["",')]],
    ['without its number', (text: string): string[] => [text.replace('"pu":', '"px":')]],
  ])('begins a book anew when a message of it is %s, and says so before', async (_, way) => {
    await scene.book(2);
    scene.way = (text) => (isDepth(text) ? way(text) : [text]);
    scene.btc.update([level('100.2', '1')], [], NOW + 1);
    await scene.scheduler.advance(100);
    scene.way = (text) => [text];
    scene.btc.update([], [level('100.4', '9')], NOW + 2);
    await scene.scheduler.advance(1_000);
    expect(scene.heard('gap')).toMatchObject([{ symbol: 'BTCUSDT', channel: 'depth' }]);
    expect(scene.heard('depth').filter(({ type }) => type === 'snapshot')).toHaveLength(2);
    expect([scene.bestOf('BTCUSDT'), scene.gaps]).toEqual(['100.2 1 100.3 0.25', 0]);
  });

  it('finds the depth silent by the best prices that are ahead of it', async () => {
    await scene.book(2);
    scene.way = (text) => (isDepth(text) ? [] : [text]);
    scene.btc.update([level('100.2', '1')], [], NOW + 1);
    await scene.scheduler.advance(10_000);
    expect(scene.heard('gap')).toMatchObject([{ symbol: 'BTCUSDT', channel: 'depth' }]);
    expect(scene.bestOf('BTCUSDT')).toBe('100.2 1 100.3 0.25');
  });

  it('finds a level that stands where the venue has none, by the best prices', async () => {
    await scene.book(2);
    scene.way = (text) => (isDepth(text) ? [text.replace('"b":[', '"b":[["100.29","1"],')] : [text]);
    scene.btc.update([level('100.2', '1')], [], NOW + 1);
    await scene.scheduler.advance(100);
    expect(scene.bestOf('BTCUSDT')).toBe('100.29 1 100.3 0.25');
    scene.way = (text) => [text];
    for (const size of ['2', '3']) {
      scene.btc.update([level('100.2', size)], [], NOW + 1);
      await scene.scheduler.advance(100);
    }
    await scene.scheduler.advance(1_000);
    expect(scene.heard('gap')).toMatchObject([
      { channel: 'depth', message: expect.stringContaining('contradicts') as unknown },
    ]);
    expect(scene.bestOf('BTCUSDT')).toBe('100.2 3 100.3 0.25');
  });

  it('takes a quiet market for one, whose depth comes a moment after its best prices', async () => {
    await scene.book(2);
    scene.btc.update([level('100.2', '1')], [], NOW + 1);
    await scene.scheduler.advance(60_000);
    expect([scene.heard('gap'), scene.heard('stale'), scene.heard('closed')]).toEqual([[], [], []]);
  });

  it('has the venue confirm a book in which nothing happens, and says then that it stands as of now', async () => {
    await scene.book(2);
    await scene.scheduler.advance(60_000);
    const last = scene.heard('depth').at(-1);
    expect(last).toMatchObject({ type: 'change', bids: [], asks: [] });
    expect(scene.clock.now() - Number(last?.at)).toBeLessThan(35_000);
    const told = scene.heard('depth').length;
    scene.answer = { status: 503, headers: {}, body: 'no' };
    await scene.scheduler.advance(120_000);
    expect(scene.heard('depth')).toHaveLength(told);
    // It is the same book, and its messages still follow each other.
    scene.answer = undefined;
    scene.btc.update([level('100.2', '1')], [], scene.clock.now());
    await scene.scheduler.advance(100);
    expect([scene.bestOf('BTCUSDT'), scene.gaps, scene.heard('gap')]).toEqual(['100.2 1 100.3 0.25', 0, []]);
  });

  it('ends when the whole book is silent, though marks are heard: the venue is asked whether nothing has happened', async () => {
    const subscription = await scene.book(2);
    scene.way = (text) => (text.includes('markPrice') ? [text] : []);
    await scene.scheduler.advance(20_000);
    scene.btc.update([level('100.2', '1')], [], NOW + 1);
    await scene.scheduler.advance(40_000);
    expect(scene.heard('closed')).toMatchObject([{ message: 'the book is silent' }]);
    expect(await isClosed(subscription)).toBe(true);
  });

  it('counts what it does not know by type, says each once with what it was, and goes on', async () => {
    await scene.book(2);
    const strange = [
      '{"data":{"e":"tomorrow","s":"BTCUSDT"}}',
      '{"data":{"e":"bookTicker","s":"XYZ"}}',
      '{"result":null}',
    ];
    scene.way = (text) => (text.includes('markPrice') ? [text, ...strange] : [text]);
    await scene.scheduler.advance(3_000);
    const marks = scene.heard('mark').length;
    expect(marks).toBeGreaterThan(1);
    expect(Object.fromEntries(scene.market.unknownEvents)).toEqual({
      tomorrow: marks,
      bookTicker: marks,
      'a message without a type': marks,
    });
    expect(scene.warnings.map((line) => strange.filter((text) => line.includes(text)))).toEqual(
      strange.map((text) => [text]),
    );
    expect([scene.heard('gap'), scene.heard('closed')]).toEqual([[], []]);
  });

  it('counts of a venue in disorder no more types than it can keep', async () => {
    await scene.book(1);
    let number = 0;
    scene.way = (text) => [text, `{"data":{"e":"${String((number += 1)).padEnd(1_000, 'x')}"}}`];
    await scene.scheduler.advance(120_000);
    const counts = scene.market.unknownEvents;
    expect(counts.size).toBe(51);
    expect([...counts.values()].reduce((sum, each) => sum + each, 0)).toBe(number);
    expect(Math.max(...[...counts.keys()].map(({ length }) => length))).toBeLessThanOrEqual(60);
    expect(scene.warnings).toHaveLength(51);
  });

  it('says when marks are heard of no more, and when trades are missing', async () => {
    await scene.trades();
    scene.way = (text) => (text.includes('markPrice') ? [] : [text]);
    scene.btc.trade(new Decimal('100.3'), new Decimal('0.1'), NOW, 'buy');
    await scene.scheduler.advance(0);
    scene.way = () => [];
    scene.btc.trade(new Decimal('100.3'), new Decimal('0.2'), NOW, 'buy');
    await scene.scheduler.advance(0);
    scene.way = (text) => (text.includes('markPrice') ? [] : [text]);
    scene.btc.trade(new Decimal('100.3'), new Decimal('0.3'), NOW, 'buy');
    await scene.scheduler.advance(15_000);
    expect(scene.heard('gap')).toMatchObject([{ symbol: 'BTCUSDT', channel: 'trades' }]);
    expect(scene.heard('stale')).toMatchObject([{ symbol: 'BTCUSDT', channel: 'marks' }]);
    expect(scene.heard('trade').map(({ size }) => size.toString())).toEqual(['0.1', '0.3']);
  });

  it.each<readonly [string, (scene: UsdmScene) => void]>([
    ['the server goes', (each) => void each.listening?.close()],
    ['nothing is heard any more', (each) => (each.network.outage = 'silent')],
    ['a message is no JSON', (each) => (each.way = (text) => [text.slice(0, -5)])],
  ])('ends as a whole when %s, and tells nothing afterwards', async (_, happen) => {
    const subscription = await scene.book(1);
    expect(await isClosed(subscription)).toBe(false);
    happen(scene);
    scene.btc.update([level('100.2', '1')], [], NOW + 1);
    await scene.scheduler.advance(30_000);
    expect(await isClosed(subscription)).toBe(true);
    expect(scene.heard('closed')).toHaveLength(1);
    const { length } = scene.told;
    scene.network.outage = undefined;
    scene.way = (text) => [text];
    scene.btc.update([level('100.1', '1')], [], NOW + 2);
    await scene.scheduler.advance(30_000);
    expect(scene.told).toHaveLength(length);
  });

  it('is closed by whoever opened it, and leaves no timer', async () => {
    const subscription = await scene.book(2);
    subscription.close();
    await scene.scheduler.advance(30_000);
    expect([await isClosed(subscription), scene.heard('closed'), scene.scheduler.pending]).toEqual([true, [], 0]);
  });

  it('ends with the wish for it', async () => {
    const subscription = await scene.book(1);
    scene.abort.abort();
    expect(await isClosed(subscription)).toBe(true);
    await expect(scene.book(1)).rejects.toThrow('not wanted');
  });

  it('does not begin where snapshots cannot be had, and leaves nothing behind', async () => {
    scene.answer = { status: 503, headers: {}, body: 'no' };
    await expect(scene.book(2)).rejects.toMatchObject({ code: 'VENUE-002' });
    scene.answer = undefined;
    await scene.within(scene.market.listProducts());
    scene.answer = { status: 503, headers: {}, body: 'no' };
    await expect(scene.book(2)).rejects.toMatchObject({ code: 'VENUE-002' });
    await scene.scheduler.advance(60_000);
    expect(scene.scheduler.pending).toBe(0);
  });
});
