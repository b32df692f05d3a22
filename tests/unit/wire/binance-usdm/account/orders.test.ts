import { beforeEach, describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { MINUTE_MS } from '#src/domain/time-spans.js';
import { level, NOW, OTHER_KEY, Scene } from '../scene.js';
import { Trader } from './trader.js';

let scene: Scene;
let trader: Trader;
beforeEach(async () => {
  scene = await new Scene().serve();
  scene.btc.show([level('100', '2'), level('99', '5')], [level('100.2', '0.5'), level('100.4', '5')], NOW);
  scene.btc.value(new Decimal('100.1'), new Decimal('100.1'), NOW);
  trader = await new Trader(scene).listen();
});

describe('an order at market', () => {
  it('takes the levels that stand, and is told of before its fills', async () => {
    const answer = await trader.market('BUY', '1', { newOrderRespType: 'RESULT', newClientOrderId: 'mine' });
    expect(answer).toMatchObject({ status: 'FILLED', executedQty: '1.000', clientOrderId: 'mine', type: 'MARKET' });
    // What the venue no longer documents of answers is not in them.
    expect(Object.keys(answer)).not.toContain('avgPrice');
    expect(await trader.heard()).toEqual([
      'NEW NEW 0.000 BOTH',
      'TRADE_LITE',
      'account ORDER',
      'TRADE PARTIALLY_FILLED 0.500 BOTH',
      'TRADE_LITE',
      'account ORDER',
      'TRADE FILLED 1.000 BOTH',
    ]);
    const [one, two] = await trader.list('/fapi/v1/userTrades', { symbol: 'BTCUSDT' });
    expect([one?.['price'], two?.['price'], one?.['maker']]).toEqual(['100.2', '100.4', false]);
    expect(one?.['commission']).toBe('0.02505000');
    const asked = await trader.ask('GET', '/fapi/v1/order', { symbol: 'BTCUSDT', origClientOrderId: 'mine' });
    expect(asked).toMatchObject({ orderId: answer['orderId'], avgPrice: '100.300', cumQuote: '100.3' });
    const [position] = await trader.list('/fapi/v3/positionRisk');
    expect(position).toMatchObject({ symbol: 'BTCUSDT', positionAmt: '1.000', entryPrice: '100.30000000' });
    expect((await trader.list('/fapi/v3/balance'))[0]).toMatchObject({ asset: 'USDT', balance: '9999.94985000' });
  });

  it('of one account is nobody else’s', async () => {
    await trader.market('BUY', '1');
    const other = new Trader(scene, OTHER_KEY);
    expect(await other.list('/fapi/v3/positionRisk')).toEqual([]);
    expect((await other.list('/fapi/v3/balance'))[0]).toMatchObject({ balance: '10000.00000000' });
  });
});

describe('a limit order', () => {
  it('rests, fills by the market’s trades, and is cancelled once', async () => {
    const { orderId } = await trader.limit('BUY', '2', '99.5');
    scene.btc.trade(new Decimal('99.4'), new Decimal('0.5'), scene.clock.now(), 'sell');
    const heard = await trader.heard();
    expect(heard[0]).toBe('NEW NEW 0.000 BOTH');
    expect(heard.at(-1)).toMatch(/^TRADE (PARTIALLY_FILLED|FILLED)/);
    const of = { symbol: 'BTCUSDT', orderId: String(orderId) };
    const asked = await trader.ask('GET', '/fapi/v1/order', of);
    if (asked['status'] !== 'FILLED') {
      expect(await trader.ask('DELETE', '/fapi/v1/order', of)).toMatchObject({ status: 'CANCELED' });
      expect(await trader.heard()).toEqual([`CANCELED CANCELED ${String(asked['executedQty'])} BOTH`]);
    }
    expect(await trader.ask('DELETE', '/fapi/v1/order', of)).toMatchObject({ code: -2011 });
    expect(await trader.list('/fapi/v1/openOrders')).toEqual([]);
  });

  it('is changed in place, and a change of a size that has filled ends it', async () => {
    const { orderId } = await trader.limit('BUY', '2', '99.5');
    const change = (quantity: string, price: string) =>
      trader.ask('PUT', '/fapi/v1/order', {
        symbol: 'BTCUSDT',
        orderId: String(orderId),
        side: 'BUY',
        quantity,
        price,
      });
    expect(await change('2', '99.5')).toMatchObject({ code: -5027 });
    expect(await change('3', '99.6')).toMatchObject({ orderId, origQty: '3.000', price: '99.6', status: 'NEW' });
    expect(await trader.heard()).toEqual(['NEW NEW 0.000 BOTH', 'AMENDMENT NEW 0.000 BOTH']);
    scene.btc.trade(new Decimal('99.6'), new Decimal('7.5'), scene.clock.now(), 'sell');
    const { executedQty } = await trader.ask('GET', '/fapi/v1/order', { symbol: 'BTCUSDT', orderId: String(orderId) });
    if (executedQty !== '3.000') {
      expect(Number(executedQty)).toBeGreaterThan(0);
      expect(await change('0.001', '99.6')).toMatchObject({ status: 'CANCELED', executedQty });
    }
  });

  it('ends with the countdown of its symbol, while what waits for a trigger stays', async () => {
    await trader.limit('BUY', '1', '99.5');
    await trader.stop('BUY', '120', { quantity: '1' });
    await trader.ask('POST', '/fapi/v1/countdownCancelAll', { symbol: 'BTCUSDT', countdownTime: 60_000 });
    await scene.scheduler.advance(59_000);
    expect(await trader.list('/fapi/v1/openOrders')).toHaveLength(1);
    await scene.scheduler.advance(1_000);
    expect(await trader.list('/fapi/v1/openOrders')).toEqual([]);
    expect(await trader.list('/fapi/v1/openAlgoOrders')).toHaveLength(1);
  });

  it('may be sent in a parcel, each with an answer of its own', async () => {
    const each = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '1' };
    const batchOrders = JSON.stringify([
      { ...each, price: '99.5' },
      { ...each, price: '99.55' },
      { ...each, price: '99.4' },
    ]);
    const answers = (await trader.ask('POST', '/fapi/v1/batchOrders', { batchOrders })) as unknown as object[];
    expect(answers).toMatchObject([{ status: 'NEW' }, { code: -1111 }, { status: 'NEW' }]);
    const ids = JSON.stringify((await trader.list('/fapi/v1/openOrders')).map(({ orderId }) => orderId));
    const ended = await trader.ask('DELETE', '/fapi/v1/batchOrders', { symbol: 'BTCUSDT', orderIdList: ids });
    expect(ended).toMatchObject([{ status: 'CANCELED' }, { status: 'CANCELED' }]);
  });
});

