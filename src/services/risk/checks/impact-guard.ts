import { messageOf } from '../../../domain/errors.js';
import type { ImpactEstimate, ImpactEstimator } from '../../../ports/core-services/risk-manager.js';
import { finding, type Assessment, type RiskFinding } from '../assessment.js';
import type { RiskJournal } from '../risk-journal.js';
import { givesNothing } from './price.js';

const CHECK = 'market_impact_guard';

/**
 * Expected price impact against the real book. A book that is not known refuses an order that adds exposure; it does
 * not keep a position open. An operator's order is not asked, nor what would trade at no worse than every fresh price.
 */
export class ImpactGuard {
  constructor(
    private readonly estimator: ImpactEstimator,
    private readonly journal: RiskJournal,
  ) {}

  check(order: Assessment): RiskFinding | undefined {
    const { risk } = order.limits;
    if (givesNothing(order)) return undefined;
    if (!risk.marketImpactGuard || !risk.maxMarketImpactBps.gt(0) || order.intent.urgent === true) return undefined;
    const { instrument, side } = order.intent;
    let estimate: ImpactEstimate | undefined;
    try {
      estimate = this.estimator.estimate(instrument, side, order.size);
    } catch (error) {
      return this.blocked(order, undefined, 'estimate_failed', `Impact cannot be estimated: ${messageOf(error)}`);
    }
    if (estimate === undefined) {
      return order.shrinks
        ? undefined
        : this.blocked(
            order,
            undefined,
            'book_unknown',
            `The book of ${instrument.symbol} is not known, so the impact cannot be estimated.`,
          );
    }
    if (!estimate.liquiditySufficient) {
      return this.blocked(
        order,
        estimate,
        'insufficient_liquidity',
        `The book of ${instrument.symbol} must hold the whole order, and does not.`,
      );
    }
    if (!estimate.impactBps.lte(risk.maxMarketImpactBps)) {
      return this.blocked(
        order,
        estimate,
        'impact_exceeds_threshold',
        `Impact must be at most ${risk.maxMarketImpactBps.toString()} bps, was ${estimate.impactBps.toFixed(2)} bps.`,
      );
    }
    this.record(order, estimate, 'allowed');
    return undefined;
  }

  private blocked(
    order: Assessment,
    estimate: ImpactEstimate | undefined,
    reason: string,
    message: string,
  ): RiskFinding {
    this.record(order, estimate, 'blocked', reason);
    return finding(CHECK, message);
  }

  private record(
    order: Assessment,
    estimate: ImpactEstimate | undefined,
    status: 'allowed' | 'blocked',
    reason?: string,
  ): void {
    const { instrument, side } = order.intent;
    if (this.journal.suppressed(instrument.symbol, `${CHECK} ${status}`, order.now) === undefined) return;
    this.journal.record(CHECK, {
      symbol: instrument.symbol,
      side,
      impact_bps: estimate?.impactBps.toFixed(4) ?? null,
      threshold_bps: order.limits.risk.maxMarketImpactBps.toString(),
      quantity: instrument.size(order.size).toString(),
      price: order.mark === undefined ? null : instrument.markPrice(order.mark).toString(),
      slippage_cost: estimate?.slippageCost.toString() ?? null,
      liquidity_sufficient: estimate?.liquiditySufficient ?? null,
      status,
      ...(estimate?.maxSlice === undefined
        ? {}
        : { recommended_slicing: true, max_slice_size: estimate.maxSlice.toString() }),
      ...(reason === undefined ? {} : { reason }),
    });
  }
}
