import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { PerpsBotError } from '#src/domain/errors.js';
import { FINEST_UNIT } from '#src/domain/instrument.js';
import { lots, marks, ticks, units } from '#src/domain/units.js';
import type { Fill, FundingPayment } from '#src/domain/order.js';
import type { BarColumns } from '#src/data/bar-columns.js';
import { closedTrips } from '#src/backtest/closed-trips.js';
import { EquityStatistics } from '#src/backtest/equity-statistics.js';
import { RecordedMarket } from '#src/data/recorded-market.js';
import { durationText } from '#src/domain/time-spans.js';
import type { BacktestOptions } from '#src/backtest/backtest-runner.js';
import type { BarView } from '#src/ports/core-services/simulated-exchange.js';
import { columns, FakeHouse, MINUTE } from './fake-house.js';

describe('the backtest pump', () => {
  it('shows a bar to the bot at its close, and only then lets it decide', async () => {
    const house = new FakeHouse();
    await house.run(columns([100, 200]));
    expect(house.calls).toEqual([
      'clock 0',
      'bar 0',
      'clock 1',
      `mark ${100 * 100} at 1`,
      'step 1',
      'clock 1',
      'bar 1',
      'clock 2',
      `mark ${200 * 100} at 2`,
      'step 2',
      'venue consistent',
      'portfolio consistent',
    ]);
  });

  it('has no look-ahead: what is decided at a close meets the next bar, never the one it was decided on', async () => {
    const house = new FakeHouse();
    const seen: string[] = [];
    let decidedOn: number | undefined;
    house.onStep = (now) => (decidedOn ??= now);
    house.onBar = (bar) => {
      if (decidedOn !== undefined)
        seen.push(`decided ${decidedOn / MINUTE}, meets the bar that opens ${bar.openAt / MINUTE}`);
    };
    await house.run(columns([1, 2, 3]));
    expect(seen[0]).toBe('decided 1, meets the bar that opens 1');
  });

  it('waits for orders under way before the next bar, and for nothing else', async () => {
    const house = new FakeHouse();
    house.onStep = (now) => {
      if (now === 2 * MINUTE) house.pendingCount = 1;
    };
    await house.run(columns([1, 2, 3, 4]));
    expect(house.calls.filter((call) => call === 'idle')).toHaveLength(1);
    expect(house.calls.indexOf('idle')).toBe(house.calls.indexOf('step 2') + 1);
    expect(house.flushes).toBe(1);
  });

  it('fetches what the entry filters look at when an hour closes, before the bot decides on that bar', async () => {
    const house = new FakeHouse();
    const stepsAtRefresh: number[] = [];
    house.services.indicators.refresh = async () => {
      house.refreshes.push(house.time / MINUTE);
      stepsAtRefresh.push(house.calls.filter((call) => call.startsWith('step')).length);
    };
    await house.run(columns(Array.from({ length: 125 }, (_unused, index) => index + 1)));
    expect(house.refreshes).toEqual([60, 120]);
    expect(stepsAtRefresh).toEqual([59, 119]);
  });

  it('fetches nothing on the hour where nothing is ever looked at', async () => {
    const house = new FakeHouse();
    house.services.indicators.needs = () => false;
    await house.run(columns(Array.from({ length: 125 }, (_unused, index) => index + 1)));
    expect(house.refreshes).toEqual([]);
  });

  it('waits for what a bar itself set going before the bot sees its close', async () => {
    const house = new FakeHouse();
    house.onBar = (bar) => {
      if (bar.openAt === MINUTE) house.pendingCount = 1;
    };
    await house.run(columns([1, 2, 3]));
    expect(house.calls.slice(house.calls.indexOf('bar 1'), house.calls.indexOf('bar 1') + 3)).toEqual([
      'bar 1',
      'clock 2',
      'idle',
    ]);
    expect(house.calls.filter((call) => call.startsWith('bar'))).toEqual(['bar 0', 'bar 1', 'bar 2']);
  });

  it('has every bar on disk before the next one in step mode, with the same calls in the same order', async () => {
    const fast = new FakeHouse();
    const step = new FakeHouse();
    for (const house of [fast, step]) house.onStep = (now) => (house.pendingCount = now % (2 * MINUTE) === 0 ? 1 : 0);
    const one = await fast.run(columns([1, 2, 3, 4, 5]));
    const other = await step.run(columns([1, 2, 3, 4, 5]), { mode: 'step' });
    expect(step.calls).toEqual(fast.calls);
    expect(other).toEqual(one);
    expect(step.flushes).toBe(6);
    expect(fast.flushes).toBe(1);
  });

  it('does not go on past a journal that cannot be written in step mode', async () => {
    const house = new FakeHouse();
    house.journal.failure = new Error('disk full');
    await expect(house.run(columns([1, 2, 3]), { mode: 'step' })).rejects.toThrow('disk full');
    expect(house.calls).not.toContain('bar 1');
  });

  it('lets the process breathe and tells how far it is', async () => {
    const house = new FakeHouse();
    const told: number[] = [];
    house.onBar = () => (house.host += 1);
    await house.run(columns(Array.from({ length: 1_000 }, () => 1)), { onProgress: (bars) => told.push(bars) });
    expect(house.pauses).toBe(3);
    expect(told).toEqual([256, 512, 768, 1_000]);
  });

  it('stops between two bars when it is told to, with the result so far', async () => {
    const house = new FakeHouse();
    const abort = new AbortController();
    house.onStep = (now) => {
      if (now !== 3 * MINUTE) return;
      abort.abort();
      house.pendingCount = 1;
    };
    const { result } = await house.run(columns([1, 2, 3, 4, 5]), { signal: abort.signal });
    expect(result).toMatchObject({ bars: 3, aborted: true });
  });

  it('reuses one bar object for all bars', async () => {
    const house = new FakeHouse();
    const bars = new Set<BarView>();
    house.onBar = (bar) => bars.add(bar);
    await house.run(columns([1, 2, 3]));
    expect(bars.size).toBe(1);
  });
});

