import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { bars, runStrategy } from '#di/testing.js';
import type { StrategyDefinition } from '#src/ports/core-services/strategy.js';
import { defineStrategy, limit, type BarContext } from '#src/services/strategy/define/index.js';

/** One entry that nobody protects, and that rests for more than one bar. */
function waiting(): StrategyDefinition {
  let bar = 0;
  return defineStrategy({
    name: 'waiting',
    timeframe: '5m',
    onBar({ long, position }: BarContext<unknown>) {
      bar += 1;
      if (bar === 1 && position.isFlat) long({ why: 'cheap', fraction: '10%', stop: 'none', entry: limit(95) });
    },
  });
}

describe("an entry that rests under the dead man's switch", () => {
  it('rests over bars that are longer than the switch, in every world', async () => {
    const options = { bars: bars.closes('5m', [100, 100, 99, 94, 96, 97]) };
    const backtest = await runStrategy(waiting(), options);
    expect(backtest.fillLines).toHaveLength(1);
    const paper = await runStrategy(waiting(), { ...options, faults: [] });
    expect(paper.fillLines).toEqual(backtest.fillLines);
    await paper.expectSound();
  });
});
