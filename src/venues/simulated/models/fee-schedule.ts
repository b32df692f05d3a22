import { Decimal } from '../../../domain/decimal.js';
import { FINEST_UNIT, rateOf, type Instrument, type MoneyUnit } from '../../../domain/instrument.js';
import type { Fill, Liquidity } from '../../../domain/order.js';
import { DAY_MS } from '../../../domain/time-spans.js';
import type { FeeTierSettings } from '../../../ports/configuration/settings/simulation-settings.js';

const WINDOW_DAYS = 30;

/** An instrument and its own rates. */
export interface RatedMarket {
  readonly instrument: Instrument;
  readonly makerRate: number;
  readonly takerRate: number;
}

/** Rates of one tier, integers of RATE_SCALE, from a volume upwards. */
export interface FeeTier {
  readonly name: string;
  /** In settlement units, as all volumes here: a month of trades leaves the exact range of a number. */
  readonly volume: bigint;
  readonly makerRate: number;
  readonly takerRate: number;
}

/**
 * Fees by volume. The tier of a UTC day is fixed at its start: the highest whose volume the notional of the 30 days
 * before it has reached. The day's own trades count from the next day on; liquidations and deleveraging never do.
 * Without tiers, and below the lowest, each instrument's own two rates hold. Source: Binance, "Trading fees": VIP
 * levels are evaluated once a day on the trailing 30-day volume.
 */
export class FeeSchedule {
  /** Tier of the current day; undefined: the instruments' own rates. */
  active: FeeTier | undefined = undefined;
  /** The first instant of the next day: a plain field, because every fill asks. */
  nextDayAt = Number.NEGATIVE_INFINITY;
  private unit: MoneyUnit = FINEST_UNIT;
  private tiers: readonly FeeTier[] = [];
  private byDay = new Map<number, bigint>();

  use(settings: Readonly<Record<string, FeeTierSettings>>, unit: MoneyUnit): void {
    this.unit = unit;
    this.tiers = Object.entries(settings)
      .map(([name, tier]) => ({
        name,
        volume: BigInt(tier.volume.times(unit.perSettle).ceil().toFixed()),
        makerRate: rateOf(tier.makerFee),
        takerRate: rateOf(tier.takerFee),
      }))
      .sort((a, b) => (a.volume < b.volume ? -1 : 1));
    if (this.tiers.length === 0) this.nextDayAt = Number.POSITIVE_INFINITY;
  }

  /** A new day, and with it perhaps another tier. */
  roll(at: number): void {
    if (at < this.nextDayAt || this.tiers.length === 0) return;
    const day = Math.floor(at / DAY_MS);
    this.nextDayAt = (day + 1) * DAY_MS;
    for (const old of [...this.byDay.keys()]) if (old < day - WINDOW_DAYS) this.byDay.delete(old);
    const volume = this.volumeBefore(day);
    this.active = this.tiers.reduce<FeeTier | undefined>(
      (found, tier) => (volume >= tier.volume ? tier : found),
      undefined,
    );
  }

  /** Rate of a fill at this instant, an integer of RATE_SCALE. Spot markets have their own. */
  rateOf(market: RatedMarket, liquidity: Liquidity, at: number): number {
    if (at >= this.nextDayAt) this.roll(at);
    const rates = this.active === undefined || market.instrument.spec.kind === 'spot' ? market : this.active;
    return liquidity === 'maker' ? rates.makerRate : rates.takerRate;
  }

  /** Stands where another one stands, and counts for itself from then on. */
  follow(other: FeeSchedule): void {
    Object.assign(this, other);
    this.byDay = new Map(other.byDay);
  }

  add(fill: Fill): void {
    if (this.tiers.length === 0 || fill.cause !== undefined || fill.instrument.spec.kind === 'spot') return;
    const day = Math.floor(fill.at / DAY_MS);
    this.byDay.set(day, (this.byDay.get(day) ?? 0n) + BigInt(fill.instrument.notional(fill.price, fill.lots)));
  }

  /** Notional of the 30 days before the current one. */
  get volume(): Decimal {
    return new Decimal(this.volumeBefore(this.nextDayAt / DAY_MS - 1).toString()).div(this.unit.perSettle);
  }

  private volumeBefore(day: number): bigint {
    let sum = 0n;
    for (const [each, notional] of this.byDay) if (each < day && each >= day - WINDOW_DAYS) sum += notional;
    return sum;
  }
}
