import { Decimal } from '#src/domain/decimal.js';
import type { Balance, BookSnapshot, Candle, MarketSnapshot, VenuePosition } from '#src/domain/market.js';
import { venueOrderId, type Fill, type FundingPayment } from '#src/domain/order.js';
import type { StatusReport } from '#src/domain/order-state.js';
import { lots, ticks, units } from '#src/domain/units.js';
import type { AccountTerms } from '#src/ports/venue/account-terms.js';
import type { MarginEvent } from '#src/ports/venue/account-event.js';
import type { DepthEvent, InstrumentEvent, MarkEvent } from '#src/ports/venue/market-event.js';
import type { StreamNotice } from '#src/ports/venue/stream-notice.js';
import type { Transfer } from '#src/ports/venue/transfer.js';
import type { VenueOrder } from '#src/ports/venue/venue-order.js';
import type { InstrumentSpec } from '#src/domain/instrument.js';
import { instrument, instrumentSpec } from '#src/testing/instruments.js';

export const NOW = Date.UTC(2024, 0, 2);
const INSTRUMENT = instrument();
const d = (text: string): Decimal => new Decimal(text);

/** Every field present: a record by type, so that a new field must be given here, and refused values beside it. */
export const FILL: Required<Fill> = {
  tradeId: 't1',
  clientId: 'c1',
  venueId: venueOrderId('v1'),
  instrument: INSTRUMENT,
  side: 'buy',
  lots: lots(4),
  price: ticks(500_000),
  fee: units(-100),
  liquidity: 'taker',
  at: NOW,
  cause: 'liquidation',
  positionSide: 'long',
  fees: [{ asset: 'BNB', amount: d('-0.001') }],
  feeEstimated: true,
};
export const FUNDING: Required<FundingPayment> = {
  id: 'f1',
  instrument: INSTRUMENT,
  at: NOW,
  rate: d('0.0001'),
  markPrice: d('50000'),
  lots: lots(-3),
  amount: units(12),
  cause: 'liquidation',
};
export const TRANSFER: Required<Transfer> = { id: 'd1', amount: d('-5'), asset: 'USD', at: NOW };
export const REPORT: Required<StatusReport> = { status: 'open', at: NOW, venueId: venueOrderId('v1'), reason: '' };
export const ORDER: Required<VenueOrder> = {
  venueId: venueOrderId('v1'),
  clientId: 'c1',
  symbol: 'BTC-PERP',
  side: 'sell',
  type: 'stop_limit',
  size: d('2'),
  filled: d('0'),
  price: d('49000'),
  stopPrice: d('49500'),
  reduceOnly: true,
  closePosition: false,
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
export const TERMS: Required<AccountTerms> = {
  positionMode: 'one_way',
  marginMode: 'isolated',
  symbols: [{ symbol: 'BTC-PERP', leverage: d('3'), marginMode: 'cross' }],
  permissions: { trade: true, withdraw: false },
  multiAsset: false,
  feesIn: 'BNB',
};
export const MARGIN: Required<MarginEvent> = {
  kind: 'margin',
  level: 'call',
  symbol: 'BTC-PERP',
  equity: d('10'),
  maintenance: d('9'),
  message: '',
  at: NOW,
};
export const MARK: Required<MarkEvent> = {
  kind: 'mark',
  symbol: 'BTC-PERP',
  mark: d('50000.25'),
  index: d('50001'),
  fundingRate: d('-0.0001'),
  nextFundingAt: NOW + 3_600_000,
  at: NOW,
};
export const SPEC: Required<InstrumentSpec> = {
  ...instrumentSpec(),
  maxSize: d('100'),
  maxMarketSize: d('20'),
  band: { above: d('0.05'), below: d('0.05') },
  status: 'trading',
  orderGrid: { tick: d('0.5'), step: d('0.01') },
  contract: 'linear',
  multiplier: d('1'),
  tiers: [
    { floor: d('0'), cap: d('50000'), rate: d('0.004'), maxLeverage: d('20'), cum: d('0') },
    { floor: d('50000'), cap: new Decimal(Infinity), rate: d('0.005'), maxLeverage: d('10'), cum: d('50') },
  ],
  liquidationFee: d('0.01'),
  venue: 'elsewhere',
};
export const INSTRUMENT_CHANGE: Required<InstrumentEvent> = {
  kind: 'instrument',
  symbol: 'BTC-PERP',
  status: 'reduce_only',
  spec: SPEC,
  at: NOW,
};
export const DEPTH: Required<DepthEvent> = {
  kind: 'depth',
  symbol: 'BTC-PERP',
  type: 'change',
  bids: [{ price: d('1'), size: d('0') }],
  asks: [{ price: d('2'), size: d('1') }],
  sequence: { first: 7, last: 9, previous: 6 },
  at: NOW,
};
export const NOTICE: Required<StreamNotice> = {
  kind: 'gap',
  symbol: 'BTC-PERP',
  channel: 'marks',
  message: '',
  at: NOW,
};
