import 'reflect-metadata';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { bars, type TestBar } from '#di/testing.js';
import type { StrategyDefinition } from '#src/ports/core-services/strategy.js';
import { FEES, generated, inBacktest, inKit, onPaper, STRATEGIES, type Market } from '../../support/parity.js';

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

async function agree(definition: StrategyDefinition, of: Market): Promise<void> {
  const backtest = await inBacktest(definition, of);
  expect(await onPaper(definition, of)).toEqual(backtest);
  expect(await inKit(definition, of)).toEqual(backtest);
  expect(backtest.fills.length).toBeGreaterThan(2);
}

const SEEDS = Array.from({ length: 20 }, (_unused, index) => index + 1);
const MINUTES = 60_000;

describe('the same events give the same intents in a backtest, on paper and in the test kit', () => {
  it.each(STRATEGIES.flatMap((each) => SEEDS.map((seed) => [each[0], seed, each] as const)))(
    '%s over generated bars, seed %i',
    (_name, seed, [, definition, interval, count, params]) =>
      agree(definition, generated(seed, interval, 2 * count, params)),
    5 * MINUTES,
  );

  (existsSync(REAL) ? it.each(STRATEGIES) : it.skip.each(STRATEGIES))(
    '%s over recorded bars',
    (_name, definition, _interval, _count, params) =>
      agree(definition, { bars: bars.ohlc('5m', recorded()), params, instrument: FEES }),
    10 * MINUTES,
  );
});
