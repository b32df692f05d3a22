import type { Instrument } from '../domain/instrument.js';
import { signOf, type Fill } from '../domain/order.js';
import { lots, marks } from '../domain/units.js';
import type { Portfolio } from '../ports/runtime-state/portfolio.js';
import type { VenuePosition } from '../domain/market.js';
import { emptyStep, SampleColumns, type Step } from './sample-columns.js';
import type { InstrumentRecord } from './run-record.js';

/** One instrument of a run, step by step. Of a hedged account it follows the long and the short position apart. */
export class InstrumentWatch {
  /** What the newest step was like; leverage and equity are the account's and stay unknown here. */
  readonly step: Step = emptyStep();
  /** Maintenance margin of the step, as money. */
  maintenance = 0;
  /** Newest mark over the first: what holding it would have made of one; 1 before the first. */
  growth = 1;
  isKnown = false;
  /** The venue's own mark, where the data has one beside the prices that are traded; NaN elsewhere. */
  venueMark = NaN;
  private first = NaN;
  private long = 0;
  private short = 0;
  private isHedged = false;
  /** Prices at which the venue liquidates, in mark units; NaN: none, or not known. */
  private longEnds = NaN;
  private shortEnds = NaN;
  private readonly samples: SampleColumns | undefined;

  constructor(
    readonly instrument: Instrument,
    /** Only several instruments are kept apart from the account. */
    keepsSamples: boolean,
  ) {
    this.samples = keepsSamples ? new SampleColumns() : undefined;
  }

  get isHeld(): boolean {
    return this.long !== 0 || this.short !== 0;
  }

  take({ positionSide, side, lots: size }: Fill): void {
    if (positionSide === undefined) return;
    this.isHedged = true;
    if (positionSide === 'long') this.long += signOf(side) * size;
    else this.short += signOf(side) * size;
  }

  look(at: number, portfolio: Pick<Portfolio, 'position' | 'lastMark'>, equity: number): void {
    const { instrument, step } = this;
    const last: number = portfolio.lastMark(instrument.symbol) ?? NaN;
    if (!this.isHedged) this.follow(portfolio.position(instrument).lots);
    const { long, short } = this;
    const [above, below] = [this.notional(long, last), this.notional(short, last)];
    step.at = at;
    step.mark = last;
    step.lots = long + short;
    step.net = above + below;
    step.gross = Math.abs(above) + Math.abs(below);
    this.maintenance =
      (long === 0 ? 0 : instrument.margin.maintenance(above)) +
      (short === 0 ? 0 : instrument.margin.maintenance(-below));
    step.margin = this.maintenance > 0 && equity > 0 ? this.maintenance / equity : 0;
    step.divergence = Math.abs(this.venueMark - last) / last;
    const mark = Number.isNaN(this.venueMark) ? last : this.venueMark;
    step.distance = least(
      long === 0 ? NaN : (mark - this.longEnds) / mark,
      short === 0 ? NaN : (this.shortEnds - mark) / mark,
    );
    this.grow(last);
    this.samples?.add(step);
  }

  /** What the venue says of the positions in this instrument; everything else is not known. */
  tell(positions: readonly VenuePosition[]): void {
    this.forgetEnds();
    for (const { symbol, liquidationPrice, positionSide } of positions) {
      if (symbol !== this.instrument.symbol || liquidationPrice === undefined) continue;
      const price = this.instrument.toMarks(liquidationPrice);
      if (positionSide === 'long' || (positionSide === undefined && this.long > 0)) this.longEnds = price;
      else this.shortEnds = price;
    }
  }

  forgetEnds(): void {
    this.longEnds = this.shortEnds = NaN;
  }

  /** Undefined where the account's samples say it all. */
  record(finest: number): InstrumentRecord | undefined {
    if (this.samples === undefined) return undefined;
    const { instrument } = this;
    const { mark, lots: sizes, gross, net, margin, distance, divergence } = this.samples.toSamples(finest);
    return {
      symbol: instrument.symbol,
      step: instrument.size(lots(1)).toString(),
      markUnit: instrument.markPrice(marks(1)).toString(),
      mark,
      lots: sizes,
      gross,
      net,
      margin,
      distance,
      divergence,
    };
  }

  private follow(held: number): void {
    this.long = held > 0 ? held : 0;
    this.short = held < 0 ? held : 0;
  }

  /** Signed like the size. */
  private notional(size: number, mark: number): number {
    return size === 0 || Number.isNaN(mark)
      ? 0
      : Math.sign(size) * Math.abs(this.instrument.notionalAtMark(marks(mark), lots(size)));
  }

  private grow(mark: number): void {
    if (Number.isNaN(mark)) return;
    if (Number.isNaN(this.first)) this.first = mark;
    this.isKnown = true;
    this.growth = mark / this.first;
  }
}

/** The smaller of two, leaving out what is not known. */
export const least = (a: number, b: number): number => (Number.isNaN(a) || b < a ? b : a);