describe('the backtest result', () => {
  const traded = (): FakeHouse => {
    const house = new FakeHouse();
    const pay = (amount: number | undefined, at: number): FundingPayment => ({
      id: `f${at}`,
      instrument: house.instrument,
      at,
      rate: amount === undefined ? undefined : house.instrument.spec.makerFee,
      markPrice: house.instrument.markPrice(marks(100_000)),
      lots: house.position.lots,
      amount: amount === undefined ? undefined : units(amount),
    });
    house.onStep = (now) => {
      if (now === MINUTE) house.fundings.push(pay(0, 60_017));
      if (now === 2 * MINUTE) {
        house.position.apply('buy', lots(1_000), ticks(1_000), now);
        house.ledger.move('fees', 'cash', units(-5_000_000));
        house.fills.push({ instrument: house.instrument, side: 'buy', lots: lots(1_000) } as Fill);
      }
      if (now === 3 * MINUTE) {
        house.ledger.move('funding', 'cash', units(-2_000_000));
        house.fundings.push(pay(-2_000_000, 150_000), pay(undefined, 160_000));
      }
    };
    return house;
  };

  it('splits profit into price, fees and funding, signed, and net is their sum and the change of equity', async () => {
    const { result } = await traded().run(columns([1_000, 1_000, 1_000, 1_005]));
    expect(result.pnl).toEqual({ price: '0.5', fees: '-0.05', funding: '-0.02', net: '0.43' });
    expect(result.equity).toEqual({ start: '10000', end: '10000.43' });
    expect(result).toMatchObject({
      bars: 4,
      warmup: 2,
      trades: 0,
      fills: 1,
      openOrders: 3,
      traceHash: 'abc',
      interval: '1m',
      from: '1970-01-01T00:00:00.000Z',
      to: '1970-01-01T00:04:00.000Z',
    });
    expect(result['position']).toEqual({ quantity: '1', entry: '100', mark: '100.5', unrealised: '0.5' });
  });

  it('counts as trades the round trips that closed, each position of a hedged account by itself', () => {
    const { instrument } = new FakeHouse();
    const fill = (side: Fill['side'], size: number, positionSide?: Fill['positionSide']): Fill =>
      ({ instrument, side, lots: lots(size), ...(positionSide === undefined ? {} : { positionSide }) }) as Fill;
    expect(closedTrips([fill('buy', 3), fill('sell', 1)])).toBe(0);
    expect(closedTrips([fill('buy', 3), fill('sell', 1), fill('sell', 2)])).toBe(1);
    // Through zero: one has closed, the other is open.
    expect(closedTrips([fill('buy', 3), fill('sell', 5), fill('buy', 2), fill('buy', 1)])).toBe(2);
    const hedged = [fill('buy', 1, 'long'), fill('sell', 1, 'short'), fill('sell', 1, 'long'), fill('buy', 1, 'short')];
    expect([closedTrips(hedged.slice(0, 2)), closedTrips(hedged)]).toEqual([0, 2]);
  });

  it('lists every funding stamp, those of a zero position included, and names gaps', async () => {
    const { result, notes } = await traded().run(columns([1_000, 1_000, 1_000, 1_005]));
    expect(result['fundings']).toEqual([
      {
        ts: '1970-01-01T00:01:00.017Z',
        tsMs: 60_017,
        rate: '0.0002',
        mark: '100',
        quantity: '0',
        amount: '0',
        gap: false,
      },
      {
        ts: '1970-01-01T00:02:30.000Z',
        tsMs: 150_000,
        rate: '0.0002',
        mark: '100',
        quantity: '1',
        amount: '-0.02',
        gap: false,
      },
      {
        ts: '1970-01-01T00:02:40.000Z',
        tsMs: 160_000,
        rate: null,
        mark: '100',
        quantity: '1',
        amount: null,
        gap: true,
      },
    ]);
    expect(notes).toContainEqual({
      code: 'W-FUND-002',
      message: expect.stringContaining('1 funding stamp has no known rate and is not paid'),
    });
  });

  it('says how long each gate held, and that the first bars are warm-up', async () => {
    const { result, notes } = await traded().run(columns([1, 1, 1]));
    expect(result['held']).toEqual([
      {
        gate: 'session',
        times: 2,
        heldMs: 120_000,
        held: '2m',
        firstAt: '1970-01-01T00:00:00.000Z',
        firstSymbol: 'BTC-PERP',
      },
    ]);
    expect(notes).toContainEqual({
      code: 'W-RUN-001',
      message: 'The first 2 bars are warm-up: the strategy holds until it has seen them.',
    });

    const patient = new FakeHouse();
    patient.lookback = 21;
    const short = await patient.run(columns([1, 1]));
    expect(short.result.warmup).toBe(2);
    expect(short.notes.map((note) => note.code)).toContain('W-RUN-002');
  });

  it('names gaps in the bars', async () => {
    const { result, notes } = await new FakeHouse().run(columns([1, 1, 1], [0, MINUTE, 5 * MINUTE]));
    expect(result['gaps']).toEqual([{ from: '1970-01-01T00:02:00.000Z', to: '1970-01-01T00:05:00.000Z', missing: 3 }]);
    expect(notes[0]).toEqual({ code: 'W-DATA-003', message: expect.stringContaining('3 bars are missing in 1 gaps') });
  });

  it('refuses books that do not explain the change of equity, or funding that is not the sum of its payments', async () => {
    const cash = new FakeHouse();
    cash.onStep = () => cash.ledger.move('deposits', 'cash', units(1));
    await expect(cash.run(columns([1, 1]))).rejects.toMatchObject({
      code: 'LEDGER-001',
    } satisfies Partial<PerpsBotError>);

    const funding = new FakeHouse();
    funding.onStep = () => funding.ledger.move('funding', 'cash', units(1));
    await expect(funding.run(columns([1, 1]))).rejects.toMatchObject({ code: 'LEDGER-001' });
  });

  it('names the run in the trace: data, terms, parameters, seed, funding', async () => {
    const headerOf = async (bars: BarColumns, options: Partial<BacktestOptions> = {}, seed = 7): Promise<string> => {
      const house = new FakeHouse();
      house.seed = seed;
      await house.run(bars, options);
      return JSON.stringify(house.header);
    };
    const base = await headerOf(columns([1, 1]));
    expect(await headerOf(columns([1, 1]))).toBe(base);
    expect(await headerOf(columns([1, 2]))).not.toBe(base);
    expect(await headerOf(columns([1, 1]), { parameters: {} })).not.toBe(base);
    expect(await headerOf(columns([1, 1]), {}, 8)).not.toBe(base);
    expect(await headerOf(columns([1, 1]), { funding: [] })).not.toBe(base);
  });

  it('hands the exchange the stamps of the funding file, and none where there is no file', async () => {
    const house = new FakeHouse();
    const stamps = [{ at: 5, rate: undefined }];
    await house.run(columns([1, 1]), { funding: stamps });
    expect(house.stamps).toBe(stamps);
    const without = new FakeHouse();
    await without.run(columns([1, 1]));
    expect(without.stamps).toEqual([]);
  });

  it('is the same whatever the host does meanwhile', async () => {
    const calm = await traded().run(columns([1_000, 1_001, 1_002, 999]));
    const busy = traded();
    busy.onBar = () => (busy.host += 1_000);
    expect(await busy.run(columns([1_000, 1_001, 1_002, 999]))).toEqual(calm);
  });
});

