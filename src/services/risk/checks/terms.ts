import { closesPosition, hasLimit, hasTrigger } from '../../../domain/order.js';
import type { Lots } from '../../../domain/units.js';
import { finding, type Assessment, type RiskFinding } from '../assessment.js';
import { percent, PPM } from '../parts-per-million.js';

/** Size and prices are whole, positive and complete for the type. */
export function checkTerms({ intent }: Assessment): RiskFinding | undefined {
  const { instrument, type, lots, limit, stop } = intent;
  const takesLimit = hasLimit(type);
  const trails = type === 'trailing_stop';
  const isTrigger = hasTrigger(type) && !trails;
  if (closesPosition(intent)) {
    if (lots !== 0 || takesLimit || !isTrigger)
      return finding(
        'order_terms',
        `What closes the position must be a stop or take-profit market order without a size, was ${type} of ${lots} lots.`,
      );
  } else if (!(Number.isSafeInteger(lots) && lots > 0)) {
    return finding('order_terms', `Size must be a whole number of lots above zero, was ${lots}.`);
  }
  const { trailBps, activation } = intent.options ?? {};
  if (!isPrice(trailBps, trails) || !isPrice(activation, trails && activation !== undefined))
    return finding(
      'order_terms',
      `Trailing distance and activation of a ${type} order of ${instrument.symbol} must be ${trails ? 'positive whole basis points and a price' : 'absent'}, were ${String(trailBps)} and ${String(activation)}.`,
    );
  if (!isPrice(limit, takesLimit))
    return finding(
      'order_terms',
      `Limit price of a ${type} order of ${instrument.symbol} must be ${takesLimit ? 'positive' : 'absent'}, was ${String(limit)} ticks.`,
    );
  if (!isPrice(stop, isTrigger))
    return finding(
      'order_terms',
      `Trigger price of a ${type} order of ${instrument.symbol} must be ${isTrigger ? 'positive' : 'absent'}, was ${String(stop)} ticks.`,
    );
  return undefined;
}

/** Smallest and largest order, in size and in value. Orders that shrink a position may be as small as the position. */
export function checkSize(order: Assessment): RiskFinding | undefined {
  const { intent, size, mark, symbol } = order;
  const { instrument } = intent;
  const { base, settle } = instrument.spec;
  if (order.exempt) {
    if (size <= instrument.maxLots || closesPosition(intent)) return undefined;
    return finding(
      'max_order_size',
      `Size must be at most ${instrument.size(instrument.maxLots).toString()} ${base}, was ${instrument.size(size).toString()}.`,
    );
  }
  if (!(size >= instrument.minLots))
    return finding(
      'min_size',
      `Size must be at least ${instrument.spec.minSize.toString()} ${base}, was ${instrument.size(size).toString()}.`,
    );
  if (!(size <= symbol.maxOrderLots)) {
    return finding(
      'max_order_size',
      `Size must be at most ${symbol.maxOrderLots} lots, was ${size} (${instrument.size(size).toString()} ${base}).`,
    );
  }
  const own = intent.limit ?? intent.stop;
  const price = own === undefined ? (mark ?? NaN) : own * instrument.marksPerTick;
  const value = instrument.worth(price, size);
  if (value >= instrument.minNotional) return undefined;
  const enough = Math.max(instrument.minLots, Math.ceil(instrument.minNotional / instrument.worth(price, 1)));
  return finding(
    'min_notional',
    `Order value must be at least ${instrument.spec.minNotional.toString()} ${settle}; the smallest size at this price is ${instrument.spec.step.times(enough).toString()} ${base}, was ${instrument.size(size).toString()}.`,
  );
}

/** The whole size of an order that is to grow, what has filled included. */
export function checkWhole({ intent: { instrument }, symbol }: Assessment, whole: Lots): RiskFinding | undefined {
  const most = Math.min(symbol.maxOrderLots, instrument.maxLots);
  if (whole <= most) return undefined;
  return finding('max_order_size', `Size must be at most ${most} lots, was ${whole}.`);
}

/** The leverage an order asks for is within the cap now in force. */
export function checkRequestedLeverage(order: Assessment): RiskFinding | undefined {
  const { leverage } = order.intent;
  if (leverage === undefined || order.exempt) return undefined;
  if (leverage > 0 && leverage * PPM <= order.cap) return undefined;
  return finding(
    'leverage',
    `Leverage must be above 0 and at most ${order.cap / PPM}x (${percent(order.cap)} of equity), was ${leverage}x.`,
  );
}

const isPrice = (price: number | undefined, wanted: boolean): boolean =>
  wanted ? price !== undefined && Number.isSafeInteger(price) && price > 0 : price === undefined;
