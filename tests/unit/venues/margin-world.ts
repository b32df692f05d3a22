import { Decimal } from '#src/domain/decimal.js';
import { Instrument, type InstrumentSpec, type MarginTier } from '#src/domain/instrument.js';
import type { VenuePosition } from '#src/domain/market.js';
import type { Fill } from '#src/domain/order.js';
import { marks } from '#src/domain/units.js';
import type { SimulationSettings } from '#src/ports/configuration/settings/simulation-settings.js';
import type { ExchangeStore } from '#src/ports/core-services/simulated-exchange.js';
import { positionsOf } from '#src/venues/simulated/brokerage/account-views.js';
import { testConfig } from '../../support/config.js';
import { SimulatedWorld, T0 } from './simulated-world.js';
import { unitsOf } from '../../support/finest.js';

export const d = (value: string | number): Decimal => new Decimal(value);
export const usd = (amount: number | string): number => unitsOf(d(amount), 'nearest');

const tier = (floor: number, cap: number, rate: string, leverage: number, cum: string): MarginTier => ({
  floor: d(floor),
  cap: d(cap),
  rate: d(rate),
  maxLeverage: d(leverage),
  cum: d(cum),
});
/** 1 % up to 1,000, 5 % up to 5,000, 10 % beyond. */
export const TIERS = [
  tier(0, 1_000, '0.01', 50, '0'),
  tier(1_000, 5_000, '0.05', 10, '40'),
  tier(5_000, 100_000, '0.1', 5, '290'),
];

type Margin = SimulationSettings['margin'];

/** A world with margin settings: BTC-PERP at whole prices, a lot of 0.1, so that 100 lots at 100 are worth 1,000. */
export class MarginWorld extends SimulatedWorld {
  private clock = T0;

  constructor(margin: Partial<Margin> = {}, spec: Partial<InstrumentSpec> = {}, equity = 1_000, store?: ExchangeStore) {
    const settings = { ...testConfig().simulation.margin, liquidationFee: d(0), ...margin };
    super(
      { step: d('0.1'), minSize: d('0.1'), maxLeverage: d(50), maintenanceRate: d('0.01'), ...spec },
      { equity: d(equity), margin: settings },
      store,
    );
  }

  /** A quote of one price on both sides but for a tick, with as much behind it as anybody wants. */
  at(price: number, size = 1_000_000): this {
    this.clock += 1_000;
    this.quote(price, size, price, size, this.clock);
    return this;
  }

  /** Opens a position at the price that stands. */
  open(size: number, leverage = 10, positionSide?: 'long' | 'short'): this {
    const result = this.submit(size > 0 ? 'buy' : 'sell', Math.abs(size), {
      leverage,
      ...(positionSide === undefined ? {} : { options: { positionSide } }),
    });
    if (result.outcome !== 'accepted') throw new Error(JSON.stringify(result));
    return this;
  }

  markAt(price: number): this {
    this.clock += 1_000;
    this.venue.mark(this.instrument.symbol, marks(price * this.instrument.marksPerTick), this.clock);
    return this;
  }

  /** `cause side lots@price` of what the venue did by itself. */
  get forced(): string[] {
    return this.venue.fills
      .filter((fill) => fill.cause !== undefined)
      .map((fill: Fill) => `${fill.cause} ${fill.side} ${fill.lots}@${fill.price}`);
  }

  get cash(): number {
    return this.venue.account.ledger.cash;
  }

  get views(): readonly VenuePosition[] {
    return positionsOf(this.venue);
  }

  /** Adds another market to the same wallet. */
  define(symbol: string, spec: Partial<InstrumentSpec> = {}): Instrument {
    const instrument = new Instrument({ ...this.instrument.spec, symbol, base: symbol, ...spec });
    this.venue.define(instrument);
    return instrument;
  }
}
