import type { Instrument } from '../../../domain/instrument.js';
import { hasTrigger, type OrderRequest, type Side } from '../../../domain/order.js';
import { ticks, type Ticks } from '../../../domain/units.js';
import type { OpenOrders } from '../../../ports/runtime-state/open-orders.js';
import { finding, type Assessment, type RiskFinding } from '../assessment.js';
import { percent, PPM, PPM_PER_BPS } from '../parts-per-million.js';

/**
 * What can add gives away no more than the collar: a buy limit lies at most so far above every fresh price, a sell
 * limit at most so far below (one with a trigger around that, since it only acts there). What gives nothing away may
 * stand as far off as the venue lets it, within a bound for what is mistyped, and so may triggers. What shrinks the
 * position may stand as far away as it likes: it is sent at the collar where it would trade beyond it, and never kept
 * back.
 */
export function checkCollar(order: Assessment): RiskFinding | undefined {
  const { intent, low, high } = order;
  if (order.shrinks) return undefined;
  const { instrument, side, limit, stop, options } = intent;
  const trigger = stop ?? options?.activation;
  const far =
    (trigger === undefined ? undefined : checkTrigger(order, trigger * instrument.marksPerTick)) ??
    (options?.trailBps === undefined ? undefined : checkTrail(order, options.trailBps));
  if (far !== undefined || limit === undefined) return far;
  const price = limit * instrument.marksPerTick;
  if (trigger !== undefined) {
    const anchor = trigger * instrument.marksPerTick;
    return checkGiven(order, price, anchor) ?? checkPassive(order, price, anchor);
  }
  const isBuy = side === 'buy';
  return (
    checkGiven(order, price, isBuy ? low : high) ??
    checkPassive(order, price, isBuy ? high : low) ??
    checkBand(order, limit)
  );
}

/** What the limit gives away, were it met. */
function checkGiven(order: Assessment, price: number, anchor: number): RiskFinding | undefined {
  const { side } = order.intent;
  const { collar } = order.limits;
  if (beyond(price, anchor, side === 'buy') * PPM <= anchor * collar) return undefined;
  const where = side === 'buy' ? 'above' : 'below';
  return tooFar(order, 'price_collar', 'Limit price', `${collar / PPM_PER_BPS} bps ${where}`, anchor, price);
}

/** How far a limit stands where nobody would trade by mistake. */
function checkPassive(order: Assessment, price: number, anchor: number): RiskFinding | undefined {
  const { side } = order.intent;
  const { passiveBand } = order.limits;
  if (beyond(price, anchor, side === 'sell') * PPM <= anchor * passiveBand) return undefined;
  const where = side === 'buy' ? 'below' : 'above';
  return tooFar(order, 'passive_band', 'Limit price', `${percent(passiveBand)} ${where}`, anchor, price);
}

function checkTrigger(order: Assessment, price: number): RiskFinding | undefined {
  const { passiveBand } = order.limits;
  for (const anchor of [order.low, order.high])
    if (!(Math.abs(price - anchor) * PPM <= anchor * passiveBand))
      return tooFar(order, 'passive_band', 'Trigger price', `${percent(passiveBand)} off`, anchor, price);
  return undefined;
}

/** A trigger that trails is as far from the market as it trails. */
function checkTrail(order: Assessment, trailBps: number): RiskFinding | undefined {
  const { passiveBand } = order.limits;
  if (trailBps * PPM_PER_BPS <= passiveBand) return undefined;
  return finding(
    'passive_band',
    `Trailing distance of a ${order.intent.side} of ${order.intent.instrument.symbol} must be at most ${percent(passiveBand)}, was ${trailBps} bps.`,
  );
}

