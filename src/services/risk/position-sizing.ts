import { Decimal } from '../../domain/decimal.js';
import { RATE_SCALE } from '../../domain/instrument.js';
import { lotsAtRisk } from '../../domain/order-value.js';
import { lots, units, type Lots } from '../../domain/units.js';
import type { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import type { ImpactEstimator, SizingAdvice, SizingContext } from '../../ports/core-services/risk-manager.js';
import { ImpactSize, type ImpactMarket } from './impact-size.js';
import type { Kelly } from './kelly.js';
import type { RiskJournal } from './risk-journal.js';
import { amount } from './amount-text.js';

/**
 * How much to trade: the share of the equity that the entry was decided on, times its leverage and the configured
 * multiplier, at most the largest trade. Method `kelly` replaces the share by half the Kelly fraction of the closed
 * trades where that is smaller, `intelligent` takes the largest size up to that whose impact stays within its limit.
 * Whatever the method, no more than the market takes within `execution.maxImpactBps`.
 */
export class PositionSizing {
  private readonly impact: ImpactSize;

  constructor(
    private readonly config: ConfigController,
    estimator: ImpactEstimator,
    private readonly kelly: Kelly,
    private readonly journal: RiskJournal,
  ) {
    this.impact = new ImpactSize(config, estimator, journal);
  }

  advise(context: SizingContext, reduceOnly: boolean): SizingAdvice {
    const advice = reduceOnly ? NOTHING : this.size(context);
    const { instrument, side, decided } = context;
    this.journal.record('position_sizing_advice', {
      symbol: instrument.symbol,
      side,
      target_notional: amount(instrument.unit, advice.notional),
      target_quantity: instrument.size(advice.lots).toString(),
      used_dynamic: advice.dynamic,
      reduce_only: advice.reduceOnly,
      fallback_used: this.config.current.risk.dynamicPositionSizing && !advice.dynamic && !advice.reduceOnly,
      reason: advice.reason,
      ...(decided === undefined
        ? {}
        : {
            decided_quantity: instrument.size(decided).toString(),
            bound: advice.lots < decided ? 'advised' : 'decided',
          }),
    });
    return advice;
  }

  private size(context: SizingContext): SizingAdvice {
    const { dynamicPositionSizing, marketImpactGuard } = this.config.current.risk;
    const { decided } = context;
    const method =
      dynamicPositionSizing || decided === undefined ? this.byMethod(context) : plain(context, decided, AS_DECIDED);
    if (!dynamicPositionSizing && !marketImpactGuard) return method;
    // The market is asked for no more than will be sent.
    const wanted = lots(Math.min(method.lots, decided ?? method.lots));
    if (wanted === 0) return method;
    const market = this.impact.marketOf(context, wanted);
    const advice = this.isIntelligent ? this.intelligent(context, method, market, wanted) : method;
    const size = lots(Math.min(advice.lots, wanted));
    const left = this.impact.within(market, size);
    if (left === size) return advice;
    if (left > 0) return { ...sized(advice, context, left), reason: CUT };
    const { maxImpactBps } = this.config.current.execution;
    const reason = `Expected impact must be at most ${maxImpactBps.toString()} bps for ${market.valueText(size)}.`;
    return { ...sized(advice, context, lots(0)), reason, check: 'market_impact' };
  }

  private get isIntelligent(): boolean {
    const { dynamicPositionSizing, positionSizingMethod } = this.config.current.risk;
    return dynamicPositionSizing && positionSizingMethod === 'intelligent';
  }

  private byMethod(context: SizingContext): SizingAdvice {
    const { risk } = this.config.current;
    const asked = this.capped(context, this.lotsFor(context, context.fraction));
    if (!risk.dynamicPositionSizing || risk.positionSizingMethod !== 'kelly') return plain(context, asked, 'fixed');
    const half = this.kelly.halfFraction();
    if (half === undefined) return plain(context, asked, 'too few closed trades for kelly');
    const byKelly = this.lotsFor(context, new Decimal(half).toDecimalPlaces(6));
    return { ...plain(context, lots(Math.min(asked, byKelly)), 'kelly'), dynamic: true };
  }

  private intelligent(context: SizingContext, method: SizingAdvice, market: ImpactMarket, wanted: Lots): SizingAdvice {
    if (!market.isKnown) return { ...method, reason: market.unknown ?? method.reason };
    const size = market.largest(wanted, this.config.current.risk.maxMarketImpactBps);
    if (size === wanted) return { ...method, dynamic: true, reason: 'within impact limit' };
    return { ...sized(method, context, size), dynamic: true, reason: CUT };
  }

  /** The largest trade binds whatever was decided. */
  private capped({ instrument, mark }: SizingContext, size: Lots): Lots {
    const { maxTradeNotional } = this.config.current.strategy;
    if (maxTradeNotional === undefined || size === 0) return size;
    const most = instrument.unit.limit(maxTradeNotional);
    return most === Infinity ? size : lots(Math.min(size, instrument.lotsFor(most, mark)));
  }

  /**
   * Floors: a size never rounds risk up. Nothing without equity or a mark. The share is rounded as the strategies round
   * it, so that the same share never comes out as a lot less than was decided.
   */
  private lotsFor(context: SizingContext, share: Decimal | undefined): Lots {
    const { instrument, equity, mark, leverage, stop, decided } = context;
    if (!(equity > 0 && mark > 0 && leverage > 0)) return lots(0);
    const { positionSizingMultiplier } = this.config.current.risk;
    if (share === undefined)
      return whole(
        positionSizingMultiplier
          .times(decided ?? 0)
          .floor()
          .toNumber(),
      );
    const rate = share.times(leverage).times(positionSizingMultiplier).times(RATE_SCALE);
    const value = rate.toDecimalPlaces(0, Decimal.ROUND_HALF_EVEN).times(equity).div(RATE_SCALE).floor().toNumber();
    const allowed = units(Math.min(value, Number.MAX_SAFE_INTEGER));
    return whole(stop === undefined ? instrument.lotsFor(allowed, mark) : lotsAtRisk(instrument, allowed, mark, stop));
  }
}

const AS_DECIDED = 'as decided';
const CUT = 'reduced to the impact limit';

const NOTHING: SizingAdvice = Object.freeze({
  notional: units(0),
  lots: lots(0),
  reduceOnly: true,
  dynamic: false,
  reason: 'reduce_only_mode',
});

const whole = (count: number): Lots => lots(count > 0 && Number.isSafeInteger(count) ? count : 0);

const plain = ({ mark, instrument }: SizingContext, size: Lots, reason: string): SizingAdvice => ({
  notional: size === 0 ? units(0) : units(instrument.worth(mark, size)),
  lots: size,
  reduceOnly: false,
  dynamic: false,
  reason,
});

const sized = (advice: SizingAdvice, context: SizingContext, size: Lots): SizingAdvice => ({
  ...plain(context, size, advice.reason),
  dynamic: advice.dynamic,
});
