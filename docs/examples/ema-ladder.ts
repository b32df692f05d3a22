import { defineStrategy, int, percent, r } from 'perpsbot';

/** Fast EMA over slow: a stop two ATR away, three take-profits, break-even after the first. */
export default defineStrategy({
  name: 'ema-ladder',
  timeframe: '15m',
  params: { fast: int(12, { min: 2 }), slow: int(48, { min: 3 }), atr: int(14, { min: 2 }), risk: percent('0.5%') },
  setup: ({ params, ind }) => ({ fast: ind.ema(params.fast), slow: ind.ema(params.slow), atr: ind.atr(params.atr) }),
  onBar({ bar, params, position, long, flat }, { fast, slow, atr }) {
    if (position.isFlat && fast.crossedAbove(slow)) {
      // #region ladder
      long({
        why: 'fast EMA crossed above slow',
        risk: params.risk,
        stop: bar.close - 2 * atr.value,
        takeProfit: [{ at: r(1), share: '50%' }, { at: r(2) }, { at: r(4) }],
        breakEven: { after: r(1) },
      });
      // #endregion
    }
    if (position.isLong && fast.crossedBelow(slow)) flat('fast EMA crossed below slow');
  },
});
