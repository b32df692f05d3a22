import { Decimal } from '../../domain/decimal.js';

/**
 * Money for people: two decimals, halves to even, thousands apart, always signed when asked. Reports keep every digit.
 */
export function moneyText(amount: Decimal | string, signed = false): string {
  const value = new Decimal(amount).toDecimalPlaces(2, Decimal.ROUND_HALF_EVEN);
  const [whole = '0', cents = '00'] = value.abs().toFixed(2).split('.');
  const sign = value.isNegative() && !value.isZero() ? '-' : signed && !value.isZero() ? '+' : '';
  return `${sign}${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${cents}`;
}

export const percentText = (fraction: Decimal | string): string =>
  `${new Decimal(fraction).times(100).toDecimalPlaces(2, Decimal.ROUND_HALF_EVEN).toString()} %`;
