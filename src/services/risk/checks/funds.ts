import { units } from '../../../domain/units.js';
import type { Portfolio } from '../../../ports/runtime-state/portfolio.js';
import { finding, type Assessment, type RiskFinding } from '../assessment.js';
import type { DailyLoss } from '../guards/daily-loss.js';
import { divideUp, shareUp } from '../parts-per-million.js';
import { amount } from '../amount-text.js';

/** Nothing is added on a day whose loss limit was passed, nor while the day's starting equity is not known. */
export function checkDailyLoss(order: Assessment, portfolio: Portfolio, dailyLoss: DailyLoss): RiskFinding | undefined {
  const limit = order.limits.dailyLoss;
  if (limit === Infinity) return undefined;
  if (dailyLoss.check(order.now))
    return finding(
      'daily_loss',
      `Loss of the day has passed the limit of ${amount(order.limits.unit, limit)}; only reducing orders may pass until the next UTC day.`,
    );
  if (portfolio.dayStartEquity !== undefined) return undefined;
  return finding('daily_loss', "Equity at the start of the day is not known, so today's loss cannot be checked.");
}

/**
 * Margin of every symbol's worst case at its leverage cap, the fee and the worst slippage of this order, out of equity.
 */
export function checkFreeMargin(order: Assessment): RiskFinding | undefined {
  const { equity, worstNotional, othersMargin, notional, symbol, limits, cap } = order;
  const margin = divideUp(worstNotional, cap) + othersMargin;
  const costs = shareUp(notional, symbol.takerFee) + shareUp(notional, limits.slippage);
  if (margin + costs <= equity) return undefined;
  const { unit } = limits;
  return finding(
    'free_margin',
    `Margin ${amount(unit, units(margin))} and costs ${amount(unit, units(costs))} must be covered by equity, was ${amount(unit, equity)}.`,
  );
}
