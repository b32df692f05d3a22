import { Decimal } from '#src/domain/decimal.js';
import type { Balance, BookSnapshot, Candle, MarketSnapshot, VenuePosition } from '#src/domain/market.js';
import type { Fill, FundingPayment } from '#src/domain/order.js';
import type { StatusReport } from '#src/domain/order-state.js';
import { lots, ticks, units } from '#src/domain/units.js';
import type { Transfer } from '#src/ports/venue/transfer.js';
import type { VenueOrder } from '#src/ports/venue/venue-order.js';
import { instrument } from '#src/testing/instruments.js';

export const NOW = Date.UTC(2024, 0, 2);
const INSTRUMENT = instrument();
const d = (text: string): Decimal => new Decimal(text);

/** Every field present: a record by type, so that a new field must be given here, and refused values beside it. */
export const FILL: Required<Fill> = {
  tradeId: 't1',
  clientId: 'c1',
  venueId: 'v1',
  instrument: INSTRUMENT,
  side: 'buy',
  lots: lots(4),
  price: ticks(500_000),
  fee: units(-100),
  liquidity: 'taker',
  at: NOW,
  cause: 'liquidation',
  positionSide: 'long',
};
export const FUNDING: Required<FundingPayment> = {
  id: 'f1',
  instrument: INSTRUMENT,
  at: NOW,
  rate: d('0.0001'),
  markPrice: d('50000'),
  lots: lots(-3),
  amount: units(12),
};
export const TRANSFER: Required<Transfer> = { id: 'd1', amount: d('-5'), asset: 'USD', at: NOW };
export const REPORT: Required<StatusReport> = { status: 'open', at: NOW, venueId: 'v1', reason: '' };
export const ORDER: Required<VenueOrder> = {
  venueId: 'v1',
  clientId: 'c1',
  symbol: 'BTC-PERP',
  side: 'sell',
  type: 'stop_limit',
  size: d('2'),
  filled: d('0'),
  price: d('49000'),
  stopPrice: d('49500'),
  reduceOnly: true,
  report: REPORT,
};
export const POSITION: Required<VenuePosition> = {
  symbol: 'BTC-PERP',
  size: d('-2'),
  entryPrice: d('50000'),
  markPrice: d('50000'),
  liquidationPrice: d('0'),
  leverage: d('3'),
  marginMode: 'cross',
  isolatedMargin: d('1'),
  maintenanceMargin: d('1'),
  adlQuantile: 1,
  positionSide: 'short',
};
export const BALANCE: Required<Balance> = { asset: 'USD', total: d('10'), available: d('0') };
export const SNAPSHOT: Required<MarketSnapshot> = {
  symbol: 'BTC-PERP',
  mid: d('50000'),
  spreadBps: d('-1'),
  depthL1: d('10'),
  depthL10: d('10'),
  volume1m: d('0'),
  at: NOW,
};
export const CANDLE: Required<Candle> = {
  openAt: NOW,
  open: d('5'),
  high: d('6'),
  low: d('4'),
  close: d('5'),
  volume: d('0'),
};
export const BOOK: Required<BookSnapshot> = {
  symbol: 'BTC-PERP',
  bids: [{ price: d('1'), size: d('1') }],
  asks: [{ price: d('2'), size: d('0') }],
  at: NOW,
};
