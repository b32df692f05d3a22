import { parseDecimal } from '../../../domain/decimal.js';
import { units, type Units } from '../../../domain/units.js';
import { DAY_MS } from '../../../domain/time-spans.js';
import type { EventStore } from '../../../ports/storage/event-store.js';
import type { Portfolio } from '../../../ports/runtime-state/portfolio.js';
import type { RiskJournal } from '../risk-journal.js';
import { PPM, share } from '../parts-per-million.js';
import { amount } from '../amount-text.js';

const RECORD = 'equity_baselines';
/**
 * Growth of the peak, in parts per million, that is worth a record: the most a crash can take from the high-water mark.
 */
const WORTH_PPM = PPM / 1_000;

/**
 * Carries across a restart what loss and drawdown are measured from. The books are rebuilt from fills, and fills do not
 * tell how high equity stood between them. Amounts are kept net of deposits, so that money moved meanwhile moves them
 * too.
 */
export class EquityBaselines {
  private restored = false;
  private recordedDay = Number.NaN;
  /** The recorded day, from its first instant to the next day's: NaN while there is none. */
  private from = Number.NaN;
  private until = Number.NaN;
  /** Net peak from which a new record is due. */
  private due = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly portfolio: Portfolio,
    private readonly events: EventStore,
    private readonly journal: RiskJournal,
  ) {}

  /** No record is due. */
  isKept(now: number): boolean {
    const { equityPeak, ledger } = this.portfolio;
    // The ledger's deposits run negative: added, they take what was put in out of the sum.
    return now >= this.from && now < this.until && equityPeak + ledger.deposits < this.due;
  }

  /** After the portfolio has observed `now`. Allocates nothing unless a record is due. */
  keep(now: number): void {
    const { portfolio } = this;
    if (this.isKept(now)) return;
    this.takeUp();
    const { dayStartEquity, equityPeak, ledger, unit } = portfolio;
    if (dayStartEquity === undefined) return;
    const day = Math.floor(now / DAY_MS);
    if (day === this.recordedDay && equityPeak + ledger.deposits < this.due) return;
    this.journal.record(RECORD, {
      day,
      day_start: amount(unit, units(dayStartEquity + ledger.deposits)),
      peak: amount(unit, units(equityPeak + ledger.deposits)),
    });
    this.note(day, equityPeak);
  }

  /** Reads the journal, once. */
  takeUp(): void {
    if (!this.restored) this.restore();
  }

  /** Recorded with the next check. */
  restartPeak(): void {
    this.portfolio.restartPeak();
    this.recordedDay = this.from = this.until = Number.NaN;
  }

  private note(day: number, peak: Units): void {
    this.recordedDay = day;
    this.from = day * DAY_MS;
    this.until = this.from + DAY_MS;
    this.due = peak + this.portfolio.ledger.deposits + Math.max(1, share(peak, WORTH_PPM));
  }

  private restore(): void {
    this.restored = true;
    const payload = this.events.query({ types: [RECORD], limit: 1 }).at(-1)?.payload;
    const { day, day_start: dayStart, peak } = payload ?? {};
    if (typeof day !== 'number' || typeof dayStart !== 'string' || typeof peak !== 'string') return;
    const {
      unit,
      ledger: { deposits },
    } = this.portfolio;
    const gross = (net: string): Units => units(unit.units(parseDecimal(net, RECORD), 'nearest') - deposits);
    this.portfolio.resumeBaselines(day, gross(dayStart), gross(peak));
    this.note(day, this.portfolio.equityPeak);
  }
}
