import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { Instrument } from '#src/domain/instrument.js';
import { MoneyUnit } from '#src/domain/money.js';
import {
  OrderRequest,
  venueOrderId,
  type Fill,
  type FundingPayment,
  type Order,
  type OrderOptions,
  type OrderTerms,
} from '#src/domain/order.js';
import {
  fillFromRecord,
  fillToRecord,
  fundingFromRecord,
  fundingToRecord,
  orderFromRecord,
  orderToRecord,
  type PlainRecord,
} from '#src/domain/records.js';
import { lots, ticks, units } from '#src/domain/units.js';
import { instrument } from '#src/testing/instruments.js';

const BTC = instrument();
const ONE = new Decimal(1);

function order(options: OrderOptions | undefined, terms: Partial<OrderTerms> = {}): Order {
  const request = new OrderRequest({
    clientId: 'c',
    instrument: BTC,
    side: 'sell',
    type: 'market',
    lots: lots(5),
    timeInForce: 'GTC',
    postOnly: false,
    reduceOnly: true,
    ...terms,
    ...(options === undefined ? {} : { options }),
  });
  return {
    request,
    status: 'open',
    venueIds: [venueOrderId('v')],
    filled: lots(2),
    filledNotional: units(7),
    createdAt: 1,
    updatedAt: 2,
  };
}

/** As a store gives it back: through JSON. */
const again = (value: Order): Order | undefined =>
  orderFromRecord(JSON.parse(JSON.stringify(orderToRecord(value))) as PlainRecord, () => BTC);

describe('the record of an order', () => {
  it.each<[string, OrderOptions | undefined, Partial<OrderTerms>]>([
    ['without options', undefined, {}],
    [
      'good till an instant',
      { goodTill: 1_700_000_000_123 },
      { type: 'limit', limit: ticks(500_001), timeInForce: 'GTD' },
    ],
    ['that trails', { trailBps: 150, activation: ticks(510_003) }, { type: 'trailing_stop', triggerBy: 'mark' }],
    [
      'that closes the position',
      { closePosition: true },
      { type: 'stop_market', stop: ticks(480_000), lots: lots(0), reduceOnly: false },
    ],
    [
      'of a bracket',
      { group: 'exit', after: 'entry' },
      { type: 'take_profit_limit', stop: ticks(520_000), limit: ticks(520_000) },
    ],
    ['of a hedged account', { positionSide: 'short', selfTrade: 'expire_both' }, {}],
  ])('gives back an order %s', (_kind, options, terms) => {
    const given = order(options, terms);
    expect(again(given)).toEqual(given);
  });

  it('gives back every field that one may have', () => {
    const options: Required<OrderOptions> = {
      goodTill: 9,
      trailBps: 150,
      activation: ticks(510_003),
      closePosition: true,
      positionSide: 'long',
      group: 'g',
      after: 'a',
      selfTrade: 'expire_both',
    };
    const terms: Required<OrderTerms> = {
      clientId: 'c',
      instrument: BTC,
      side: 'buy',
      type: 'stop_limit',
      lots: lots(5),
      limit: ticks(7),
      stop: ticks(8),
      triggerBy: 'mark',
      timeInForce: 'IOC',
      postOnly: true,
      reduceOnly: false,
      leverage: 3,
      expiresAt: 11,
      options,
    };
    const given: Required<Order> = {
      ...order(options, terms),
      collar: ticks(9),
      reason: 'r',
      origin: { strategy: 's', reason: 'd', decidedAt: 4 },
      changing: { limit: ticks(6), stop: ticks(8), lots: lots(9), askedAt: 12, expiresAt: 13, anew: true },
      replaces: 'c0',
    };
    expect(again(given)).toEqual(given);
  });

  it('names options as it names other fields, prices as decimal text, and none where there are none', () => {
    expect(orderToRecord(order({ activation: ticks(510_003), trailBps: 10 }))['options']).toMatchObject({
      trail_bps: 10,
      activation_price: '51000.3',
    });
    expect('options' in (JSON.parse(JSON.stringify(orderToRecord(order(undefined)))) as object)).toBe(false);
  });
});

describe('the record of a funding payment', () => {
  const payment: FundingPayment = {
    id: 'f',
    instrument: BTC,
    at: 3,
    rate: new Decimal('0.0001'),
    markPrice: new Decimal('50000.05'),
    lots: lots(-4),
    amount: units(12),
  };

  it.each<[string, Partial<FundingPayment>]>([
    ['all that there is to say', {}],
    ['the amount alone', { rate: undefined, markPrice: undefined, lots: undefined }],
    ['what a liquidation has cost', { rate: undefined, markPrice: undefined, lots: undefined, cause: 'liquidation' }],
    ['rate and size', { markPrice: undefined }],
    ['no amount: a gap', { rate: undefined, amount: undefined }],
    ['a rate and a mark that are quotients', { rate: ONE.div(30_000), markPrice: ONE.div(7).plus('1e45') }],
    ['a rate below what forty digits behind the point can say', { rate: new Decimal('-1e-60') }],
  ])('gives back %s', (_what, told) => {
    const given = { ...payment, ...told };
    const record = JSON.parse(JSON.stringify(fundingToRecord(given))) as PlainRecord;
    expect(fundingFromRecord(record, () => BTC)).toEqual(given);
  });
});

describe('money of a venue that counts more finely than the account', () => {
  const COARSE = new Instrument(BTC.spec, new MoneyUnit(4));
  const fill: Fill = {
    tradeId: 't',
    clientId: 'c',
    venueId: venueOrderId('v'),
    instrument: BTC,
    side: 'buy',
    lots: lots(3),
    price: ticks(500_000),
    fee: units(-12_345),
    liquidity: 'taker',
    at: 5,
    fees: [{ asset: 'BNB', amount: ONE.div(30_000).neg() }],
    feeEstimated: true,
  };

  it.each([-12_345, -1, 1, 9_999, 12_345])('is read as it was booked, against the account: %p', (amount) => {
    const booked = COARSE.toUnits(BTC.money(units(amount)), 'floor');
    const fillRecord = JSON.parse(JSON.stringify(fillToRecord({ ...fill, fee: units(amount) }))) as PlainRecord;
    expect(fillFromRecord(fillRecord, () => COARSE)).toMatchObject({ fee: booked, fees: fill.fees });
    const payment = { id: 'f', instrument: BTC, at: 3, rate: undefined, markPrice: undefined, lots: undefined };
    const fundingRecord = fundingToRecord({ ...payment, amount: units(amount) });
    expect(fundingFromRecord(fundingRecord, () => COARSE)?.amount).toBe(booked);
  });
});
