import { units, type Units } from '../../../domain/units.js';
import { finding, type Assessment, type RiskFinding } from '../assessment.js';
import { percent, percentOf, share } from '../parts-per-million.js';
import { amount } from '../amount-text.js';
import type { RiskLimits } from '../risk-limits.js';

/** Value of this order alone. */
export function checkOrderNotional({ notional, limits }: Assessment): RiskFinding | undefined {
  return atMost(limits, 'max_order_notional', 'Order value', notional, limits.maxOrderNotional);
}

/** Worst value of one symbol: position, open orders, unknown ones, those of others that rest there, and this order. */
export function checkPosition(order: Assessment): RiskFinding | undefined {
  const { worstNotional, limits, symbol, equity } = order;
  const open = order.theirs > 0 ? 'open orders, others’ too' : 'open orders';
  return (
    atMost(limits, 'max_position_size', `Position with ${open}`, worstNotional, limits.maxPosition) ??
    atMost(
      limits,
      'max_symbol_notional',
      `Position in ${order.intent.instrument.symbol} with ${open}`,
      worstNotional,
      symbol.maxNotional,
    ) ??
    shareAtMost(limits, 'max_position_pct', `Position with ${open}`, worstNotional, equity, limits.maxPositionShare)
  );
}

/** The same over all symbols. */
export function checkPortfolio(order: Assessment): RiskFinding | undefined {
  const { worstNotional, othersNotional, limits, equity } = order;
  if (!(othersNotional >= 0))
    return finding(
      'unpriced_exposure',
      'Exposure in another symbol has no mark, so the sum over all symbols is not known.',
    );
  const gross = units(worstNotional + othersNotional);
  return (
    shareAtMost(limits, 'max_exposure_pct', 'Exposure of all symbols', gross, equity, limits.maxExposure) ??
    atMost(limits, 'max_gross_notional', 'Exposure of all symbols', gross, limits.maxGross)
  );
}

/** Long less short over all symbols, on the side to which this order adds. */
export function checkNet(order: Assessment): RiskFinding | undefined {
  const { maxNet } = order.limits;
  if (maxNet === Infinity) return undefined;
  const side = order.intent.side === 'buy' ? 'long' : 'short';
  return atMost(order.limits, 'max_net_notional', `Net ${side} exposure of all symbols`, order.worstNet(), maxNet);
}

/** Without derivatives nothing can be sold that is not held. */
export function checkSpotShort({ intent, symbol, position, size }: Assessment): RiskFinding | undefined {
  if (!symbol.isSpot || intent.side === 'buy') return undefined;
  return finding(
    'spot_short',
    `${intent.instrument.symbol} is traded as spot: at most the ${position} lots held, less what is being sold, may be sold, was ${size}.`,
  );
}

function atMost(
  { unit }: RiskLimits,
  check: string,
  what: string,
  value: Units,
  limit: Units,
): RiskFinding | undefined {
  return value <= limit
    ? undefined
    : finding(check, `${what} must be at most ${amount(unit, limit)}, was ${amount(unit, value)}.`);
}

function shareAtMost(
  { unit }: RiskLimits,
  check: string,
  what: string,
  value: Units,
  equity: Units,
  limit: number,
): RiskFinding | undefined {
  return value <= share(equity, limit)
    ? undefined
    : finding(
        check,
        `${what} must be at most ${percent(limit)} of equity, was ${percentOf(value, equity)} (${amount(unit, value)}).`,
      );
}
