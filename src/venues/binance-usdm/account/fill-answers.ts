import { WireFields } from '../../../connect/wire-fields.js';
import { bookFees } from '../../../domain/fees.js';
import type { Instrument } from '../../../domain/instrument.js';
import { venueOrderId, type Fill, type Side } from '../../../domain/order.js';
import { sideIn } from './account-answers.js';

/** A trade of the account, before anybody has said which order of whom it belongs to. */
export interface AccountTrade {
  readonly id: string;
  readonly orderId: string;
  readonly symbol: string;
  readonly at: number;
  readonly fields: WireFields;
}

/** One row of `GET /fapi/v1/userTrades`. Throws VENUE-005. */
export function accountTrade(said: unknown): AccountTrade {
  const id = new WireFields(said, 'A trade of the account').id('id');
  const fields = new WireFields(said, `Trade ${id} of the account`);
  return { id, orderId: fields.id('orderId'), symbol: fields.text('symbol'), at: fields.whole('time'), fields };
}

const SIDES: Readonly<Record<string, Side>> = { BUY: 'buy', SELL: 'sell' };

/** Trades are numbered by symbol; this is one number for ever, whoever tells it. */
const tradeIdOf = (symbol: string, id: string): string => `${symbol}-${id}`;

/** Orders that the venue makes itself bear names of its own. Source: Binance, "Event: Order Update", special ids. */
const CAUSES: readonly (readonly [prefix: string, cause: NonNullable<Fill['cause']>])[] = [
  ['autoclose-', 'liquidation'],
  ['adl_autoclose', 'adl'],
  ['settlement_autoclose-', 'settlement'],
  ['delivery_autoclose-', 'settlement'],
];
export const causeOf = (clientId: string): Fill['cause'] => CAUSES.find(([prefix]) => clientId.startsWith(prefix))?.[1];

/** `clientId` is empty where nobody knows it. */
export function fillOf(
  { id, orderId, symbol, at, fields }: AccountTrade,
  clientId: string,
  instrument: Instrument,
): Fill {
  return fillFrom(
    { id, orderId, symbol, at, clientId, side: fields.meaning('side', SIDES), isMaker: fields.flag('maker') },
    {
      price: fields.above('price'),
      size: fields.above('qty'),
      fee: fields.decimal('commission'),
      asset: fields.text('commissionAsset'),
    },
    sideIn(fields, 'positionSide'),
    instrument,
  );
}

interface TradeFacts {
  readonly id: string;
  readonly orderId: string;
  readonly symbol: string;
  readonly at: number;
  readonly clientId: string;
  readonly side: Side;
  readonly isMaker: boolean;
}

interface TradeAmounts {
  readonly price: ReturnType<WireFields['decimal']>;
  readonly size: ReturnType<WireFields['decimal']>;
  /** What was charged: positive where it was paid. Undefined where the venue says nothing. */
  readonly fee: ReturnType<WireFields['decimal']> | undefined;
  readonly asset: string;
}

/** One trade, by the stream or by the history: the same fill. */
export function fillFrom(
  { id, orderId, symbol, at, clientId, side, isMaker }: TradeFacts,
  { price, size, fee, asset }: TradeAmounts,
  positionSide: Fill['positionSide'],
  instrument: Instrument,
): Fill {
  const lots = instrument.toLots(size, 'nearest');
  const ticks = instrument.toTicks(price, 'nearest');
  const charged = fee === undefined ? [] : [{ asset, amount: fee.negated() }];
  const cause = causeOf(clientId);
  return {
    tradeId: tradeIdOf(symbol, id),
    clientId,
    venueId: venueOrderId(orderId),
    instrument,
    side,
    lots,
    price: ticks,
    ...bookFees({ instrument, price: ticks, lots }, charged, () => undefined),
    liquidity: isMaker ? 'maker' : 'taker',
    at,
    ...(cause === undefined ? {} : { cause }),
    ...(positionSide === undefined ? {} : { positionSide }),
  };
}
