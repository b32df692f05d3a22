import { levelsOf, WireFields } from '../../../connect/wire-fields.js';
import type { BookEvent, DepthEvent, MarkEvent, TradeEvent } from '../../../ports/venue/market-event.js';

/** A message of a combined stream: the event, and what it is for. */
export interface UsdmFrame {
  readonly event: string;
  readonly symbol: string;
  readonly fields: WireFields;
}

const FOLLOWED: ReadonlySet<string> = new Set(['depthUpdate', 'bookTicker', 'markPriceUpdate', 'aggTrade']);

/** Whether it is of a kind that is asked for here. */
export const isFollowed = ({ event }: UsdmFrame): boolean => FOLLOWED.has(event);

/** A frame of `/stream?streams=`; undefined for one that tells no event, as the answer to a request does. */
export function frameOf(text: string): UsdmFrame | undefined {
  // No number of these may be beyond what a double holds: it is refused, and decimals come as text.
  const said = JSON.parse(text) as unknown;
  const data = typeof said === 'object' && said !== null && 'data' in said ? said.data : said;
  const fields = new WireFields(data, 'A message of the stream');
  if (!fields.has('e')) return undefined;
  const event = fields.text('e');
  // One of ours that names no symbol is somebody's, and nobody knows whose.
  return { event, symbol: FOLLOWED.has(event) || fields.has('s') ? fields.text('s') : '', fields };
}

/** `depthUpdate`, with the numbers by which messages follow one another. */
export interface DepthFrame extends DepthEvent {
  readonly sequence: { readonly first: number; readonly last: number; readonly previous: number };
}

export function depthFrame({ symbol, fields }: UsdmFrame): DepthFrame {
  const what = `Depth of ${symbol}`;
  return {
    kind: 'depth',
    symbol,
    type: 'change',
    bids: levelsOf(fields.list('b'), what),
    asks: levelsOf(fields.list('a'), what),
    sequence: { first: fields.whole('U'), last: fields.whole('u'), previous: fields.whole('pu') },
    at: fields.whole('T'),
  };
}

/** `bookTicker`; `update` counts with the depth. */
export function tickerFrame({ symbol, fields }: UsdmFrame): { readonly update: number; readonly event: BookEvent } {
  return {
    update: fields.whole('u'),
    event: {
      kind: 'book',
      symbol,
      bid: { price: fields.above('b'), size: fields.decimal('B') },
      ask: { price: fields.above('a'), size: fields.decimal('A') },
      at: fields.whole('T'),
    },
  };
}

/** `aggTrade`; `id` counts by symbol. A buyer who was the maker was met by a seller. */
export function tradeFrame({ symbol, fields }: UsdmFrame): { readonly id: number; readonly event: TradeEvent } {
  return {
    id: fields.whole('a'),
    event: {
      kind: 'trade',
      symbol,
      price: fields.above('p'),
      size: fields.above('q'),
      side: fields.flag('m') ? 'sell' : 'buy',
      at: fields.whole('T'),
    },
  };
}

/** `markPriceUpdate`. A rate that is empty is of a symbol without funding. */
export function markFrame({ symbol, fields }: UsdmFrame): MarkEvent {
  const index = fields.allowDecimal('i');
  const fundingRate = fields.allowDecimal('r');
  const nextFundingAt = fields.has('T') ? fields.whole('T') : 0;
  return {
    kind: 'mark',
    symbol,
    mark: fields.above('p'),
    ...(index?.gt(0) === true ? { index } : {}),
    ...(fundingRate === undefined ? {} : { fundingRate }),
    ...(nextFundingAt > 0 ? { nextFundingAt } : {}),
    at: fields.whole('E'),
  };
}
