import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { units, type Lots, type MarkUnits, type Ticks } from '#src/domain/units.js';
import type { BarView, InFlight } from '#src/ports/core-services/simulated-exchange.js';
import { BacktestPump } from '#src/backtest/backtest-pump.js';
import type { PumpOptions } from '#src/backtest/pump-services.js';
import {
  DEPTH_LAST,
  DEPTH_SNAPSHOT,
  type DepthColumns,
  type Feed,
  type PriceColumns,
  type QuoteColumns,
  type TradeColumns,
} from '#src/data/columns.js';
import { EquityStatistics } from '#src/backtest/equity-statistics.js';
import { FeedSet } from '#src/backtest/feeds/feed-set.js';
import type { Side } from '#src/domain/order.js';
import { columns, FakeHouse, MINUTE } from './fake-house.js';

const f = (...values: number[]): Float64Array => Float64Array.from(values);
const trades = (symbol: string, at: readonly number[]): TradeColumns => ({
  symbol,
  length: at.length,
  at: f(...at),
  price: f(...at.map(() => 100)),
  size: f(...at.map(() => 1)),
  side: Int8Array.from(at.map((_, i) => (i % 3) - 1)),
});
const quotes = (symbol: string, at: readonly number[]): QuoteColumns => ({
  symbol,
  length: at.length,
  at: f(...at),
  bid: f(...at.map(() => 99)),
  bidLots: f(...at.map(() => 1)),
  ask: f(...at.map(() => 102)),
  askLots: f(...at.map(() => 1)),
});
const prices = (symbol: string, at: readonly number[]): PriceColumns => ({
  symbol,
  length: at.length,
  at: f(...at),
  price: f(...at.map(() => 5)),
});
const bars = (symbol: string, opens: readonly number[]): Feed => ({
  kind: 'bars',
  columns: {
    ...columns(
      opens.map(() => 7),
      opens,
    ),
    symbol,
  },
});
const depth = (symbol: string): DepthColumns => ({
  symbol,
  length: 3,
  at: f(10, 10, 30),
  side: Int8Array.of(1, -1, 1),
  price: f(99, 101, 98),
  size: f(5, 6, 7),
  flags: Uint8Array.of(DEPTH_SNAPSHOT, DEPTH_LAST, DEPTH_LAST),
});

/** A house that writes down every call of every stream. */
class FeedHouse extends FakeHouse {
  wire: (InFlight & { nextAt: number }) | undefined;

  constructor() {
    super();
    const { calls, services } = this;
    const { exchange, marketData, indicators } = services;
    indicators.needs = () => false;
    Object.assign(exchange, {
      advance: (at: number) => {
        calls.push(`advance ${at}`);
        if (this.wire !== undefined && this.wire.nextAt <= at) this.wire.nextAt = Number.POSITIVE_INFINITY;
      },
      bar: (symbol: string, bar: BarView) => {
        calls.push(`bar ${symbol} ${bar.openAt}`);
        this.onBar(bar);
      },
      trade: (symbol: string, _price: Ticks, _size: Lots, at: number, side?: Side) =>
        calls.push(`trade ${symbol} ${at} ${side ?? '?'}`),
      quote: (symbol: string, _bid: Ticks, _bidLots: Lots, _ask: Ticks, _askLots: Lots, at: number) =>
        calls.push(`quote ${symbol} ${at}`),
      mark: (symbol: string, _mark: MarkUnits, at: number) => calls.push(`mark ${symbol} ${at}`),
      index: (symbol: string, _index: MarkUnits, at: number) => calls.push(`index ${symbol} ${at}`),
      depthBegin: (symbol: string, snapshot: boolean) => calls.push(`begin ${symbol} ${snapshot}`),
      depth: (_symbol: string, side: Side, price: Ticks, size: Lots) => calls.push(`${side} ${size}@${price}`),
      depthEnd: (symbol: string, at: number) => calls.push(`end ${symbol} ${at}`),
      midOf: () => 1_000 as MarkUnits,
      markOf: () => undefined,
    });
    Object.defineProperty(exchange, 'wire', { get: () => this.wire });
    marketData.acceptMark = (symbol, mark, at) => void calls.push(`see ${symbol} ${mark} ${at}`);
    marketData.acceptPrice = (symbol, kind, price, at) => void calls.push(`see ${symbol} ${kind} ${price} ${at}`);
    marketData.acceptCrossing = (symbol, crossed) => void calls.push(`see ${symbol} crossed ${crossed}`);
  }

