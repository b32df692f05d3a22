import { Decimal } from '#src/domain/decimal.js';
import { FINEST_UNIT, Instrument, type InstrumentSpec, type MoneyUnit } from '#src/domain/instrument.js';
import { OrderRequest, type OrderTerms, type Side } from '#src/domain/order.js';
import { lots, ticks } from '#src/domain/units.js';
import type { AccountEvent } from '#src/ports/venue/account-event.js';
import type { AmendResult, SubmitResult } from '#src/ports/venue/submit-result.js';
import type { Clock, DrivenClock } from '#src/ports/configuration/clock.js';
import type { Scheduler } from '#src/ports/configuration/scheduler.js';
import type { Files } from '#src/ports/configuration/files.js';
import type { MatchingSettings } from '#src/ports/configuration/settings/matching-settings.js';
import type { SimulationSettings } from '#src/ports/configuration/settings/simulation-settings.js';
import type { BarView, ExchangeState, ExchangeStore } from '#src/ports/core-services/simulated-exchange.js';
import { DeterministicExchange } from '#src/venues/simulated/exchange/deterministic-exchange.js';
import { NoExchangeStore } from '#src/venues/simulated/persistence/no-exchange-store.js';
import { FakeConfigController, testConfig } from '../../support/config.js';
import { instrumentSpec } from '#src/testing/instruments.js';

/** Midnight, so that 8-hour funding stamps are easy to name. */
export const T0 = Date.UTC(2024, 0, 2);
export const MINUTE = 60_000;
export const HOUR = 3_600_000;

/** One exchange with BTC-PERP (tick 1, step 0.001: one tick times one lot is 0.001 USDT), no fees unless asked for. */
export class SimulatedWorld {
  readonly config: FakeConfigController;
  readonly venue: DeterministicExchange;
  readonly events: AccountEvent[] = [];
  readonly instrument: Instrument;
  private orders = 0;

  constructor(
    spec: Partial<InstrumentSpec> = {},
    simulation: Partial<SimulationSettings> = {},
    store: ExchangeStore = new NoExchangeStore(),
    files: Pick<Files, 'readText'> = { readText: () => undefined },
    unit: MoneyUnit = FINEST_UNIT,
    clock?: Pick<Clock, 'now'>,
  ) {
    const chosen = instrumentSpec({
      tick: new Decimal(1),
      makerFee: new Decimal(0),
      takerFee: new Decimal(0),
      minNotional: new Decimal(0),
      fundingIntervalHours: 0,
      ...spec,
    });
    this.instrument = new Instrument(chosen, unit);
    this.config = new FakeConfigController(
      testConfig({
        symbols: [chosen.symbol],
        instruments: { [chosen.symbol]: chosen },
        simulation: { equity: new Decimal(10_000), ...simulation },
      }),
    );
    this.venue = new DeterministicExchange(this.config, store, files, { unit }, clock);
    this.venue.open();
    this.venue.onAccount((event) => this.events.push(event));
  }

  request(side: Side, size: number, terms: Partial<OrderTerms> = {}): OrderRequest {
    this.orders += 1;
    return new OrderRequest({
      clientId: `c${this.orders}`,
      instrument: this.instrument,
      side,
      type: 'market',
      lots: lots(size),
      timeInForce: 'GTC',
      postOnly: false,
      reduceOnly: false,
      leverage: 10,
      ...terms,
    });
  }

  submit(side: Side, size: number, terms: Partial<OrderTerms> = {}): SubmitResult {
    return this.venue.submit(this.request(side, size, terms));
  }

  limit(side: Side, size: number, price: number, terms: Partial<OrderTerms> = {}): SubmitResult {
    return this.submit(side, size, { type: 'limit', limit: ticks(price), ...terms });
  }

  stop(side: Side, size: number, price: number, terms: Partial<OrderTerms> = {}): SubmitResult {
    return this.submit(side, size, { type: 'stop_market', stop: ticks(price), ...terms });
  }

