import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { marks } from '#src/domain/units.js';
import { ReentrantMarkLock } from '#src/services/market-data/reentrant-mark-lock.js';
import { RingSeriesStore } from '#src/services/market-data/ring-series-store.js';
import { RingWindowStore } from '#src/services/market-data/ring-window-store.js';
import { instrument } from '#src/testing/instruments.js';

const btc = instrument();

class CountingLock extends ReentrantMarkLock {
  entered = 0;
  override enter(): void {
    this.entered += 1;
    super.enter();
  }
  override runExclusive<T>(section: () => T): T {
    this.entered += 1;
    return super.runExclusive(section);
  }
}

function store(capacity = 3): { windows: RingWindowStore; lock: CountingLock } {
  const lock = new CountingLock();
  const windows = new RingWindowStore(lock);
  windows.ensure(btc, capacity);
  return { windows, lock };
}

const values = (windows: RingWindowStore): number[] => {
  const window = windows.find('BTC-PERP')!;
  return Array.from({ length: window.length }, (_, back) => window.at(back));
};

describe('RingWindowStore', () => {
  it('keeps the newest marks, newest first, and drops the oldest beyond its capacity', () => {
    const { windows } = store(3);
    for (let i = 1; i <= 5; i += 1) windows.append('BTC-PERP', marks(i), i * 10);

    const window = windows.find('BTC-PERP')!;
    expect(values(windows)).toEqual([5, 4, 3]);
    expect([window.length, window.capacity, window.count, window.last, window.lastAt]).toEqual([3, 3, 5, 5, 50]);
  });

  it('takes a column of prices as it takes its marks one by one, and none of it when one is no price', () => {
    for (const length of [1, 2, 3, 4, 8]) {
      const [whole, single] = [store(3).windows, store(3).windows];
      const prices = Float64Array.from({ length: length + 2 }, (_, i) => 7 + i);
      for (let i = 1; i <= length; i += 1) single.append('BTC-PERP', marks((prices[i] as number) * 10), i);
      whole.appendAll('BTC-PERP', prices, 10, 1, length + 1, length);
      const of = (windows: RingWindowStore): unknown => [
        values(windows),
        windows.find('BTC-PERP')?.count,
        windows.find('BTC-PERP')?.lastAt,
      ];
      expect(of(whole)).toEqual(of(single));
      expect(() => whole.appendAll('BTC-PERP', Float64Array.of(1, Number.NaN), 10, 0, 2, 99)).toThrow(
        expect.objectContaining({ code: 'NUM-001' }),
      );
      expect(of(whole)).toEqual(of(single));
    }
    expect(() => store().windows.appendAll('ETH-PERP', Float64Array.of(1), 1, 0, 1, 1)).toThrow(
      expect.objectContaining({ code: 'CFG-007' }),
    );
  });

  it('reads oldest first, as decimals', () => {
    const { windows } = store(3);
    windows.append('BTC-PERP', btc.toMarks(new Decimal('100.05')), 1);
    windows.append('BTC-PERP', btc.toMarks(new Decimal('101')), 2);

    expect(windows.read('BTC-PERP').map(String)).toEqual(['100.05', '101']);
    expect(windows.read('ETH-PERP')).toEqual([]);
  });

  it('is empty before the first mark', () => {
    const window = store().windows.find('BTC-PERP')!;

    expect([window.length, window.count, window.last, window.lastAt]).toEqual([0, 0, undefined, undefined]);
    expect(() => window.at(0)).toThrow(RangeError);
  });

  it.each([[3], [-1], [0.5], [Number.NaN]])('throws a RangeError for index %p of three marks', (back) => {
    const { windows } = store(5);
    for (let i = 1; i <= 3; i += 1) windows.append('BTC-PERP', marks(i), i);

    expect(() => windows.find('BTC-PERP')!.at(back)).toThrow(RangeError);
  });

  it('keeps its content and its identity when a larger capacity is asked for, and never shrinks', () => {
    const { windows } = store(3);
    for (let i = 1; i <= 4; i += 1) windows.append('BTC-PERP', marks(i), i);
    const before = windows.find('BTC-PERP');

    expect(windows.ensure(btc, 5)).toBe(before);
    expect(values(windows)).toEqual([4, 3, 2]);
    for (let i = 5; i <= 7; i += 1) windows.append('BTC-PERP', marks(i), i);
    expect(values(windows)).toEqual([7, 6, 5, 4, 3]);
    expect(windows.ensure(btc, 2).capacity).toBe(5);
  });

  it('forgets marks of another price scale when the venue changes the tick', () => {
    const { windows } = store(3);
    windows.append('BTC-PERP', marks(500), 1);

    windows.ensure(instrument({ makerFee: new Decimal('0.0001') }), 3);
    expect(values(windows)).toEqual([500]);
    const finer = instrument({ tick: new Decimal('0.01') });
    const window = windows.ensure(finer, 3);
    expect([window.length, window.last, window.lastAt, window.count]).toEqual([0, undefined, undefined, 1]);
    expect(window.instrument).toBe(finer);
  });

  it('refuses a symbol that is not traded with CFG-007', () => {
    const { windows } = store();

    expect(() => windows.append('ETH-PERP', marks(1), 1)).toThrow(expect.objectContaining({ code: 'CFG-007' }));
    expect(windows.find('ETH-PERP')).toBeUndefined();
  });

  it.each([[0], [-1], [1.5], [Number.NaN], [Number.POSITIVE_INFINITY], [2 ** 53]])(
    'refuses a mark of %p before it touches the window',
    (mark) => {
      const { windows, lock } = store();

      expect(() => windows.append('BTC-PERP', marks(mark), 1)).toThrow(expect.objectContaining({ code: 'NUM-001' }));
      expect([windows.find('BTC-PERP')!.count, lock.depth]).toEqual([0, 0]);
    },
  );

  it('refuses a mark without a time', () => {
    expect(() => store().windows.append('BTC-PERP', marks(1), Number.NaN)).toThrow(
      expect.objectContaining({ code: 'TIME-001' }),
    );
  });

  it.each([[0], [-1], [2.5], [Number.NaN]])('refuses a capacity of %p', (capacity) => {
    expect(() => store(capacity)).toThrow(expect.objectContaining({ code: 'CFG-006' }));
  });

  it('takes the shared lock for every change and leaves it free', () => {
    const { windows, lock } = store();
    const entered = lock.entered;

    windows.append('BTC-PERP', marks(1), 1);
    windows.ensure(btc, 9);
    windows.drop('BTC-PERP');

    expect(lock.entered - entered).toBe(3);
    expect(lock.depth).toBe(0);
    expect(windows.symbols()).toEqual([]);
  });
});