describe('orders that the venue turns away', () => {
  it.each<[string, Readonly<Record<string, string>>, number]>([
    ['another symbol', { symbol: 'DOGEUSDT', side: 'BUY', type: 'MARKET', quantity: '1' }, -1121],
    ['no type', { side: 'BUY', quantity: '1' }, -1102],
    ['an unknown type', { side: 'BUY', type: 'ICEBERG', quantity: '1' }, -1116],
    ['a stop at the old address', { side: 'BUY', type: 'STOP_MARKET', quantity: '1', stopPrice: '120' }, -4120],
    ['an unknown side', { side: 'HOLD', type: 'MARKET', quantity: '1' }, -1117],
    ['an unknown time in force', limit({ timeInForce: 'DAY' }), -1115],
    ['a price off the grid', limit({ price: '99.55' }), -1111],
    ['a price of nothing', limit({ price: '0' }), -4001],
    ['a price beyond all', limit({ price: '9999999' }), -4002],
    ['a size of nothing', limit({ quantity: '0' }), -4003],
    ['a size too fine', limit({ quantity: '0.0001' }), -1111],
    ['too little money', limit({ quantity: '0.01', price: '99' }), -4164],
    ['more than the margin bears', limit({ quantity: '900', price: '99' }), -2019],
    ['post-only that would take', limit({ timeInForce: 'GTX', price: '100.2' }), -5022],
    ['a fill-or-kill that cannot', limit({ timeInForce: 'FOK', price: '100.2', quantity: '3' }), -5021],
    ['a reduction of nothing', limit({ reduceOnly: 'true', side: 'SELL', price: '101' }), -2022],
    ['a side of a hedged account', limit({ positionSide: 'LONG' }), -4061],
    ['a name of odd letters', limit({ newClientOrderId: 'mine!' }), -4015],
    ['a price at market', { side: 'BUY', type: 'MARKET', quantity: '1', price: '100' }, -1106],
    ['too short a life', limit({ timeInForce: 'GTD', goodTillDate: String(NOW + MINUTE_MS) }), -1130],
  ])('%s', async (_what, params, code) => {
    expect(await trader.order(params)).toMatchObject({ code });
    expect(await trader.heard()).toEqual([]);
    expect(await trader.list('/fapi/v1/openOrders')).toEqual([]);
  });

  it('two open ones of one name, which is free again once the first has ended', async () => {
    const name = { newClientOrderId: 'twice' };
    await trader.limit('BUY', '1', '99.5', name);
    expect(await trader.limit('BUY', '1', '99.4', name)).toMatchObject({ code: -4116 });
    await trader.ask('DELETE', '/fapi/v1/order', { symbol: 'BTCUSDT', origClientOrderId: 'twice' });
    expect(await trader.limit('BUY', '1', '99.4', name)).toMatchObject({ status: 'NEW', clientOrderId: 'twice' });
  });

  it('more than 300 in ten seconds', async () => {
    for (let left = 300; left > 0; left -= 1) await trader.order({ side: 'HOLD', type: 'MARKET', quantity: '1' });
    const { status, headers } = await trader.answer('POST', '/fapi/v1/order', {
      ...{ symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '1' },
    });
    expect([status, Number(headers.get('retry-after')) > 0]).toEqual([429, true]);
    await scene.scheduler.advance(10_000);
    expect(await trader.market('BUY', '0.1')).toMatchObject({ status: 'FILLED' });
  });
});

