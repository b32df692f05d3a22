// #region strategy
import { defineStrategy } from 'perpsbot';

export default defineStrategy({
  name: 'in-and-out',
  timeframe: '1m',
  setup: () => ({}),
  every: {
    '2s'({ long, flat, position, mark }) {
      if (position.isFlat) long({ why: 'in', quantity: '0.01', stop: Math.round(Number(mark) * 0.99) });
      else flat('out');
    },
  },
  onBar() {},
});
// #endregion
