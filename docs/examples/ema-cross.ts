// #region strategy
import { defineStrategy, int, percent } from 'perpsbot';

export default defineStrategy({
  name: 'ema-cross',
  timeframe: '15m',
  params: { fast: int(12, { min: 2, max: 100 }), slow: int(48, { min: 5, max: 400 }), risk: percent('0.5%') },
  setup: ({ params, ind }) => ({ fast: ind.ema(params.fast), slow: ind.ema(params.slow), atr: ind.atr(14) }),
  onBar({ bar, params, position, long, flat }, { fast, slow, atr }) {
    if (position.isFlat && fast.crossedAbove(slow)) {
      long({ risk: params.risk, stop: bar.close - 2 * atr.value, why: 'fast EMA crossed above slow' });
    }
    if (position.isLong && fast.crossedBelow(slow)) flat('fast EMA crossed below slow');
  },
});
// #endregion
