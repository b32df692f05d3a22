import { defineStrategy, int, number, percent, r, stopEntry } from 'perpsbot';

/** Stop entries on both sides of the channel, one ends the other; from one risk on, the stop trails. */
export default defineStrategy({
  name: 'donchian-breakout',
  timeframe: '1h',
  params: { channel: int(20, { min: 3 }), atr: int(14), trail: number(3, { min: 1 }), risk: percent('0.5%') },
  setup: ({ params, ind }) => ({ channel: ind.donchian(params.channel), atr: ind.atr(params.atr) }),
  onBar({ params, position, either, hold }, { channel: { upper, lower }, atr }) {
    // #region entries
    const terms = { risk: params.risk, trail: { by: { price: params.trail * atr.value }, after: r(1) } };
    const far = 2 * atr.value;
    const long = { ...terms, why: 'break above the channel', stop: upper.value - far, entry: stopEntry(upper.value) };
    const short = { ...terms, why: 'break below the channel', stop: lower.value + far, entry: stopEntry(lower.value) };
    if (position.isFlat) either({ long, short });
    else hold('the trail has the position');
    // #endregion
  },
});
