import { ZERO, type Decimal } from './decimal.js';
import { applyRate, rateOf } from './instrument.js';
import type { Fee, Fill } from './order.js';
import { units, type Units } from './units.js';

/**
 * Fee of a fill, signed from the account's side: a cost is negative and rounds away from zero, a rebate (negative
 * rate) is positive and rounds down. `rate` is an integer of `RATE_SCALE`; `notional` is unsigned.
 */
export function feeOf(notional: Units, rate: number): Units {
  const amount = applyRate(notional, -rate, 'floor');
  return units(amount === 0 ? 0 : amount);
}

/**
 * What was charged, as one amount of the settlement currency: another currency at the venue's price of that instant,
 * what was bought at the fill's own. `priceOf` tells an asset's price in the settlement currency; where it knows none,
 * the instrument's taker rate stands for it. Rounded down, against the account.
 */
export function bookFees(
  { instrument, price, lots }: Pick<Fill, 'instrument' | 'price' | 'lots'>,
  charged: readonly Fee[],
  priceOf: (asset: string) => Decimal | undefined,
): Pick<Fill, 'fee' | 'fees' | 'feeEstimated'> {
  const { settle, base, quote, takerFee } = instrument.spec;
  const worth = ({ asset, amount }: Fee): Decimal => {
    if (asset === settle) return amount;
    const known = asset === base && quote === settle ? instrument.price(price) : priceOf(asset);
    if (known !== undefined) return amount.times(known);
    return instrument.money(feeOf(units(Math.abs(instrument.notional(price, lots))), rateOf(takerFee)));
  };
  const total = charged.reduce((sum, fee) => sum.plus(worth(fee)), ZERO);
  const booked = instrument.toUnits(total, 'floor');
  const fee = units(booked === 0 ? 0 : booked);
  return charged.every(({ asset }) => asset === settle) ? { fee } : { fee, fees: charged, feeEstimated: true };
}

/** What was charged in the coins of a spot market: they are not there to be sold. Positive where it was paid. */
export function coinsCharged({ instrument, fees }: Pick<Fill, 'instrument' | 'fees'>): Decimal {
  if (fees === undefined || instrument.spec.kind !== 'spot') return ZERO;
  const { base } = instrument.spec;
  return fees.reduce((sum, { asset, amount }) => (asset === base ? sum.minus(amount) : sum), ZERO);
}
