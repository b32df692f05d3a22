import { Decimal } from '../../../domain/decimal.js';
import { hold, type Decision, type SizeCut } from '../../../domain/decision.js';
import { fault } from '../../../domain/errors.js';
import { applyRate, rateOf, type Instrument } from '../../../domain/instrument.js';
import { lotsAtRisk } from '../../../domain/order-value.js';
import { lots, units, type Lots, type Ticks } from '../../../domain/units.js';
import type { StrategySettings } from '../../../ports/configuration/settings/strategy-settings.js';
import type { EntryLimits, StrategyContext } from '../../../ports/core-services/strategy.js';
import { NO_EXITS } from '../exits/exit-record.js';
import { assertExits, type MovingExits } from '../exits/exit-terms.js';
import { perPriceOf } from '../exits/moving-stop.js';
import type { Price } from './price.js';

/** A share of equity: an exact fraction, or text such as `0.5%`. */
export type Share = Decimal | `${number}%`;

/**
 * An entry. Either the size is such that the stop loses `risk` of the equity, fees included; or the position is worth
 * `fraction` of the equity, and then `stop: 'none'` may be said. `why` stands in journal, report and `explain`.
 */
export type EntryOrder = MovingExits &
  (
    | { readonly why: string; readonly stop: Price; readonly risk: Share; readonly fraction?: never }
    | { readonly why: string; readonly stop: Price | 'none'; readonly fraction: Share; readonly risk?: never }
  );

/** What an entry came to: the decision, and the stop that goes with it. */
export interface PlannedEntry {
  readonly decision: Decision;
  /** Undefined without a stop, and where the entry is turned away. */
  readonly stop: Ticks | undefined;
  readonly exits: MovingExits;
}

/** Plans an entry, or turns it away with the reason: a stop on the wrong side, or none that can be read. */
export function planEntry(
  side: 'buy' | 'sell',
  order: EntryOrder,
  context: StrategyContext,
  settings: StrategySettings,
  limits?: EntryLimits,
): PlannedEntry {
  const { instrument, mark } = context;
  const stop = order.stop === 'none' ? undefined : stopOf(side, order.stop, instrument);
  if (order.stop !== 'none' && stop === undefined)
    return turnedAway('stop', `Stop must be a positive price, was ${String(order.stop)}`);
  if (
    stop !== undefined &&
    !(side === 'buy' ? instrument.marksOfTicks(stop) < mark : instrument.marksOfTicks(stop) > mark)
  ) {
    const text = `Stop of a ${side === 'buy' ? 'long' : 'short'} must be ${side === 'buy' ? 'below' : 'above'} the mark ${instrument.markPrice(mark).toString()}, was ${instrument.price(stop).toString()}`;
    return turnedAway('stop', text);
  }
  if (stop === undefined && (order.trail !== undefined || order.breakEven !== undefined))
    return turnedAway('stop', "A stop that moves must be a price at first, was 'none'");
  const exits = exitsOf(order, stop, context);
  const leverage = instrument.isPerpetual ? Math.max(1, Math.floor(settings.targetLeverage)) : undefined;
  const share = shareOf(order.risk ?? order.fraction);
  if (share === undefined)
    return turnedAway(
      'size',
      `A share of equity must be a Decimal or text such as 0.5%, was ${String(order.risk ?? order.fraction)}`,
    );
  const size = order.risk === undefined ? byFraction(share, context) : byRisk(share, stop as Ticks, context);
  const { cap, by } = capped(context, settings, leverage ?? 1, limits);
  const quantity = lots(Math.min(size, cap));
  if (!(quantity > 0)) {
    const { step, base } = instrument.spec;
    return turnedAway(
      'size',
      `Not one step of ${step.toString()} ${base} fits: ${cap < size ? `${by} allows` : 'the entry asks for'} less`,
    );
  }
  const basis = {
    equity: context.equity,
    fraction: share,
    leverage: 1,
    ...(order.risk === undefined || stop === undefined ? {} : { stop }),
  };
  return {
    decision: {
      action: side,
      reason: order.why,
      quantity,
      basis,
      ...(leverage === undefined ? {} : { leverage }),
      ...(cap < size ? { cut: cutOf(instrument, by, size, cap) } : {}),
    },
    stop,
    exits,
  };
}

