import { injectable } from 'inversify';
import type { Instrument } from '../../domain/instrument.js';
import { ticks, type Ticks } from '../../domain/units.js';
import { inject } from '../../injection/inject.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import type { RiskSettings } from '../../ports/configuration/settings/risk-settings.js';
import { VenueTime } from '../../ports/configuration/venue-time.js';
import type { EntryObjection, EntryPermit, EntryTerms } from '../../ports/core-services/entry-permit.js';
import { MarkFreshness } from '../../ports/runtime-state/mark-freshness.js';
import { QuotePrices } from '../../ports/runtime-state/quote-prices.js';
import { WindowStore } from '../../ports/runtime-state/window-store.js';
import { collarPrice } from './checks/price.js';
import { PPM, PPM_PER_BPS } from './parts-per-million.js';

/** Prices of one symbol agree within this many collars. */
const BAND_IN_COLLARS = 3;

/**
 * Entries need a fresh mark, prices that agree, and a clock to tell by, whatever has happened since they were decided
 * on.
 */
@injectable()
export class MarketEntryPermit implements EntryPermit {
  private collarOf: RiskSettings | undefined;
  private collarPpm = 0;

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(MarkFreshness) private readonly freshness: MarkFreshness,
    @inject(VenueTime) private readonly time: VenueTime,
    @inject(WindowStore) private readonly windows: WindowStore,
    @inject(QuotePrices) private readonly prices: QuotePrices,
  ) {}

  objection(order: EntryTerms, now: number): EntryObjection | undefined {
    if (!this.canIncrease(order)) return undefined;
    return this.ofClock() ?? this.ofMark(order.instrument.symbol, now) ?? this.ofPrices(order.instrument, now);
  }

  worstPrice(order: EntryTerms, now: number): Ticks | undefined {
    const { instrument, side } = order;
    const { collar } = this;
    const { risk } = this.config.current;
    const { symbol } = instrument;
    const { last } = this.windows.find(symbol) ?? {};
    if (last === undefined || this.freshness.isStale(symbol, now, risk.maxMarkStalenessMs)) return undefined;
    const [low, high] = this.prices.isEmpty ? [last, last] : this.anchors(order, last, now);
    const price = collarPrice(instrument, side, low, high, collar);
    return price > 0 ? ticks(price) : undefined;
  }

  /**
   * What adds is measured at the nearest of all fresh prices. What reduces at the venue's mark, where that is told: one
   * bad print must neither keep a position open nor sell it into itself.
   */
  private anchors(order: EntryTerms, last: number, now: number): readonly [number, number] {
    const { symbol } = order.instrument;
    const limitMs = this.config.current.risk.maxMarkStalenessMs;
    const mark = this.canIncrease(order) ? undefined : this.prices.fresh(symbol, 'mark', now, limitMs);
    if (mark !== undefined) return [mark, mark];
    const known = this.prices.all(symbol, now, limitMs).map(({ value }): number => value);
    return [Math.min(last, ...known), Math.max(last, ...known)];
  }

  /** What the venue tells of one symbol stands in order, and within a band. */
  private ofPrices(instrument: Instrument, now: number): EntryObjection | undefined {
    const { prices } = this;
    const { symbol } = instrument;
    if (prices.isEmpty) return undefined;
    if (prices.isCrossed(symbol))
      return { check: 'crossed_quote', reason: `Bid of ${symbol} must be below its ask, and is not.` };
    const { collar } = this;
    const { risk } = this.config.current;
    const band = BAND_IN_COLLARS * collar;
    const known = prices.all(symbol, now, risk.maxMarkStalenessMs);
    const low = Math.min(...known.map(({ value }) => value));
    if (known.every(({ value }) => (value - low) * PPM <= low * band)) return undefined;
    const told = known.map(({ kind, value }) => `${kind} ${instrument.markPrice(value).toString()}`).join(', ');
    return { check: 'price_band', reason: `Prices of ${symbol} must agree within ${band / 100} bps, were ${told}.` };
  }

  /** In parts per million, converted once per configuration. */
  private get collar(): number {
    const { risk } = this.config.current;
    if (this.collarOf !== risk) {
      this.collarOf = risk;
      this.collarPpm = risk.priceCollarBps.times(PPM_PER_BPS).toNumber();
    }
    return this.collarPpm;
  }

  private ofClock(): EntryObjection | undefined {
    const { doubt } = this.time;
    return doubt === undefined ? undefined : { check: 'clock', reason: `Nothing may be added while ${doubt}.` };
  }

  /** A venue holds a reduce-only order to the position; spot has no such orders, and a sale adds nothing there. */
  private canIncrease({ instrument, side, reduceOnly }: EntryTerms): boolean {
    if (reduceOnly) return false;
    const isSpot = instrument.spec.kind === 'spot' || !this.config.current.derivatives;
    return !(isSpot && side === 'sell');
  }

  /** A mark from the future is no better than an old one: one of the two clocks is wrong. */
  private ofMark(symbol: string, now: number): EntryObjection | undefined {
    const limit = this.config.current.risk.maxMarkStalenessMs;
    const age = this.freshness.age(symbol, now);
    if (age !== undefined && Math.abs(age) + this.time.measuredMs <= limit) return undefined;
    const state = age === undefined ? 'is not known' : `is ${age} ms old`;
    return { check: 'stale_mark', reason: `Mark of ${symbol} ${state}; orders need one of at most ${limit} ms.` };
  }
}
