import { describe, expect, it } from '@jest/globals';
import { venueOrderId, type Fill } from '#src/domain/order.js';
import { lots, ticks, units } from '#src/domain/units.js';
import { lastTrips } from '#src/report/last-trips.js';
import { RoundTrips } from '#src/report/round-trips.js';
import { instrument } from '#src/testing/instruments.js';

const books = [instrument(), instrument({ symbol: 'ETH-PERP' })] as const;
const reasonOf = (clientId: string): string => `why ${clientId}`;

/** Signed size, the book, and when; the price is the time's. */
const fill = (size: number, at: number, book: 0 | 1 = 0, cause?: 'liquidation'): Fill => ({
  ...{ tradeId: `t${at}`, clientId: `c${at}`, venueId: venueOrderId('v'), instrument: books[book], liquidity: 'taker' },
  ...{ side: size > 0 ? 'buy' : 'sell', lots: lots(Math.abs(size)), price: ticks(1_000 + at), fee: units(-at), at },
  ...(cause === undefined ? {} : { cause }),
});
const last = (fills: readonly Fill[], most: number): ReturnType<typeof lastTrips> =>
  lastTrips(fills, { fundings: [], reasonOf }, most);

describe('the last round trips', () => {
  it('are those that closed last, with the reason of the order that closed them, and none that is open', () => {
    const fills = [fill(1, 1), fill(-1, 2), fill(-2, 3), fill(2, 4), fill(1, 5), fill(-1, 6, 0, 'liquidation')];
    expect(last([...fills, fill(1, 7)], 2)).toMatchObject([
      { side: 'short', openedAt: 3, closedAt: 4, exitReason: 'why c4' },
      { side: 'long', openedAt: 5, closedAt: 6, exitReason: 'liquidation' },
    ]);
    expect(last([], 2)).toEqual([]);
    expect(last([fill(1, 1)], 2)).toEqual([]);
  });

  it('are in the order of their ends, and whole, however the books of two symbols lie across each other', () => {
    const fills = [fill(3, 1), fill(1, 2, 1), fill(-1, 3, 1), fill(-1, 4), fill(1, 5, 1), fill(-2, 6), fill(-1, 7, 1)];
    expect(last(fills, 2)).toMatchObject([
      { symbol: 'BTC-PERP', openedAt: 1, closedAt: 6, fills: 3 },
      { symbol: 'ETH-PERP', openedAt: 5, closedAt: 7, fills: 2 },
    ]);
  });

  it('are what all trips say of them, whatever the fills', () => {
    let state = 7;
    const draw = (most: number): number => (state = (state * 48_271) % 2_147_483_647) % most;
    for (let run = 0; run < 40; run += 1) {
      const fills = Array.from({ length: 5 + draw(40) }, (_, at) =>
        fill(draw(9) - 4 || 1, at + 1, draw(3) === 0 ? 1 : 0),
      );
      const trips = new RoundTrips();
      for (const each of fills) trips.fill(each, { reason: reasonOf(each.clientId), stop: undefined });
      const all = trips.rows([], () => undefined, 100).filter(({ closedAt }) => closedAt !== null);
      all.sort((a, b) => (a.closedAt ?? 0) - (b.closedAt ?? 0));
      const bare = (rows: typeof all) => rows.map((row) => ({ ...row, id: 0 }));
      expect(bare(last(fills, 3))).toEqual(bare(all.slice(-3)));
    }
  });
});
