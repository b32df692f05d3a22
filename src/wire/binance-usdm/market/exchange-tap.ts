import type { InstrumentSpec } from '../../../domain/instrument.js';
import type { BookEvent, MarketEvent } from '../../../ports/venue/market-event.js';
import { MINUTE_MS } from '../../../domain/time-spans.js';
import { candlesOf, fundingRateOf, marketOf } from '../../../venues/simulated/brokerage/market-views.js';
import type { SimulatedVenue } from '../../../venues/simulated/brokerage/venue.js';
import { bookEvent, markEvent } from '../../../venues/simulated/core/market-events.js';
import { WireMarket } from './wire-market.js';

/** Candles of before that a market brings along. */
const HISTORY = 1_500;

/** Name of an instrument on the wire, as the venue names its perpetuals. */
const wireName = ({ base, quote }: Pick<InstrumentSpec, 'base' | 'quote'>): string => `${base}${quote}`.toUpperCase();

/** Markets of the simulated exchange, quoted already, told on to those of the wire from now on. */
export class ExchangeTap {
  readonly markets: ReadonlyMap<string, WireMarket>;
  private readonly ends: (() => void)[] = [];

  constructor(
    private readonly venue: SimulatedVenue,
    symbols: readonly string[],
  ) {
    this.markets = new Map(symbols.map((symbol) => this.follow(symbol)).map((market) => [market.name, market]));
  }

  close(): void {
    for (const end of this.ends.splice(0)) end();
  }

  private follow(symbol: string): WireMarket {
    const inside = marketOf(this.venue, symbol);
    const market = new WireMarket(wireName(inside.instrument.spec), inside.instrument.spec);
    const { time } = this.venue;
    market.candles.seed(candlesOf(inside, MINUTE_MS, HISTORY, time));
    const tell = (event: MarketEvent): void => this.tell(market, event);
    if (inside.quoted) tell(bookEvent(inside));
    if (inside.hasPrice) tell(markEvent(inside, time));
    for (const kind of ['book', 'trades'] as const) this.ends.push(this.venue.watch(kind, symbol, tell));
    return market;
  }

  private tell(market: WireMarket, event: MarketEvent): void {
    if (event.kind === 'book') showBest(market, event);
    else if (event.kind === 'trade') market.trade(event.price, event.size, event.at, event.side);
    else if (event.kind === 'instrument') market.isTrading = event.status === 'trading';
    else if (event.kind === 'mark') {
      market.value(event.mark, event.index, event.at);
      const inside = marketOf(this.venue, event.symbol);
      if (inside.funding.currentRate === undefined) return;
      const { rate, nextAt } = fundingRateOf(inside, event.at);
      market.funding(rate, nextAt);
    }
  }
}

/** Whole as it is: beyond its best prices the exchange knows none. */
const showBest = (market: WireMarket, { bid, ask, at }: BookEvent): void =>
  market.show(bid === undefined ? [] : [bid], ask === undefined ? [] : [ask], at);
