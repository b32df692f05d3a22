import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ADX, EMA } from 'trading-signals';
import {
  indicators as ind,
  perpetualIndicators as perp,
  type Indicator,
  type IndicatorBar,
} from '#src/services/strategy/indicators/index.js';
import { NAIVE } from './naive.js';

/** Every indicator once, short enough that random histories pass their warm-up. */
const EVERY: readonly (() => Indicator)[] = [
  () => ind.sma(5),
  () => ind.ema(5),
  () => ind.rma(5),
  () => ind.wma(5),
  () => ind.hma(9),
  () => ind.dema(4),
  () => ind.tema(3),
  () => ind.kama(5),
  () => ind.vwma(5),
  () => ind.rsi(5),
  () => ind.stochRsi(5, 4),
  () => ind.macd(3, 6, 4),
  () => ind.ppo(3, 6),
  () => ind.roc(5),
  () => ind.momentum(5),
  () => ind.trix(3),
  () => ind.cmo(5),
  () => ind.williamsR(5),
  () => ind.stochastic(5, 3, 3),
  () => ind.ultimate(2, 3, 5),
  () => ind.awesome(3, 6),
  () => ind.cci(5),
  () => ind.fisher(5),
  () => ind.aroon(5),
  () => ind.vortex(4),
  () => ind.di(5),
  () => ind.adx(5),
  () => ind.psar(),
  () => ind.superTrend(5, 2),
  () => ind.ichimoku(3, 5, 8),
  () => ind.heikinAshi(),
  () => ind.linearRegression(5),
  () => ind.linearSlope(5),
  () => ind.tr(),
  () => ind.atr(5),
  () => ind.natr(5),
  () => ind.bollinger(5, 2),
  () => ind.keltner(5, 3, 2),
  () => ind.donchian(5),
  () => ind.choppiness(5),
  () => ind.stdev(5),
  () => ind.zScore(5),
  () => ind.percentRank(5),
  () => ind.realisedVolatility(5, 365),
  () => ind.obv(),
  () => ind.ad(),
  () => ind.chaikin(2, 4),
  () => ind.cmf(5),
  () => ind.mfi(5),
  () => ind.vwap(),
  () => ind.rollingVwap(5),
  () => ind.forceIndex(4),
];
const NAMES = EVERY.map((make) => make().name);

/** A walk with gaps, flat stretches and bars without trade; a bar every four hours. */
const history = (size: { minLength: number; maxLength: number }): fc.Arbitrary<IndicatorBar[]> =>
  fc
    .array(
      fc.record({
        move: fc.integer({ min: -300, max: 300 }),
        up: fc.integer({ min: 0, max: 200 }),
        down: fc.integer({ min: 0, max: 200 }),
        volume: fc.integer({ min: 0, max: 9 }),
        flat: fc.boolean(),
      }),
      size,
    )
    .map((steps) => {
      let close = 10_000;
      return steps.map(({ move, up, down, volume, flat }, i) => {
        const open = close;
        close = Math.max(100, flat ? close : close + move);
        const price = (value: number): number => value / 100;
        return {
          at: (i + 1) * 14_400_000,
          open: price(open),
          high: price(Math.max(open, close) + (flat ? 0 : up)),
          low: price(Math.max(1, Math.min(open, close) - (flat ? 0 : down))),
          close: price(close),
          volume,
        };
      });
    });

const walk = (length: number): IndicatorBar[] =>
  fc.sample(history({ minLength: length, maxLength: length }), { seed: 7, numRuns: 1 })[0] ?? [];

const isNear = (value: number, wanted: number): boolean =>
  Math.abs(value - wanted) <= 1e-9 * Math.max(1e3, Math.abs(wanted));

