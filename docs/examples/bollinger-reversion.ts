import { defineStrategy, int, limit, number, percent } from 'perpsbot';

/** Post-only limits at the outer bands, moved with them, gone after three bars; out at the middle. */
export default defineStrategy({
  name: 'bollinger-reversion',
  timeframe: '5m',
  params: { size: int(20, { min: 5 }), width: number(2, { min: 1 }), risk: percent('0.25%'), flatAdx: int(20) },
  setup: ({ params, ind, on }) => ({ bands: ind.bollinger(params.size, params.width), adx: on('1h').adx(14) }),
  onBar({ params, position, long, short, exits, hold }, { bands, adx }) {
    // #region entries
    const [low, middle, high] = [bands.lower.value, bands.value, bands.upper.value];
    const half = (high - low) / 2;
    const terms = { risk: params.risk, takeProfit: { at: middle } };
    const at = (price: number) => limit(price, { postOnly: true, timeout: '3 bars' });
    if (!position.isFlat) exits({ takeProfit: { at: middle }, why: 'the middle moved' });
    else if (adx.value > params.flatAdx) hold('a trend on the hour', { adx: adx.value });
    else if (bands.percentB.value < 0.5)
      long({ ...terms, why: 'below the middle', stop: low - half, entry: at(low), timeStop: '24 bars' });
    else short({ ...terms, why: 'above the middle', stop: high + half, entry: at(high), timeStop: '24 bars' });
    // #endregion
  },
});
