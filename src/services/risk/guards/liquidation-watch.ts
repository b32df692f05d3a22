import type { Instrument } from '../../../domain/instrument.js';
import { units, type MarkUnits } from '../../../domain/units.js';
import type { Portfolio } from '../../../ports/runtime-state/portfolio.js';
import type { EventStore } from '../../../ports/storage/event-store.js';
import { FOLDS } from '../../../ports/storage/journal-folds.js';
import { divideUp, PPM } from '../parts-per-million.js';
import type { LimitBook } from '../risk-limits.js';
import type { RiskJournal } from '../risk-journal.js';

const BREACH = 'liquidation_buffer_breach';
const RESTORED = 'liquidation_buffer_restored';

/**
 * Distance of each position to its liquidation price. Below the limit the symbol may only be reduced, until the
 * distance is back or the position is gone, whatever restarts come in between. Distances are signed: a mark beyond the
 * liquidation price is no distance at all.
 */
export class LiquidationWatch {
  private readonly reduceOnly = new Set<string>();
  private restored = false;

  constructor(
    private readonly limits: LimitBook,
    private readonly portfolio: Portfolio,
    private readonly events: EventStore,
    private readonly journal: RiskJournal,
  ) {}

  isReduceOnly(symbol: string): boolean {
    if (!this.restored) this.restore();
    return this.reduceOnly.size > 0 && this.reduceOnly.has(symbol);
  }

  check(instrument: Instrument, mark: MarkUnits, liquidationPrice: MarkUnits | undefined, now: number): boolean {
    if (!this.restored) this.restore();
    const { lots } = this.portfolio.position(instrument);
    const limits = this.limits.current;
    if (lots === 0 || limits.of(instrument).isSpot) {
      this.lift(instrument.symbol, 'no position to liquidate');
      return false;
    }
    const buffer =
      liquidationPrice === undefined
        ? this.bufferOfEquity(instrument, mark, lots, now)
        : (Math.sign(lots) * (mark - liquidationPrice)) / mark;
    const limit = limits.minBuffer / PPM;
    if (mark > 0 && buffer >= limit) {
      this.lift(instrument.symbol, 'the buffer is back');
      return false;
    }
    this.hold(instrument.symbol, buffer, limit);
    return true;
  }

  /** Without a liquidation price: equity that is left after the margin at the leverage cap, as a share of equity. */
  private bufferOfEquity(instrument: Instrument, mark: MarkUnits, lots: number, now: number): number {
    const limits = this.limits.current;
    const { equity } = this.portfolio;
    if (!(equity > 0)) return -Infinity;
    const notional = units(instrument.worth(mark, Math.abs(lots)));
    return (equity - divideUp(notional, limits.capAt(limits.of(instrument), now))) / equity;
  }

  private hold(symbol: string, buffer: number, limit: number): void {
    if (this.reduceOnly.has(symbol)) return;
    this.reduceOnly.add(symbol);
    this.journal.record(BREACH, {
      symbol,
      buffer_pct: Number.isFinite(buffer) ? buffer : null,
      limit,
      action: `reduce_only_enabled_for_${symbol}`,
    });
  }

  private lift(symbol: string, reason: string): void {
    if (this.reduceOnly.size === 0 || !this.reduceOnly.delete(symbol)) return;
    this.journal.record(RESTORED, { symbol, reason, action: `reduce_only_lifted_for_${symbol}` });
  }

  private restore(): void {
    this.restored = true;
    for (const {
      payload: { symbol },
    } of this.events.fold(FOLDS.liquidationBuffers))
      if (typeof symbol === 'string') this.reduceOnly.add(symbol);
  }
}
