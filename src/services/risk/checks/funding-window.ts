import type { Decimal } from '../../../domain/decimal.js';
import { HOUR_MS } from '../../../domain/time-spans.js';
import type { FundingOutlook } from '../../../ports/core-services/risk-manager.js';
import { finding, type Assessment, type RiskFinding } from '../assessment.js';

const BPS = 10_000;

/**
 * Nothing is added shortly before a funding that is expected to cost more than the limit. Within the window a rate that
 * is not known is too high; who is paid is never held back.
 */
export function checkFundingWindow(order: Assessment, outlook: FundingOutlook): RiskFinding | undefined {
  const { intent, limits, now } = order;
  const { fundingWindowMs } = limits.risk;
  const { instrument } = intent;
  const { fundingIntervalHours } = instrument.spec;
  if (fundingWindowMs === undefined || order.shrinks || !(fundingIntervalHours > 0)) return undefined;
  const known = outlook.find(instrument, now);
  const next = nextStamp(now, fundingIntervalHours, known?.nextAt);
  if (next - now > fundingWindowMs) return undefined;
  const cost = known === undefined ? Number.NaN : costOf(known.rate, intent.side);
  if (cost <= limits.fundingCost) return undefined;
  const expected = Number.isNaN(cost) ? 'is not known' : `is expected to cost ${cost} bps`;
  return finding(
    'funding_window',
    `Funding of ${instrument.symbol} in ${next - now} ms ${expected}; to add exposure it must cost at most ${limits.fundingCost} bps.`,
  );
}

/** The venue's word; where it says none, or one that is past, its interval since the epoch. */
function nextStamp(now: number, intervalHours: number, told: number | undefined): number {
  if (told !== undefined && told >= now) return told;
  const interval = intervalHours * HOUR_MS;
  return Math.ceil(now / interval) * interval;
}

/** In basis points of the order's value: longs pay a positive rate, shorts a negative one. */
const costOf = (rate: Decimal, side: 'buy' | 'sell'): number => rate.times(side === 'buy' ? BPS : -BPS).toNumber();
