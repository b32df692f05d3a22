import { defineStrategy, int, limit, percent } from 'perpsbot';

/** Rests a bid at the channel's low; what fills is left after two hours, or before funding is due. */
export default defineStrategy({
  name: 'dip-before-funding',
  timeframe: '15m',
  params: { channel: int(20, { min: 3, max: 100 }), risk: percent('0.5%') },
  setup: ({ params, ind }) => ({ channel: ind.donchian(params.channel), atr: ind.atr(14) }),
  // #region handlers
  onBar({ params, position, long, hold }, { channel, atr }) {
    if (!position.isFlat) {
      hold('the clock has the position');
      return;
    }
    const at = channel.lower.value;
    const entry = limit(at, { postOnly: true, timeout: '4 bars' });
    // Asked again while it rests, it answers with the same ticket, brought to the new terms.
    long({ why: 'the low of the channel', risk: params.risk, stop: at - 2 * atr.value, entry });
  },
  onFill({ ticket, after }) {
    if (ticket.role === 'entry') after('2h', 'enough');
  },
  onTimer({ timer, position, flat }) {
    if (timer.name === 'enough' && !position.isFlat) flat('two hours are enough');
  },
  every: {
    '8h -15m'({ position, flat, orders }) {
      orders.cancelAll('funding is near', { role: 'entry' });
      if (!position.isFlat) flat('funding is near');
    },
  },
  // #endregion
});
