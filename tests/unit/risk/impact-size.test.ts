import { describe, expect, it } from '@jest/globals';
import type { MarketSnapshot } from '#src/domain/market.js';
import { lots } from '#src/domain/units.js';
import type { BotConfig } from '#src/ports/configuration/settings/bot-config.js';
import type { ImpactEstimate } from '#src/ports/core-services/risk-manager.js';
import { snapshotImpact } from '#src/services/risk/snapshot-impact.js';
import { BTC, d, Desk, WIDE } from './harness.js';

const SNAPSHOT: MarketSnapshot = {
  symbol: 'BTC-PERP',
  mid: d(50_000),
  spreadBps: d(1),
  depthL1: d(50_000),
  depthL10: d(200_000),
  volume1m: d(1e6),
  at: 0,
};
type Mode = BotConfig['execution']['sizingMode'];

/** Value of what is advised of an entry worth `value`, at 50 USDT a lot. */
function size(value: number, mode: Mode, factor = 1, snapshot = SNAPSHOT, desk = deskOf(mode, factor)): string {
  const advice = desk.risk.sizePosition({
    instrument: BTC,
    side: 'buy',
    equity: desk.portfolio.equity,
    mark: BTC.toMarks(d(50_000)),
    leverage: 1,
    decided: lots(Math.floor(value / 50)),
    snapshot,
  });
  return BTC.money(advice.notional).toString();
}

const deskOf = (sizingMode: Mode, factor = 1): Desk =>
  new Desk(
    { ...WIDE, dynamicPositionSizing: true, positionSizingMethod: 'fixed' },
    { execution: { sizingMode, maxImpactBps: d(15), slippageMultipliers: { 'BTC-PERP': d(factor) } } },
  );

describe('impact-aware size', () => {
  it('takes the whole target where it fits, in every mode (B-104)', () => {
    for (const mode of ['strict', 'conservative', 'aggressive'] as const) expect(size(40_000, mode)).toBe('40000');
    expect(size(50, 'strict')).toBe('50');
  });

  it('takes what fits, everything within ten levels, or nothing, by mode', () => {
    expect(size(100_000, 'conservative')).toBe('87500');
    expect(size(100_000, 'aggressive')).toBe('100000');
    expect(size(100_000, 'strict')).toBe('0');
    expect(size(300_000, 'aggressive')).toBe('87500');
  });

  it("multiplies impact by the symbol's factor (B-70)", () => {
    expect(size(40_000, 'conservative', 1.5)).toBe('40000');
    // 15 / 1.5 is 10: the square-root part gives a sixteenth of 150,000 beyond the first level; whole lots of 50.
    expect(size(100_000, 'conservative', 1.5)).toBe('59350');
  });

  it('takes nothing of a book whose depth is not known', () => {
    expect(size(100, 'aggressive', 1, { ...SNAPSHOT, depthL1: d(0) })).toBe('0');
  });

  it('asks the book where it is known, and the snapshot only where it is not', () => {
    const desk = deskOf('conservative');
    // A basis point for every hundred lots of 50.
    desk.estimator.estimate = (...args: unknown[]): ImpactEstimate => ({
      impactBps: d(args[2] as number).div(100),
      slippageCost: d(0),
      liquiditySufficient: true,
    });
    expect(size(100_000, 'conservative', 1, SNAPSHOT, desk)).toBe('75000');
    desk.estimator.estimate = () => undefined;
    expect(size(100_000, 'conservative', 1, SNAPSHOT, desk)).toBe('87500');
  });

  it.each([
    [40_000, '4', true],
    [87_500, '15', true],
    [200_000, '25', true],
    [200_001, '100', false],
  ])('of %d into 50000 and 200000 is %s bps, all of it fillable: %p', (value, bps, holds) => {
    const estimate = snapshotImpact(d(value), SNAPSHOT, d(1));
    expect([estimate.impactBps.toString(), estimate.liquiditySufficient]).toEqual([bps, holds]);
  });
});
