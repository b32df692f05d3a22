import 'reflect-metadata';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { bars, runStrategy, type RunReading, type StrategyRunOptions, type TestBar } from '#di/testing.js';
import { Decimal } from '#src/domain/decimal.js';
import type { StrategyDefinition } from '#src/ports/core-services/strategy.js';
import bollinger from '../../../../docs/examples/bollinger-reversion.js';
import donchian from '../../../../docs/examples/donchian-breakout.js';
import emaLadder from '../../../../docs/examples/ema-ladder.js';

/** A market by a seed: bars that hang together, with swings that cross means and leave channels. */
function market(seed: number, count: number): readonly TestBar[] {
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  let close = 10_000;
  return Array.from({ length: count }, (_, index): TestBar => {
    const open = close;
    close = Math.round(open + 60 * Math.sin(index / 9) + (random() - 0.5) * 160);
    const high = Math.max(open, close) + Math.round(random() * 40);
    const low = Math.min(open, close) - Math.round(random() * 40);
    return { open, high, low, close };
  });
}

/** Five minutes each: recorded, and here only beside a checkout that has them. */
const REAL = '../shared/data/perp/xrpusdt_perp_klines_5m.csv';
const recorded = (): readonly TestBar[] =>
  readFileSync(REAL, 'utf8')
    .trim()
    .split('\n')
    .slice(1, 1401)
    .map((row): TestBar => {
      const [open = 0, high = 0, low = 0, close = 0, volume = 0] = row.split(',').slice(2).map(Number);
      return { open, high, low, close, volume };
    });

/** Everything that was asked, with its terms, instant and reason, and everything that filled. */
const did = ({ decisions, fillLines }: RunReading) => ({
  asked: decisions
    .filter(({ action }) => action !== 'hold')
    .map(({ at, action, reason, terms }) => ({ at, action, reason, terms })),
  fills: fillLines,
});

const STRATEGIES: readonly (readonly [string, StrategyDefinition, string, number, StrategyRunOptions['params']])[] = [
  ['ema-ladder', emaLadder, '15m', 96, { fast: 3, slow: 8, atr: 4, risk: '1%' }],
  ['bollinger-reversion', bollinger, '5m', 700, { size: 10, width: 1.5, flatAdx: 40 }],
  ['donchian-breakout', donchian, '1h', 120, { channel: 5, atr: 4, trail: 2, risk: '1%' }],
];

async function agree(
  definition: StrategyDefinition,
  options: Pick<StrategyRunOptions, 'bars' | 'params' | 'instrument'>,
): Promise<void> {
  const backtest = did(await runStrategy(definition, options));
  const paper = did(await runStrategy(definition, { ...options, faults: [] }));
  expect(paper.asked).toEqual(backtest.asked);
  expect(paper.fills).toEqual(backtest.fills);
  expect(backtest.fills.length).toBeGreaterThan(2);
}

const FEES = { makerFee: new Decimal('0.0002'), takerFee: new Decimal('0.0005') };

describe('the same events give the same intents in backtest and paper', () => {
  it.each(STRATEGIES.flatMap((each) => [1, 2].map((seed) => [...each, seed] as const)))(
    '%s over generated bars, seed %#',
    (_name, definition, interval, count, params = {}, seed) =>
      agree(definition, {
        ...{ bars: bars.ohlc(interval, market(seed, count)), params },
        instrument: { tick: new Decimal(1), ...FEES },
      }),
  );

  (existsSync(REAL) ? it.each(STRATEGIES) : it.skip.each(STRATEGIES))(
    '%s over recorded bars',
    (_name, definition, _interval, _count, params = {}) =>
      agree(definition, { bars: bars.ohlc('5m', recorded()), params, instrument: FEES }),
    60_000,
  );
});
