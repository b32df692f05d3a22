import { Decimal } from '../../../domain/decimal.js';
import type { Instrument } from '../../../domain/instrument.js';
import { closesPosition, hasLimit, hasTrigger } from '../../../domain/order.js';
import { valueOf } from '../../../domain/order-value.js';
import type { MarkUnits } from '../../../domain/units.js';
import type { Capabilities } from '../../../ports/venue/capabilities.js';
import type { OrderIntent } from '../../../ports/core-services/risk-manager.js';

/** Why an order cannot be placed as it stands. */
export interface Objection {
  readonly check: string;
  readonly reason: string;
  /** What the venue states that stands against it, where that is what does. */
  readonly field?: keyof Capabilities;
}

/**
 * The instrument's filters. Sizes are never enlarged: too small is refused. Orders that only reduce need no minimum
 * value, and one that closes the whole position needs no minimum size either.
 */
export function checkRules(
  intent: OrderIntent,
  mark: MarkUnits | undefined,
  reducing: boolean,
  closesAll: boolean,
): Objection | undefined {
  return (
    checkSize(intent, closesAll) ??
    checkPrices(intent) ??
    (reducing ? undefined : (checkStatus(intent) ?? checkNotional(intent, mark)))
  );
}

/** What only reduces is sent whatever the status was when the venue last told it: it knows better by now. */
function checkStatus({ instrument, type, postOnly }: OrderIntent): Objection | undefined {
  const { status = 'trading' } = instrument.spec;
  if (
    status === 'trading' ||
    (status === 'post_only' && postOnly) ||
    (status === 'limit_only' && hasLimit(type) && !hasTrigger(type))
  )
    return undefined;
  return { check: 'market_status', reason: `The venue says of ${instrument.symbol} that it is ${status}.` };
}

function checkSize(intent: OrderIntent, closesAll: boolean): Objection | undefined {
  const { instrument } = intent;
  if (closesPosition(intent)) {
    if (intent.lots === 0) return undefined;
    return {
      check: 'close_position',
      reason: `An order that closes the position must have no size of its own, was ${instrument.size(intent.lots).toString()}.`,
    };
  }
  if (!(intent.lots > 0))
    return { check: 'min_size', reason: `Quantity must be positive, was ${instrument.size(intent.lots).toString()}.` };
  if (intent.lots < instrument.minLots && !closesAll) {
    return {
      check: 'min_size',
      reason: `Quantity must be at least ${instrument.size(instrument.minLots).toString()}, was ${instrument.size(intent.lots).toString()}.`,
    };
  }
  if (intent.lots > instrument.maxLots) {
    return {
      check: 'max_size',
      reason: `Quantity must be at most ${instrument.size(instrument.maxLots).toString()}, was ${instrument.size(intent.lots).toString()}.`,
    };
  }
  return undefined;
}

function checkPrices(intent: OrderIntent): Objection | undefined {
  if (hasLimit(intent.type) && !(intent.limit !== undefined && intent.limit > 0))
    return { check: 'price_required', reason: `A ${intent.type} order must have a positive limit price.` };
  if (intent.type === 'trailing_stop') {
    const { trailBps } = intent.options ?? {};
    if (!(trailBps !== undefined && trailBps > 0) || intent.stop !== undefined)
      return { check: 'invalid_stop', reason: 'A trailing stop must have a trailing distance and no trigger price.' };
  } else if (hasTrigger(intent.type) && !(intent.stop !== undefined && intent.stop > 0))
    return { check: 'invalid_stop', reason: `A ${intent.type} order must have a positive trigger price.` };
  if (intent.postOnly && !hasLimit(intent.type))
    return { check: 'post_only', reason: `A post-only order must have a limit price, was ${intent.type}.` };
  return undefined;
}

function checkNotional(intent: OrderIntent, mark: MarkUnits | undefined): Objection | undefined {
  const value = valueOf(intent, mark);
  if (value === undefined)
    return { check: 'mark_unknown', reason: `${intent.instrument.symbol} has no mark to value the order at.` };
  const { instrument } = intent;
  if (value >= instrument.minNotional) return undefined;
  const least = suggestedSize(instrument, intent, mark);
  return {
    check: 'min_notional',
    reason: `Notional must be at least ${instrument.money(instrument.minNotional).toString()}, was ${instrument.money(value).toString()}; the smallest quantity is ${least.toString()}.`,
  };
}

/** The minimum value divided by the price, up to the next step, and never below the minimum size. */
function suggestedSize(instrument: Instrument, intent: OrderIntent, mark: MarkUnits | undefined): Decimal {
  const own = intent.limit ?? intent.stop;
  const price = own === undefined ? instrument.markPrice(mark ?? (0 as MarkUnits)) : instrument.price(own);
  const steps = instrument.money(instrument.minNotional).div(price).div(instrument.spec.step).ceil();
  return Decimal.max(instrument.spec.step.times(steps), instrument.size(instrument.minLots));
}
