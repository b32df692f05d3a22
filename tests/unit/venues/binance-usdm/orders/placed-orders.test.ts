import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { ticks } from '#src/domain/units.js';
import { signature } from '#src/venues/binance-usdm/rest/signature.js';
import { reasonOf } from '#src/venues/binance-usdm/orders/refusals.js';
import { TransportError } from '#src/ports/transport/transport-error.js';
import { AccountScene, KEY, level, NOW } from '../account-scene.js';

const scene = async (): Promise<AccountScene> => (await new AccountScene().serve()).connect();
const body = (code: number, msg = 'words') => JSON.stringify({ code, msg });

describe('orders of Binance USD-M', () => {
  it('signs as the venue documents it', () => {
    // Source: Binance, "SIGNED endpoint examples for POST /fapi/v1/order".
    const query =
      'symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&recvWindow=5000&timestamp=1591702613943';
    const secret = '2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9';
    expect(signature(query, secret)).toBe('3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9');
  });

  it('places, finds and cancels, each by what the venue documents, and every request is signed', async () => {
    const at = await scene();
    const placed = await at.within(at.venue.placeOrder(at.order('PB1', { expiresAt: NOW + 5_000 })));
    expect(placed).toMatchObject({ outcome: 'accepted', order: { clientId: 'PB1', report: { status: 'open' } } });
    expect(at.query('POST', '/fapi/v1/order')).toEqual({
      ...{ symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', quantity: '0.01', price: '49990', timeInForce: 'GTC' },
      ...{ newClientOrderId: 'PB1', newOrderRespType: 'RESULT' },
    });
    expect(new URL(at.sent.at(-1)?.url ?? '').searchParams.get('recvWindow')).toBe('5000');
    const ref = { clientId: 'PB1', symbol: 'BTCUSDT' };
    expect(await at.within(at.venue.getOrder(ref))).toMatchObject({ found: true, order: { type: 'limit' } });
    expect(await at.within(at.venue.listOpenOrders())).toMatchObject([{ clientId: 'PB1', symbol: 'BTCUSDT' }]);
    expect(await at.within(at.venue.cancelOrder(ref))).toMatchObject({ outcome: 'cancelled' });
    expect(await at.within(at.venue.cancelOrder(ref))).toMatchObject({ outcome: 'not_open' });
    expect(await at.within(at.venue.getOrder(ref))).toMatchObject({ order: { report: { status: 'cancelled' } } });
    expect(at.unsigned()).toEqual([]);
    expect(at.sent.filter(({ url }) => url.includes(KEY.secret))).toEqual([]);
  });

  it('asks for conditional orders at their own service, and finds them before and after their trigger', async () => {
    const at = await scene();
    const stop = at.order('PB2', { type: 'stop_market', side: 'sell', stop: ticks(495_000), triggerBy: 'mark' });
    await at.within(at.venue.placeOrder(at.order('PB0', { type: 'market' })));
    expect(await at.within(at.venue.placeOrder(stop))).toMatchObject({ outcome: 'accepted' });
    expect(at.query('POST', '/fapi/v1/algoOrder')).toMatchObject({
      ...{ algoType: 'CONDITIONAL', type: 'STOP_MARKET', triggerPrice: '49500', workingType: 'MARK_PRICE' },
      ...{ clientAlgoId: 'PB2', quantity: '0.01' },
    });
    const ref = { clientId: 'PB2', symbol: 'BTCUSDT' };
    expect(await at.within(at.venue.getOrder(ref))).toMatchObject({ order: { type: 'stop_market', clientId: 'PB2' } });
    await at.listen();
    at.btc.show([level('49490', '2')], [level('49490.5', '2')], at.clock.now());
    at.btc.value(new Decimal('49490'), new Decimal('49490'), at.clock.now());
    await at.scheduler.advance(1_000);
    const found = await at.within(at.venue.getOrder(ref));
    expect(found).toMatchObject({ order: { clientId: 'PB2', type: 'stop_market', report: { status: 'filled' } } });
    expect(at.heard('fill').map(({ fill }) => fill.clientId)).toEqual(['PB2']);
    expect(at.heard('order').map(({ report }) => report.status)).not.toContain('cancelled');
    expect(await at.within(at.venue.cancelOrder(ref))).toMatchObject({ outcome: 'not_open' });
    at.abort.abort();
  });

  it.each([
    ['after', { options: { after: 'PB1' } }],
    ['group', { options: { group: 'oco' } }],
    ['leverage', { leverage: 3 }],
    ['triggers by the index', { type: 'stop_market', stop: ticks(1), triggerBy: 'index' }],
    ['post-only and immediate', { postOnly: true, timeInForce: 'IOC' }],
    ['a trailing stop of 5 basis points', { type: 'trailing_stop', options: { trailBps: 5 } }],
    ['a trailing stop of 21 %', { type: 'trailing_stop', options: { trailBps: 2_100 } }],
  ] as const)('has no words for %s, and says so before anything leaves', async (_what, terms) => {
    const at = await scene();
    const before = at.sent.length;
    await expect(at.venue.placeOrder(at.order('PB3', terms))).rejects.toMatchObject({ code: 'VENUE-003' });
    expect(at.sent).toHaveLength(before);
  });

  it('places several as one request, conditional ones beside it, and each has its own outcome', async () => {
    const at = await scene();
    const results = await at.within(
      at.venue.placeOrders([
        at.order('PB4'),
        at.order('PB5', { lots: at.order('x').lots, limit: ticks(600_000_000) }),
        at.order('PB6', { type: 'stop_market', side: 'sell', stop: ticks(490_000), triggerBy: 'last' }),
      ]),
    );
    expect(results.map(({ outcome }) => outcome)).toEqual(['accepted', 'rejected', 'accepted']);
    expect(at.count('POST', '/fapi/v1/batchOrders')).toBe(1);
    const refs = ['PB4', 'PB6', 'PB7'].map((clientId) => ({ clientId, symbol: 'BTCUSDT' }));
    expect((await at.within(at.venue.cancelOrders(refs))).map(({ outcome }) => outcome)).toEqual([
      'cancelled',
      'cancelled',
      'not_open',
    ]);
  });

  it('a change keeps the order, and may end it', async () => {
    const at = await scene();
    const ref = { clientId: 'PB8', symbol: 'BTCUSDT' };
    await at.within(at.venue.placeOrder(at.order('PB8', { postOnly: true })));
    expect(await at.within(at.venue.amendOrder({ ref, limit: ticks(499_950) }))).toMatchObject({ outcome: 'accepted' });
    expect(at.query('PUT', '/fapi/v1/order')).toMatchObject({ price: '49995', quantity: '0.01', side: 'BUY' });
    expect(await at.within(at.venue.getOrder(ref))).toMatchObject({ order: { price: new Decimal(49_995) } });
    const crossing = await at.within(at.venue.amendOrder({ ref, limit: ticks(500_100) }));
    expect(crossing).toMatchObject({ outcome: 'ended', report: { status: 'cancelled' } });
    expect(await at.within(at.venue.amendOrder({ ref, limit: ticks(499_000) }))).toMatchObject({ outcome: 'rejected' });
  });

  it.each([
    ['is lost before the server', undefined, 'unknown'],
    ['502 of somebody on the way', { status: 502, body: '<html>' }, 'unknown'],
    ['an empty answer', { status: 200, body: '' }, 'unknown'],
    ['half an answer', { status: 200, body: '{"orderId":1' }, 'unknown'],
    ['the answer of another order', { status: 200, body: body(0) }, 'unknown'],
    ['503 "Unknown error"', { status: 503, body: body(-1_000, 'Unknown error, please check') }, 'unknown'],
    ['503 "Service Unavailable"', { status: 503, body: body(-1_016, 'Service Unavailable.') }, 'rejected'],
    ['503 overloaded', { status: 503, body: body(-1_008) }, 'rejected'],
    ['-1007', { status: 408, body: body(-1_007) }, 'unknown'],
    ['-1006', { status: 400, body: body(-1_006) }, 'unknown'],
    ['429 of a wall before the venue', { status: 429, body: 'slow down' }, 'unknown'],
    ['429 of the venue', { status: 429, body: body(-1_003) }, 'rejected'],
    ['a number that nobody knows', { status: 400, body: body(-9_999) }, 'rejected'],
    ['400 without a number', { status: 400, body: 'no' }, 'unknown'],
  ] as const)('%s: nothing is sent again, and the outcome is what follows from it', async (_what, answer, outcome) => {
    const at = await scene();
    at.way = (request, real) => {
      if (request.method !== 'POST') return real();
      if (answer === undefined) return Promise.reject(new TransportError('lost', 'maybe'));
      return Promise.resolve({ ...answer, headers: new Map() });
    };
    expect(await at.within(at.venue.placeOrder(at.order('PB9')))).toMatchObject({ outcome });
    expect(at.count('POST', '/fapi/v1/order')).toBe(1);
  });

  it('a denial is none a moment after the order was taken; long after, what is open or has filled is told apart', async () => {
    const at = await scene();
    const ref = { clientId: 'PB10', symbol: 'BTCUSDT' };
    await at.within(at.venue.placeOrder(at.order('PB10')));
    at.way = (request, real) =>
      request.method === 'GET' && request.url.includes('PB10')
        ? Promise.resolve({ status: 400, headers: new Map(), body: body(-2_013) })
        : real();
    await expect(at.within(at.venue.getOrder(ref))).rejects.toMatchObject({ code: 'VENUE-002' });
    await at.scheduler.advance(11_000);
    expect(await at.within(at.venue.getOrder(ref))).toEqual({ found: false });
    const old = { ...ref, sentAt: at.clock.now() - 4 * 86_400_000 };
    expect(await at.within(at.venue.getOrder(old))).toMatchObject({ found: true, order: { clientId: 'PB10' } });
    await at.within(at.venue.cancelOrder(ref));
    expect(await at.within(at.venue.getOrder(old))).toEqual({ found: false, forgotten: true });
    const ancient = { ...ref, sentAt: at.clock.now() - 90 * 86_400_000 };
    await expect(at.within(at.venue.getOrder(ancient))).rejects.toMatchObject({ code: 'VENUE-002' });
  });

  it('an order that would have left too late does not leave', async () => {
    const at = await scene();
    const late = at.order('PB11', { expiresAt: NOW - 1 });
    expect(await at.within(at.venue.placeOrder(late))).toMatchObject({ outcome: 'rejected', reason: 'expired' });
    expect(at.count('POST', '/fapi/v1/order')).toBe(0);
  });

  it('reads the numbers of the venue', () => {
    expect([-2_019, -5_022, -2_022, -4_116, -4_164, -2_021, -4_045, -12_345].map(reasonOf)).toEqual([
      ...['insufficient_margin', 'post_only_would_take', 'reduce_only', 'duplicate_client_id', 'min_notional'],
      ...['would_trigger', 'max_orders', 'other'],
    ]);
  });
});
