import { commonMeasure, writtenDecimal } from './decimal.js';
import { fault } from './errors.js';
import { Instrument } from './instrument.js';
import {
  OrderRequest,
  venueOrderId,
  type Fee,
  type Fill,
  type FundingPayment,
  type Liquidity,
  type Order,
  type OrderOptions,
  type OrderTerms,
  type OrderType,
  type PendingChange,
  type PositionSide,
  type SelfTradePrevention,
  type Side,
  type TimeInForce,
  type TriggerPrice,
} from './order.js';
import type { OrderStatus } from './order-state.js';
import { askedFrom, askedToRecord } from './orders/asked-record.js';
import { units, type Lots, type Rounding, type Ticks, type Units } from './units.js';

/** Plain JSON: money and prices as decimal text, times as epoch milliseconds. */
type RecordValue =
  string | number | boolean | null | readonly RecordValue[] | { readonly [key: string]: RecordValue | undefined };
export type PlainRecord = { readonly [key: string]: RecordValue | undefined };

type Writable<T> = { -readonly [K in keyof T]: T[K] };
export type InstrumentResolver = (symbol: string) => Instrument | undefined;

/** An order as the journal keeps it. `orderFromRecord` gives an equal order back. */
export function orderToRecord(order: Order): PlainRecord {
  const { request } = order;
  const { instrument } = request;
  return {
    client_id: request.clientId,
    symbol: request.symbol,
    side: request.side,
    order_type: request.type,
    quantity: instrument.sizeText(request.lots),
    limit_price: request.limit === undefined ? undefined : instrument.priceText(request.limit),
    stop_price: request.stop === undefined ? undefined : instrument.priceText(request.stop),
    trigger_by: request.triggerBy,
    tif: request.timeInForce,
    post_only: request.postOnly,
    reduce_only: request.reduceOnly,
    leverage: request.leverage,
    expires_at: request.expiresAt,
    options: request.options === undefined ? undefined : optionsToRecord(request.options, instrument),
    status: order.status,
    venue_ids: [...order.venueIds],
    filled_quantity: instrument.sizeText(order.filled),
    filled_notional: instrument.moneyText(order.filledNotional),
    created_at: order.createdAt,
    updated_at: order.updatedAt,
    changing: order.changing === undefined ? undefined : changeToRecord(order.changing, instrument),
    replaces: order.replaces,
    collar_price: order.collar === undefined ? undefined : instrument.priceText(order.collar),
    reason: order.reason,
    strategy: order.origin?.strategy,
    decision: order.origin?.reason,
    decided_at: order.origin?.decidedAt,
    asked: order.origin?.asked === undefined ? undefined : askedToRecord(order.origin.asked),
  };
}

/** Undefined when the instrument is not known any more; throws STORE-001 for a record that is not an order. */
export function orderFromRecord(record: PlainRecord, resolve: InstrumentResolver): Order | undefined {
  const instrument = resolve(text(record, 'symbol'));
  if (instrument === undefined) return undefined;
  const [limit, stop, collar] = optionalTexts(record, ['limit_price', 'stop_price', 'collar_price']);
  const [triggerBy, strategy, reason] = optionalTexts(record, ['trigger_by', 'strategy', 'reason']);
  const leverage = optionalNumber(record, 'leverage');
  const expiresAt = optionalNumber(record, 'expires_at');
  const replaces = optionalText(record, 'replaces');
  const terms: Writable<OrderTerms> = {
    clientId: text(record, 'client_id'),
    instrument,
    side: text(record, 'side') as Side,
    type: text(record, 'order_type') as OrderType,
    lots: lotsOf(instrument, record, 'quantity'),
    timeInForce: text(record, 'tif') as TimeInForce,
    postOnly: record['post_only'] === true,
    reduceOnly: record['reduce_only'] === true,
  };
  // One after the other: a start makes every order of a long past, and spreading what is there takes twice as long.
  if (limit !== undefined) terms.limit = ticksOf(instrument, limit, 'limit_price');
  if (stop !== undefined) terms.stop = ticksOf(instrument, stop, 'stop_price');
  if (triggerBy !== undefined) terms.triggerBy = triggerBy as TriggerPrice;
  if (leverage !== undefined) terms.leverage = leverage;
  if (expiresAt !== undefined) terms.expiresAt = expiresAt;
  if (isRecord(record['options'])) terms.options = optionsFromRecord(record['options'], instrument);
  const order: Writable<Order> = {
    request: new OrderRequest(terms),
    status: text(record, 'status') as OrderStatus,
    venueIds: Array.isArray(record['venue_ids']) ? record['venue_ids'].map((id) => venueOrderId(String(id))) : [],
    filled: lotsOf(instrument, record, 'filled_quantity'),
    filledNotional: unitsOf(instrument, record, 'filled_notional', 'nearest'),
    createdAt: number(record, 'created_at'),
    updatedAt: number(record, 'updated_at'),
  };
  if (collar !== undefined) order.collar = ticksOf(instrument, collar, 'collar_price');
  if (reason !== undefined) order.reason = reason;
  if (isRecord(record['changing'])) order.changing = changeFromRecord(record['changing'], instrument);
  if (replaces !== undefined) order.replaces = replaces;
  if (strategy !== undefined) {
    const decided = { strategy, reason: text(record, 'decision'), decidedAt: number(record, 'decided_at') };
    order.origin = { ...decided, ...askedFrom(record['asked']) };
  }
  return order;
}

