import { Decimal, ONE } from '../../../domain/decimal.js';
import type { MarketSnapshot } from '../../../domain/market.js';
import { valueOf } from '../../../domain/order-value.js';
import { finding, type Assessment, type RiskFinding } from '../assessment.js';
import { percentOf, PPM } from '../parts-per-million.js';
import { givesNothing } from './price.js';

const HALF_OF_BPS = 5_000;

/**
 * What an order gives away stays within the guard: by its limit against the mark where it would trade at once, and by
 * what is expected of the market where its spread and depth are known and it would trade with it.
 */
export function checkSlippage(order: Assessment): RiskFinding | undefined {
  if (!(order.limits.slippage > 0)) return undefined;
  return byLimit(order) ?? (givesNothing(order) ? undefined : expected(order));
}

function byLimit({ intent, low, high, limits }: Assessment): RiskFinding | undefined {
  const { instrument, limit, stop, side } = intent;
  if (limit === undefined) return undefined;
  const worse = side === 'buy' ? low : high;
  const anchor = stop === undefined ? worse : stop * instrument.marksPerTick;
  const price = limit * instrument.marksPerTick;
  const given = side === 'buy' ? price - anchor : anchor - price;
  if (given * PPM <= anchor * limits.slippage) return undefined;
  return finding(
    'slippage',
    `Limit price of the ${side} must give away at most ${limits.slippage / 100} bps against the mark, was ${percentOf(given, anchor)}.`,
  );
}

function expected({ intent, mark, limits }: Assessment): RiskFinding | undefined {
  const { instrument, snapshot } = intent;
  const value = snapshot === undefined ? undefined : valueOf(intent, mark);
  if (snapshot === undefined || value === undefined) return undefined;
  const limit = limits.risk.slippageGuardBps;
  const bps = expectedSlippageBps(snapshot, instrument.money(value), limits.slippageFactor(instrument.symbol));
  if (bps.lte(limit)) return undefined;
  return finding('slippage_guard', `Expected slippage must be at most ${limit.toString()} bps, was ${bps.toFixed(1)}.`);
}

/**
 * Expected slippage in basis points: the spread, and half of the order's share of the best level's depth, times the
 * symbol's own factor. A depth that is not positive counts as one unit of quote currency, which refuses any order.
 */
function expectedSlippageBps(snapshot: MarketSnapshot, notional: Decimal, factor: Decimal): Decimal {
  const depth = snapshot.depthL1.gt(0) ? snapshot.depthL1 : ONE;
  return snapshot.spreadBps.plus(new Decimal(HALF_OF_BPS).times(notional).div(depth)).times(factor);
}
