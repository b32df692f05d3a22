import { Decimal } from '../../domain/decimal.js';
import { fault } from '../../domain/errors.js';
import { RATE_SCALE, type Instrument } from '../../domain/instrument.js';
import type { FundingStamp } from '../../ports/core-services/simulated-exchange.js';
import { gapsOf, spanOf, type BarColumns, type BarGap } from '../../data/bar-columns.js';
import type { Feed, FundingColumns } from '../../data/columns.js';
import type { Cursor, Stage } from './cursor.js';
import { BarCursor, DepthCursor, QuoteCursor, TradeCursor } from './cursors.js';
import { PriceCursor } from './price-cursor.js';

/** What a run covers. */
export interface Covered {
  /** Symbols in the order of their feeds, joined by commas. */
  readonly symbol: string;
  /** Time between two steps of the bot. */
  readonly intervalMs: number;
  readonly from: number;
  readonly to: number;
}

/** The recorded streams of one run. */
export class FeedSet {
  readonly symbols: readonly string[];
  /** The only stream, where it is one of bars. */
  readonly onlyBars: BarColumns | undefined;
  /** Without funding: stamps belong to the exchange, not to the stream of events. */
  private readonly timed: readonly Feed[];

  /** Throws DATA-002 for no data at all. */
  constructor(private readonly feeds: readonly Feed[]) {
    this.timed = feeds.filter(({ kind }) => kind !== 'funding');
    this.symbols = [...new Set(feeds.map(({ columns }) => columns.symbol))];
    const [first] = this.timed;
    if (first === undefined) throw fault('DATA-002', 'A run must have at least one stream of prices, was given none.');
    this.onlyBars = this.timed.length === 1 && first.kind === 'bars' ? first.columns : undefined;
  }

  /** `stepMs` is the bot's cycle; bars alone set their own. */
  covered(stepMs: number): Covered {
    const spans = this.timed.map(spanOfFeed);
    const bars = this.timed.flatMap((feed) => (feed.kind === 'bars' ? [feed.columns.intervalMs] : []));
    return {
      symbol: this.symbols.join(','),
      intervalMs: bars.length === this.timed.length ? Math.min(...bars) : stepMs,
      from: Math.min(...spans.map(({ from }) => from)),
      to: Math.max(...spans.map(({ to }) => to)),
    };
  }

  /** Streams that move the market: marks and indices alone only value what is held. */
  private get moving(): readonly Feed[] {
    return this.timed.filter(({ kind }) => kind !== 'mark' && kind !== 'index');
  }

  /** Holes in the bars, of every instrument that has bars. */
  gaps(): BarGap[] {
    return this.timed.flatMap((feed) => (feed.kind === 'bars' ? gapsOf(feed.columns) : []));
  }

  /** The funding stamps that the data has for a symbol; undefined where it has none. */
  stampsOf(symbol: string): readonly FundingStamp[] | undefined {
    const found = this.feeds.find((feed) => feed.kind === 'funding' && feed.columns.symbol === symbol);
    return found?.kind === 'funding' ? stampsOf(found.columns) : undefined;
  }

  /**
   * New cursors at the first row. A book speaks for its instrument's price: depth before quotes, quotes before trades.
   * Equals of one instant go by the name of their instrument, however the feeds were listed.
   */
  cursors(stage: Stage, instrumentOf: (symbol: string) => Instrument): Cursor[] {
    const fed = (kind: Feed['kind'], symbol: string): boolean =>
      this.timed.some((feed) => feed.kind === kind && feed.columns.symbol === symbol);
    const until = Math.max(...this.moving.map((feed) => spanOfFeed(feed).to));
    const byName = [...this.timed].sort((a, b) => compareText(a.columns.symbol, b.columns.symbol));
    return this.timed.map((feed): Cursor => {
      const { symbol } = feed.columns;
      const place = byName.indexOf(feed);
      const instrument = instrumentOf(symbol);
      switch (feed.kind) {
        case 'bars':
          return new BarCursor(stage, feed.columns, instrument, place);
        case 'trades':
          return new TradeCursor(
            stage,
            feed.columns,
            instrument.marksPerTick,
            !fed('quotes', symbol) && !fed('depth', symbol),
            place,
          );
        case 'quotes':
          return new QuoteCursor(stage, feed.columns, instrument.marksPerTick, !fed('depth', symbol), place);
        case 'depth':
          return new DepthCursor(stage, feed.columns, place);
        default:
          return new PriceCursor(
            stage,
            feed.kind === 'index' ? 'index' : 'mark',
            feed.columns as Extract<Feed, { kind: 'mark' | 'index' }>['columns'],
            place,
            until,
          );
      }
    });
  }
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function spanOfFeed(feed: Feed): { readonly from: number; readonly to: number } {
  if (feed.kind === 'bars') return spanOf(feed.columns);
  const { at, length } = feed.columns;
  return { from: Math.floor(at[0] ?? 0), to: Math.floor(at[length - 1] ?? 0) };
}

function stampsOf({ at, rate, length }: FundingColumns): FundingStamp[] {
  return Array.from({ length }, (_, row) => {
    const value = rate[row] as number;
    return {
      at: Math.floor(at[row] as number),
      rate: Number.isNaN(value) ? undefined : new Decimal(value).div(RATE_SCALE),
    };
  });
}
