import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import {
  OrderRequest,
  venueOrderId,
  type FundingPayment,
  type Order,
  type OrderOptions,
  type OrderTerms,
} from '#src/domain/order.js';
import {
  fundingFromRecord,
  fundingToRecord,
  orderFromRecord,
  orderToRecord,
  type PlainRecord,
} from '#src/domain/records.js';
import { lots, ticks, units } from '#src/domain/units.js';
import { instrument } from '#src/testing/instruments.js';

const BTC = instrument();

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
    ['rate and size', { markPrice: undefined }],
    ['no amount: a gap', { rate: undefined, amount: undefined }],
  ])('gives back %s', (_what, told) => {
    const given = { ...payment, ...told };
    const record = JSON.parse(JSON.stringify(fundingToRecord(given))) as PlainRecord;
    expect(fundingFromRecord(record, () => BTC)).toEqual(given);
  });
});