  quote(bid: number, bidSize: number, ask: number, askSize: number, at = T0): void {
    this.venue.quote(this.instrument.symbol, ticks(bid), lots(bidSize), ticks(ask), lots(askSize), at);
  }

  trade(price: number, size: number, at = T0): void {
    this.venue.trade(this.instrument.symbol, ticks(price), lots(size), at);
  }

  bar(minute: number, open: number, high: number, low: number, close: number, volume = 1_000): void {
    this.venue.bar(this.instrument.symbol, bar(minute, open, high, low, close, volume));
  }

  /** `side lots@price liquidity` of every fill. */
  get fills(): string[] {
    return this.venue.fills.map((fill) => `${fill.side} ${fill.lots}@${fill.price} ${fill.liquidity}`);
  }

  /** `clientId status` of every order report. */
  get reports(): string[] {
    return this.events.flatMap((event) => (event.kind === 'order' ? [`${event.clientId} ${event.report.status}`] : []));
  }

  get position(): number {
    return this.venue.account.position(this.instrument).lots;
  }
}

/** Simulation settings whose matching differs from the usual. */
export const matchingOf = (matching: Partial<MatchingSettings>): Partial<SimulationSettings> => ({
  matching: { ...testConfig().simulation.matching, ...matching },
});

export const bar = (
  minute: number,
  open: number,
  high: number,
  low: number,
  close: number,
  volume = 1_000,
): BarView => ({
  openAt: T0 + minute * MINUTE,
  closeAt: T0 + (minute + 1) * MINUTE,
  open: ticks(open),
  high: ticks(high),
  low: ticks(low),
  close: ticks(close),
  volume,
});

/** The reason of a refusal, or 'accepted'. */
export const verdict = (result: AmendResult): string =>
  result.outcome === 'rejected' ? result.reason : result.outcome;

/** A store that keeps everything in memory, merged as a real one merges it; can be told to fail. */
export class MemoryExchangeStore implements ExchangeStore {
  private state:
    { core: string; candles: Map<string, string>; orders: Map<string, string>; events: string[] } | undefined;
  commits = 0;
  closed = 0;
  failure: Error | undefined;
  onCommit: (() => void) | undefined;

  load(): ExchangeState | undefined {
    return this.state === undefined
      ? undefined
      : {
          core: this.state.core,
          candles: new Map(this.state.candles),
          orders: new Map(this.state.orders),
          events: [...this.state.events],
        };
  }

  commit(state: ExchangeState): void {
    if (this.failure !== undefined) throw this.failure;
    this.commits += 1;
    this.state ??= { core: '', candles: new Map(), orders: new Map(), events: [] };
    this.state.core = state.core;
    for (const [symbol, text] of state.candles) this.state.candles.set(symbol, text);
    for (const [id, order] of state.orders) this.state.orders.set(id, order);
    this.state.events.push(...state.events);
    this.onCommit?.();
  }

  close(): void {
    this.closed += 1;
  }
}

/** World time that a test moves: a clock and the timers on it. */
export class TestTime implements DrivenClock, Scheduler {
  private time = 0;
  private timers: { readonly at: number; readonly callback: () => void }[] = [];

  now(): number {
    return this.time;
  }

  set(at: number): void {
    this.time = at;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.time + delayMs, callback };
    this.timers.push(timer);
    return () => (this.timers = this.timers.filter((other) => other !== timer));
  }

  sleep(): Promise<void> {
    return Promise.resolve();
  }

  get pending(): number {
    return this.timers.length;
  }

  /** Fires the next `count` timers. */
  run(count: number): void {
    for (let i = 0; i < count; i += 1) {
      const next = this.timers.reduce<{ readonly at: number; readonly callback: () => void } | undefined>(
        (first, timer) => (first === undefined || timer.at < first.at ? timer : first),
        undefined,
      );
      if (next === undefined) return;
      this.timers = this.timers.filter((timer) => timer !== next);
      this.time = Math.max(this.time, next.at);
      next.callback();
    }
  }
}
