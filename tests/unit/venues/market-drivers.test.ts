import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import type { ExchangeStore } from '#src/ports/core-services/simulated-exchange.js';
import { fault } from '#src/domain/errors.js';
import { Decimal } from '#src/domain/decimal.js';
import { SeededRandom } from '#src/platform/seeded-random.js';
import { GeneratedMarketDriver } from '#src/venues/simulated/brokerage/generated-market-driver.js';
import { SeededMarketGenerator } from '#src/venues/simulated/models/market-generator.js';
import { NoExchangeStore } from '#src/venues/simulated/persistence/no-exchange-store.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { MemoryExchangeStore, SimulatedWorld, TestTime } from './simulated-world.js';

interface Paper {
  readonly world: SimulatedWorld;
  readonly time: TestTime;
  readonly driver: GeneratedMarketDriver;
  readonly logger: RecordingLogger;
}

function paper(store: ExchangeStore = new NoExchangeStore(), seed = 7, time = new TestTime()): Paper {
  const world = new SimulatedWorld({ tick: new Decimal('0.1'), fundingIntervalHours: 8 }, { seed }, store);
  const logger = new RecordingLogger();
  const driver = new GeneratedMarketDriver(
    world.venue,
    new SeededMarketGenerator(new SeededRandom(), world.config),
    world.config,
    time,
    time,
    logger,
  );
  return { world, time, driver, logger };
}

/** Everything the market is at this instant. */
const market = ({ world }: Paper): unknown[] => {
  const found = world.venue.markets.get('BTC-PERP');
  return [
    found?.at,
    found?.bid,
    found?.bidLots,
    found?.ask,
    found?.askLots,
    found?.last,
    found?.mark,
    found?.index,
    found?.funding.rate,
    found?.history.closed(5_000, 2_000, Number.MAX_SAFE_INTEGER),
  ];
};

