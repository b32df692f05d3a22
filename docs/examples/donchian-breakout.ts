import { defineStrategy, int, number, percent, r, stopEntry } from 'perpsbot';

/** Stop entries on both sides of the channel, one ends the other; from one risk on, the stop trails. */
export default defineStrategy({
  name: 'donchian-breakout',
  timeframe: '1h',
  params: {
    channel: int(20, { min: 3, max: 100 }),
    atr: int(14, { min: 2, max: 50 }),
    trail: number(3, { min: 1, max: 6, step: 0.5 }),
    risk: percent('0.5%'),
  },
  setup: ({ params, ind }) => ({ channel: ind.donchian(params.channel), atr: ind.atr(params.atr) }),
  onBar({ params, position, either, hold }, { channel, atr }) {
    if (!position.isFlat) {
      hold('the trail has the position');
      return;
    }
    // #region entries
    const { upper, lower } = channel;
    const trail = { by: { price: params.trail * atr.value }, after: r(1) };
    const up = { stop: upper.value - 2 * atr.value, entry: stopEntry(upper.value) };
    const down = { stop: lower.value + 2 * atr.value, entry: stopEntry(lower.value) };
    either({
      long: { why: 'break above the channel', risk: params.risk, trail, ...up },
      short: { why: 'break below the channel', risk: params.risk, trail, ...down },
    });
    // #endregion
  },
});
