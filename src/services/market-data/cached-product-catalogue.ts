import { injectable } from 'inversify';
import { Decimal } from '../../domain/decimal.js';
import { fault, messageOf } from '../../domain/errors.js';
import { Instrument, type InstrumentSpec } from '../../domain/instrument.js';
import type { Product } from '../../domain/market.js';
import { inject } from '../../injection/inject.js';
import { Instruments } from '../../ports/venue/instruments.js';
import { VenueSession } from '../../ports/venue/venue-session.js';
import { Logger } from '../../ports/configuration/logger.js';
import type { ProductCatalogue } from '../../ports/core-services/product-catalogue.js';
import { AccountMoney, FINEST_MONEY } from '../../ports/runtime-state/account-money.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import { refineSpec, sameSpec } from './refine-spec.js';

/**
 * The venue's products, read by `refresh` and kept until the next one succeeds. An instrument whose description did
 * not change stays the same object, so positions and windows keep theirs. Changed `instruments` of the configuration
 * hold from the next refresh.
 */
@injectable()
export class CachedProductCatalogue implements ProductCatalogue {
  private known: ReadonlyMap<string, Instrument> = new Map();
  private refreshing: Promise<void> | undefined;

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(VenueSession) private readonly session: VenueSession,
    @inject(Instruments) private readonly listed: Instruments,
    @inject(Logger) private readonly logger: Logger,
    @inject(AccountMoney) private readonly money: Pick<AccountMoney, 'unit'> = FINEST_MONEY,
  ) {}

  /** Calls during a running refresh share it. Rejects when the venue cannot tell; what was known stays. */
  refresh(): Promise<void> {
    this.refreshing ??= this.load().finally(() => (this.refreshing = undefined));
    return this.refreshing;
  }

  getProduct(symbol: string): Product {
    const instrument = this.known.get(symbol);
    return instrument === undefined ? unconfirmed(symbol) : confirmed(instrument.spec);
  }

  instrument(symbol: string): Instrument {
    const instrument = this.known.get(symbol);
    if (instrument === undefined) {
      throw fault('CFG-007', `Symbol must be a product that ${this.session.capabilities.venue} lists, was ${symbol}.`, {
        fix: 'Correct symbols in the configuration; the venue knows the product under another name or not at all.',
      });
    }
    return instrument;
  }

  find(symbol: string): Instrument | undefined {
    return this.known.get(symbol);
  }

  instruments(): IterableIterator<Instrument> {
    return this.known.values();
  }

  private async load(): Promise<void> {
    const specs = await this.listed.listProducts();
    const next = new Map<string, Instrument>();
    for (const venueSpec of specs) {
      const instrument = this.define(venueSpec);
      if (instrument !== undefined) next.set(instrument.symbol, instrument);
    }
    this.known = next;
    for (const symbol of this.config.current.symbols) {
      if (!next.has(symbol))
        this.logger.warn(`${symbol} is configured but not confirmed by the venue; it will not be traded`, { symbol });
    }
  }

  /** One product that cannot be held exactly is left out; the others are still traded. */
  private define(venueSpec: InstrumentSpec): Instrument | undefined {
    const { symbol } = venueSpec;
    try {
      const spec = refineSpec(venueSpec, this.config.current.instruments[symbol]);
      const old = this.known.get(symbol);
      return old !== undefined && sameSpec(old.spec, spec) ? old : new Instrument(spec, this.money.unit);
    } catch (error) {
      const fields = { symbol, error: messageOf(error) };
      // Venues list hundreds of products; only one that is meant to be traded concerns the operator.
      if (this.config.current.symbols.includes(symbol))
        this.logger.error(`${symbol} is left out of the products`, fields);
      else if (this.logger.debugEnabled) this.logger.debug(`${symbol} is left out of the products`, fields);
      return undefined;
    }
  }
}

function confirmed(spec: InstrumentSpec): Product {
  return {
    symbol: spec.symbol,
    base: spec.base,
    quote: spec.quote,
    market: spec.kind,
    minSize: spec.minSize,
    stepSize: spec.step,
    minNotional: spec.minNotional,
    priceIncrement: spec.tick,
    maxLeverage: spec.maxLeverage,
    confirmed: true,
  };
}

const FALLBACK_STEP = new Decimal('0.0001');
const FALLBACK_TICK = new Decimal('0.01');
const FALLBACK_MIN_NOTIONAL = new Decimal(10);
const PERPETUAL_SUFFIX = '-PERP';

/** A description by the symbol alone, coarse on purpose. */
function unconfirmed(symbol: string): Product {
  const isPerpetual = symbol.endsWith(PERPETUAL_SUFFIX);
  const pair = isPerpetual ? symbol.slice(0, -PERPETUAL_SUFFIX.length) : symbol;
  const dash = pair.indexOf('-');
  const quote = dash < 0 ? '' : pair.slice(dash + 1);
  return {
    symbol,
    base: dash < 0 ? pair : pair.slice(0, dash),
    quote: quote === '' ? 'USD' : quote,
    market: isPerpetual ? 'perpetual' : 'spot',
    minSize: FALLBACK_STEP,
    stepSize: FALLBACK_STEP,
    minNotional: FALLBACK_MIN_NOTIONAL,
    priceIncrement: FALLBACK_TICK,
    confirmed: false,
  };
}
