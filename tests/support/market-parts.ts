import type { Instrument, InstrumentSpec } from '#src/domain/instrument.js';
import { Decimal } from '#src/domain/decimal.js';
import { Position } from '#src/domain/position.js';
import type { MarkUnits } from '#src/domain/units.js';
import { ExactVenueTime } from '#src/platform/time/exact-venue-time.js';
import type { Clock } from '#src/ports/configuration/clock.js';
import type { VenueTime } from '#src/ports/configuration/venue-time.js';
import type { Portfolio } from '#src/ports/runtime-state/portfolio.js';
import type { StrategyRegistry } from '#src/ports/core-services/strategy.js';
import { CachedProductCatalogue } from '#src/services/market-data/cached-product-catalogue.js';
import { MarketDataService } from '#src/services/market-data/market-data-service.js';
import { MarkFreshnessMap } from '#src/services/market-data/mark-freshness-map.js';
import { QuotePriceMap } from '#src/services/market-data/quote-price-map.js';
import { ReentrantMarkLock } from '#src/services/market-data/reentrant-mark-lock.js';
import { RingSeriesStore } from '#src/services/market-data/ring-series-store.js';
import { RingWindowStore } from '#src/services/market-data/ring-window-store.js';
import { MarketActivityMonitor } from '#src/services/monitor/market-activity-monitor.js';
import { FakeEventStore } from './memory-event-store.js';
import { FakeConfigController, testConfig } from './config.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { instrumentSpec } from '#src/testing/instruments.js';
import type { ManualClock } from '#src/testing/manual-clock.js';
import { ManualScheduler } from '#src/testing/manual-scheduler.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';

/** The part of a portfolio that market data touches. */
class FakePortfolio {
  readonly marks: [string, MarkUnits][] = [];
  readonly held = new Map<string, Position>();

  mark(symbol: string, mark: MarkUnits): void {
    this.marks.push([symbol, mark]);
  }
  positions(): IterableIterator<Position> {
    return this.held.values();
  }
  hold(instrument: Instrument): Position {
    const position = new Position(instrument);
    this.held.set(instrument.symbol, position);
    return position;
  }
}

/** Strategies that look back as far as a test says. */
class FakeStrategies {
  lookback = 0;

  lookbackFor(): number {
    return this.lookback;
  }
}

export const spec = (symbol: string, overrides: Partial<InstrumentSpec> = {}): InstrumentSpec =>
  instrumentSpec({ symbol, base: symbol.split('-')[0] as string, ...overrides });

/** Whose time the bot takes for the venue's; by default the venue's own. */
export interface Clocks {
  readonly time?: VenueTime;
  readonly ours?: Clock;
  readonly venue?: ManualClock;
}

/** Market data on a fake venue that lists `symbols`, everything else real. */
export async function marketParts(
  symbols: readonly string[] = ['BTC-PERP'],
  overrides: Parameters<typeof testConfig>[0] = {},
  { time = new ExactVenueTime(), ours, venue }: Clocks = {},
) {
  const config = new FakeConfigController(testConfig({ symbols, ...overrides }));
  const broker = new FakeBroker({ scheduler: new ManualScheduler(venue) });
  const { clock } = broker.scheduler;
  const read = ours ?? clock;
  broker.products = symbols.map((symbol) => spec(symbol));
  const logger = new RecordingLogger();
  const lock = new ReentrantMarkLock();
  const windows = new RingWindowStore(lock);
  const series = new RingSeriesStore();
  const freshness = new MarkFreshnessMap();
  const prices = new QuotePriceMap();
  const portfolio = new FakePortfolio();
  const strategies = new FakeStrategies();
  const { scheduler } = broker;
  const journal = new FakeEventStore();
  const catalogue = new CachedProductCatalogue(config, broker, broker, journal, logger, scheduler, scheduler.clock);
  const monitor = new MarketActivityMonitor(config, freshness, read, logger);
  const marketData = new MarketDataService(
    config,
    broker,
    lock,
    windows,
    series,
    freshness,
    prices,
    portfolio as unknown as Portfolio,
    catalogue,
    strategies as unknown as StrategyRegistry,
    read,
    time,
    logger,
  );
  await catalogue.refresh();
  marketData.setSymbols(symbols);
  const quote = (symbol: string, last: string, at?: number): void => {
    broker.quotes.set(symbol, { symbol, last: new Decimal(last), ...(at === undefined ? {} : { at }) });
  };
  const change = (next: Parameters<typeof testConfig>[0]): void =>
    config.apply({ updated: testConfig(next), diff: {} });
  return {
    config,
    broker,
    clock,
    logger,
    lock,
    windows,
    series,
    freshness,
    prices,
    portfolio,
    strategies,
    catalogue,
    monitor,
    marketData,
    quote,
    change,
  };
}

export type MarketParts = Awaited<ReturnType<typeof marketParts>>;
