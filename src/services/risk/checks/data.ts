import type { EntryPermit } from '../../../ports/core-services/entry-permit.js';
import type { MarkFreshness } from '../../../ports/runtime-state/mark-freshness.js';
import type { OpenOrders } from '../../../ports/runtime-state/open-orders.js';
import type { Portfolio } from '../../../ports/runtime-state/portfolio.js';
import { finding, type Assessment, type RiskFinding } from '../assessment.js';

/**
 * The mark is known and fresh. A mark from the future is no better than an old one: one of the two clocks is wrong.
 * What shrinks the position needs none and passes: exits, stops and flattening must work when the feed is down.
 */
export function checkMark(order: Assessment, freshness: MarkFreshness): RiskFinding | undefined {
  const { intent, now, mark } = order;
  const limit = order.limits.risk.maxMarkStalenessMs;
  const age = freshness.age(intent.instrument.symbol, now);
  if (mark !== undefined && mark > 0 && age !== undefined && Math.abs(age) <= limit) return undefined;
  if (order.shrinks) return undefined;
  const state = age === undefined || mark === undefined ? 'is not known' : `is ${age} ms old`;
  return finding('stale_mark', `Mark of ${intent.instrument.symbol} ${state}; orders need one of at most ${limit} ms.`);
}

/** What is known of the market and of the time is good enough to add by. */
export function checkPermit(order: Assessment, permit: EntryPermit): RiskFinding | undefined {
  return order.shrinks ? undefined : permit.objection(order.intent, order.now);
}

/** Nothing is opened on positions that nobody has confirmed. */
export function checkPositionsKnown(order: Assessment, portfolio: Portfolio): RiskFinding | undefined {
  if (order.shrinks || portfolio.known) return undefined;
  return finding(
    'positions_unknown',
    'Positions have not been confirmed with the venue; only reducing orders may pass.',
  );
}

/** Nothing is added to a symbol while one of its orders may or may not exist. */
export function checkUnknownOrders(order: Assessment, orders: OpenOrders): RiskFinding | undefined {
  const { symbol } = order.intent.instrument;
  const count = orders.unknown(symbol);
  if (count === 0) return undefined;
  return finding(
    'unknown_outcome',
    `${count} order(s) of ${symbol} have an unknown outcome; nothing may be added until they are resolved.`,
  );
}

/**
 * Every limit is a share of equity, and equity is only as new as the oldest mark that a held position is valued at. A
 * mark of the future is no better than an old one.
 */
export function checkEquityAge(
  order: Assessment,
  portfolio: Portfolio,
  freshness: MarkFreshness,
): RiskFinding | undefined {
  const limit = order.limits.risk.maxEquityAgeMs;
  if (limit === undefined || order.shrinks) return undefined;
  for (const { instrument, lots } of portfolio.positions()) {
    if (lots === 0) continue;
    const age = freshness.age(instrument.symbol, order.now);
    if (age !== undefined && Math.abs(age) <= limit) continue;
    const state = age === undefined ? 'that is not known' : `that is ${age} ms old`;
    return finding(
      'equity_age',
      `Equity holds ${instrument.symbol} at a mark ${state}; to add exposure it must be at most ${limit} ms.`,
    );
  }
  return undefined;
}