describe('equity statistics', () => {
  const DAY = 86_400_000;
  const run = (equities: readonly number[], intervalMs: number): EquityStatistics => {
    const statistics = new EquityStatistics(units(equities[0] as number), intervalMs);
    equities.slice(1).forEach((equity, index) => statistics.sample(units(equity), (index + 1) * intervalMs));
    return statistics;
  };

  it('finds the largest fall from a peak, exactly', () => {
    const { fraction, amount, peak, trough, troughAt } = run(
      [100e8, 120e8, 90e8, 130e8, 100e8, 129e8],
      60_000,
    ).drawdown(FINEST_UNIT);
    expect([fraction, amount, peak, trough].map(String)).toEqual(['0.25', '30', '120', '90']);
    expect(troughAt).toBe(120_000);
  });

  it('has no drawdown while equity only grows', () => {
    const { fraction, amount, troughAt } = run([1e8, 2e8, 3e8], 60_000).drawdown(FINEST_UNIT);
    expect([String(fraction), String(amount), troughAt]).toEqual(['0', '0', undefined]);
  });

  it('takes the Sharpe ratio of daily returns where there are ten days, annualised by sqrt(365)', () => {
    const returns = [0.01, -0.005, 0.02, 0.003, -0.01, 0.004, 0.006, -0.002, 0.012, 0.001, 0.002];
    const equities = returns.reduce((all, value) => [...all, (all.at(-1) as number) * (1 + value)], [1e12]);
    const hourly = equities
      .slice(1)
      .flatMap((end, day) => Array.from({ length: 24 }, (_, hour) => (hour === 23 ? end : (equities[day] as number))));
    const mean = returns.reduce((a, b) => a + b) / returns.length;
    const deviation = Math.sqrt(returns.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (returns.length - 1));
    const sharpe = run([1e12, ...hourly], DAY / 24).sharpe();
    expect(sharpe).toMatchObject({ period: 'daily, sqrt(365)', samples: 11 });
    expect(sharpe.value).toBeCloseTo((mean / deviation) * Math.sqrt(365), 6);
  });

  it("falls back to the bars' own returns, says so, and knows nothing from too few or from none that vary", () => {
    const zigzag = Array.from({ length: 40 }, (_, index) => 1e10 + (index % 3) * 1e7);
    const perBar = run(zigzag, 300_000).sharpe();
    expect(perBar).toMatchObject({ period: 'per bar, sqrt(105120)', samples: 39 });
    expect(perBar.value).toBeDefined();
    expect(run(zigzag.slice(0, 20), 300_000).sharpe().value).toBeUndefined();
    expect(
      run(
        Array.from({ length: 40 }, () => 1e10),
        300_000,
      ).sharpe().value,
    ).toBeUndefined();
  });
});

describe('a recorded market', () => {
  it('yields its bars from the start on every pass, through one view', () => {
    const market = new RecordedMarket(columns([1, 2, 3]));
    const pass = (): number[] => [
      ...(function* () {
        for (const bar of market.bars) yield bar.close as number;
      })(),
    ];
    expect(pass()).toEqual([1, 2, 3]);
    expect(pass()).toEqual([1, 2, 3]);
    expect(market).toMatchObject({ symbol: 'BTC-PERP', intervalMs: MINUTE });
  });
});

describe('durations in results', () => {
  it('are written in the largest unit that divides them', () => {
    expect([60_000, 90_000, 300_000, 3_600_000, 86_400_000, 1_500, 0].map(durationText)).toEqual([
      '1m',
      '90s',
      '5m',
      '1h',
      '1d',
      '1500ms',
      '0ms',
    ]);
  });
});
