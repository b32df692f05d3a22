import { Decimal } from '../../domain/decimal.js';
import { messageOf } from '../../domain/errors.js';
import { lots, units, type Lots } from '../../domain/units.js';
import type { ImpactEstimator, SizingAdvice, SizingContext } from '../../ports/core-services/risk-manager.js';
import type { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import type { Kelly } from './kelly.js';
import type { RiskJournal } from './risk-journal.js';
import { amount } from './text.js';

const HALVINGS = 20;

/**
 * How much to trade: `equity × fraction × leverage`, times the configured multiplier. With dynamic sizing on, method
 * `intelligent` takes the largest size up to that whose impact on the book stays within the limit, and `kelly` replaces the
 * fraction by half the Kelly fraction of the closed trades, never above the strategy's own.
 */
export class PositionSizing {
  constructor(
    private readonly config: ConfigController,
    private readonly estimator: ImpactEstimator,
    private readonly kelly: Kelly,
    private readonly journal: RiskJournal,
  ) {}

  advise(context: SizingContext, reduceOnly: boolean): SizingAdvice {
    const advice = reduceOnly ? NOTHING : this.size(context);
    const { instrument, side } = context;
    this.journal.record('position_sizing_advice', {
      symbol: instrument.symbol,
      side,
      target_notional: amount(advice.notional),
      target_quantity: instrument.size(advice.lots).toString(),
      used_dynamic: advice.dynamic,
      reduce_only: advice.reduceOnly,
      fallback_used: this.config.current.risk.dynamicPositionSizing && !advice.dynamic && !advice.reduceOnly,
      reason: advice.reason,
    });
    return advice;
  }

  private size(context: SizingContext): SizingAdvice {
    const { risk } = this.config.current;
    if (!risk.dynamicPositionSizing || risk.positionSizingMethod === 'fixed')
      return plain(context, this.lotsFor(context, context.fraction), 'fixed');
    if (risk.positionSizingMethod === 'kelly') {
      const half = this.kelly.halfFraction();
      if (half === undefined)
        return plain(context, this.lotsFor(context, context.fraction), 'too few closed trades for kelly');
      return {
        ...plain(
          context,
          this.lotsFor(context, Decimal.min(context.fraction, new Decimal(half).toDecimalPlaces(6))),
          'kelly',
        ),
        dynamic: true,
      };
    }
    return this.withinImpact(context, this.lotsFor(context, context.fraction), risk.maxMarketImpactBps);
  }

  private withinImpact(context: SizingContext, wanted: Lots, limit: Decimal): SizingAdvice {
    const { instrument, side } = context;
    const fits = (size: number): boolean | undefined => {
      const estimate = this.estimator.estimate(instrument, side, lots(size));
      return estimate === undefined ? undefined : estimate.liquiditySufficient && estimate.impactBps.lte(limit);
    };
    try {
      const whole = wanted === 0 ? true : fits(wanted);
      if (whole === undefined) return plain(context, wanted, 'book unknown');
      if (whole) return { ...plain(context, wanted, 'within impact limit'), dynamic: true };
      let low = 0;
      let high: number = wanted;
      for (let step = 0; step < HALVINGS && high - low > 1; step += 1) {
        const middle = Math.floor((low + high) / 2);
        if (fits(middle) === true) low = middle;
        else high = middle;
      }
      return { ...plain(context, lots(low), 'reduced to the impact limit'), dynamic: true };
    } catch (error) {
      this.journal.record('position_sizing_error', { symbol: instrument.symbol, error: messageOf(error) });
      return plain(context, wanted, 'estimate failed');
    }
  }

  /** Floors: a size never rounds risk up. Nothing without equity or a mark. */
  private lotsFor({ instrument, equity, mark, leverage }: SizingContext, fraction: Decimal): Lots {
    if (!(equity > 0 && mark > 0 && leverage > 0)) return lots(0);
    const notional = new Decimal(equity)
      .times(fraction)
      .times(leverage)
      .times(this.config.current.risk.positionSizingMultiplier);
    const count = instrument.lotsFor(units(notional.floor().toNumber()), mark);
    return lots(count > 0 && Number.isSafeInteger(count) ? count : 0);
  }
}

const NOTHING: SizingAdvice = Object.freeze({
  notional: units(0),
  lots: lots(0),
  reduceOnly: true,
  dynamic: false,
  reason: 'reduce_only_mode',
});

const plain = ({ mark, instrument }: SizingContext, size: Lots, reason: string): SizingAdvice => ({
  notional: size === 0 ? units(0) : instrument.notionalAtMark(mark, size),
  lots: size,
  reduceOnly: false,
  dynamic: false,
  reason,
});