describe('a conditional order', () => {
  it('stands in a service of its own until it triggers; its child is told of first, by the same name', async () => {
    await trader.market('BUY', '1');
    await trader.heard();
    const stop = await trader.stop('SELL', '99.5', { quantity: '1', reduceOnly: 'true', clientAlgoId: 'stop-1' });
    expect(stop).toMatchObject({ algoStatus: 'NEW', clientAlgoId: 'stop-1', actualOrderId: '', triggerPrice: '99.5' });
    expect(await trader.list('/fapi/v1/openOrders')).toEqual([]);
    expect(await trader.ask('GET', '/fapi/v1/order', { symbol: 'BTCUSDT', origClientOrderId: 'stop-1' })).toMatchObject(
      { code: -2013 },
    );
    expect(await trader.heard()).toEqual(['algo NEW']);
    scene.btc.trade(new Decimal('99.4'), new Decimal('1'), scene.clock.now(), 'sell');
    expect(await trader.heard()).toEqual([
      'NEW NEW 0.000 BOTH',
      'TRADE_LITE',
      'account ORDER',
      'TRADE FILLED 1.000 BOTH',
      'algo TRIGGERED child',
      'algo FINISHED child',
    ]);
    const child = await trader.ask('GET', '/fapi/v1/order', { symbol: 'BTCUSDT', origClientOrderId: 'stop-1' });
    expect(child).toMatchObject({ status: 'FILLED', type: 'MARKET', origType: 'STOP_MARKET', reduceOnly: true });
    const parent = await trader.ask('GET', '/fapi/v1/algoOrder', { clientAlgoId: 'stop-1' });
    expect(parent).toMatchObject({ algoStatus: 'FINISHED', actualOrderId: String(child['orderId']) });
    expect(await trader.list('/fapi/v3/positionRisk')).toEqual([]);
  });

  it('with a limit is an order that rests from then on', async () => {
    const answer = await trader.stop('BUY', '101', { type: 'STOP', quantity: '1', price: '100.1' });
    expect(answer).toMatchObject({ algoStatus: 'NEW' });
    scene.btc.trade(new Decimal('101'), new Decimal('0.1'), scene.clock.now(), 'buy');
    expect(await trader.heard()).toEqual(['algo NEW', 'NEW NEW 0.000 BOTH', 'algo TRIGGERED child']);
    const [child] = await trader.list('/fapi/v1/openOrders');
    expect(child).toMatchObject({ price: '100.1', type: 'LIMIT', origType: 'STOP' });
    await trader.ask('DELETE', '/fapi/v1/allOpenOrders', { symbol: 'BTCUSDT' });
    expect(await trader.heard()).toEqual(['CANCELED CANCELED 0.000 BOTH', 'algo FINISHED child']);
  });

  it('has triggered once, in however many parts its child fills', async () => {
    await trader.market('BUY', '3');
    await trader.heard();
    await trader.stop('SELL', '99.5', { quantity: '3', reduceOnly: 'true' });
    scene.btc.trade(new Decimal('99.4'), new Decimal('0.1'), scene.clock.now(), 'sell');
    const heard = (await trader.heard()).filter((line) => line !== 'TRADE_LITE' && !line.startsWith('account'));
    expect(heard).toEqual([
      'algo NEW',
      'NEW NEW 0.000 BOTH',
      'TRADE PARTIALLY_FILLED 1.900 BOTH',
      'algo TRIGGERED child',
      'TRADE FILLED 3.000 BOTH',
      'algo FINISHED child',
    ]);
  });

  it('whose child the venue refuses late has expired, and was not cancelled', async () => {
    await trader.stop('BUY', '101', { type: 'STOP', quantity: '1', price: '100.1' });
    scene.btc.trade(new Decimal('101'), new Decimal('0.1'), scene.clock.now(), 'buy');
    await trader.heard();
    const [desks] = scene.server?.accounts.all() ?? [];
    for (const child of desks?.account.register.open(undefined) ?? []) desks?.orders.expire(child);
    expect(await trader.heard()).toEqual(['EXPIRED EXPIRED 0.000 BOTH', 'algo FINISHED child']);
  });

  it('closes whatever is open, and takes neither size nor reduce-only', async () => {
    await trader.market('BUY', '2');
    const both = { closePosition: 'true', quantity: '1' };
    expect(await trader.stop('SELL', '99.5', both)).toMatchObject({ code: -1106 });
    expect(await trader.stop('SELL', '99.5', { closePosition: 'true' })).toMatchObject({ closePosition: true });
    scene.btc.trade(new Decimal('99.4'), new Decimal('1'), scene.clock.now(), 'sell');
    expect(await trader.list('/fapi/v3/positionRisk')).toEqual([]);
  });

  it('trails, and is cancelled by its own name alone', async () => {
    const trail = { type: 'TRAILING_STOP_MARKET', callbackRate: '1', quantity: '1', clientAlgoId: 'trail' };
    const answer = await trader.ask('POST', '/fapi/v1/algoOrder', {
      ...{ symbol: 'BTCUSDT', algoType: 'CONDITIONAL', side: 'SELL' },
      ...trail,
    });
    expect(answer).toMatchObject({ algoStatus: 'NEW', callbackRate: '1' });
    expect(
      await trader.ask('DELETE', '/fapi/v1/order', { symbol: 'BTCUSDT', origClientOrderId: 'trail' }),
    ).toMatchObject({ code: -2011 });
    expect(await trader.ask('DELETE', '/fapi/v1/algoOrder', { clientAlgoId: 'trail' })).toMatchObject({ code: '200' });
    expect(await trader.heard()).toEqual(['algo NEW', 'algo CANCELED']);
    expect(await trader.ask('DELETE', '/fapi/v1/algoOrder', { clientAlgoId: 'trail' })).toMatchObject({ code: -2011 });
  });

  it('that would trigger at once is refused', async () => {
    expect(await trader.stop('SELL', '101', { quantity: '1' })).toMatchObject({ code: -2021 });
    expect(await trader.heard()).toEqual([]);
  });
});

function limit(more: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return { side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '1', price: '99.5', ...more };
}
