import { beforeEach, describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { DAY_MS, HOUR_MS } from '#src/domain/time-spans.js';
import { level, NOW, Scene } from '../scene.js';
import { Trader } from './trader.js';

const BTC = { symbol: 'BTCUSDT' };
let scene: Scene;
let trader: Trader;
beforeEach(async () => {
  scene = await new Scene().serve();
  for (const market of [scene.btc, scene.eth]) {
    market.show([level('100', '900')], [level('100.2', '900')], NOW);
    market.value(new Decimal('100.1'), new Decimal('100.1'), NOW);
  }
  trader = new Trader(scene);
});

/** Of both services, by name. */
async function known(): Promise<readonly unknown[]> {
  const orders = await trader.list('/fapi/v1/allOrders', BTC);
  const algos = await trader.list('/fapi/v1/allAlgoOrders', BTC);
  return [...orders.map(({ clientOrderId }) => clientOrderId), ...algos.map(({ clientAlgoId }) => clientAlgoId)];
}

const found = async (name: string): Promise<unknown> =>
  (await trader.ask('GET', '/fapi/v1/order', { ...BTC, origClientOrderId: name }))['status'];

/** One of each kind. */
async function several(): Promise<void> {
  await trader.market('BUY', '1', { newClientOrderId: 'filled' });
  await trader.limit('BUY', '1', '99', { newClientOrderId: 'open' });
  await trader.limit('BUY', '1', '99', { newClientOrderId: 'cancelled' });
  await trader.ask('DELETE', '/fapi/v1/order', { ...BTC, origClientOrderId: 'cancelled' });
  for (const clientAlgoId of ['waiting', 'dropped']) await trader.stop('SELL', '90', { quantity: '1', clientAlgoId });
  await trader.ask('DELETE', '/fapi/v1/algoOrder', { clientAlgoId: 'dropped' });
}

describe('what the venue knows of the past', () => {
  it('ended without a fill: three days; with one, 90; what is open as long as it is', async () => {
    await several();
    scene.clock.advance(3 * DAY_MS);
    expect(await known()).toEqual(['filled', 'open', 'cancelled', 'waiting', 'dropped']);
    expect(await found('cancelled')).toBe('CANCELED');
    scene.clock.advance(1);
    expect(await known()).toEqual(['filled', 'open', 'waiting']);
    expect(await found('cancelled')).toBeUndefined();
    scene.clock.set(NOW + 90 * DAY_MS);
    expect(await found('filled')).toBe('FILLED');
    scene.clock.advance(1);
    expect(await known()).toEqual(['open', 'waiting']);
  });

  it('of trades and income three months, and of no time that is named seven days', async () => {
    await several();
    const [trades, income] = ['/fapi/v1/userTrades', '/fapi/v1/income'];
    const listed = async (terms: Readonly<Record<string, number>>): Promise<readonly number[]> => [
      (await trader.list(trades, { ...BTC, ...terms })).length,
      (await trader.list(income, terms)).length,
    ];
    const from = { startTime: NOW };
    scene.clock.set(NOW + 7 * DAY_MS);
    expect(await listed({})).toEqual([1, 2]);
    scene.clock.advance(1);
    expect(await listed({})).toEqual([0, 0]);
    scene.clock.set(NOW + 89 * DAY_MS);
    expect(await listed(from)).toEqual([1, 2]);
    scene.clock.advance(1);
    expect(await listed(from)).toEqual([0, 0]);
  });

  it('trades are asked for by a number or by a time, of seven days at most', async () => {
    await several();
    const asked = (terms: Readonly<Record<string, number>>) =>
      trader.ask('GET', '/fapi/v1/userTrades', { ...BTC, ...terms });
    expect((await asked({ startTime: NOW, endTime: NOW + 7 * DAY_MS + 1 }))['code']).toBe(-1127);
    expect((await asked({ startTime: NOW, fromId: 1 }))['code']).toBe(-1128);
    expect(await trader.list('/fapi/v1/userTrades', { ...BTC, endTime: NOW })).toHaveLength(1);
    const pages = [1, 2, 3].map((page) => trader.list('/fapi/v1/income', { startTime: NOW, limit: 1, page }));
    expect((await Promise.all(pages)).map(({ length }) => length)).toEqual([1, 1, 0]);
  });

  it('is let go of', async () => {
    await several();
    scene.clock.set(NOW + 91 * DAY_MS);
    await trader.market('SELL', '1', { newClientOrderId: 'late' });
    const account = scene.server?.accounts.all()[0]?.account;
    expect([account?.register.orders.size, account?.register.algos.size]).toEqual([2, 1]);
    expect([account?.past.trades.size, account?.past.incomes.size]).toEqual([1, 2]);
  });

  it('of a name that came again is the newest that is known', async () => {
    const name = { newClientOrderId: 'twice' };
    await trader.market('BUY', '1', name);
    scene.clock.advance(HOUR_MS);
    await trader.limit('BUY', '1', '99', name);
    await trader.ask('DELETE', '/fapi/v1/order', { ...BTC, origClientOrderId: 'twice' });
    expect(await found('twice')).toBe('CANCELED');
    scene.clock.advance(4 * DAY_MS);
    expect(await found('twice')).toBe('FILLED');
  });

  it('is asked for by symbol', async () => {
    await trader.market('BUY', '1');
    await trader.ask('POST', '/fapi/v1/order', { symbol: 'ETHUSDT', side: 'BUY', type: 'MARKET', quantity: '2' });
    const sizes = async (symbol: string) =>
      (await trader.list('/fapi/v1/userTrades', { symbol })).map(({ qty }) => qty);
    expect([await sizes('BTCUSDT'), await sizes('ETHUSDT')]).toEqual([['1.000'], ['2.000']]);
    const incomes = await trader.list('/fapi/v1/income', { symbol: 'ETHUSDT' });
    expect(incomes.map(({ symbol }) => symbol)).toEqual(['ETHUSDT']);
  });
});
