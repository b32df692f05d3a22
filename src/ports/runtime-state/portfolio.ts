import type { Ledger, Posting } from '../../domain/ledger.js';
import type { Instrument, MoneyUnit } from '../../domain/instrument.js';
import type { Fill, FundingPayment } from '../../domain/order.js';
import type { Position } from '../../domain/position.js';
import type { MarkUnits, Units } from '../../domain/units.js';
import { token } from '../../injection/token.js';

/**
 * Positions, cash and profit, from fills alone, in exact integers.
 * Invariant after every event: equity = cash + margin + unrealised = deposits + price + fees + funding + unrealised.
 */
export interface Portfolio {
  /** What every amount here is counted in: one unit for the journal's life. */
  readonly unit: MoneyUnit;
  readonly ledger: Ledger;
  /**
   * False until positions were confirmed with the venue, and again when the venue cannot be asked: nothing is traded
   * then.
   */
  readonly known: boolean;
  setKnown(known: boolean): void;
  /** Cash in or out: not profit; baselines of loss and drawdown move with it. */
  deposit(amount: Units, at: number, ref: string): void;
  /** False when this trade id was applied before. */
  applyFill(fill: Fill): boolean;
  /** False when this payment was applied before, or names no amount. */
  applyFunding(payment: FundingPayment): boolean;
  /** Values an instrument's position; allocates nothing. */
  mark(symbol: string, mark: MarkUnits): void;
  /** The position of an instrument; made flat at first use. Live object: read, do not keep its numbers. */
  position(instrument: Instrument): Position;
  positions(): IterableIterator<Position>;
  /** Last mark a position was valued at; undefined before the first. */
  lastMark(symbol: string): MarkUnits | undefined;
  /**
   * What one instrument has brought so far, over all its positions: price profit, fees and funding. Absent: not told.
   */
  resultOf?(symbol: string): Units;
  readonly unrealised: Units;
  readonly equity: Units;
  readonly equityPeak: Units;
  /** Equity at the start of the UTC day, moved by deposits; undefined before the first mark of the day. */
  readonly dayStartEquity: Units | undefined;
  /**
   * Rolls the day and the high-water mark; called once per cycle, and by whoever measures from them between two cycles.
   */
  observe(now: number): void;
  /**
   * Takes up what an earlier process measured from: the start of one UTC day (days since the epoch) and the peak,
   * unless equity is above it.
   */
  resumeBaselines(day: number, dayStart: Units, peak: Units): void;
  /** The high-water mark begins again at the equity of now. */
  restartPeak(): void;
  /** Sum of |position| at last mark. */
  readonly grossNotional: Units;
  onFill(listener: (fill: Fill, position: Position) => void): () => void;
  onPosting(listener: (posting: Posting) => void): () => void;
  /** Throws LEDGER-001 when the invariant does not hold. */
  assertConsistent(): void;
}
export const Portfolio = token<Portfolio>('Portfolio');
