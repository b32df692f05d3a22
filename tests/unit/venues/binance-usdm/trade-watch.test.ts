import { beforeEach, describe, expect, it } from '@jest/globals';
import { TradeWatch } from '#src/venues/binance-usdm/streams/trade-watch.js';
import { ManualClock } from '#src/testing/manual-clock.js';
import { settled } from '#src/testing/settled.js';

describe('the trades of a symbol', () => {
  const clock = new ManualClock();
  let said: string[] = [];
  let newest: number | undefined;
  let asked = 0;
  const watchOf = (last: Map<string, number>): TradeWatch =>
    new TradeWatch('BTCUSDT', last, {
      clock,
      newest: () => {
        asked += 1;
        return newest === undefined ? Promise.reject(new Error('away')) : Promise.resolve(newest);
      },
      missing: (first, to) => said.push(`${first}-${to}`),
      silent: () => said.push('silent'),
    });
  beforeEach(() => {
    said = [];
    asked = 0;
  });
  const quiet = async (watch: TradeWatch): Promise<void> => {
    clock.advance(61_000);
    watch.look();
    await settled();
    watch.look();
  };

  it('are told once each, and what is missing between them is named, over streams too', () => {
    const last = new Map<string, number>();
    const first = watchOf(last);
    expect([7, 8, 8, 7, 11].map((id) => first.take(id))).toEqual([true, true, false, false, true]);
    expect(watchOf(last).take(14)).toBe(true);
    expect(said).toEqual(['9-10', '12-13']);
  });

  it('that are silent while the venue has newer ones are said to be; a market in which nobody trades is not', async () => {
    const watch = watchOf(new Map());
    watch.take(5);
    newest = 5;
    await quiet(watch);
    expect([said, asked]).toEqual([[], 1]);
    newest = undefined;
    await quiet(watch);
    expect([said, asked]).toEqual([[], 2]);
    newest = 6;
    await quiet(watch);
    expect([said, asked]).toEqual([['silent'], 3]);
  });

  it('of which none was ever heard are missed from the one that the venue had when it was asked', async () => {
    const watch = watchOf(new Map());
    newest = 40;
    await quiet(watch);
    expect(said).toEqual([]);
    expect(watch.take(43)).toBe(true);
    expect(said).toEqual(['41-42']);
  });
});
