import 'reflect-metadata';
import { Ledger } from '#src/domain/ledger.js';
import { Position } from '#src/domain/position.js';
import { units, type MarkUnits } from '#src/domain/units.js';
import type { Fill, FundingPayment } from '#src/domain/order.js';
import type { BarColumns } from '#src/data/bar-columns.js';
import type { BacktestOptions, BacktestRun, BacktestSession } from '#src/backtest/backtest-runner.js';
import { PumpedBacktestRunner } from '#src/backtest/pumped-backtest-runner.js';
import type { PumpServices } from '#src/backtest/pump-services.js';
import type { WatchedServices } from '#src/backtest/watched-services.js';
import type { Portfolio } from '#src/ports/runtime-state/portfolio.js';
import type { Trace } from '#src/ports/runtime-state/trace.js';
import type { BarView, FundingStamp, SimulatedExchange } from '#src/ports/core-services/simulated-exchange.js';
import { FakeConfigController, testConfig } from '../../support/config.js';
import { instrument } from '#src/testing/instruments.js';
import { FakeEventStore } from '../../support/memory-event-store.js';

export const MINUTE = 60_000;

export function columns(
  closes: readonly number[],
  openAt: readonly number[] = closes.map((_, index) => index * MINUTE),
): BarColumns {
  const column = (values: readonly number[]): Float64Array => Float64Array.from(values);
  const prices = column(closes);
  return {
    symbol: 'BTC-PERP',
    intervalMs: MINUTE,
    length: closes.length,
    openAt: column(openAt),
    open: prices,
    high: prices,
    low: prices,
    close: prices,
    volume: column(closes.map(() => 1)),
  };
}

/** A house of fakes that writes down every call, and in which a test can keep work pending. */
export class FakeHouse {
  readonly calls: string[] = [];
  readonly fills: Fill[] = [];
  readonly fundings: FundingPayment[] = [];
  readonly ledger = new Ledger();
  readonly instrument = instrument();
  readonly position = new Position(this.instrument);
  readonly journal = new FakeEventStore();
  mark: MarkUnits | undefined;
  time = 0;
  host = 0;
  pendingCount = 0;
  stamps: readonly FundingStamp[] | undefined;
  header: Readonly<Record<string, unknown>> | undefined;
  seed = 7;
  /** Values that the strategy looks back on. */
  lookback = 2;
  closed = false;
  /** What happens in the step of a bar. */
  onStep: (now: number) => void = () => {};
  onBar: (bar: BarView) => void = () => {};
  flushes = 0;
  /** World times at which data for the entry filters was fetched. */
  readonly refreshes: number[] = [];
  pauses = 0;

  constructor() {
    this.ledger.move('deposits', 'cash', units(10_000 * 1e8));
    const flush = this.journal.flush.bind(this.journal);
    this.journal.flush = () => {
      this.flushes += 1;
      return flush();
    };
  }

  get equity(): number {
    return this.ledger.holdings + (this.mark === undefined ? 0 : this.position.unrealised(this.mark));
  }

  readonly services = ((house: FakeHouse): PumpServices => ({
    clock: { set: (at: number) => house.calls.push(`clock ${(house.time = at) / MINUTE}`) },
    exchange: {
      bar: (_symbol: string, bar: BarView) => {
        house.calls.push(`bar ${bar.openAt / MINUTE}`);
        house.onBar(bar);
      },
      fundingSchedule: (_symbol: string, stamps: readonly FundingStamp[]) => (house.stamps = stamps),
      assertConsistent: () => house.calls.push('venue consistent'),
      fills: house.fills,
      fundings: house.fundings,
    } as unknown as SimulatedExchange,
    marketData: {
      acceptMark: (_symbol: string, mark: MarkUnits, at: number) =>
        house.calls.push(`mark ${(house.mark = mark)} at ${at / MINUTE}`),
    } as unknown as PumpServices['marketData'],
    cycle: {
      cycles: 0,
      run: async () => {},
      step: (now: number) => {
        house.calls.push(`step ${now / MINUTE}`);
        house.onStep(now);
      },
    },
    pending: {
      get count() {
        return house.pendingCount;
      },
      track: () => {},
      idle: async () => {
        house.calls.push('idle');
        await Promise.resolve();
        house.pendingCount = 0;
      },
    },
    portfolio: {
      unit: house.position.instrument.unit,
      ledger: house.ledger,
      get equity() {
        return house.equity;
      },
      get unrealised() {
        return house.mark === undefined ? 0 : house.position.unrealised(house.mark);
      },
      position: () => house.position,
      lastMark: () => house.mark,
      grossNotional: 0,
      onFill: () => () => {},
      onPosting: () => () => {},
      assertConsistent: () => house.calls.push('portfolio consistent'),
    } as unknown as Portfolio,
    journal: house.journal,
    indicators: {
      refresh: async () => void house.refreshes.push(house.time),
      snapshot: () => undefined,
      entryBlock: () => undefined,
    },
    hostClock: { monotonic: () => house.host, wall: () => 0 },
    hostScheduler: { after: () => () => {}, pending: 0, sleep: async () => void (house.pauses += 1) },
    freshness: { lastUpdate: () => undefined, touch: () => undefined },
    scheduler: { nextAt: undefined, pause: () => house.calls.push('pause'), runUntil: async () => {} },
    series: {},
    strategies: { nextTimerAt: Number.POSITIVE_INFINITY, fireTimers: () => undefined },
  }))(this);

  readonly watched: WatchedServices = {
    portfolio: this.services.portfolio,
    exchange: this.services.exchange,
    pending: this.services.pending,
    orders: { find: () => undefined, onChange: () => () => {} },
    broker: { listPositions: async () => [] },
    safety: { onChange: () => () => {} },
    gates: { report: () => [{ gate: 'session', times: 2, heldMs: 120_000, firstAt: 0, firstSymbol: 'BTC-PERP' }] },
    cycle: this.services.cycle,
  };

  get runner(): PumpedBacktestRunner {
    const { simulation } = testConfig();
    const trace = {
      header: (facts: Readonly<Record<string, unknown>>) => (this.header = facts),
      digest: () => 'abc',
    } as unknown as Trace;
    return new PumpedBacktestRunner(
      this.services,
      this.watched,
      new FakeConfigController(
        testConfig({ symbols: ['BTC-PERP'], updateIntervalMs: MINUTE, simulation: { ...simulation, seed: this.seed } }),
      ),
      { instrument: () => this.instrument },
      { strategyFor: () => ({ name: 'baseline' }) as never, lookbackFor: () => this.lookback },
      { metrics: () => ({}) },
      { size: 3 },
      trace,
    );
  }

  /** What a host opens, with this house in it. */
  get session(): BacktestSession {
    return { runner: this.runner, close: async () => void (this.closed = true) };
  }

  run(bars: BarColumns, options: Partial<BacktestOptions> = {}): Promise<BacktestRun> {
    return this.runner.run(bars, { parameters: { shortMa: '2' }, ...options });
  }
}