/** A limit beyond the venue's own band would be refused there. */
function checkBand({ intent: { instrument, side }, low, high }: Assessment, limit: Ticks): RiskFinding | undefined {
  const reach = collarPrice(instrument, side, low, high, Number.POSITIVE_INFINITY);
  if (side === 'buy' ? limit <= reach : limit >= reach) return undefined;
  return finding(
    'price_collar',
    `Limit price of a ${side} of ${instrument.symbol} must be within the venue's band, which ends at ${instrument.priceText(ticks(reach))}, was ${instrument.priceText(limit)}.`,
  );
}

/**
 * A limit that reduces and would trade beyond the collar is sent at the collar; any other stays as it is. That of a
 * stop that was reached is its own: nothing is naked for another limit's sake.
 */
export function limitAtCollar({ intent, shrinks, low, high, limits }: Assessment): Ticks | undefined {
  const { instrument, limit, stop, side } = intent;
  if (limit === undefined || !shrinks || stop !== undefined || intent.protects === true) return limit;
  const nearest = collarPrice(instrument, side, low, high, limits.collar);
  if (!(nearest > 0)) return limit;
  return ticks(side === 'buy' ? Math.min(limit, nearest) : Math.max(limit, nearest));
}

/**
 * Furthest price in ticks at which an order may execute: within the collar and the venue's own band of every fresh
 * price, on the venue's grid.
 */
export function collarPrice(instrument: Instrument, side: Side, low: number, high: number, collar: number): number {
  const { marksPerTick, orderTicks, bandAbove, bandBelow } = instrument;
  return side === 'buy'
    ? Math.floor((low * (PPM + Math.min(collar, bandAbove))) / PPM / marksPerTick / orderTicks) * orderTicks
    : Math.ceil((high * (PPM - Math.min(collar, bandBelow))) / PPM / marksPerTick / orderTicks) * orderTicks;
}

/** An entry does not trade with a resting order of our own. A market order reaches as far as the slippage guard. */
export function checkSelfCross(order: Assessment, orders: OpenOrders): RiskFinding | undefined {
  const { intent } = order;
  const { instrument, side } = intent;
  if (intent.urgent === true || hasTrigger(intent.type) || orders.size === 0) return undefined;
  const reach = reachOf(order);
  for (const { request } of orders.of(instrument.symbol)) {
    if (request.side === side || !rests(request)) continue;
    const price = request.limit * instrument.marksPerTick;
    if (side === 'buy' ? price > reach : price < reach) continue;
    return finding(
      'self_cross',
      `The ${side} would trade with our own resting order ${request.clientId} at ${instrument.price(request.limit).toString()}.`,
    );
  }
  return undefined;
}

function reachOf({ intent, low, high, limits }: Assessment): number {
  if (intent.limit !== undefined) return intent.limit * intent.instrument.marksPerTick;
  const give = (high * limits.slippage) / PPM;
  return intent.side === 'buy' ? high + give : low - give;
}

const rests = (
  request: OrderRequest,
): request is OrderRequest & { readonly limit: NonNullable<OrderRequest['limit']> } =>
  request.limit !== undefined && request.stop === undefined;

/**
 * The order would trade at no worse than every fresh price, if at all: what is expected of the market is not what it
 * meets.
 */
export function givesNothing({ intent, low, high }: Assessment): boolean {
  const { instrument, limit, stop, side } = intent;
  if (limit === undefined || stop !== undefined) return false;
  const price = limit * instrument.marksPerTick;
  return side === 'buy' ? price <= low : price >= high;
}

/** How far a price lies above the anchor, or below it; NaN where there is none. */
const beyond = (price: number, anchor: number, above: boolean): number => (above ? price - anchor : anchor - price);

function tooFar(
  { intent: { instrument, side } }: Assessment,
  check: string,
  what: string,
  most: string,
  anchor: number,
  price: number,
): RiskFinding {
  const text = (value: number): string => instrument.spec.tick.times(value / instrument.marksPerTick).toString();
  return finding(
    check,
    `${what} of a ${side} of ${instrument.symbol} must be at most ${most} ${text(anchor)}, was ${text(price)}.`,
  );
}