function changeToRecord(change: PendingChange, instrument: Instrument): PlainRecord {
  return {
    limit_price: change.limit === undefined ? undefined : instrument.priceText(change.limit),
    stop_price: change.stop === undefined ? undefined : instrument.priceText(change.stop),
    quantity: change.lots === undefined ? undefined : instrument.sizeText(change.lots),
    asked_at: change.askedAt,
    expires_at: change.expiresAt,
    anew: change.anew,
  };
}

function changeFromRecord(record: PlainRecord, instrument: Instrument): PendingChange {
  const [limit, stop, quantity] = optionalTexts(record, ['limit_price', 'stop_price', 'quantity']);
  return {
    ...(limit === undefined ? {} : { limit: instrument.toTicks(writtenDecimal(limit, 'limit_price'), 'nearest') }),
    ...(stop === undefined ? {} : { stop: instrument.toTicks(writtenDecimal(stop, 'stop_price'), 'nearest') }),
    ...(quantity === undefined ? {} : { lots: instrument.toLots(writtenDecimal(quantity, 'quantity'), 'nearest') }),
    askedAt: number(record, 'asked_at'),
    expiresAt: number(record, 'expires_at'),
    ...(record['anew'] === true ? { anew: true } : {}),
  };
}

/** What few orders ask for, as the journal keeps it. */
export function optionsToRecord(options: OrderOptions, instrument: Instrument): PlainRecord {
  return {
    good_till: options.goodTill,
    trail_bps: options.trailBps,
    activation_price: options.activation === undefined ? undefined : instrument.priceText(options.activation),
    close_position: options.closePosition,
    position_side: options.positionSide,
    group: options.group,
    after: options.after,
    self_trade: options.selfTrade,
  };
}

export function optionsFromRecord(record: PlainRecord, instrument: Instrument): OrderOptions {
  const goodTill = optionalNumber(record, 'good_till');
  const trailBps = optionalNumber(record, 'trail_bps');
  const activation = optionalText(record, 'activation_price');
  const positionSide = optionalText(record, 'position_side');
  const group = optionalText(record, 'group');
  const after = optionalText(record, 'after');
  const selfTrade = optionalText(record, 'self_trade');
  return {
    ...(goodTill === undefined ? {} : { goodTill }),
    ...(trailBps === undefined ? {} : { trailBps }),
    ...(activation === undefined
      ? {}
      : { activation: instrument.toTicks(writtenDecimal(activation, 'activation_price'), 'nearest') }),
    ...(record['close_position'] === true ? { closePosition: true } : {}),
    ...(positionSide === undefined ? {} : { positionSide: positionSide as PositionSide }),
    ...(group === undefined ? {} : { group }),
    ...(after === undefined ? {} : { after }),
    ...(selfTrade === undefined ? {} : { selfTrade: selfTrade as SelfTradePrevention }),
  };
}

export function fillToRecord(fill: Fill): PlainRecord {
  const { instrument } = fill;
  return {
    trade_id: fill.tradeId,
    client_id: fill.clientId,
    order_id: fill.venueId,
    symbol: instrument.symbol,
    side: fill.side,
    quantity: instrument.sizeText(fill.lots),
    price: instrument.priceText(fill.price),
    fee: instrument.moneyText(fill.fee),
    liquidity: fill.liquidity,
    filled_at: fill.at,
    cause: fill.cause,
    position_side: fill.positionSide,
    fees: fill.fees?.map(({ asset, amount }) => ({ asset, amount: amount.toString() })),
    fee_estimated: fill.feeEstimated,
  };
}

export function fillFromRecord(record: PlainRecord, resolve: InstrumentResolver): Fill | undefined {
  const known = resolve(text(record, 'symbol'));
  if (known === undefined) return undefined;
  const instrument = fineEnough(known, record);
  const cause = optionalText(record, 'cause');
  const positionSide = optionalText(record, 'position_side');
  const fees = record['fees'];
  return {
    tradeId: text(record, 'trade_id'),
    clientId: text(record, 'client_id'),
    venueId: venueOrderId(text(record, 'order_id')),
    instrument,
    side: text(record, 'side') as Side,
    lots: lotsOf(instrument, record, 'quantity'),
    price: ticksOf(instrument, text(record, 'price'), 'price'),
    // As it was booked where the venue counts more finely: against the account.
    fee: unitsOf(instrument, record, 'fee', 'floor'),
    liquidity: text(record, 'liquidity') as Liquidity,
    at: number(record, 'filled_at'),
    ...(cause === undefined ? {} : { cause: cause as NonNullable<Fill['cause']> }),
    ...(positionSide === undefined ? {} : { positionSide: positionSide as PositionSide }),
    ...(Array.isArray(fees) ? { fees: fees.map(feeFromRecord) } : {}),
    ...(record['fee_estimated'] === true ? { feeEstimated: true } : {}),
  };
}

