import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { bars, runStrategy, type FaultStep } from '#di/testing.js';
import { defineStrategy } from '#di/index.js';

const COUNT = 60;
const ROWS = Array.from({ length: COUNT }, (_, n) => {
  const open = 100 + Math.sin(n) * 3;
  return { open, high: open + 2 + (n % 5), low: open - 1 - (n % 3), close: open + Math.cos(n), volume: 1 + (n % 4) };
});

interface Seen {
  readonly bar: string;
  readonly atr: number;
}

/** What the strategy saw at each bar, lives one after another. */
async function seen(...faults: readonly FaultStep[]): Promise<ReadonlyMap<number, Seen>> {
  const told = new Map<number, Seen>();
  const watching = defineStrategy({
    name: 'watching',
    params: {},
    setup: ({ ind }) => ({ atr: ind.atr(5), channel: ind.donchian(5) }),
    onBar({ bar, hold }, { atr, channel }) {
      const fields = [bar.open, bar.high, bar.low, bar.close, bar.volume, channel.upper.value, channel.lower.value];
      told.set(bar.at, { bar: fields.map((value) => Number(value).toFixed(6)).join(' '), atr: atr.value });
      hold('watching');
    },
  });
  await runStrategy(watching, { bars: bars.ohlc('1m', ROWS), ...(faults.length > 0 ? { faults } : {}) });
  return told;
}

describe('bars after a restart', () => {
  it('are those of a run that never ended, in every field, and so is what is made of them', async () => {
    const [whole, killed] = [await seen(), await seen({ when: { bar: 30 }, fault: 'kill' })];
    const [first] = [...whole.keys()];
    const after = [...killed].filter(([at]) => at > (first ?? 0));
    expect(after.length).toBeGreaterThan(COUNT - 10);
    for (const [at, { bar, atr }] of after) {
      expect([at, bar]).toEqual([at, whole.get(at)?.bar]);
      // An average that forgets nothing begins with what the warm-up holds: of what lay before, a trace is missing.
      expect(atr / (whole.get(at)?.atr ?? 0)).toBeCloseTo(1, 4);
    }
  });
});
