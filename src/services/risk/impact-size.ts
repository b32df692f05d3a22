import { Decimal, ONE } from '../../domain/decimal.js';
import { messageOf } from '../../domain/errors.js';
import { valueOf } from '../../domain/order-value.js';
import { lots, type Lots } from '../../domain/units.js';
import type { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import type { ImpactEstimate, ImpactEstimator, SizingContext } from '../../ports/core-services/risk-manager.js';
import type { RiskJournal } from './risk-journal.js';
import { snapshotImpact } from './snapshot-impact.js';

type ImpactOf = (size: Lots) => ImpactEstimate | undefined;

/** What one order meets in the market, as far as it is known. */
export class ImpactMarket {
  constructor(
    private readonly context: SizingContext,
    /** Why the book does not answer; undefined while it does. */
    readonly unknown: 'book unknown' | 'estimate failed' | undefined,
    private readonly impactOf: ImpactOf | undefined,
  ) {}

  get isKnown(): boolean {
    return this.impactOf !== undefined;
  }

  holds(size: Lots): boolean {
    return this.estimate(size)?.liquiditySufficient === true;
  }

  fits(size: Lots, bps: Decimal): boolean {
    const estimate = this.estimate(size);
    return estimate !== undefined && estimate.liquiditySufficient && estimate.impactBps.lte(bps);
  }

  /** The largest size up to `wanted` whose impact stays within `bps`. */
  largest(wanted: Lots, bps: Decimal): Lots {
    if (wanted === 0 || this.fits(wanted, bps)) return wanted;
    let low = 0;
    let high: number = wanted;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.fits(lots(middle), bps)) low = middle;
      else high = middle;
    }
    return lots(low);
  }

  /** Value of `size`, for the reader of a refusal. */
  valueText(size: Lots): string {
    const { instrument, limit, mark } = this.context;
    const value = valueOf({ instrument, lots: size, ...(limit === undefined ? {} : { limit }) }, mark);
    return value === undefined ? '' : `${instrument.money(value).toString()} ${instrument.spec.settle}`;
  }

  /** An estimate that fails holds nothing. */
  private estimate(size: Lots): ImpactEstimate | undefined {
    try {
      return this.impactOf?.(size);
    } catch {
      return undefined;
    }
  }
}

/**
 * The one judge of impact before an order: the venue's book, and only while that is not known the depths of the
 * snapshot. Both limits, that of intelligent sizing and the one that every order is cut to, are asked of the same
 * judge.
 */
export class ImpactSize {
  constructor(
    private readonly config: ConfigController,
    private readonly estimator: ImpactEstimator,
    private readonly journal: RiskJournal,
  ) {}

  marketOf(context: SizingContext, size: Lots): ImpactMarket {
    const { instrument, side, snapshot } = context;
    const byBook: ImpactOf = (count) => this.estimator.estimate(instrument, side, count);
    let unknown: 'book unknown' | 'estimate failed' = 'book unknown';
    try {
      if (byBook(size) !== undefined) return new ImpactMarket(context, undefined, byBook);
    } catch (error) {
      unknown = 'estimate failed';
      this.journal.record('position_sizing_error', { symbol: instrument.symbol, error: messageOf(error) });
    }
    return new ImpactMarket(context, unknown, snapshot === undefined ? undefined : this.bySnapshot(context));
  }

  /**
   * What is left of `size` under `execution.maxImpactBps`: `conservative` cuts to what fits, `strict` takes all or
   * nothing, `aggressive` takes all that the market holds.
   */
  within(market: ImpactMarket, size: Lots): Lots {
    const { maxImpactBps, sizingMode } = this.config.current.execution;
    if (!market.isKnown || size === 0 || market.fits(size, maxImpactBps)) return size;
    if (sizingMode === 'strict') return lots(0);
    return sizingMode === 'aggressive' && market.holds(size) ? size : market.largest(size, maxImpactBps);
  }

  private bySnapshot({ instrument, limit, mark, snapshot }: SizingContext): ImpactOf {
    const factor = Decimal.max(ONE, this.config.current.execution.slippageMultipliers[instrument.symbol] ?? ONE);
    const price = limit === undefined ? {} : { limit };
    return (size) => {
      const value = valueOf({ instrument, lots: size, ...price }, mark);
      return value === undefined || snapshot === undefined
        ? undefined
        : snapshotImpact(instrument.money(value), snapshot, factor);
    };
  }
}
