import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import type { Quote } from '#src/domain/market.js';
import { marketParts, type MarketParts } from '../../support/market-parts.js';

const d = (text: string): Decimal => new Decimal(text);
const SYMBOL = 'BTC-PERP';
const marksOf = (parts: MarketParts): string[] => parts.windows.read(SYMBOL).map(String);

async function polled(quote: Partial<Quote>): Promise<MarketParts> {
  const parts = await marketParts();
  parts.broker.quotes.set(SYMBOL, { symbol: SYMBOL, ...quote });
  await parts.marketData.updateMarks();
  return parts;
}

const told = (parts: MarketParts): Record<string, string> =>
  Object.fromEntries(
    parts.prices
      .all(SYMBOL, parts.clock.now(), 1_000)
      .map(({ kind, value }) => [kind, parts.catalogue.instrument(SYMBOL).markPrice(value).toString()]),
  );

/** What positions were valued at, in order. */
const valuedAt = (parts: MarketParts): string[] =>
  parts.portfolio.marks.map(([, mark]) => parts.catalogue.instrument(SYMBOL).markPrice(mark).toString());

describe('what a venue tells beside the mark of the window', () => {
  it('is kept by kind; the window keeps the last price', async () => {
    const parts = await polled({ last: d('100'), bid: d('99'), ask: d('102'), mark: d('101'), index: d('100.8') });

    expect(marksOf(parts)).toEqual(['100']);
    expect(told(parts)).toEqual({ last: '100', mid: '100.5', mark: '101', index: '100.8' });
  });

  it('leaves out what is no price', async () => {
    const parts = await polled({ last: d('100'), bid: d('0'), ask: d('102'), mark: d('NaN'), index: d('-1') });

    expect(told(parts)).toEqual({ last: '100' });
  });

  it("values positions at the venue's mark while it is fresh, and at the window's without", async () => {
    const parts = await polled({ last: d('100'), mark: d('101') });
    const instrument = parts.catalogue.instrument(SYMBOL);
    expect(valuedAt(parts)).toEqual(['101']);

    parts.marketData.acceptMark(SYMBOL, instrument.toMarks(d('90')), parts.clock.now());
    expect(valuedAt(parts)).toEqual(['101']);

    const later = parts.clock.advance(parts.config.current.risk.maxMarkStalenessMs + 1);
    parts.marketData.acceptMark(SYMBOL, instrument.toMarks(d('91')), later);
    expect(valuedAt(parts)).toEqual(['101', '91']);
  });

  it('is doubted with the symbol', async () => {
    const parts = await polled({ last: d('100'), mark: d('101') });

    parts.marketData.distrust([SYMBOL]);

    expect(told(parts)).toEqual({});
  });

  it.each<[string, string, string]>([
    ['crossed', '101', '100'],
    ['locked', '100', '100'],
  ])('a %s quote has no middle, in polls and in the stream alike (NW-13)', async (_name, bid, ask) => {
    const alone = await polled({ bid: d(bid), ask: d(ask) });
    const beside = await polled({ last: d('99'), bid: d(bid), ask: d(ask) });

    expect([marksOf(alone), alone.marketData.status()['failed_polls']]).toEqual([[], 1]);
    expect([marksOf(beside), told(beside)]).toEqual([['99'], { last: '99' }]);
    expect(beside.prices.isCrossed(SYMBOL)).toBe(bid !== ask);
  });

  it('an older one that arrives late changes nothing', async () => {
    const parts = await polled({ last: d('100'), mark: d('101') });

    parts.marketData.acceptPrices(SYMBOL, { mark: d('50') }, parts.clock.now() - 1);

    expect(told(parts)).toMatchObject({ mark: '101' });
  });

  it('of recorded feeds is the same: counted already, and the mark values positions while it is fresh', async () => {
    const parts = await marketParts();
    const { marketData, clock } = parts;
    const count = (price: string) => parts.catalogue.instrument(SYMBOL).toMarks(d(price));
    const now = clock.now();

    marketData.acceptPrice(SYMBOL, 'index', count('99'), now);
    marketData.acceptPrice(SYMBOL, 'mark', count('101'), now);
    marketData.acceptPrice(SYMBOL, 'mark', count('0'), now);
    marketData.acceptMarks(SYMBOL, Float64Array.of(count('90'), count('91')), 1, 0, 2, now);

    expect([told(parts), valuedAt(parts)]).toEqual([{ mark: '101', index: '99' }, ['101']]);
    expect(marksOf(parts)).toEqual(['90', '91']);

    const later = clock.advance(parts.config.current.risk.maxMarkStalenessMs + 1);
    marketData.acceptMarks(SYMBOL, Float64Array.of(count('92')), 1, 0, 1, later);
    expect(valuedAt(parts)).toEqual(['101', '92']);
  });

  it('a crossed quote holds although nothing else is known', async () => {
    const parts = await marketParts();
    parts.marketData.acceptCrossing(SYMBOL, true);
    expect([parts.prices.isEmpty, parts.prices.isCrossed(SYMBOL)]).toEqual([false, true]);
    parts.marketData.acceptCrossing(SYMBOL, false);
    expect([parts.prices.isEmpty, parts.prices.isCrossed(SYMBOL)]).toEqual([true, false]);
  });
});