function feeFromRecord(record: RecordValue): Fee {
  if (!isRecord(record)) throw damaged('fees', 'records', record);
  return { asset: text(record, 'asset'), amount: decimal(record, 'amount') };
}

/** The instrument, or one whose grid holds what was measured while the venue's was finer: nothing is rounded. */
function fineEnough(instrument: Instrument, record: PlainRecord): Instrument {
  const isOnGrid =
    instrument.lotsIn(text(record, 'quantity')) !== undefined &&
    instrument.ticksIn(text(record, 'price')) !== undefined;
  if (isOnGrid) return instrument;
  const [size, price] = [decimal(record, 'quantity'), decimal(record, 'price')];
  const { tick, step } = instrument.spec;
  if (size.mod(step).isZero() && price.mod(tick).isZero()) return instrument;
  const spec = { ...instrument.spec, tick: commonMeasure(tick, price), step: commonMeasure(step, size) };
  return new Instrument(spec, instrument.unit);
}

export function fundingToRecord(payment: FundingPayment): PlainRecord {
  const { instrument } = payment;
  return {
    funding_id: payment.id,
    symbol: instrument.symbol,
    funding_at: payment.at,
    rate: payment.rate?.toString() ?? null,
    mark: payment.markPrice?.toString() ?? null,
    quantity: payment.lots === undefined ? null : instrument.sizeText(payment.lots),
    amount: payment.amount === undefined ? null : instrument.moneyText(payment.amount),
    ...(payment.cause === undefined ? {} : { cause: payment.cause }),
  };
}

export function fundingFromRecord(record: PlainRecord, resolve: InstrumentResolver): FundingPayment | undefined {
  const instrument = resolve(text(record, 'symbol'));
  if (instrument === undefined) return undefined;
  const rate = optionalText(record, 'rate');
  const amount = optionalText(record, 'amount');
  const mark = optionalText(record, 'mark');
  const quantity = optionalText(record, 'quantity');
  return {
    id: text(record, 'funding_id'),
    instrument,
    at: number(record, 'funding_at'),
    rate: rate === undefined ? undefined : writtenDecimal(rate, 'rate'),
    markPrice: mark === undefined ? undefined : writtenDecimal(mark, 'mark'),
    lots: quantity === undefined ? undefined : instrument.toLots(writtenDecimal(quantity, 'quantity'), 'nearest'),
    amount: amount === undefined ? undefined : units(instrument.toUnits(writtenDecimal(amount, 'amount'), 'floor')),
    ...(record['cause'] === 'liquidation' ? { cause: 'liquidation' } : {}),
  };
}

function text(record: PlainRecord, key: string): string {
  const value = record[key];
  if (typeof value !== 'string') throw damaged(key, 'text', value);
  return value;
}

function number(record: PlainRecord, key: string): number {
  const value = record[key];
  if (typeof value !== 'number') throw damaged(key, 'a number', value);
  return value;
}

/** What lies on the grid needs no decimals: a start reads every order and fill of a long past. */
const ticksOf = (instrument: Instrument, written: string, key: string): Ticks =>
  instrument.ticksIn(written) ?? instrument.toTicks(writtenDecimal(written, key), 'nearest');
const lotsOf = (instrument: Instrument, record: PlainRecord, key: string): Lots =>
  instrument.lotsIn(text(record, key)) ?? instrument.toLots(decimal(record, key), 'nearest');
const unitsOf = (instrument: Instrument, record: PlainRecord, key: string, rounding: Rounding): Units =>
  instrument.unit.unitsIn(text(record, key)) ?? instrument.toUnits(decimal(record, key), rounding);
const decimal = (record: PlainRecord, key: string): ReturnType<typeof writtenDecimal> =>
  writtenDecimal(text(record, key), key);
const optionalText = (record: PlainRecord, key: string): string | undefined =>
  typeof record[key] === 'string' ? record[key] : undefined;
const optionalTexts = (record: PlainRecord, keys: readonly string[]): readonly (string | undefined)[] =>
  keys.map((key) => optionalText(record, key));
const optionalNumber = (record: PlainRecord, key: string): number | undefined =>
  typeof record[key] === 'number' ? record[key] : undefined;
const isRecord = (value: RecordValue | undefined): value is PlainRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const damaged = (key: string, wanted: string, value: unknown): Error =>
  fault('STORE-001', `Journal field ${key} must be ${wanted}, was ${String(value)}.`);
