import { rateOf, type InstrumentStatus } from '../../../domain/instrument.js';
import type { Clock } from '../../../ports/configuration/clock.js';
import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import type { SimulatedVenue } from '../../../venues/simulated/brokerage/venue.js';
import type { LevelChange, WireMarket, WireMarketListener, WireTrade } from '../market/wire-market.js';
import type { WireMarkets } from '../rest/asked.js';
import { repeated } from '../streams/stream-source.js';

/** How often time passes for orders that end by it. */
const PULSE_MS = 250;

/**
 * The exchange of one account, which the markets of the wire move: its orders meet what is served, and take nothing of
 * it away from others.
 */
export class AccountExchange {
  /** Told after each event of a market. */
  onMoved: () => void = () => undefined;
  private readonly ends: (() => void)[] = [];

  constructor(
    readonly venue: SimulatedVenue,
    markets: WireMarkets,
    private readonly clock: Clock,
    scheduler: Scheduler,
  ) {
    venue.open();
    venue.drive('wire', () => ({}));
    for (const market of markets.values()) this.follow(market);
    this.ends.push(repeated(scheduler, PULSE_MS, () => this.moved(() => this.pass())));
  }

  /** Its time never goes back. */
  get now(): number {
    const { time } = this.venue;
    return Number.isNaN(time) ? this.clock.now() : Math.max(time, this.clock.now());
  }

  /** Time passes: what ends by it has ended. */
  pass(): void {
    this.venue.advance(this.now);
  }

  close(): void {
    for (const end of this.ends.splice(0)) end();
    this.venue.close();
  }

  private moved(work: () => void): void {
    work();
    this.onMoved();
  }

  private follow(market: WireMarket): void {
    const { venue } = this;
    const { name } = market;
    this.levels(market, [...market.standing('buy'), ...market.standing('sell')], true);
    this.value(market);
    if (market.fundingRate !== undefined) venue.setFundingRate(name, rateOf(market.fundingRate));
    const listener: WireMarketListener = {
      changed: (changes) => this.moved(() => this.levels(market, changes, false)),
      traded: (trade) => this.moved(() => this.trade(market, trade)),
      valued: () => this.moved(() => this.value(market)),
      rated: (rate) => venue.setFundingRate(name, rateOf(rate)),
      redefined: ({ status, ...change }) => venue.redefine(name, { ...change, ...tradable(status) }, this.now),
    };
    market.listeners.add(listener);
    this.ends.push(() => market.listeners.delete(listener));
  }

  private levels({ name }: WireMarket, changes: readonly LevelChange[], isWhole: boolean): void {
    this.venue.depthBegin(name, isWhole);
    for (const { side, price, size } of changes) this.venue.depth(name, side, price, size);
    this.venue.depthEnd(name, this.now);
  }

  private trade({ name, instrument }: WireMarket, { price, size, isBuyerMaker }: WireTrade): void {
    const lots = instrument.toLots(size, 'nearest');
    if (lots > 0)
      this.venue.trade(name, instrument.toTicks(price, 'nearest'), lots, this.now, isBuyerMaker ? 'sell' : 'buy');
  }

  private value({ name, instrument, mark, index }: WireMarket): void {
    if (index !== undefined) this.venue.index(name, instrument.toMarks(index), this.now);
    if (mark !== undefined) this.venue.mark(name, instrument.toMarks(mark), this.now);
  }
}

const tradable = (status: InstrumentStatus | undefined): { readonly tradable?: boolean } =>
  status === undefined ? {} : { tradable: status === 'trading' };