/** Plain JavaScript may hand over a line, or nothing. */
function priceOf(price: unknown): Decimal {
  if (price === undefined || price === null)
    throw fault('STRAT-001', `An entry must name its stop, or stop: 'none' with a fraction, was ${String(price)}.`);
  return new Decimal(Decimal.isDecimal(price) || typeof price === 'number' ? price : Number(price));
}

/** Rounded towards the market: a stop never stands further away than was asked for. */
function stopOf(side: 'buy' | 'sell', price: Price, instrument: Instrument): Ticks | undefined {
  const exact = priceOf(price);
  if (!exact.isFinite() || !exact.gt(0)) return undefined;
  const stop = instrument.toTicks(exact, side === 'buy' ? 'ceil' : 'floor');
  return stop > 0 ? stop : undefined;
}

/**
 * The most lots whose loss at the stop, with the taker's fee of both trades, is within the share of equity. Rounded
 * down.
 */
function byRisk(share: Decimal, stop: Ticks, { instrument, equity, mark }: StrategyContext): Lots {
  return lotsAtRisk(instrument, applyRate(equity, rateOf(share), 'floor'), mark, stop);
}

function byFraction(share: Decimal, { instrument, equity, mark }: StrategyContext): Lots {
  return instrument.lotsFor(applyRate(equity, rateOf(share), 'floor'), mark);
}

/** Never above the leverage aimed at, the largest trade, and what risk lets pass; with the one that binds. */
function capped(
  { instrument, equity, mark }: StrategyContext,
  { maxTradeNotional }: StrategySettings,
  leverage: number,
  limits: EntryLimits | undefined,
): { readonly cap: Lots; readonly by: string } {
  let by = 'strategy.targetLeverage';
  let most: number = applyRate(equity, rateOf(new Decimal(leverage)), 'floor');
  const bind = (value: number, name: string): void => {
    if (value < most) [most, by] = [value, name];
  };
  if (limits !== undefined)
    bind(applyRate(equity, rateOf(limits.equityShare), 'floor'), limits.equityShareBy ?? 'a limit of risk');
  if (maxTradeNotional !== undefined) bind(instrument.unit.limit(maxTradeNotional), 'strategy.maxTradeNotional');
  if (limits?.notional !== undefined)
    bind(instrument.unit.limit(limits.notional), limits.notionalBy ?? 'a limit of risk');
  return { cap: instrument.lotsFor(units(most), mark), by };
}

const cutOf = (instrument: Instrument, limit: string, wanted: Lots, left: Lots): SizeCut => ({
  limit,
  detail: `wanted ${instrument.sizeText(wanted)} ${instrument.spec.base}, left ${instrument.sizeText(left)}`,
});

const PERCENT = /^\d+(\.\d+)?%$/;

/** Undefined for what is no share: plain JavaScript may hand over anything. */
function shareOf(share: unknown): Decimal | undefined {
  if (typeof share === 'string') return PERCENT.test(share) ? new Decimal(share.slice(0, -1)).div(100) : undefined;
  return Decimal.isDecimal(share) && share.isFinite() && share.gte(0) ? share : undefined;
}

/** Everything that is said of how it is left, read once: what cannot be carried out fails where it is asked. */
function exitsOf(
  { trail, breakEven, timeStop }: EntryOrder,
  stop: Ticks | undefined,
  { instrument, mark }: StrategyContext,
): MovingExits {
  if (trail === undefined && breakEven === undefined && timeStop === undefined) return NO_EXITS;
  const exits = {
    ...(trail === undefined ? {} : { trail }),
    ...(breakEven === undefined ? {} : { breakEven }),
    ...(timeStop === undefined ? {} : { timeStop }),
  };
  const entry = mark / instrument.marksPerTick;
  assertExits(exits, { entry, risk: Math.abs(entry - (stop ?? 0)), perPrice: perPriceOf(instrument) });
  return exits;
}

const turnedAway = (rejectionType: string, reason: string): PlannedEntry => ({
  decision: hold(reason, { guardRejected: true, rejectionType }),
  stop: undefined,
  exits: NO_EXITS,
});
