import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bars, runStrategy, type StrategyRun, type TestBar } from '#di/testing.js';
import { Decimal } from '#src/domain/decimal.js';
import { Instrument } from '#src/domain/instrument.js';
import { ticks } from '#src/domain/units.js';
import { defineStrategy, r, type EntryOrder, type MovingExits } from '#src/services/strategy/define/index.js';
import { exitsFrom, exitsToJson } from '#src/services/strategy/exits/exit-record.js';
import { MovingStop } from '#src/services/strategy/exits/moving-stop.js';
import { instrumentSpec } from '#src/testing/instruments.js';

const GRID = { tick: new Decimal(1), step: new Decimal('0.001') };
const INSTRUMENT = new Instrument(instrumentSpec({ ...GRID, takerFee: new Decimal(0) }));

/** Enters at the close of the second bar, and does nothing else. */
const entering = (order: EntryOrder, side: 'long' | 'short' = 'long') =>
  defineStrategy({
    name: 'once',
    timeframe: '1h',
    setup: () => ({ seen: { bars: 0, entered: false } }),
    onBar(context, { seen }) {
      seen.bars += 1;
      if (seen.bars === 2 && !seen.entered) {
        seen.entered = true;
        context[side](order);
      } else context.hold(`r ${context.position.r?.toFixed(2) ?? 'none'}, stop ${context.position.stop ?? 'none'}`);
    },
  });

const over = (
  rows: readonly (readonly [number, number, number, number])[],
  order: EntryOrder,
  side?: 'long' | 'short',
) =>
  runStrategy(entering(order, side), {
    bars: bars.ohlc(
      '1h',
      rows.map(([open, high, low, close]): TestBar => ({ open, high, low, close })),
    ),
    instrument: GRID,
    config: { simulation: { matching: { barPath: 'pessimistic' } } },
  });

const said = (run: StrategyRun): readonly string[] =>
  run.fills.map(({ side, price, lots }) => `${side} ${lots / 1000} @${price}`);

const risked = { why: 'the test says so', risk: '1%' } as const;

describe('a stop that moves', () => {
  it('goes to break-even once the position is one risk ahead, and takes the position out there', async () => {
    const run = await over(
      [
        [112, 112, 112, 112],
        [112, 112, 112, 112],
        [112, 118, 110, 117],
        [117, 125, 116, 124],
        [124, 130, 120, 130],
        [130, 131, 111, 113],
      ],
      { ...risked, stop: 100, breakEven: { after: r(1) } },
    );
    expect(said(run)).toEqual(['buy 8.333 @112', 'sell 8.333 @112']);
    expect(
      run.orders.filter(({ type }) => type === 'stop_market').map(({ stop, status }) => `${stop} ${status}`),
    ).toEqual(['100 cancelled', '112 filled']);
    expect(run.explain(4)).toMatch(/r 1\.50, stop 112/);
  });

  it('follows the close at a distance once it has begun, and never goes back', async () => {
    const run = await over(
      [
        [102, 102, 102, 102],
        [102, 102, 102, 102],
        [102, 105, 101, 104],
        [104, 112, 103, 111],
        [111, 116, 110, 115],
        [115, 115, 112, 112],
        [112, 112, 109, 110],
      ],
      { ...risked, stop: 94, trail: { by: { price: 4 }, after: r(1) } },
    );
    expect(said(run)).toEqual(['buy 12.5 @102', 'sell 12.5 @111']);
    expect(run.orders.filter(({ type }) => type === 'stop_market').map(({ stop }) => stop)).toEqual([94, 107, 111]);
  });

  it('mirrors for a short', async () => {
    const run = await over(
      [
        [102, 102, 102, 102],
        [102, 102, 102, 102],
        [102, 103, 99, 100],
        [100, 101, 92, 93],
        [93, 98, 92, 97],
      ],
      { ...risked, stop: 110, trail: { by: '4%', after: r(1) } },
      'short',
    );
    expect(said(run)).toEqual(['sell 12.5 @102', 'buy 12.5 @96']);
  });

  it('leaves at market when the time is over, in bars and in hours', async () => {
    const rows = Array.from({ length: 8 }, () => [100, 100, 100, 100] as const);
    for (const timeStop of ['3 bars', '180m'] as const) {
      const run = await over(rows, { ...risked, stop: 90, timeStop });
      expect(run.fills.map(({ at }) => (at - Date.UTC(2024, 0, 1)) / 3_600_000)).toEqual([2, 5]);
      expect(run.orders.at(-1)?.why).toBe(`Time stop after ${timeStop}`);
    }
  });

  it('says what it cannot carry out, where it is asked', async () => {
    const rows = Array.from({ length: 4 }, () => [100, 100, 100, 100] as const);
    const wrong: readonly EntryOrder[] = [
      { ...risked, stop: 90, trail: { by: '0%' } },
      { ...risked, stop: 90, trail: { by: '2 percent' as '2%' } },
      { ...risked, stop: 90, breakEven: { after: r(1), offset: { price: -1 } } },
      { ...risked, stop: 90, timeStop: 'tomorrow' as '1 bar' },
    ];
    for (const order of wrong)
      await expect(over(rows, order)).rejects.toThrow(/distance must be|length of time must be/i);
    const none = await over(rows, { why: 'no stop', fraction: '10%', stop: 'none', trail: { by: '2%' } });
    expect(none.fills).toEqual([]);
    expect(none.explain(1)).toMatch(/must be a price at first/);
  });

  it('only ever moves towards the market, over every way of marks, and is the same after a restart at any of them', () => {
    const distance = fc.oneof(
      fc.double({ min: 0.1, max: 3, noNaN: true }).map((n) => r(n)),
      fc.integer({ min: 1, max: 2_000 }).map((n) => `${n}bps` as const),
      fc.integer({ min: 1, max: 40 }).map((price) => ({ price })),
    );
    const exits: fc.Arbitrary<MovingExits> = fc.record(
      {
        trail: fc.record({ by: distance, after: fc.double({ min: 0.1, max: 2, noNaN: true }).map((n) => r(n)) }),
        breakEven: fc.record({
          after: fc.double({ min: 0.1, max: 2, noNaN: true }).map((n) => r(n)),
          offset: distance,
        }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        exits,
        fc.constantFrom(1 as const, -1 as const),
        fc.array(fc.integer({ min: -60, max: 60 }), { minLength: 1, maxLength: 40 }),
        fc.nat(39),
        (terms, side, steps, cut) => {
          const whole = new MovingStop(terms, side, INSTRUMENT, ticks(1000 - side * 50), 1000);
          let parted = new MovingStop(terms, side, INSTRUMENT, ticks(1000 - side * 50), 1000);
          let mark = 1000;
          let least = whole.stop as number;
          steps.forEach((step, index) => {
            mark = Math.max(10, mark + step);
            if (index === cut) {
              const kept = JSON.parse(JSON.stringify(exitsToJson(terms, parted.state()) ?? null)) as never;
              const { exits: read, state } = exitsFrom(kept);
              const again = new MovingStop(read, side, INSTRUMENT, parted.stop, 1000);
              if (state !== undefined) again.restore(state);
              else again.restore(parted.state());
              parted = again;
            }
            whole.shown(mark);
            parted.shown(mark);
            expect((whole.stop - least) * side).toBeGreaterThanOrEqual(0);
            expect(parted.stop).toBe(whole.stop);
            least = whole.stop;
          });
        },
      ),
    );
  });
});
