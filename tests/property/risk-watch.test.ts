import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Instrument } from '#src/domain/instrument.js';
import { marks, type MarkUnits } from '#src/domain/units.js';
import type { Series } from '#src/ports/runtime-state/series.js';
import { BTC, d, Desk, WIDE } from '../unit/risk/harness.js';

/** Values are appended, oldest first. */
class GrowingSeries implements Series {
  readonly capacity = 1_000;
  readonly intervalMs = 60_000;
  readonly instrument: Instrument = BTC;
  readonly lastAt = 0;
  private readonly values: number[] = [];
  get count(): number {
    return this.values.length;
  }
  get length(): number {
    return this.values.length;
  }
  append(value: number): void {
    this.values.push(value);
  }
  at(back: number): MarkUnits {
    return marks(this.values[this.values.length - 1 - back] ?? Number.NaN);
  }
}

const LIMITS = {
  ...WIDE,
  dailyLossLimit: d(300),
  maxDrawdown: d('0.05'),
  maxMarkStalenessMs: 180_000,
  volatility: {
    enabled: true,
    window: 12,
    warning: d('0.05'),
    reduceOnly: d('0.5'),
    kill: d('2'),
    cooldownMs: 600_000,
  },
};

const step = fc.record({
  /** Basis points of the mark, hundredths of equity. */
  move: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: -3, max: 3 }) },
    { weight: 1, arbitrary: fc.integer({ min: -900, max: 900 }) },
  ),
  earned: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: -2_000, max: 2_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: -40_000, max: 40_000 }) },
  ),
  minutes: fc.oneof(
    { weight: 8, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 2_000 }) },
  ),
  isMarked: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
});

interface Told {
  readonly desk: Desk;
  readonly series: GrowingSeries;
}

/** What the checks answer one by one. */
function answers({ desk, series }: Told): Record<string, unknown> {
  const { risk, now } = desk;
  return {
    volatility: risk.checkVolatility(series, now).action,
    stale: risk.checkMarkStaleness(BTC.symbol, now),
    dailyLoss: risk.checkDailyLoss(now),
    drawdown: risk.checkDrawdown(now),
    reduceOnly: risk.isReduceOnly() || risk.isSymbolReduceOnly(BTC.symbol),
    killSwitch: risk.killSwitch,
  };
}
const QUIET = {
  volatility: 'none',
  stale: false,
  dailyLoss: false,
  drawdown: false,
  reduceOnly: false,
  killSwitch: false,
};

describe("one question in place of risk's checks", () => {
  it('is answered with yes only where each of them passes in silence, and leaves nothing undone that they would do', () => {
    let yes = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 30, maxLength: 80 }), (steps) => {
        const told: Told[] = [0, 1].map(() => ({ desk: new Desk(LIMITS), series: new GrowingSeries() }));
        const [watched, plain] = told as [Told, Told];
        const watch = watched.desk.risk.watch(watched.series);
        let mark = 50_000_000;
        for (const { move, earned, minutes, isMarked } of steps) {
          mark = Math.max(1, Math.round(mark * (1 + move / 10_000)));
          for (const { desk, series } of told) {
            desk.clock.advance(minutes * 60_000);
            series.append(mark);
            if (isMarked) desk.freshness.touch(BTC.symbol, desk.now);
            desk.portfolio.equity = BTC.toUnits(BTC.money(desk.portfolio.equity).plus(d(earned).div(100)), 'floor');
            if (desk.portfolio.equity > desk.portfolio.equityPeak) desk.portfolio.equityPeak = desk.portfolio.equity;
          }
          const before = watched.desk.events.lastSeq;
          const isQuiet = watch.isQuiet(watched.desk.now);
          expect(watched.desk.events.lastSeq).toBe(before);
          const expected = answers(plain);
          if (isQuiet) {
            yes += 1;
            expect(expected).toEqual(QUIET);
            expect(plain.desk.events.lastSeq).toBe(watched.desk.events.lastSeq);
          } else expect(answers(watched)).toEqual(expected);
        }
        expect(watched.desk.events.events.map(({ type }) => type)).toEqual(
          plain.desk.events.events.map(({ type }) => type),
        );
        expect(watched.desk.ladder.state).toBe(plain.desk.ladder.state);
      }),
      { numRuns: 150 },
    );
    // Else everything above would hold of a watch that never says yes.
    expect(yes).toBeGreaterThan(1_000);
  });
});
