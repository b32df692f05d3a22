import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { bars, runStrategy, type FaultKind, type StrategyRunOptions, type TestBar } from '#di/testing.js';
import { Decimal } from '#src/domain/decimal.js';
import type { StrategyDefinition } from '#src/ports/core-services/strategy.js';
import { defineStrategy, limit } from '#src/services/strategy/define/index.js';
import donchian from '../../../docs/examples/donchian-breakout.js';
import emaLadder from '../../../docs/examples/ema-ladder.js';

type Row = readonly [open: number, high: number, low: number, close: number];
const over = (interval: string, rows: readonly Row[], params: StrategyRunOptions['params']): StrategyRunOptions => ({
  bars: bars.ohlc(
    interval,
    rows.map(([open, high, low, close]): TestBar => ({ open, high, low, close })),
  ),
  ...(params === undefined ? {} : { params }),
  instrument: { tick: new Decimal(1) },
  config: { simulation: { matching: { barPath: 'pessimistic' } } },
});

/** A limit that waits below, rungs that follow its fills, more at a price, and an end at an age. */
const waiting = defineStrategy({
  name: 'waiting',
  timeframe: '1h',
  setup: () => ({}),
  onBar({ bar, position, long, add, flat }) {
    // What a strategy counts itself is not carried over a restart: it counts by the hour.
    const hour = new Date(bar.at).getUTCHours();
    if (position.isFlat && hour < 5)
      long({
        why: 'a dip',
        quantity: 4,
        stop: bar.close - 12,
        takeProfit: [{ at: bar.close + 6, share: '50%' }, { at: bar.close + 14 }],
        timeStop: '4 bars',
        entry: limit(bar.close - 4, { timeout: '3 bars', then: 'market' }),
      });
    else if (position.isLong && hour === 5) add({ why: 'more', quantity: 2 });
    else if (position.isLong && hour > 8) flat('enough');
  },
});

const SCENES: readonly (readonly [StrategyDefinition, StrategyRunOptions])[] = [
  [
    emaLadder,
    over(
      '15m',
      [
        [112, 112, 108, 110],
        [110, 111, 107, 108],
        [108, 109, 105, 106],
        [106, 107, 103, 104],
        [104, 112, 104, 112],
        [112, 118, 110, 117],
        [117, 125, 116, 124],
        [124, 137, 120, 130],
        [130, 131, 111, 113],
      ],
      { fast: 2, slow: 3, atr: 2, risk: '1%' },
    ),
  ],
  [
    donchian,
    over(
      '1h',
      [
        [100, 102, 98, 100],
        [100, 102, 98, 100],
        [100, 102, 98, 100],
        [100, 105, 99, 104],
        [104, 112, 103, 111],
        [111, 116, 110, 115],
        [115, 115, 109, 110],
        [110, 111, 108, 109],
      ],
      { channel: 3, atr: 2, trail: 1, risk: '1%' },
    ),
  ],
  [
    waiting,
    over(
      '1h',
      [
        [100, 102, 99, 100],
        [100, 101, 97, 99],
        [99, 100, 95, 98],
        [98, 103, 96, 102],
        [102, 107, 101, 106],
        [106, 108, 104, 105],
        [105, 106, 99, 100],
        [100, 104, 98, 103],
        [103, 104, 101, 102],
        [102, 103, 100, 101],
      ],
      undefined,
    ),
  ],
];
const KINDS: readonly FaultKind[] = [
  'reject',
  'unknown',
  'delay',
  'race',
  'partial',
  'silence',
  'kill',
  'state',
  'liquidate',
  'external_fill',
  'throw',
];

describe.each(SCENES.map(([definition, options]) => ({ name: definition.name, definition, options })))(
  '$name',
  ({ definition, options }) => {
    it('is the same in the paper world', async () => {
      await (await runStrategy(definition, options)).expectSound();
    });

    it.each(KINDS)(
      'is sound with %s wherever it can happen',
      async (kind) => {
        expect(await (await runStrategy(definition, options)).everyFault(kind)).toBeGreaterThan(0);
      },
      300_000,
    );
  },
);