  async drive(feeds: readonly Feed[], stepMs: number, options: Partial<PumpOptions> = {}): Promise<BacktestPump> {
    const data = { set: new FeedSet(feeds), instrumentOf: () => this.instrument, stepMs };
    const pump = new BacktestPump(this.services, data, new EquityStatistics(units(1), stepMs), {
      mode: 'fast',
      ...options,
    });
    await pump.run();
    return pump;
  }

  /** Without the clock, which is told before everything. */
  get told(): string[] {
    return this.calls.filter((call) => !call.startsWith('clock'));
  }
}

describe('the pump over several feeds', () => {
  it('plays streams in the order of time, and equals by kind and then by name', async () => {
    const house = new FeedHouse();
    const at = [10];
    await house.drive(
      [
        { kind: 'trades', columns: trades('A', at) },
        { kind: 'quotes', columns: quotes('B', at) },
        { kind: 'quotes', columns: quotes('A', at) },
        { kind: 'index', columns: prices('A', at) },
        { kind: 'mark', columns: prices('A', at) },
        { kind: 'depth', columns: { ...depth('C'), length: 2 } },
      ],
      1_000,
    );
    expect(house.told.filter((call) => !call.startsWith('see'))).toEqual([
      'mark A 10',
      'index A 10',
      'begin C true',
      'buy 5@99',
      'sell 6@101',
      'end C 10',
      'quote A 10',
      'quote B 10',
      'trade A 10 sell',
    ]);
  });

  it('lets all bars that close together walk before any close is seen, and steps once', async () => {
    const house = new FeedHouse();
    await house.drive([bars('A', [0, MINUTE]), bars('B', [0, MINUTE])], MINUTE);
    expect(house.told).toEqual([
      'bar A 0',
      'bar B 0',
      `see A 700 ${MINUTE}`,
      `see B 700 ${MINUTE}`,
      'step 1',
      `bar A ${MINUTE}`,
      `bar B ${MINUTE}`,
      `see A 700 ${2 * MINUTE}`,
      `see B 700 ${2 * MINUTE}`,
      'step 2',
    ]);
  });

  it('does not show a long bar before it has closed', async () => {
    const house = new FeedHouse();
    const long: Feed = { kind: 'bars', columns: { ...columns([9], [0]), symbol: 'B', intervalMs: 2 * MINUTE } };
    await house.drive([long, bars('A', [0, MINUTE])], MINUTE);
    expect(house.told).toEqual([
      'bar A 0',
      `see A 700 ${MINUTE}`,
      'step 1',
      `bar A ${MINUTE}`,
      'bar B 0',
      `see A 700 ${2 * MINUTE}`,
      `see B 900 ${2 * MINUTE}`,
      'step 2',
    ]);
  });

  it('steps at every boundary of the interval, before what the boundary itself brings, quiet intervals included', async () => {
    const house = new FeedHouse();
    await house.drive([{ kind: 'trades', columns: trades('A', [990, 1_000, 3_500, 3_500.7]) }], 1_000);
    expect(house.told.filter((call) => !call.startsWith('see'))).toEqual([
      'trade A 990 sell',
      'advance 1000',
      `step ${1_000 / MINUTE}`,
      'trade A 1000 ?',
      'advance 2000',
      `step ${2_000 / MINUTE}`,
      'advance 3000',
      `step ${3_000 / MINUTE}`,
      'trade A 3500 buy',
      'trade A 3500 sell',
    ]);
  });

  it('steps where the bars of the interval close, wherever those are: bars of 16:00 with marks beside them', async () => {
    const house = new FeedHouse();
    const off = 20_000;
    await house.drive([bars('A', [off, MINUTE + off]), { kind: 'mark', columns: prices('A', [off, 50_000]) }], MINUTE);
    const steps = [MINUTE, 2 * MINUTE].map((at) => `step ${(at + off) / MINUTE}`);
    expect(house.told.filter((call) => call.startsWith('step'))).toEqual(steps);
  });

  it('lets a bar that closes at a boundary be seen by the step there', async () => {
    const house = new FeedHouse();
    await house.drive([bars('A', [0]), { kind: 'trades', columns: trades('B', [MINUTE - 1, MINUTE]) }], MINUTE);
    expect(house.told.filter((call) => !call.startsWith('see B'))).toEqual([
      `trade B ${MINUTE - 1} sell`,
      'bar A 0',
      `see A 700 ${MINUTE}`,
      `advance ${MINUTE}`,
      'step 1',
      `trade B ${MINUTE} ?`,
    ]);
  });

  it('takes the price from the deepest book that is fed: depth, else quotes, else trades', async () => {
    const seen = async (...feeds: Feed[]): Promise<string[]> => {
      const house = new FeedHouse();
      await house.drive(feeds, 1_000);
      return house.told.filter((call) => call.startsWith('see'));
    };
    const [t, q, d]: Feed[] = [
      { kind: 'trades', columns: trades('A', [10]) },
      { kind: 'quotes', columns: quotes('A', [10]) },
      { kind: 'depth', columns: depth('A') },
    ];
    expect(await seen(t as Feed)).toEqual(['see A 10000 10']);
    // The middle of 99 and 102 ticks, in hundredths of one.
    expect(await seen(t as Feed, q as Feed)).toEqual(['see A 10050 10']);
    expect(await seen(t as Feed, q as Feed, d as Feed)).toEqual(['see A 1000 10', 'see A 1000 30']);
  });

  it('tells the bot of marks and indices, which a venue tells live', async () => {
    const house = new FeedHouse();
    await house.drive(
      [
        { kind: 'mark', columns: prices('A', [10, 20]) },
        { kind: 'index', columns: prices('A', [10]) },
      ],
      1_000,
    );
    const seen = house.told.filter((call) => call.startsWith('see'));
    expect(seen).toEqual(['see A mark 5 10', 'see A index 5 10', 'see A mark 5 20']);
  });

  it('makes no mark of a quote that crosses or locks, and says so once (NW-13)', async () => {
    const house = new FeedHouse();
    const columns = { ...quotes('A', [10, 20, 30, 40, 50]), bid: f(99, 103, 104, 102, 100) };
    await house.drive([{ kind: 'quotes', columns }], 1_000);
    expect(house.told.filter((call) => call.startsWith('see'))).toEqual([
      'see A 10050 10',
      'see A crossed true',
      'see A crossed false',
      'see A 10100 50',
    ]);
  });

  it('does the same in steps as fast, with every step on disk', async () => {
    const feeds = (): Feed[] => [
      bars('A', [0, MINUTE, 2 * MINUTE]),
      { kind: 'trades', columns: trades('B', [1, 70_000, 130_000]) },
    ];
    const [fast, step] = [new FeedHouse(), new FeedHouse()];
    for (const house of [fast, step]) house.onStep = () => (house.pendingCount = 1);
    await fast.drive(feeds(), MINUTE);
    await step.drive(feeds(), MINUTE, { mode: 'step' });
    expect(step.calls.filter((call) => call !== 'idle')).toEqual(fast.calls.filter((call) => call !== 'idle'));
    expect(step.flushes).toBe(fast.flushes + 3);
  });

  it('waits for work before anything else happens', async () => {
    const house = new FeedHouse();
    house.onStep = () => (house.pendingCount = 1);
    await house.drive([{ kind: 'trades', columns: trades('A', [1, 1_001]) }], 1_000);
    expect(house.told.slice(2, 6)).toEqual(['advance 1000', `step ${1_000 / MINUTE}`, 'idle', 'trade A 1001 ?']);
  });

  it('goes to the instant of a delivery, and on while an answer travels', async () => {
    const house = new FeedHouse();
    let travelling = 0;
    house.wire = {
      takesTime: true,
      nextAt: Number.POSITIVE_INFINITY,
      get travelling() {
        return travelling;
      },
      close: () => house.calls.push('close'),
    };
    house.onStep = (now) => {
      if (now !== 1_000) return;
      house.pendingCount = 1;
      travelling = 1;
      if (house.wire !== undefined) house.wire.nextAt = 1_250;
    };
    const { pending } = house.services;
    await Promise.race([
      house.drive([{ kind: 'trades', columns: trades('A', [1, 1_100, 1_250, 2_500]) }], 1_000),
      new Promise((_, reject) => setTimeout(() => reject(new Error('stands still')), 1_000)),
    ]);
    expect(pending.count).toBe(0);
    const told = house.told.filter((call) => !call.startsWith('see') && !call.startsWith('idle'));
    expect(told.slice(0, 6)).toEqual([
      'trade A 1 sell',
      'advance 1000',
      `step ${1_000 / MINUTE}`,
      'trade A 1100 ?',
      'advance 1250',
      'trade A 1250 buy',
    ]);
    expect(told.at(-1)).toBe('close');
  });

  it('tells a watcher the marks of the venue before the step that follows them, and nothing where the data has none', async () => {
    const seen: string[] = [];
    const watcher = {
      step: (at: number) => void seen.push(`step ${at}`),
      venueMark: (symbol: string, mark: number) => void seen.push(`${symbol} ${mark}`),
    };
    const feeds: readonly Feed[] = [
      { kind: 'trades', columns: trades('A', [1, 1_001, 2_001]) },
      { kind: 'index', columns: prices('A', [500]) },
    ];
    await new FeedHouse().drive(
      [
        { kind: 'trades', columns: trades('A', [1, 1_001, 2_001, 3_001]) },
        { kind: 'mark', columns: prices('A', [1_500]) },
      ],
      1_000,
      { watcher },
    );
    // Before the first mark it is not known, and neither is it once a step has passed without another.
    expect(seen).toEqual(['A NaN', 'step 1000', 'A 5', 'step 2000', 'A NaN', 'step 3000']);
    seen.length = 0;
    await new FeedHouse().drive(feeds, 1_000, { watcher });
    expect(seen).toEqual(['step 1000', 'step 2000']);
  });

  it('tells a watcher after every step, and stops when it is told to', async () => {
    const house = new FeedHouse();
    const abort = new AbortController();
    const steps: number[] = [];
    house.onStep = (now) => {
      if (now === 2_000) abort.abort();
    };
    const pump = await house.drive([{ kind: 'trades', columns: trades('A', [1, 1_001, 2_001, 3_001]) }], 1_000, {
      mode: 'step',
      signal: abort.signal,
      watcher: { step: (at) => steps.push(at) },
    });
    expect(steps).toEqual([1_000, 2_000]);
    expect(pump.ended).toBe(false);
  });

  it('reads what strategies look at before every step where there is more than bars', async () => {
    const house = new FeedHouse();
    house.services.indicators.needs = () => true;
    await house.drive([{ kind: 'trades', columns: trades('A', [1, 1_001, 2_001]) }], 1_000);
    expect(house.refreshes).toEqual([1_000, 2_000]);
  });

  it('refuses a run of no prices', () => {
    expect(() => new FeedSet([{ kind: 'funding', columns: { symbol: 'A', length: 0, at: f(), rate: f() } }])).toThrow(
      'at least one stream of prices',
    );
  });
});
