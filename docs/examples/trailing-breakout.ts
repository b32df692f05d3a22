import { defineStrategy, int, percent, r } from 'perpsbot';

/** Buys a new high of the channel; the stop goes to break-even, then trails, and a day is the most it waits. */
export default defineStrategy({
  name: 'trailing-breakout',
  timeframe: '1h',
  params: { channel: int(20, { min: 3 }), atr: int(14, { min: 2 }), risk: percent('0.5%') },
  setup: ({ params, ind }) => ({ channel: ind.donchian(params.channel), atr: ind.atr(params.atr) }),
  onBar({ bar, params, position, long, hold }, { channel, atr }) {
    // The channel has this very bar in it: what it broke is the channel of the bar before.
    if (position.isFlat && bar.close > channel.upper.previous) {
      // #region exits
      long({
        why: 'break above the channel',
        risk: params.risk,
        stop: bar.close - 2 * atr.value,
        // To the entry, with the fees of both trades, once it is one risk ahead.
        breakEven: { after: r(1) },
        // From two risks on it follows the best mark at this distance.
        trail: { by: { price: 3 * atr.value }, after: r(2) },
        // Out at market, whatever it is worth.
        timeStop: '24 bars',
      });
      // #endregion
    } else hold(position.isFlat ? 'inside the channel' : 'the stop has the position');
  },
});