describe('GeneratedMarketDriver', () => {
  it('says that its market is made up', () => {
    expect(paper().driver.synthetic).toBe(true);
  });

  it('begins with a quote and 500 candles of history without a hole, in whole ticks', () => {
    const { world, driver, time } = paper();
    driver.start();
    const found = world.venue.markets.get('BTC-PERP');
    const candles = found?.history.closed(5_000, 1_000, time.now()) ?? [];
    expect(candles).toHaveLength(500);
    expect(candles.at(-1)?.openAt).toBe(time.now() - 5_000);
    expect(candles.every((candle, i) => candle.openAt === (candles[0]?.openAt ?? 0) + i * 5_000)).toBe(true);
    expect(found?.quoted).toBe(true);
    expect(Number.isInteger(found?.bid)).toBe(true);
    expect(found?.ask ?? 0).toBeGreaterThan(found?.bid ?? 0);
  });

  it('gives the same market for the same seed and another for another', () => {
    const [first, second, other] = [paper(), paper(), paper(undefined, 8)];
    for (const { driver, time } of [first, second, other]) {
      driver.start();
      time.run(200);
    }
    expect(market(second)).toEqual(market(first));
    expect(market(other)).not.toEqual(market(first));
  });

  it('goes on with the same market after a restart: 1000 steps equal 500, a restart, and 500', () => {
    const whole = paper();
    whole.driver.start();
    whole.time.run(1_000);
    const store = new MemoryExchangeStore();
    const before = paper(store);
    before.driver.start();
    before.time.run(500);
    before.driver.stop();
    const after = paper(store);
    after.driver.start();
    after.time.run(500);
    expect(after.time.now()).toBe(whole.time.now());
    const [a, b] = [market(after), market(whole)];
    expect(a.slice(0, -1)).toEqual(b.slice(0, -1));
    expect((a.at(-1) as unknown[]).slice(-300)).toEqual((b.at(-1) as unknown[]).slice(-300));
  });

  it('resumes a crashed world where an order was committed, clock, market and account together', () => {
    const store = new MemoryExchangeStore();
    const before = paper(store);
    before.driver.start();
    before.time.run(101);
    before.world.submit('buy', 5);
    const seen = market(before);
    before.time.run(2);
    const after = paper(store);
    after.driver.start();
    expect(market(after)).toEqual(seen);
    expect(after.world.position).toBe(5);
    expect(after.time.now()).toBe(seen[0]);
  });

  it('after a gap goes on at the price it had, and charges no funding for a time in which there was no market', () => {
    class Ahead extends TestTime {
      override set(at: number): void {
        if (at < this.now()) throw fault('TIME-001', 'Time must not go back.');
        super.set(at);
      }
    }
    const [store, time] = [new MemoryExchangeStore(), new Ahead()];
    const before = paper(store);
    before.driver.start();
    before.time.run(101);
    before.world.submit('buy', 5);
    const stoppedAt = before.time.now();
    before.driver.stop();
    time.set(stoppedAt + 3 * 365 * 86_400_000);
    const { world, driver, logger } = paper(store, 7, time);
    driver.start();
    time.run(10);
    expect(logger.lines.map(({ message }) => message)).toContain('The paper market resumes after a gap');
    expect([world.position, world.venue.account.fundings]).toEqual([5, []]);
    // From here on it is due as ever.
    const due = (world.venue.markets.get('BTC-PERP')?.funding.nextAt ?? NaN) - time.now();
    expect(due).toBeGreaterThan(0);
    expect(due).toBeLessThanOrEqual(8 * 3_600_000);
  });

  it('moves enough for a 5/20 crossover on five-second steps to trade a few times in 240 steps', () => {
    for (const seed of [1, 2, 3, 7, 42]) {
      const { world, driver, time } = paper(undefined, seed);
      driver.start();
      time.run(240 * 20);
      const closes = (world.venue.markets.get('BTC-PERP')?.history.closed(5_000, 260, time.now()) ?? []).map((candle) =>
        candle.close.toNumber(),
      );
      const average = (end: number, length: number): number =>
        closes.slice(end - length, end).reduce((total, close) => total + close, 0) / length;
      let crossings = 0;
      for (let i = 21; i <= closes.length; i += 1)
        if (average(i, 5) > average(i, 20) !== average(i - 1, 5) > average(i - 1, 20)) crossings += 1;
      expect(crossings).toBeGreaterThanOrEqual(4);
    }
  });

  it('stays a plausible market: a positive tight spread, a rate within its cap, a mark near the mid', () => {
    const { world, driver, time } = paper();
    driver.start();
    const found = world.venue.markets.get('BTC-PERP');
    if (found === undefined) throw new Error('no market');
    for (let i = 0; i < 1_000; i += 1) {
      time.run(10);
      expect(found.ask).toBeGreaterThan(found.bid);
      expect(((found.ask - found.bid) / found.bid) * 10_000).toBeLessThan(10);
      expect(Math.abs(found.funding.rate)).toBeLessThanOrEqual(0.0075e12);
      expect(Math.abs(found.mark / found.instrument.marksPerTick / found.bid - 1)).toBeLessThan(0.01);
    }
  });

  it('leaves no timer behind when stopped, twice as well as once, and before a start', () => {
    const { driver, time } = paper();
    driver.stop();
    driver.start();
    driver.start();
    expect(time.pending).toBe(1);
    driver.stop();
    driver.stop();
    expect(time.pending).toBe(0);
  });

  it('goes on where it was when stopped and started again, restored or not', () => {
    const store = new MemoryExchangeStore();
    const before = paper(store);
    before.driver.start();
    before.time.run(40);
    before.driver.stop();
    const [whole, halves] = [paper(), paper(store)];
    whole.driver.start();
    whole.time.run(80);
    halves.driver.start();
    halves.time.run(20);
    halves.driver.stop();
    halves.driver.start();
    halves.time.run(20);
    expect(market(halves).slice(0, -1)).toEqual(market(whole).slice(0, -1));
  });

  it('lets go of the exchange s store when it stops, also after a start or a last commit that failed', () => {
    const store = new MemoryExchangeStore();
    const { driver, world } = paper(store);
    driver.start();
    store.failure = new Error('disk full');
    expect(() => driver.stop()).toThrow('disk full');
    expect(store.closed).toBe(1);

    const other = new MemoryExchangeStore();
    const unpriced = paper(other);
    unpriced.world.config.current = {
      ...world.config.current,
      simulation: { ...world.config.current.simulation, startPrices: {} },
    };
    expect(() => unpriced.driver.start()).toThrow('start_prices');
    unpriced.driver.stop();
    expect(other.closed).toBe(1);
  });

  it('refuses a symbol without a starting price', () => {
    const { world, driver } = paper();
    world.config.current = {
      ...world.config.current,
      simulation: { ...world.config.current.simulation, startPrices: {} },
    };
    expect(() => driver.start()).toThrow('simulation.start_prices must have a price for BTC-PERP');
  });

  it('begins a market for a symbol added at run time without changing the others', () => {
    const [plain, grown] = [paper(), paper()];
    for (const { driver, time } of [plain, grown]) {
      driver.start();
      time.run(50);
    }
    const { config, instrument } = grown.world;
    const eth = { ...instrument.spec, symbol: 'ETH-PERP' };
    config.apply({
      updated: {
        ...config.current,
        symbols: ['BTC-PERP', 'ETH-PERP'],
        instruments: { ...config.current.instruments, 'ETH-PERP': eth },
        simulation: {
          ...config.current.simulation,
          startPrices: { ...config.current.simulation.startPrices, 'ETH-PERP': new Decimal(3_000) },
        },
      },
      diff: {},
    });
    for (const { time } of [plain, grown]) time.run(50);
    expect(grown.world.venue.markets.get('ETH-PERP')?.quoted).toBe(true);
    expect(market(grown)).toEqual(market(plain));
  });

  it('stops making a market when the exchange can keep nothing any more, and says why', () => {
    const store = new MemoryExchangeStore();
    const { driver, time, logger } = paper(store);
    driver.start();
    store.failure = new Error('disk full');
    time.run(10);
    expect(logger.lines).toContainEqual({
      level: 'error',
      message: 'Generated market failed',
      fields: { error: 'disk full', ended: true },
    });
    expect(time.pending).toBe(0);
    driver.stop();
  });
});

describe('a market whose exchange can keep its state no longer', () => {
  it('has ended with the failure, for whoever watches it', async () => {
    const store = new MemoryExchangeStore();
    const { driver, time } = paper(store);
    driver.start();
    time.run(5);
    store.failure = new Error('disk full');
    time.run(20);
    await expect(driver.ended).rejects.toThrow('disk full');
  });
});