describe('every indicator', () => {
  it('is made by the catalogue, and stands in this test', () => {
    expect(new Set(NAMES.map((name) => name.split('(')[0]))).toEqual(new Set(Object.keys(ind)));
    expect(NAMES.length).toBeGreaterThanOrEqual(50);
  });

  it('equals its definition, computed anew from all bars, after any history', () => {
    fc.assert(
      fc.property(history({ minLength: 1, maxLength: 60 }), (bars) => {
        for (const make of EVERY) {
          const indicator = make();
          for (const bar of bars) indicator.update(bar);
          const naive = NAIVE[indicator.name];
          if (naive === undefined || !indicator.ready) continue;
          const wanted = naive(bars);
          if (!isNear(indicator.value, wanted))
            throw new Error(`${indicator.name} was ${indicator.value}, by definition ${wanted}`);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('has a definition to be compared with, or a published vector and a reference implementation', () => {
    expect(NAMES.filter((name) => NAIVE[name] === undefined)).toEqual([
      'kama(5,2,30)',
      'stochastic(5,3,3)',
      'ultimate(2,3,5)',
      'fisher(5)',
      'di(5)',
      'adx(5)',
      'psar(0.02,0.2)',
      'superTrend(5,2)',
    ]);
  });

  it.each(EVERY.map((make) => [make().name, make] as const))(
    '%s is ready with the last bar of its warm-up, not before, and finite from then on',
    (_name, make) => {
      const indicator = make();
      walk(80).forEach((bar, i) => {
        indicator.update(bar);
        expect([indicator.ready, Number.isFinite(indicator.value)]).toEqual([
          i + 1 >= indicator.warmUp,
          i + 1 >= indicator.warmUp,
        ]);
      });
    },
  );

  it.each(EVERY.map((make) => [make().name, make] as const))(
    '%s starts again after a bar that is not known',
    (_name, make) => {
      const [indicator, fresh] = [make(), make()];
      const bars = walk(60);
      for (const bar of bars) indicator.update(bar);
      indicator.update({ at: 0, open: NaN, high: NaN, low: NaN, close: NaN, volume: NaN });
      expect([indicator.ready, indicator.seen]).toEqual([false, 0]);
      expect([indicator.value, indicator.previous]).toEqual([NaN, NaN]);
      for (const bar of bars.slice(0, 50)) {
        indicator.update(bar);
        fresh.update(bar);
        expect(indicator.value).toBe(fresh.value);
      }
    },
  );

  it.each(EVERY.map((make) => [make().name, make] as const))(
    '%s goes on from its snapshot as if it had never stopped',
    (_name, make) => {
      const [whole, first, second] = [make(), make(), make()];
      const bars = walk(70);
      for (const bar of bars.slice(0, 33)) {
        whole.update(bar);
        first.update(bar);
      }
      second.restore(JSON.parse(JSON.stringify(first.snapshot())) as ReturnType<Indicator['snapshot']>);
      for (const bar of bars.slice(33)) {
        whole.update(bar);
        second.update(bar);
        expect([second.value, second.previous, second.ready]).toEqual([whole.value, whole.previous, whole.ready]);
      }
    },
  );

  it('refuses the snapshot of another', () => {
    expect(() => ind.ema(5).restore(ind.ema(6).snapshot())).toThrow(expect.objectContaining({ code: 'STORE-001' }));
    expect(() => ind.sma(5).restore({ seen: 3 })).toThrow(expect.objectContaining({ code: 'STORE-001' }));
  });

  it.each([0, -1, 1.5, NaN])('refuses the length %p', (size) => {
    expect(() => ind.sma(size)).toThrow(expect.objectContaining({ code: 'CFG-002' }));
    expect(() => ind.atr(size)).toThrow(expect.objectContaining({ code: 'CFG-002' }));
  });
});

/**
 * Independent implementations, where a definition of our own would repeat ours. Their beginnings differ; a long history
 * forgets them.
 */
describe('trading-signals agrees on', () => {
  const bars = walk(600);
  const after = (feed: (bar: IndicatorBar) => void): void => bars.forEach(feed);

  it('the exponential average', () => {
    const [ours, theirs] = [ind.ema(9), new EMA(9)];
    after((bar) => {
      ours.update(bar);
      theirs.update(bar.close, false);
    });
    expect(ours.value).toBeCloseTo(theirs.getResultOrThrow(), 9);
  });

  it('the directional index', () => {
    const [ours, theirs] = [ind.adx(7), new ADX(7)];
    after((bar) => {
      ours.update(bar);
      theirs.update(bar, false);
    });
    expect(ours.value).toBeCloseTo(theirs.getResultOrThrow(), 6);
  });
});

describe('marks alone', () => {
  it('make bars of one price', () => {
    const [marks, bars] = [ind.ema(3), ind.ema(3)];
    for (const price of [1, 2, 3, 4]) {
      marks.push(price);
      bars.update({ at: 0, open: price, high: price, low: price, close: price, volume: NaN });
    }
    expect(marks.value).toBe(bars.value);
  });

  it('are no volume: what needs one is never ready', () => {
    const obv = ind.obv();
    for (const price of [1, 2, 3]) obv.push(price);
    expect([obv.ready, obv.value]).toEqual([false, NaN]);
  });
});

describe('crossings', () => {
  it('are seen on the bar that crosses, touching included before and not after, and never from unknown numbers', () => {
    const line = ind.sma(1);
    const seen = [1, 2, 3, 2, 2, 1].map((price) => {
      line.push(price);
      return [line.crossedAbove(2), line.crossedBelow(2)];
    });
    expect(seen).toEqual([
      [false, false],
      [false, false],
      [true, false],
      [false, false],
      [false, false],
      [false, true],
    ]);
    expect([ind.sma(2).crossedAbove(0), ind.sma(2).crossedBelow(0)]).toEqual([false, false]);
  });
});

describe('of perpetuals', () => {
  it('the funding average is the mean of its stamps and starts again after a gap', () => {
    const funding = perp.fundingAverage(2);
    for (const rate of [0.0001, 0.0003]) funding.push(rate);
    expect(funding.value).toBeCloseTo(0.0002, 12);
    funding.push(NaN);
    expect([funding.ready, funding.value]).toEqual([false, NaN]);
  });

  it('the basis is the mark over the index, and unknown without an index', () => {
    const basis = perp.basis(2);
    basis.compare(101, 100);
    basis.compare(103, 100);
    expect(basis.value).toBeCloseTo(0.02, 12);
    basis.compare(101, 0);
    expect(basis.ready).toBe(false);
  });
});
