import { Decimal } from '../../domain/decimal.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../domain/time-spans.js';
import { html, type Html } from './html.js';

const UNITS_PER_SETTLE = 1e8;
const MINUS = '−';

const grouped = (digits: string): string => digits.replace(/\B(?=(\d{3})+$)/g, ',');

/** Money to two decimals, halves to even, thousands apart. The exact amount stands beside it where it matters. */
export function money(amount: Decimal | string, signed = false): string {
  const value = new Decimal(amount).toDecimalPlaces(2, Decimal.ROUND_HALF_EVEN);
  const [whole = '0', cents = '00'] = value.abs().toFixed(2).split('.');
  const sign = value.isZero() ? '' : value.isNegative() ? MINUS : signed ? '+' : '';
  return `${sign}${grouped(whole)}.${cents}`;
}

/** Whole 10^-8 of the settlement currency, as above. */
export const unitsMoney = (amount: number, signed = false): string =>
  money(new Decimal(amount).div(UNITS_PER_SETTLE), signed);

/** Every digit, thousands apart. */
export function exactMoney(amount: Decimal | string): string {
  const text = new Decimal(amount).toString();
  const [whole = '0', fraction] = text.replace('-', '').split('.');
  return `${text.startsWith('-') ? MINUS : ''}${grouped(whole)}${fraction === undefined ? '' : `.${fraction}`}`;
}

/** Money with its sign as colour and mark: neither alone carries the meaning. */
export function gain(amount: Decimal | string, text = exactMoney(amount)): Html {
  const value = new Decimal(amount);
  return html`<span class="${value.isZero() ? 'flat' : value.isNegative() ? 'loss' : 'gain'}">${value.isPositive() && !value.isZero() && !text.startsWith('+') ? '+' : ''}${text}</span>`;
}

export function figure(value: number | null | undefined, digits = 2): string {
  if (value === null || value === undefined || Number.isNaN(value)) return 'not known';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : `${MINUS}∞`;
  const [whole = '0', fraction] = Math.abs(value).toFixed(digits).split('.');
  const sign = value < 0 && Number(value.toFixed(digits)) !== 0 ? MINUS : '';
  return `${sign}${grouped(whole)}${fraction === undefined ? '' : `.${fraction}`}`;
}

export const percent = (fraction: number | null | undefined, digits = 2): string =>
  fraction === null || fraction === undefined || Number.isNaN(fraction)
    ? 'not known'
    : `${figure(fraction * 100, digits)} %`;

export const signedPercent = (fraction: number, digits = 2): string =>
  `${Number((fraction * 100).toFixed(digits)) > 0 ? '+' : ''}${percent(fraction, digits)}`;

/** Digits after the point that tell values one step apart from each other. */
export const digitsFor = (step: number): number =>
  step > 0 ? Math.max(0, Math.min(8, Math.ceil(-Math.log10(step) - 1e-9))) : 0;

export const date = (at: number): string => new Date(at).toISOString().slice(0, 10);
export const minute = (at: number): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ');

const UNITS = [
  [DAY_MS, 'd'],
  [HOUR_MS, 'h'],
  [MINUTE_MS, 'min'],
  [1_000, 's'],
  [1, 'ms'],
] as const;

/** The two largest units: `3 d 4 h`, `12 min 30 s`. */
export function duration(ms: number): string {
  const size = Math.abs(ms);
  const first = UNITS.findIndex(([unit]) => size >= unit);
  if (first < 0) return '0 s';
  const [unit, name] = UNITS[first] as (typeof UNITS)[number];
  const whole = Math.floor(size / unit);
  const next = UNITS[first + 1];
  const rest = next === undefined ? 0 : Math.floor((size - whole * unit) / next[0]);
  return rest > 0 && next !== undefined ? `${whole} ${name} ${rest} ${next[1]}` : `${whole} ${name}`;
}

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${grouped(String(count))} ${count === 1 ? one : many}`;