describe('RingSeriesStore', () => {
  it('keeps the newest values of its interval', () => {
    const series = new RingSeriesStore();
    const view = series.ensure(btc, 60_000, 2);
    for (let i = 1; i <= 3; i += 1) series.append('BTC-PERP', marks(i), i * 60_000);

    expect([view.at(0), view.at(1), view.length, view.count, view.lastAt, view.intervalMs]).toEqual([
      3, 2, 2, 3, 180_000, 60_000,
    ]);
    expect(series.find('BTC-PERP')).toBe(view);
  });

  it('forgets the values when the interval changes, because a mixed series has no time base (B-35)', () => {
    const series = new RingSeriesStore();
    const view = series.ensure(btc, 60_000, 4);
    series.append('BTC-PERP', marks(7), 60_000);

    expect(series.ensure(btc, 60_000, 8).length).toBe(1);
    expect(series.ensure(btc, 5_000, 8)).toBe(view);
    expect([view.length, view.lastAt, view.intervalMs]).toEqual([0, undefined, 5_000]);
  });

  it('refuses unknown symbols, bad values and bad intervals, and drops', () => {
    const series = new RingSeriesStore();
    expect(() => series.append('BTC-PERP', marks(1), 1)).toThrow(expect.objectContaining({ code: 'CFG-007' }));
    expect(() => series.ensure(btc, 0, 1)).toThrow(expect.objectContaining({ code: 'TIME-001' }));
    series.ensure(btc, 1_000, 1);
    expect(() => series.append('BTC-PERP', marks(0), 1)).toThrow(expect.objectContaining({ code: 'NUM-001' }));
    series.drop('BTC-PERP');
    expect(series.find('BTC-PERP')).toBeUndefined();
  });
});
