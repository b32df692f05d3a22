import { injectable } from 'inversify';
import { readInstrumentSpec } from '../../border/instruments.js';
import { requireList } from '../../border/reading.js';
import { Decimal } from '../../domain/decimal.js';
import { fault, messageOf } from '../../domain/errors.js';
import { Instrument, type InstrumentSpec, type InstrumentStatus } from '../../domain/instrument.js';
import type { Product } from '../../domain/market.js';
import { inTime } from '../../flow/in-time.js';
import { inject } from '../../injection/inject.js';
import { Instruments } from '../../ports/venue/instruments.js';
import type { InstrumentEvent } from '../../ports/venue/market-event.js';
import { EventStore } from '../../ports/storage/event-store.js';
import { VenueSession } from '../../ports/venue/venue-session.js';
import { Logger } from '../../ports/configuration/logger.js';
import { Scheduler } from '../../ports/configuration/scheduler.js';
import type { ProductCatalogue } from '../../ports/core-services/product-catalogue.js';
import { AccountMoney, FINEST_MONEY } from '../../ports/runtime-state/account-money.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import { InstrumentMemory } from './instrument-memory.js';
import { finerGrid, measuredIn, refineSpec, sameContract, sameSpec } from './refine-spec.js';
import { Clock } from '../../ports/configuration/clock.js';
import { UNLIMITED } from '../../flow/unlimited-requests.js';
import { RequestBudget } from '../../ports/core-services/request-budget.js';

/** In these nothing is opened; what is held can be left as far as the venue allows. */
const SHUT: ReadonlySet<InstrumentStatus> = new Set<InstrumentStatus>([
  'reduce_only',
  'cancel_only',
  'halted',
  'closed',
]);

/**
 * The venue's products, read by `refresh` and kept until the next one succeeds. An instrument whose description did
 * not change stays the same object, so positions and windows keep theirs; one whose tick or step changed goes on being
 * counted as before, and says what orders must be multiples of. One that an answer does not name is not gone: it is
 * kept as it was, and nothing is opened in it until an answer names it again. Changed `instruments` of the
 * configuration hold from the next refresh.
 */
