import { injectable } from 'inversify';
import { inject } from '../../injection/inject.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import { VenueTime } from '../../ports/configuration/venue-time.js';
import type { EntryObjection, EntryPermit, EntryTerms } from '../../ports/core-services/entry-permit.js';
import { MarkFreshness } from '../../ports/runtime-state/mark-freshness.js';

/** Entries need a fresh mark and a clock to tell by, whatever has happened since they were decided on. */
@injectable()
export class MarketEntryPermit implements EntryPermit {
  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(MarkFreshness) private readonly freshness: MarkFreshness,
    @inject(VenueTime) private readonly time: VenueTime,
  ) {}

  objection(order: EntryTerms, now: number): EntryObjection | undefined {
    return this.canIncrease(order) ? (this.ofClock() ?? this.ofMark(order.instrument.symbol, now)) : undefined;
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
