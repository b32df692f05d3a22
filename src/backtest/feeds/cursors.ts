import type { Instrument } from '../../domain/instrument.js';
import { interned } from '../../domain/symbol-map.js';
import { lots, marks, ticks } from '../../domain/units.js';
import { ColumnBarView, type BarColumns } from '../../data/bar-columns.js';
import {
  DEPTH_LAST,
  DEPTH_SNAPSHOT,
  instantOf,
  type DepthColumns,
  type QuoteColumns,
  type TradeColumns,
} from '../../data/columns.js';
import { RANK, type Cursor, type Stage } from './cursor.js';

/**
 * Public trades, stretches that concern nobody at once. Their price is the bot's mark where no book of the instrument
 * is fed.
 */
export class TradeCursor implements Cursor {
  readonly rank = RANK.trades;
  readonly symbol: string;
  at: number;
  skimmedAt = Number.NaN;
  private row = 0;

  constructor(
    private readonly stage: Stage,
    private readonly columns: TradeColumns,
    private readonly marksPerTick: number,
    /** False where a book speaks for the price. */
    private readonly speaks: boolean,
    readonly place: number,
  ) {
    this.symbol = interned(columns.symbol);
    this.at = instantOf(columns, 0);
  }

  skim(until: number, most: number): number {
    const { columns, row, symbol } = this;
    const { exchange, marketData } = this.stage;
    if (exchange.quietTrades === undefined || marketData.acceptMarks === undefined) return 0;
    const next = exchange.quietTrades(symbol, columns, row, Math.min(columns.length, row + most), until);
    if (next === row) return 0;
    this.skimmedAt = instantOf(columns, next - 1);
    if (this.speaks) marketData.acceptMarks(symbol, columns.price, this.marksPerTick, row, next, this.skimmedAt);
    this.row = next;
    this.at = instantOf(columns, next);
    return next - row;
  }

  play(): void {
    const { columns, row, at, symbol } = this;
    const { exchange, marketData } = this.stage;
    const price = columns.price[row] as number;
    const side = columns.side[row] as number;
    exchange.trade(
      symbol,
      ticks(price),
      lots(columns.size[row] as number),
      at,
      side === 0 ? undefined : side > 0 ? 'buy' : 'sell',
    );
    if (this.speaks) marketData.acceptMark(symbol, marks(price * this.marksPerTick), at);
    this.row = row + 1;
    this.at = instantOf(columns, row + 1);
  }
}

/** Best prices; the bot's mark is their middle, halves of a mark unit up. Where they meet or cross there is none. */
export class QuoteCursor implements Cursor {
  readonly rank = RANK.quotes;
  readonly symbol: string;
  at: number;
  private row = 0;
  private crossed = false;

  constructor(
    private readonly stage: Stage,
    private readonly columns: QuoteColumns,
    private readonly marksPerTick: number,
    /** False where depth speaks for the price. */
    private readonly speaks: boolean,
    readonly place: number,
  ) {
    this.symbol = interned(columns.symbol);
    this.at = instantOf(columns, 0);
  }

  play(): void {
    const { columns, row, at, symbol } = this;
    const { exchange, marketData } = this.stage;
    const bid = columns.bid[row] as number;
    const ask = columns.ask[row] as number;
    exchange.quote(
      symbol,
      ticks(bid),
      lots(columns.bidLots[row] as number),
      ticks(ask),
      lots(columns.askLots[row] as number),
      at,
    );
    if (this.speaks && bid < ask)
      marketData.acceptMark(symbol, marks(Math.floor(((bid + ask) * this.marksPerTick + 1) / 2)), at);
    if (bid > ask !== this.crossed) marketData.acceptCrossing?.(symbol, (this.crossed = bid > ask));
    this.row = row + 1;
    this.at = instantOf(columns, row + 1);
  }
}

/** Depth, a whole message at a time. */
export class DepthCursor implements Cursor {
  readonly rank = RANK.depth;
  readonly symbol: string;
  at: number;
  private row = 0;

  constructor(
    private readonly stage: Stage,
    private readonly columns: DepthColumns,
    readonly place: number,
  ) {
    this.symbol = interned(columns.symbol);
    this.at = instantOf(columns, 0);
  }

  play(): void {
    const { columns, at, symbol } = this;
    const { exchange, marketData } = this.stage;
    const { flags, side, price, size, length } = columns;
    let row = this.row;
    exchange.depthBegin(symbol, ((flags[row] as number) & DEPTH_SNAPSHOT) !== 0);
    let last = false;
    for (; !last && row < length; row += 1) {
      exchange.depth(
        symbol,
        (side[row] as number) > 0 ? 'buy' : 'sell',
        ticks(price[row] as number),
        lots(size[row] as number),
      );
      last = ((flags[row] as number) & DEPTH_LAST) !== 0;
    }
    exchange.depthEnd(symbol, at);
    const mid = exchange.midOf(symbol);
    if (mid !== undefined) marketData.acceptMark(symbol, mid, at);
    this.row = row;
    this.at = instantOf(columns, row);
  }
}

/**
 * Bars: known when they close. Walking one and showing its close are two things, for all that close together walk
 * first.
 */
export class BarCursor implements Cursor {
  readonly rank = RANK.bars;
  readonly symbol: string;
  at = 0;
  private row = 0;
  private readonly view: ColumnBarView;
  /** The newest bar that is visible: strategies see its range, as where bars are alone. */
  private readonly shown: ColumnBarView;
  private readonly marksPerTick: number;

  constructor(
    private readonly stage: Stage,
    private readonly columns: BarColumns,
    instrument: Pick<Instrument, 'marksPerTick'>,
    readonly place: number,
  ) {
    this.symbol = interned(columns.symbol);
    this.marksPerTick = instrument.marksPerTick;
    this.view = new ColumnBarView(columns);
    this.shown = new ColumnBarView(columns);
    stage.series.attach?.(this.symbol, this.shown);
    this.turn();
  }

  get openAt(): number {
    return this.view.openAt;
  }

  get intervalMs(): number {
    return this.columns.intervalMs;
  }

  /** The bar happens at the exchange. */
  play(): void {
    this.stage.exchange.bar(this.symbol, this.view);
    this.row += 1;
    this.turn();
  }

  /** The bar that was played is visible now. */
  show(at: number): void {
    const { close } = this.shown.moveTo(this.row - 1);
    this.stage.marketData.acceptMark(this.symbol, marks(close * this.marksPerTick), at);
  }

  private turn(): void {
    this.at = this.row < this.columns.length ? this.view.moveTo(this.row).closeAt : Number.POSITIVE_INFINITY;
  }
}
