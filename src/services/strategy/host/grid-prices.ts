import { Decimal } from '../../../domain/decimal.js';
import { fault } from '../../../domain/errors.js';
import type { Instrument } from '../../../domain/instrument.js';
import type { Side } from '../../../domain/order.js';
import type { Ticks } from '../../../domain/units.js';

/** A limit never gives away more than was said: a buy is rounded down, a sell up. Throws STRAT-001 for what is none. */
export const limitOf = (instrument: Instrument, side: Side, price: number | Decimal): Ticks =>
  instrument.toTicks(known(price), side === 'buy' ? 'floor' : 'ceil');

/** A trigger is rounded towards the market: a buy stands above it, a sell below. */
export const stopTicksOf = (instrument: Instrument, side: Side, price: number | Decimal): Ticks =>
  instrument.toTicks(known(price), side === 'buy' ? 'floor' : 'ceil');

function known(price: number | Decimal): Decimal {
  const exact = new Decimal(price);
  if (exact.isFinite() && exact.gt(0)) return exact;
  throw fault('STRAT-001', `A price must be above zero, was ${String(price)}.`);
}
