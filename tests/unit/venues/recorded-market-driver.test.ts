import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import type { BarSource, RecordedPrice } from '#src/ports/core-services/bar-source.js';
import type { BarView } from '#src/ports/core-services/simulated-exchange.js';
import { marks } from '#src/domain/units.js';
import { RecordedMarketDriver } from '#src/venues/simulated/brokerage/recorded-market-driver.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { bar, MemoryExchangeStore, MINUTE, SimulatedWorld, T0, TestTime } from './simulated-world.js';

describe('RecordedMarketDriver', () => {
  const rows = (count: number): BarView[] =>
    Array.from({ length: count }, (_none, i) => bar(i, 100 + i, 110 + i, 90 + i, 105 + i));

  const shownBars: (readonly [symbol: string, closeAt: number, high: number])[] = [];

  function recorded(
    bars: Iterable<BarView>,
    time = new TestTime(),
    store = new MemoryExchangeStore(),
    prices?: BarSource['prices'],
  ): { world: SimulatedWorld; time: TestTime; driver: RecordedMarketDriver } {
    const world = new SimulatedWorld({}, {}, store);
    const driver = new RecordedMarketDriver(
      world.venue,
      { symbol: 'BTC-PERP', intervalMs: MINUTE, bars, ...(prices === undefined ? {} : { prices }) },
      world.config,
      time,
      time,
      new RecordingLogger(),
      { attach: (symbol, shown) => void shownBars.push([symbol, shown.closeAt, shown.high]) },
    );
    return { world, time, driver };
  }

  it('has ended with the failure of an exchange that can keep its state no longer', async () => {
    const store = new MemoryExchangeStore();
    const { time, driver } = recorded(rows(30), new TestTime(), store);
    driver.start();
    time.run(100);
    store.failure = new Error('disk full');
    time.run(5_000);
    await expect(driver.ended).rejects.toThrow('disk full');
  });

  it('delivers each bar at its close in world time, and ends after the last', async () => {
    const { world, time, driver } = recorded(rows(3));
    const seen: number[] = [];
    world.venue.watch('book', 'BTC-PERP', ({ kind }) => kind === 'book' && seen.push((time.now() - T0) / MINUTE));
    driver.start();
    time.run(1_000);
    await driver.ended;
    expect(seen).toEqual([1, 2, 3]);
    expect(world.venue.markOf('BTC-PERP')).toBe(107 * world.instrument.marksPerTick);
    expect(time.pending).toBe(0);
    expect(driver.synthetic).toBe(false);
  });

  it('shows whoever keeps the series each bar, by the world clock', () => {
    const { time, driver } = recorded(rows(2));
    shownBars.length = 0;
    driver.start();
    // Before the first, that bars will come.
    expect(shownBars.splice(0)).toEqual([['BTC-PERP', 0, Number.NaN]]);
    time.run(1_000);
    expect(shownBars.map(([symbol, closeAt, high]) => [symbol, (closeAt - T0) / MINUTE, high])).toEqual([
      ['BTC-PERP', 1, 110],
      ['BTC-PERP', 2, 111],
    ]);
  });

  it('reads a source that reuses one view', () => {
    function* reused(): Generator<BarView> {
      const view = { ...bar(0, 0, 0, 0, 0) } as { -readonly [K in keyof BarView]: BarView[K] };
      for (const row of rows(3)) {
        Object.assign(view, row);
        yield view;
      }
    }
    const { world, time, driver } = recorded(reused());
    driver.start();
    time.run(1_000);
    expect(
      world.venue.markets
        .get('BTC-PERP')
        ?.history.closed(MINUTE, 9, Number.MAX_SAFE_INTEGER)
        .map((candle) => candle.open.toNumber()),
    ).toEqual([100, 101, 102]);
  });

  it('moves a recording of the past to the world clock by whole bars', () => {
    const time = new TestTime();
    time.set(T0 + 100 * MINUTE + 5);
    const { world, driver } = recorded(rows(2), time);
    driver.start();
    time.run(1_000);
    expect(
      world.venue.markets
        .get('BTC-PERP')
        ?.history.closed(MINUTE, 9, Number.MAX_SAFE_INTEGER)
        .map((candle) => (candle.openAt - T0) / MINUTE),
    ).toEqual([101, 102]);
  });

  it('does not fill an order sent within a bar at that bar s open', () => {
    const { world, time, driver } = recorded(rows(4));
    driver.start();
    while (time.now() < T0 + MINUTE + 20_000) time.run(1);
    world.submit('buy', 1);
    time.run(1_000);
    expect(world.fills).toEqual(['buy 1@102 taker']);
  });

  it('delivers no bar twice when stopped and started again', async () => {
    const { world, time, driver } = recorded(rows(4));
    driver.start();
    while (time.now() < T0 + 2 * MINUTE) time.run(1);
    driver.stop();
    driver.stop();
    expect(time.pending).toBe(0);
    driver.start();
    time.run(1_000);
    await driver.ended;
    expect(
      world.venue.markets
        .get('BTC-PERP')
        ?.history.closed(MINUTE, 9, Number.MAX_SAFE_INTEGER)
        .map((candle) => (candle.openAt - T0) / MINUTE),
    ).toEqual([0, 1, 2, 3]);
  });

  it('tells the venue s prices at their instants, after the bot s step there, and none twice after a restart', async () => {
    const minutes = [0.5, 1, 2.25, 2.5, 3, 3.5];
    const told = minutes.map((minute): RecordedPrice => ({
      kind: 'mark',
      at: T0 + minute * MINUTE,
      price: marks(minute === 2.5 ? NaN : 1_000 + minute * 100),
    }));
    const [store, seen] = [new MemoryExchangeStore(), [] as string[]];
    const begin = (): ReturnType<typeof recorded> => {
      const paper = recorded(rows(4), new TestTime(), store, told);
      const at = (): number => (paper.time.now() - T0) / MINUTE;
      const { venue } = paper.world;
      for (const name of ['mark', 'lapse'] as const) {
        const tell = venue[name].bind(venue) as (...args: unknown[]) => void;
        Object.assign(venue, { [name]: (...args: unknown[]) => (seen.push(`${name} ${at()}`), tell(...args)) });
      }
      paper.driver.start();
      const step = (): void => {
        seen.push(`step ${at()}`);
        if (at() < 4) paper.time.after(MINUTE, step);
      };
      paper.time.after(MINUTE - ((paper.time.now() - T0) % MINUTE), step);
      return paper;
    };
    const first = begin();
    while (seen.at(-1) !== 'mark 2.25') first.time.run(1);
    first.driver.stop();
    const { driver, time } = begin();
    time.run(1_000);
    await driver.ended;
    expect(seen).toEqual([
      ...['mark 0.5', 'step 1', 'mark 1', 'step 2', 'mark 2.25', 'lapse 2.5'],
      ...['step 3', 'mark 3', 'mark 3.5', 'step 4'],
    ]);
  });

  it('goes on after the last delivered bar when restarted', () => {
    const store = new MemoryExchangeStore();
    const first = recorded(rows(5), new TestTime(), store);
    first.driver.start();
    while (first.time.now() < T0 + 2 * MINUTE) first.time.run(1);
    first.world.submit('buy', 1);
    first.time.run(1);
    first.driver.stop();
    const second = recorded(rows(5), new TestTime(), store);
    second.driver.start();
    second.time.run(1_000);
    expect(
      second.world.venue.markets
        .get('BTC-PERP')
        ?.history.closed(MINUTE, 9, Number.MAX_SAFE_INTEGER)
        .map((candle) => (candle.openAt - T0) / MINUTE),
    ).toEqual([0, 1, 2, 3, 4]);
    expect(second.world.fills).toEqual(['buy 1@102 taker']);
  });
});
