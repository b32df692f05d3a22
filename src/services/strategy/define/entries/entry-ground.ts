import { Decimal } from '../../../../domain/decimal.js';
import type { Instrument } from '../../../../domain/instrument.js';
import type { OrderType, TriggerPrice } from '../../../../domain/order.js';
import { marks, ticks, type MarkUnits, type Ticks } from '../../../../domain/units.js';
import type { StrategyContext } from '../../../../ports/core-services/strategy.js';
import { limitOf, stopTicksOf } from '../../host/grid-prices.js';
import type { Entry } from './entry-kinds.js';
import type { Price } from '../price.js';

type Side = 'buy' | 'sell';

/** The order of an entry, and the price that its size and its exits are reckoned from. */
export interface EntryGround {
  readonly type: OrderType;
  readonly limit?: Ticks;
  readonly stop?: Ticks;
  readonly triggerBy?: TriggerPrice;
  readonly postOnly?: boolean;
  readonly reference: MarkUnits;
  /** What the reference is, in a sentence. */
  readonly name: 'mark' | 'limit' | 'trigger' | 'first price';
}

export const AT_MARKET: EntryGround = Object.freeze({ type: 'market', reference: marks(0), name: 'mark' });

/** Or why there is none. */
export function groundOf(
  side: Side,
  entry: Entry | undefined,
  { instrument, mark }: Pick<StrategyContext, 'instrument' | 'mark'>,
): EntryGround | string {
  if (entry === undefined) return { type: 'market', reference: mark, name: 'mark' };
  if (entry.kind === 'chase') {
    const limit = passive(side, mark, instrument, entry.offsetTicks);
    const reference = instrument.marksOfTicks(limit);
    return { type: 'limit', limit, postOnly: true, reference, name: 'first price' };
  }
  if (!isPrice(entry.price)) return `An entry must be at a positive price, was ${String(entry.price)}`;
  if (entry.kind === 'limit') {
    const limit = limitOf(instrument, side, entry.price);
    const reference = instrument.marksOfTicks(limit);
    return { type: 'limit', limit, ...postOnlyOf(entry.postOnly), reference, name: 'limit' };
  }
  const stop = stopTicksOf(instrument, side, entry.price);
  const reference = instrument.marksOfTicks(stop);
  if (!(side === 'buy' ? reference > mark : reference < mark))
    return `A stop entry ${side === 'buy' ? 'long' : 'short'} must be ${side === 'buy' ? 'above' : 'below'} the mark ${instrument.markPrice(mark).toString()}, was ${instrument.priceText(stop)}`;
  const { limit, triggerBy } = entry;
  if (limit !== undefined && !isPrice(limit)) return `A limit must be a positive price, was ${String(limit)}`;
  return {
    type: limit === undefined ? 'stop_market' : 'stop_limit',
    stop,
    ...(limit === undefined ? {} : { limit: limitOf(instrument, side, limit) }),
    ...(triggerBy === undefined ? {} : { triggerBy }),
    reference,
    name: 'trigger',
  };
}

/** The nearest tick on the passive side of a mark, which may be where the other side stands, and so many behind it. */
export function passive(side: Side, mark: MarkUnits, { marksPerTick }: Instrument, offsetTicks = 0): Ticks {
  const exact = mark / marksPerTick;
  const whole = side === 'buy' ? Math.ceil(exact) - 1 - offsetTicks : Math.floor(exact) + 1 + offsetTicks;
  return ticks(Math.max(1, Math.trunc(whole)));
}

const postOnlyOf = (postOnly: boolean | undefined): { readonly postOnly?: boolean } =>
  postOnly === undefined ? {} : { postOnly };

const isPrice = (price: Price): boolean => {
  const exact = Decimal.isDecimal(price) || typeof price === 'number' ? new Decimal(price) : new Decimal(Number.NaN);
  return exact.isFinite() && exact.gt(0);
};
