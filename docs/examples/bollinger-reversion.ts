import { defineStrategy, int, limit, number, percent } from 'perpsbot';

/** Post-only limits at the outer bands, moved with them, gone after three bars; out at the middle. */
export default defineStrategy({
  name: 'bollinger-reversion',
  timeframe: '5m',
  params: {
    size: int(20, { min: 5, max: 100 }),
    width: number(2, { min: 1, max: 4, step: 0.5 }),
    risk: percent('0.25%'),
    flatAdx: int(20, { min: 10, max: 40 }),
  },
  setup: ({ params, ind, on }) => ({ bands: ind.bollinger(params.size, params.width), adx: on('1h').adx(14) }),
  onBar({ params, position, long, short, exits, hold }, { bands, adx }) {
    const half = (bands.upper.value - bands.lower.value) / 2;
    if (!position.isFlat) {
      exits({ takeProfit: { at: bands.value }, why: 'the middle moved' });
      return;
    }
    if (adx.value > params.flatAdx) {
      hold('a trend on the hour', { adx: adx.value });
      return;
    }
    // #region entries
    const terms = { risk: params.risk, takeProfit: { at: bands.value }, timeStop: '24 bars' } as const;
    const at = (price: number) => limit(price, { postOnly: true, timeout: '3 bars' });
    const { lower, upper } = bands;
    if (bands.percentB.value < 0.5)
      long({ ...terms, why: 'below the middle', stop: lower.value - half, entry: at(lower.value) });
    else short({ ...terms, why: 'above the middle', stop: upper.value + half, entry: at(upper.value) });
    // #endregion
  },
});
