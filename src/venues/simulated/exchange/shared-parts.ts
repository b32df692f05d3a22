import { fault } from '../../../domain/errors.js';
import type { Instrument, MoneyUnit } from '../../../domain/instrument.js';
import type { OrderRef } from '../../../ports/venue/order-ref.js';
import type { Json } from '../../../ports/storage/event-store.js';
import type { Clock } from '../../../ports/configuration/clock.js';
import type { ExchangeStore } from '../../../ports/core-services/simulated-exchange.js';
import { CommitLog } from '../persistence/commit-log.js';
import { Wire } from '../models/wire.js';
import type { Market } from '../core/market.js';
import type { Ids } from '../engine/order-desk.js';
import { Outbox } from '../core/outbox.js';
import { TradingVenue } from './trading-venue.js';
import type { RunParts } from './venue-parts.js';
import type { ExchangeParts } from '../persistence/venue-state.js';

/** Where nobody says how far the world is, it is where the market is. */
export const WITH_THE_MARKET: Pick<Clock, 'now'> = { now: () => Number.NEGATIVE_INFINITY };

/**
 * What the venues of one run have in common: time, the wire, ids, one order of news, one commit. Each venue is an
 * account of its own beside it.
 */
export class SharedParts implements ExchangeParts, RunParts {
  /** Time of the last event; NaN before the first. */
  time = Number.NaN;
  readonly ids: Ids = { order: 1, trade: 1 };
  readonly outbox = new Outbox();
  readonly wire = new Wire(
    () => this.time,
    () => this.asked,
  );
  readonly log: CommitLog;
  /** Every market by symbol, of whichever venue. */
  readonly markets = new Map<string, Market>();
  readonly venues: TradingVenue[] = [];
  driver: () => Json = () => null;
  source: string | undefined = undefined;

  constructor(
    store: ExchangeStore,
    private readonly money: { readonly unit: MoneyUnit },
    private readonly world: Pick<Clock, 'now'>,
  ) {
    this.log = new CommitLog(store, this);
  }

  /**
   * When what is asked now is asked: the market may have said nothing for a while, and a request counts from where the
   * world is. One that has travelled is there at its own instant. NaN before the first event.
   */
  get asked(): number {
    return this.wire.delivering ? this.time : Math.max(this.time, this.world.now());
  }

  get unit(): MoneyUnit {
    return this.money.unit;
  }

  /** Opens a venue; its name is empty where the run has one that needs none. */
  add(name: string): TradingVenue {
    const venue = new TradingVenue(this, name);
    this.venues.push(venue);
    return venue;
  }

  /** The venue that trades the symbol; the first for one that nobody trades. */
  of(symbol: string): TradingVenue {
    for (const venue of this.venues) if (venue.markets.has(symbol)) return venue;
    return this.venues[0] as TradingVenue;
  }

  /** The venue whose order is meant: that of its symbol, else the one that knows it. */
  holderOf(ref: OrderRef): TradingVenue {
    const nearest = this.of(ref.symbol);
    if (this.venues.length === 1 || nearest.desk.find(ref) !== undefined) return nearest;
    return this.venues.find(({ desk }) => desk.find(ref) !== undefined) ?? nearest;
  }

  /** Where an instrument is to be traded. Throws CFG-006 for one of a venue that has no account. */
  venueFor({ symbol, spec: { venue } }: Instrument): TradingVenue {
    const found = this.venues.length === 1 ? this.venues[0] : this.venues.find(({ name }) => name === venue);
    if (found !== undefined) return found;
    throw fault(
      'CFG-006',
      `instruments.${symbol}.venue must be one of simulation.venues (${this.venues.map(({ name }) => name).join(', ')}), was ${venue ?? 'absent'}.`,
    );
  }
}
