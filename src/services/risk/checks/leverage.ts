import { finding, type Assessment, type RiskFinding } from '../assessment.js';
import { percent, percentOf, PPM, share, shareUp } from '../parts-per-million.js';
import { amount } from '../amount-text.js';

/**
 * Worst value of the symbol against equity times its cap, and of the account against equity times the largest leverage.
 */
export function checkLeverage(order: Assessment): RiskFinding | undefined {
  const { equity, worstNotional, othersNotional, limits, cap } = order;
  if (!(equity > 0))
    return finding('leverage', `Equity must be above zero to add exposure, was ${amount(limits.unit, equity)}.`);
  if (!(worstNotional <= share(equity, cap)))
    return tooMuch(worstNotional, equity, cap, order.intent.instrument.symbol);
  // An account-wide sum that is not a number is refused by name among the exposure checks.
  if (worstNotional + othersNotional > share(equity, limits.maxLeverage))
    return tooMuch(worstNotional + othersNotional, equity, limits.maxLeverage, 'the account');
  return undefined;
}

/** Equity that is left after the margin of the worst case, as a share of equity. */
export function checkLiquidationBuffer(order: Assessment): RiskFinding | undefined {
  const { equity, worstNotional, limits, cap, symbol } = order;
  if (symbol.isSpot) return undefined;
  const affordable = share(share(equity, PPM - limits.minBuffer), cap);
  if (worstNotional <= affordable) return undefined;
  return finding(
    'liquidation_buffer',
    `Equity left after margin must be at least ${percent(limits.minBuffer)}, was ${percentOf(equity - worstNotional / (cap / PPM), equity)} with ${amount(limits.unit, worstNotional)} at ${cap / PPM}x.`,
  );
}

/** Equity that is left after the maintenance margin of the worst case, as a share of equity. */
export function checkProjection(order: Assessment): RiskFinding | undefined {
  const { equity, worstNotional, limits, symbol, now } = order;
  if (symbol.isSpot || !limits.risk.preTradeLiquidationProjection) return undefined;
  const rate = limits.maintenanceAt(symbol, now);
  const left = equity - shareUp(worstNotional, rate);
  if (left >= shareUp(equity, limits.minBuffer)) return undefined;
  return finding(
    'liquidation_projection',
    `Projected buffer to liquidation must be at least ${percent(limits.minBuffer)}, was ${percentOf(Math.max(0, left), equity)} with ${amount(limits.unit, worstNotional)} at a maintenance rate of ${percent(rate)}.`,
  );
}

function tooMuch(notional: number, equity: number, cap: number, whose: string): RiskFinding {
  return finding(
    'leverage',
    `Leverage of ${whose} must be at most ${cap / PPM}x, was ${(notional / equity).toFixed(2)}x.`,
  );
}
