import { type Decimal, parseDecimal } from '../../../domain/decimal.js';
import { fault } from '../../../domain/errors.js';
import type { Instrument } from '../../../domain/instrument.js';
import type { Position } from '../../../domain/position.js';
import { marks, mulDiv, type MarkUnits } from '../../../domain/units.js';
import type { Json } from '../../../ports/storage/event-store.js';

/** The fraction is held in millionths: then a stop level needs no big integers at any ordinary price. */
const SCALE = 1_000_000;
/** Stands for an opening time that is not known. */
const UNKNOWN = -1;

interface SavedStop {
  readonly side: 1 | -1;
  readonly openedAt: number;
  readonly peak: Decimal;
}

/**
 * Stop that follows one symbol's position at a fixed fraction behind its best mark, starting from the entry price.
 * It belongs to a position, known by its side and opening time: it ends with the fill that ends the position, never
 * with the decision to close. A fraction of 0 means no stop.
 *
 * Long: ceil(peak x (1 - p)); short: floor(trough x (1 + p)). Rounding moves the stop towards the market, never away.
 */
export class TrailingStop {
  private readonly rate: number;
  private side: 1 | 0 | -1 = 0;
  /** A number always, because every mark compares it. */
  private openedAt = UNKNOWN;
  private instrument: Instrument | undefined = undefined;
  private peak: MarkUnits = marks(0);
  private level: MarkUnits = marks(0);
  private saved: SavedStop | undefined = undefined;

  constructor(fraction: Decimal) {
    this.rate = fraction.times(SCALE).floor().toNumber();
  }

  /** Follows the mark; true when it has reached the stop (inclusive). */
  touched(position: Position, mark: MarkUnits): boolean {
    if (this.rate === 0 || position.lots === 0) return false;
    if (!this.belongsTo(position)) this.begin(position);
    if ((mark - this.peak) * this.side > 0) this.moveTo(mark);
    return this.side > 0 ? mark <= this.level : mark >= this.level;
  }

  onFill(position: Position): void {
    if (position.lots === 0) this.end();
    else if (this.rate !== 0 && !this.belongsTo(position)) this.begin(position);
  }

  describe(instrument: Instrument, mark: MarkUnits): string {
    const text = (value: MarkUnits): string => instrument.markPrice(value).toString();
    return `Trailing stop hit: peak ${text(this.peak)}, stop ${text(this.level)}, mark ${text(mark)}`;
  }

  snapshot(): Json | undefined {
    if (this.side === 0 || this.instrument === undefined || this.openedAt === UNKNOWN) return undefined;
    return {
      side: this.side > 0 ? 'long' : 'short',
      opened_at: this.openedAt,
      peak: this.instrument.markPrice(this.peak).toString(),
    };
  }

  /** Takes effect for the very position it was saved for; for any other it is ignored. */
  restore(state: Json): void {
    this.saved = parseSaved(state);
    this.adoptSaved();
  }

  private belongsTo({ openedAt = UNKNOWN, lots }: Position): boolean {
    return openedAt === this.openedAt && lots > 0 === this.side > 0 && this.side !== 0;
  }

  private begin(position: Position): void {
    const { instrument, lots, cost } = position;
    this.side = lots > 0 ? 1 : -1;
    this.openedAt = position.openedAt ?? UNKNOWN;
    this.instrument = instrument;
    this.moveTo(instrument.averageMark(cost, lots, lots > 0 ? 'ceil' : 'floor'));
    this.adoptSaved();
  }

  private end(): void {
    this.side = 0;
    this.openedAt = UNKNOWN;
    this.instrument = undefined;
    this.saved = undefined;
  }

  private moveTo(peak: MarkUnits): void {
    this.peak = peak;
    this.level = marks(
      this.side > 0 ? mulDiv(peak, SCALE - this.rate, SCALE, 'ceil') : mulDiv(peak, SCALE + this.rate, SCALE, 'floor'),
    );
  }

  private adoptSaved(): void {
    const { saved, instrument } = this;
    if (saved === undefined || instrument === undefined) return;
    this.saved = undefined;
    if (saved.side !== this.side || saved.openedAt !== this.openedAt) return;
    const peak = instrument.toMarks(saved.peak);
    if ((peak - this.peak) * this.side > 0) this.moveTo(peak);
  }
}

function parseSaved(state: Json): SavedStop {
  const record =
    typeof state === 'object' && state !== null && !Array.isArray(state)
      ? (state as Readonly<Record<string, Json | undefined>>)
      : {};
  const { side, opened_at: openedAt, peak } = record;
  if ((side !== 'long' && side !== 'short') || typeof openedAt !== 'number' || typeof peak !== 'string') {
    throw fault('STORE-001', `Saved trailing stop must have side, opened_at and peak, was ${JSON.stringify(state)}.`);
  }
  return { side: side === 'long' ? 1 : -1, openedAt, peak: parseDecimal(peak, 'Saved peak') };
}
