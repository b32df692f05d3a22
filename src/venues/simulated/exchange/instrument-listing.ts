import { fault } from '../../../domain/errors.js';
import { countedIn, Instrument, type MarginTier, type MoneyUnit } from '../../../domain/instrument.js';
import type { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import type { MatchingSettings } from '../../../ports/configuration/settings/matching-settings.js';
import { Market } from '../core/market.js';
import { assertGrid, isSame } from '../models/instrument-grid.js';
import { joinCountdown } from './dead-man.js';
import { configuredTiers, withTiers } from './margin-settings.js';
import type { MarketIntake } from './market-intake.js';
import type { SharedParts } from './shared-parts.js';

/** The band that orders are held to is said, as a venue says it. */
function withBand(instrument: Instrument, { priceBand }: MatchingSettings): Instrument {
  if (priceBand === undefined) return instrument;
  const band = { above: priceBand, below: priceBand };
  return new Instrument({ ...instrument.spec, band }, instrument.unit);
}

/**
 * What can be traded: the configured instruments, also those a changed configuration adds, and what a caller defines.
 */
export class InstrumentListing {
  /** Maintenance brackets by symbol, where a file names them. */
  private tiers: ReadonlyMap<string, readonly MarginTier[]> = new Map();

  constructor(
    private readonly config: ConfigController,
    private readonly parts: SharedParts,
    private readonly feed: MarketIntake,
    private readonly account: { readonly unit: MoneyUnit },
  ) {}

  /** Lists the configured instruments, now and with every change of the configuration. */
  open(read: (path: string) => string | undefined): void {
    const { simulation, symbols } = this.config.current;
    this.tiers = configuredTiers(simulation, read);
    for (const symbol of symbols) this.defineConfigured(symbol);
    this.config.onChange((change) => {
      for (const symbol of change.updated.symbols) this.defineConfigured(symbol);
    });
  }

  /** An instrument that has had a price keeps its market; throws CFG-006 where the new grid does not fit it. */
  define(given: Instrument): void {
    const tiered = withTiers(countedIn(given, this.account.unit), this.tiers);
    const instrument = withBand(tiered, this.config.current.simulation.matching);
    const { markets } = this.parts;
    const known = markets.get(instrument.symbol);
    if (known !== undefined && (isSame(known.instrument, instrument) || !Number.isNaN(known.at))) {
      assertGrid(known.instrument, instrument);
      return;
    }
    for (const { symbol, instrument: other } of markets.values()) {
      if (other.spec.settle === instrument.spec.settle || symbol === instrument.symbol) continue;
      throw fault(
        'CFG-006',
        `instruments.${instrument.symbol}.settle must be ${other.spec.settle}, as that of ${symbol}, was ${instrument.spec.settle}.`,
      );
    }
    this.feed.forget();
    const venue = this.parts.venueFor(instrument);
    const market = new Market(instrument, venue.account.holdings(instrument), this.config.current.updateIntervalMs);
    joinCountdown(market, known, markets.values());
    markets.set(instrument.symbol, market);
    venue.markets.set(instrument.symbol, market);
    venue.changes.plan(market);
  }

  /** Lists one configured instrument, unless it is listed already or nobody configures it. */
  defineConfigured(symbol: string): void {
    const spec = this.config.current.instruments[symbol];
    if (spec !== undefined && !this.parts.markets.has(symbol)) this.define(new Instrument(spec, this.account.unit));
  }
}