@injectable()
export class CachedProductCatalogue implements ProductCatalogue {
  private known: ReadonlyMap<string, Instrument> = new Map();
  private refreshing: Promise<void> | undefined;
  private readonly memory: InstrumentMemory;
  /** Why nothing may be opened, by symbol. */
  private held: ReadonlyMap<string, string> = new Map();
  private said = '';
  /** What the venue said of each last, before anything of ours. */
  private told = new Map<string, InstrumentSpec>();
  /** Told by the stream while an answer was on its way: that may be older. */
  private late: InstrumentEvent[] = [];

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(VenueSession) private readonly session: VenueSession,
    @inject(Instruments) private readonly listed: Instruments,
    @inject(EventStore) private readonly journal: EventStore,
    @inject(Logger) private readonly logger: Logger,
    @inject(Scheduler) private readonly scheduler: Scheduler,
    @inject(Clock) private readonly clock: Clock,
    @inject(AccountMoney) private readonly money: Pick<AccountMoney, 'unit'> = FINEST_MONEY,
    @inject(RequestBudget) private readonly budget: RequestBudget = UNLIMITED,
  ) {
    this.memory = new InstrumentMemory(journal);
  }

  change(event: InstrumentEvent): void {
    if (this.refreshing !== undefined) this.late.push(event);
    this.take(event);
  }

  /** Calls during a running refresh share it. Rejects when the venue cannot tell; what was known stays. */
  refresh(): Promise<void> {
    this.refreshing ??= this.load().finally(() => {
      this.refreshing = undefined;
      this.late.length = 0;
    });
    return this.refreshing;
  }

  getProduct(symbol: string): Product {
    const instrument = this.known.get(symbol);
    return instrument === undefined ? unconfirmed(symbol) : described(instrument.spec, this.held.get(symbol));
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

  get missing(): readonly string[] {
    return this.config.current.symbols.filter((symbol) => !this.known.has(symbol) || this.held.has(symbol));
  }

  private take({ symbol, status, spec: described }: InstrumentEvent): void {
    const told = described ?? this.told.get(symbol);
    if (told === undefined) return;
    const isAsBefore = status === undefined || status === (told.status ?? 'trading');
    const spec: InstrumentSpec = isAsBefore ? told : { ...told, status };
    this.told.set(symbol, spec);
    const held = new Map(this.held);
    held.delete(symbol);
    const instrument = this.define(spec, held);
    if (instrument !== undefined) this.known = new Map(this.known).set(symbol, instrument);
    else if (this.known.has(symbol)) held.set(symbol, `${symbol} cannot be counted as the venue describes it now.`);
    this.held = held;
    if (instrument !== undefined && this.isOurs(symbol)) this.memory.keep(instrument.spec);
    this.tell();
  }

  private async load(): Promise<void> {
    const { scheduler, config, budget, clock } = this;
    const specs = await inTime(() => this.listed.listProducts(), { scheduler, config, budget, clock });
    requireList(specs, 'Products');
    const next = new Map<string, Instrument>();
    const held = new Map<string, string>();
    const told = new Map<string, InstrumentSpec>();
    for (const venueSpec of specs) {
      const instrument = this.define(venueSpec, held);
      if (instrument === undefined) continue;
      next.set(instrument.symbol, instrument);
      told.set(instrument.symbol, venueSpec);
    }
    for (const instrument of this.believed()) {
      const { symbol } = instrument;
      if (next.has(symbol)) continue;
      next.set(symbol, instrument);
      held.set(symbol, `${symbol} is not among the products that the venue names now.`);
    }
    this.known = next;
    this.held = held;
    this.told = told;
    for (const { spec } of next.values()) if (this.isOurs(spec.symbol)) this.memory.keep(spec);
    this.tell();
    for (const event of this.late.splice(0)) this.take(event);
  }

  /** What was known a moment ago, what the journal describes, and what it only measured in, as configured. */
  private *believed(): Generator<Instrument> {
    yield* this.known.values();
    for (const spec of this.memory.all()) if (!this.known.has(spec.symbol)) yield new Instrument(spec, this.money.unit);
    for (const symbol of this.config.current.symbols) {
      const own = this.config.current.instruments[symbol];
      if (own === undefined || this.known.has(symbol) || !this.memory.has(symbol)) continue;
      yield new Instrument(measuredIn(own, this.memory.gridOf(symbol, own)), this.money.unit);
    }
  }

  /** One product that cannot be held exactly is left out; the others are still traded. */
  private define(venueSpec: InstrumentSpec, held: Map<string, string>): Instrument | undefined {
    const symbol = String((venueSpec as Partial<InstrumentSpec> | null)?.symbol);
    try {
      const venue = refineSpec(readInstrumentSpec(venueSpec), this.config.current.instruments[symbol]);
      if (venue.status !== undefined && SHUT.has(venue.status))
        held.set(symbol, `${symbol} is ${venue.status.replace('_', '-')} at the venue.`);
      const old = this.known.get(symbol);
      const before = old?.spec ?? this.memory.of(symbol);
      if (before !== undefined && !sameContract(before, venue)) {
        held.set(symbol, `${symbol} is another contract than the one in which the journal measures.`);
        return old ?? new Instrument(before, this.money.unit);
      }
      const spec = old === undefined ? this.asMeasured(venue) : measuredIn(venue, old.spec);
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

  /**
   * As fine as both the venue and what the journal has measured. Where money is not whole on so fine a grid, as fine as
   * the journal alone: what the venue then says between its lines is booked by its value.
   */
  private asMeasured(venue: InstrumentSpec): InstrumentSpec {
    const grid = this.memory.gridOf(venue.symbol, venue);
    if (grid.tick.eq(venue.tick) && grid.step.eq(venue.step)) return venue;
    const finest = measuredIn(venue, finerGrid(grid, venue));
    return isExact(finest) ? finest : measuredIn(venue, grid);
  }

  private isOurs(symbol: string): boolean {
    return (
      this.config.current.symbols.includes(symbol) || this.memory.of(symbol) !== undefined || this.memory.has(symbol)
    );
  }

  /** Once for each change of what is missing. */
  private tell(): void {
    const { missing } = this;
    const text = missing.join(', ');
    if (text === this.said) return;
    this.said = text;
    this.journal.append('products_missing', { symbols: missing });
    for (const symbol of missing)
      this.logger.warn(`${symbol} is configured but not confirmed by the venue; nothing is opened in it`, {
        symbol,
        reason: this.held.get(symbol) ?? 'the venue does not name it, and nobody has described it',
      });
    if (missing.length === 0) this.logger.info('The venue names every configured product again');
  }
}

function isExact(spec: InstrumentSpec): boolean {
  try {
    return new Instrument(spec).symbol === spec.symbol;
  } catch {
    return false;
  }
}

function described(spec: InstrumentSpec, held: string | undefined): Product {
  return {
    symbol: spec.symbol,
    base: spec.base,
    quote: spec.quote,
    market: spec.kind,
    minSize: spec.minSize,
    stepSize: spec.orderGrid?.step ?? spec.step,
    minNotional: spec.minNotional,
    priceIncrement: spec.orderGrid?.tick ?? spec.tick,
    maxLeverage: spec.maxLeverage,
    confirmed: held === undefined,
    ...(held === undefined ? {} : { held }),
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
