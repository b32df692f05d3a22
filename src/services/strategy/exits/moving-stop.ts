import type { Instrument } from '../../../domain/instrument.js';
import { ticks, type Ticks } from '../../../domain/units.js';
import { distanceOf, levelOf, type ExitGround, type MovingExits } from './exit-terms.js';
import { termText } from './term-words.js';

/** Whatever rounding leaves of a distance is not taken for a step. */
const ALMOST_NOTHING = 1e-9;

/** What a moving stop remembers, in ticks. */
export interface MovingState {
  readonly entry: number;
  readonly risk: number;
  readonly best: number;
  readonly isTrailing: boolean;
  readonly isEven: boolean;
  /** The first risk stays, whatever fills. */
  readonly isFixed?: boolean;
}

/**
 * Where the stop of one position stands: it begins where it was planned, goes to break-even and follows the marks that
 * were shown, and only ever moves towards the market. The first risk is fixed with the first move: what fills before
 * that is of the same entry.
 */
export class MovingStop {
  private entry: number;
  private risk: number;
  private best = Number.NaN;
  private isTrailing = false;
  private isEven = false;

  /** Where it stood when the position was opened: what the first risk is reckoned from. */
  private first: Ticks;
  private isFixed = false;
  private nearest: 'trail' | 'breakEven' = 'trail';
  private movedBy: 'trail' | 'breakEven' | undefined;

  constructor(
    public exits: MovingExits,
    private readonly side: 1 | -1,
    private readonly instrument: Instrument,
    public stop: Ticks,
    entry: number,
  ) {
    this.entry = entry;
    this.risk = Math.abs(entry - stop);
    this.first = stop;
  }

  /** Average price of the entry and its risk, in ticks. */
  get ground(): ExitGround {
    const { entry, risk, instrument } = this;
    return { entry, risk, perPrice: perPriceOf(instrument) };
  }

  /** The terms that have brought it where it stands; undefined where the strategy said so itself. */
  get movedUnder(): string | undefined {
    const { trail, breakEven } = this.exits;
    if (this.movedBy === 'trail' && trail !== undefined) return `trail by ${termText(trail.by)}`;
    return this.movedBy === 'breakEven' && breakEven !== undefined
      ? `break-even after ${termText(breakEven.after)}`
      : undefined;
  }

  /** The strategy has said where it stands from now on. */
  moveTo(stop: Ticks): void {
    this.stop = stop;
    this.movedBy = undefined;
    this.isFixed = true;
  }

  /** What fills from now on is no part of the entry: the first risk stays. */
  fix(): void {
    this.isFixed = true;
  }

  /** More of the entry has filled, at another average price. */
  filled(entry: number): void {
    if (this.isTrailing || this.isEven || this.isFixed) return;
    this.entry = entry;
    this.risk = Math.abs(entry - this.first);
  }

  /** Unrealised profit at a mark, in multiples of the first risk. */
  multiple(mark: number): number {
    return (this.side * (mark - this.entry)) / this.risk;
  }

  /** A mark that was shown, in ticks. True when the stop has moved. */
  shown(mark: number): boolean {
    const { side, stop } = this;
    if (Number.isNaN(this.best) || (mark - this.best) * side > 0) this.best = mark;
    this.begin(mark);
    const wanted = this.wanted();
    if (wanted === undefined || (wanted - stop) * side < this.leastMove(mark)) return false;
    this.stop = wanted;
    this.movedBy = this.nearest;
    return true;
  }

  state(): MovingState {
    const { entry, risk, best, isTrailing, isEven, isFixed } = this;
    return { entry, risk, best, isTrailing, isEven, ...(isFixed ? { isFixed } : {}) };
  }

  restore({ entry, risk, best, isTrailing, isEven, isFixed = false }: MovingState): void {
    Object.assign(this, { entry, risk, best, isTrailing, isEven, isFixed });
    // By the sign of the side: the entry less the risk is where it began.
    this.first = ticks(Math.max(1, Math.round(entry - this.side * risk)));
  }

  private begin(mark: number): void {
    const { trail, breakEven } = this.exits;
    if (breakEven !== undefined && !this.isEven) this.isEven = this.isReached(breakEven.after, mark);
    if (trail === undefined || this.isTrailing) return;
    this.isTrailing = trail.after === undefined || this.isReached(trail.after, mark);
    // The best price counts from here on.
    if (this.isTrailing) this.best = mark;
  }

  private isReached(level: NonNullable<MovingExits['breakEven']>['after'], mark: number): boolean {
    return (mark - levelOf(level, this.side, this.ground)) * this.side >= -ALMOST_NOTHING;
  }

  /** Rounded towards the market, as every stop is. */
  private wanted(): Ticks | undefined {
    const { side } = this;
    const levels: number[] = [];
    if (this.isEven) levels.push(this.entry + side * this.offset());
    const others = levels.length;
    if (this.isTrailing && this.exits.trail !== undefined)
      levels.push(this.best - side * distanceOf(this.exits.trail.by, this.best, this.ground));
    if (levels.length === 0) return undefined;
    const nearest = side > 0 ? Math.max(...levels) : Math.min(...levels);
    this.nearest = levels.indexOf(nearest) < others ? 'breakEven' : 'trail';
    const whole = side > 0 ? Math.ceil(nearest - ALMOST_NOTHING) : Math.floor(nearest + ALMOST_NOTHING);
    return whole > 0 ? ticks(whole) : undefined;
  }

  private offset(): number {
    const offset = this.exits.breakEven?.offset;
    if (offset !== undefined) return distanceOf(offset, this.entry, this.ground);
    return 2 * this.instrument.spec.takerFee.toNumber() * this.entry;
  }

  private leastMove(mark: number): number {
    const step = this.exits.trail?.step;
    return step === undefined ? 1 : Math.max(1, distanceOf(step, mark, this.ground));
  }
}

/** Ticks of one unit of price. */
export const perPriceOf = ({ spec }: Instrument): number => 1 / spec.tick.toNumber();
