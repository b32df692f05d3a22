import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal } from '#src/domain/decimal.js';
import type { OrderOptions } from '#src/domain/order.js';
import { ticks } from '#src/domain/units.js';
import type { MatchingSettings } from '#src/ports/configuration/settings/matching-settings.js';
import { totalEquity } from '#src/venues/simulated/core/margin.js';
import { matchingOf, SimulatedWorld } from '../simulated-world.js';

type BarPath = MatchingSettings['barPath'];
type Bar = readonly [open: number, high: number, low: number, close: number];

/** A position of 10 from an open, a trailing stop behind it, and bars. */
function trailed(
  barPath: BarPath,
  long: boolean,
  options: OrderOptions,
  open: number,
  bars: readonly Bar[],
): SimulatedWorld {
  const world = new SimulatedWorld({}, { ...matchingOf({ barPath }), equity: new Decimal(1_000_000) });
  world.bar(0, open, open, open, open);
  world.submit(long ? 'buy' : 'sell', 10);
  world.bar(1, open, open, open, open);
  world.submit(long ? 'sell' : 'buy', 10, { type: 'trailing_stop', reduceOnly: true, options });
  bars.forEach(([o, h, l, c], index) => world.bar(2 + index, o, h, l, c));
  return world;
}
const worth = ({ venue }: SimulatedWorld): number => totalEquity(venue.account, venue.markets.values());

describe('the worse reading of a bar turns against a trailing stop as soon as its range allows', () => {
  const turned = (
    long: boolean,
    options: OrderOptions,
    bar: Bar,
    barPath: BarPath = 'pessimistic',
  ): string | undefined => trailed(barPath, long, options, bar[0], [bar]).fills[1];

  it('1 % activated at +2 % on O5000 H5500 L4951 C5000 fires at 5049, +0.98 %', () => {
    const options = { trailBps: 100, activation: ticks(5_100) };
    expect(turned(true, options, [5_000, 5_500, 4_951, 5_000])).toBe('sell 10@5049 taker');
    expect(turned(true, options, [5_000, 5_500, 4_951, 5_000], 'optimistic')).toBe('sell 10@5445 taker');
    expect(turned(true, options, [5_000, 5_099, 4_951, 5_000])).toBeUndefined();
  });

  it('and the mirror of it for a short', () => {
    expect(turned(false, { trailBps: 100, activation: ticks(4_900) }, [5_000, 5_049, 4_500, 5_000])).toBe(
      'buy 10@4949 taker',
    );
  });

  it('where the level is not within the bar yet it comes up to the extreme: the whole distance lies in the range', () => {
    expect(turned(true, { trailBps: 100 }, [5_000, 5_010, 4_951, 5_005])).toBe('sell 10@4951 taker');
    expect(turned(true, { trailBps: 100 }, [5_000, 5_000, 4_951, 5_000])).toBeUndefined();
    expect(turned(false, { trailBps: 100 }, [5_000, 5_049, 4_990, 4_995])).toBe('buy 10@5049 taker');
  });

  it('a range smaller than the distance never fires it', () => {
    expect(turned(true, { trailBps: 100 }, [5_000, 5_030, 4_990, 5_000])).toBeUndefined();
  });

  it('a target beyond the turn is not reached first, one before it is', () => {
    const targeted = (target: number): string | undefined => {
      const world = new SimulatedWorld({}, { equity: new Decimal(1_000_000) });
      world.bar(0, 5_000, 5_000, 5_000, 5_000);
      world.submit('buy', 10);
      world.bar(1, 5_000, 5_000, 5_000, 5_000);
      const options = { trailBps: 100, activation: ticks(5_100), group: 'g' };
      world.submit('sell', 10, { type: 'trailing_stop', reduceOnly: true, options });
      world.limit('sell', 10, target, { reduceOnly: true, options: { group: 'g' } });
      world.bar(2, 5_000, 5_500, 4_951, 5_000);
      return world.fills[1];
    };
    expect(targeted(5_200)).toBe('sell 10@5049 taker');
    expect(targeted(5_060)).toBe('sell 10@5060 maker');
  });

  it('so that the default is never kinder to a trailing stop than the optimistic path, over any bar', () => {
    const cases = fc.record({
      long: fc.boolean(),
      trailBps: fc.integer({ min: 10, max: 800 }),
      activate: fc.option(fc.integer({ min: 1, max: 300 })),
      open: fc.integer({ min: 900, max: 6_000 }),
      up: fc.nat(500),
      down: fc.nat(500),
      close: fc.nat(1_000),
    });
    fc.assert(
      fc.property(cases, ({ long, trailBps, activate, open, up, down, close }) => {
        const options: OrderOptions = {
          trailBps,
          ...(activate === null ? {} : { activation: ticks(long ? open + activate : open - activate) }),
        };
        const low = open - down;
        const bar: Bar = [open, open + up, low, low + Math.round(((up + down) * close) / 1_000)];
        const [worse, better] = (['pessimistic', 'optimistic'] as const).map((path) =>
          trailed(path, long, options, open, [bar]),
        ) as [SimulatedWorld, SimulatedWorld];
        expect(worth(worse)).toBeLessThanOrEqual(worth(better));
        for (const fill of worse.venue.fills.slice(1)) {
          expect(fill.price).toBeGreaterThanOrEqual(bar[2]);
          expect(fill.price).toBeLessThanOrEqual(bar[1]);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
