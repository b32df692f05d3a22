import { Decimal } from './decimal.js';
import { fault } from './errors.js';
import type { InstrumentSpec, MarginTier } from './instrument-spec.js';
import { FINEST_UNIT, RATE_SCALE, rateOf, type MoneyUnit } from './money.js';
import { mulDiv, units, type Units } from './units.js';

/**
 * Maintenance brackets of one instrument, in integers. `maintenance = notional × rate - cum`; `cum` makes neighbours
 * meet at their common boundary, so that a position does not jump when it grows into the next bracket.
 * Source: Binance USD-M "Leverage and Margin of USDⓈ-M Futures" (maintenance amount).
 */
export class MarginTiers {
  /** Upper bounds, inclusive; the last is where positions end, infinite without brackets. */
  private readonly caps: readonly number[];
  private readonly rates: readonly Fraction[];
  private readonly cums: readonly number[];
  private readonly leverages: readonly number[];

  constructor(
    spec: Pick<InstrumentSpec, 'symbol' | 'tiers' | 'maintenanceRate' | 'maxLeverage'>,
    unit: MoneyUnit = FINEST_UNIT,
  ) {
    const { symbol, maintenanceRate, maxLeverage } = spec;
    const { ceiling } = unit;
    if (spec.tiers !== undefined) assertTiers(symbol, spec.tiers);
    // No position reaches what cannot be held exactly.
    const tiers = spec.tiers?.filter((tier) => tier.floor.lt(ceiling));
    this.caps = tiers?.map((tier) =>
      tier.cap.lt(ceiling) ? unit.units(tier.cap, 'floor') : Number.POSITIVE_INFINITY,
    ) ?? [Number.POSITIVE_INFINITY];
    this.rates = (tiers?.map((tier) => tier.rate) ?? [maintenanceRate]).map(fractionOf);
    this.cums = tiers?.map((tier) => unit.units(tier.cum, 'floor')) ?? [0];
    this.leverages = (tiers?.map((tier) => tier.maxLeverage) ?? [maxLeverage]).map(Number);
  }

  get size(): number {
    return this.caps.length;
  }

  /** Bracket of an unsigned notional; the last one for what lies beyond it. */
  indexOf(notional: number): number {
    const last = this.caps.length - 1;
    let index = 0;
    while (index < last && !(notional <= (this.caps[index] as number))) index += 1;
    return index;
  }

  /** Maintenance margin of an unsigned notional, rounded up: margin is never understated. */
  maintenance(notional: number): Units {
    return this.maintenanceIn(this.indexOf(notional), notional);
  }

  /** The same by the rate of one bracket, whether or not the notional lies in it. */
  maintenanceIn(index: number, notional: number): Units {
    const { numerator, denominator } = this.rates[index] as Fraction;
    return units(Math.max(0, mulDiv(notional, numerator, denominator, 'ceil') - (this.cums[index] as number)));
  }

  /** Maintenance rate of a bracket, as a fraction. An estimate for searching: money is computed by `maintenance`. */
  rateIn(index: number): number {
    const { numerator, denominator } = this.rates[index] as Fraction;
    return numerator / denominator;
  }

  cumIn(index: number): Units {
    return units(this.cums[index] as number);
  }

  /** Highest leverage at which a position of this notional may be held; NaN beyond the last bracket. */
  maxLeverageAt(notional: number): number {
    const index = this.indexOf(notional);
    return notional <= (this.caps[index] as number) ? (this.leverages[index] as number) : Number.NaN;
  }

  /** Largest notional that may be held at this leverage; 0 when no bracket allows it. */
  capAt(leverage: number): number {
    let cap = 0;
    for (let index = 0; index < this.caps.length; index += 1)
      if (leverage <= (this.leverages[index] as number)) cap = this.caps[index] as number;
    return cap;
  }

  /** Upper bound of the bracket below that of `notional`; 0 in the lowest. */
  capBelow(notional: number): number {
    const index = this.indexOf(notional);
    return index === 0 ? 0 : (this.caps[index - 1] as number);
  }
}

/** A rate in lowest terms: products stay small, and most need no wide arithmetic. */
interface Fraction {
  readonly numerator: number;
  readonly denominator: number;
}

function fractionOf(rate: Decimal): Fraction {
  const numerator = rateOf(rate);
  let [a, b] = [RATE_SCALE, numerator];
  while (b !== 0) [a, b] = [b, a % b];
  return { numerator: numerator / a, denominator: RATE_SCALE / a };
}

/** Throws `NUM-002` unless the brackets begin at zero, follow one another and meet at their boundaries. */
function assertTiers(symbol: string, tiers: readonly MarginTier[]): void {
  const refuse = (what: string): Error =>
    fault('NUM-002', `${symbol}: margin tiers must ${what}.`, { fix: 'Correct the tiers of the instrument.' });
  let before: MarginTier | undefined;
  for (const tier of tiers) {
    const { floor, cap, rate, maxLeverage, cum } = tier;
    if (!floor.eq(before?.cap ?? 0) || !cap.gt(floor))
      throw refuse(`follow one another from 0 upwards, was ${floor.toString()} to ${cap.toString()}`);
    if (!rate.gte(before?.rate ?? 0) || !rate.lt(1))
      throw refuse(`have rates from 0 to below 1 that do not fall, was ${rate.toString()}`);
    if (!maxLeverage.gte(1) || !maxLeverage.lte(before?.maxLeverage ?? maxLeverage))
      throw refuse(`have leverages of 1 or more that do not rise, was ${maxLeverage.toString()}`);
    const meets = before === undefined ? new Decimal(0) : floor.times(rate.minus(before.rate)).plus(before.cum);
    if (!cum.eq(meets))
      throw refuse(`meet at ${floor.toString()}: cum must be ${meets.toString()}, was ${cum.toString()}`);
    before = tier;
  }
  if (before === undefined) throw refuse('be one or more');
}
