import { beforeEach, describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { HOUR_MS, MINUTE_MS } from '#src/domain/time-spans.js';
import { lots, ticks } from '#src/domain/units.js';
import { Reader } from '../reader.js';
import { KEY, level, NOW, Scene } from '../scene.js';
import { Trader } from './trader.js';

let scene: Scene;
let trader: Trader;
beforeEach(async () => {
  scene = await new Scene().serve();
  scene.btc.show([level('100', '200'), level('99', '500')], [level('100.2', '500')], NOW);
  scene.btc.value(new Decimal('100.1'), new Decimal('100.1'), NOW);
  trader = await new Trader(scene).listen();
});

const of = { symbol: 'BTCUSDT' };

describe('the settings of an account', () => {
  it('are changed, read back, and told; what is so already is said to be', async () => {
    const leverage = (value: number) => trader.ask('POST', '/fapi/v1/leverage', { ...of, leverage: value });
    expect(await leverage(20)).toMatchObject({ leverage: 20, symbol: 'BTCUSDT' });
    expect(await leverage(126)).toMatchObject({ code: -4028 });
    const margin = (marginType: string) => trader.ask('POST', '/fapi/v1/marginType', { ...of, marginType });
    expect(await margin('CROSSED')).toMatchObject({ code: -4046 });
    expect(await margin('ISOLATED')).toMatchObject({ code: 200 });
    expect((await trader.list('/fapi/v1/symbolConfig', of))[0]).toMatchObject({ marginType: 'ISOLATED', leverage: 20 });
    const dual = (dualSidePosition: string) => trader.ask('POST', '/fapi/v1/positionSide/dual', { dualSidePosition });
    expect(await dual('false')).toMatchObject({ code: -4059 });
    expect(await dual('true')).toMatchObject({ code: 200 });
    expect(await trader.ask('GET', '/fapi/v1/positionSide/dual')).toEqual({ dualSidePosition: true });
    const multi = (multiAssetsMargin: string) =>
      trader.ask('POST', '/fapi/v1/multiAssetsMargin', { multiAssetsMargin });
    expect(await multi('false')).toMatchObject({ code: -4171 });
    expect(await multi('true')).toMatchObject({ code: 200 });
    expect(await trader.ask('GET', '/fapi/v1/accountConfig')).toMatchObject({
      dualSidePosition: true,
      multiAssetsMargin: true,
    });
    expect(await trader.heard()).toEqual(['leverage 20']);
  });

  it('stay while orders or positions hang by them', async () => {
    await trader.limit('BUY', '1', '99.5');
    const dual = await trader.ask('POST', '/fapi/v1/positionSide/dual', { dualSidePosition: 'true' });
    expect(dual).toMatchObject({ code: -4067 });
    const margin = await trader.ask('POST', '/fapi/v1/marginType', { ...of, marginType: 'ISOLATED' });
    expect(margin).toMatchObject({ code: -4048 });
    await trader.ask('DELETE', '/fapi/v1/allOpenOrders', of);
    await trader.market('BUY', '1');
    const held = await trader.ask('POST', '/fapi/v1/positionSide/dual', { dualSidePosition: 'true' });
    expect(held).toMatchObject({ code: -4068 });
  });

  it('of a hedged one keep a long and a short side by side', async () => {
    await trader.ask('POST', '/fapi/v1/positionSide/dual', { dualSidePosition: 'true' });
    expect(await trader.market('BUY', '1')).toMatchObject({ code: -4061 });
    await trader.market('BUY', '2', { positionSide: 'LONG' });
    await trader.market('SELL', '1', { positionSide: 'SHORT' });
    const reducing = { positionSide: 'LONG', reduceOnly: 'true' };
    expect(await trader.market('SELL', '1', reducing)).toMatchObject({ code: -1106 });
    const rows = await trader.list('/fapi/v3/positionRisk', of);
    expect(rows.map(({ positionSide, positionAmt }) => [positionSide, positionAmt])).toEqual([
      ['LONG', '2.000'],
      ['SHORT', '-1.000'],
    ]);
  });
});

describe('the money of an account', () => {
  it('moves by profits, fees and funding, each with a line of its own', async () => {
    scene.btc.funding(new Decimal('0.001'), NOW + HOUR_MS);
    await trader.market('BUY', '1');
    scene.btc.show([level('110', '200')], [level('110.2', '500')], scene.clock.now());
    await trader.market('SELL', '1');
    const rows = await trader.list('/fapi/v1/income');
    expect(rows.map(({ incomeType, income }) => [incomeType, income])).toEqual([
      ['TRANSFER', '10000.00000000'],
      ['COMMISSION', '-0.05010000'],
      ['REALIZED_PNL', '9.80000000'],
      ['COMMISSION', '-0.05500000'],
    ]);
    const sum = rows.reduce((total, { income }) => total.plus(String(income)), new Decimal(0));
    const [balance] = await trader.list('/fapi/v3/balance');
    expect(balance).toMatchObject({ balance: sum.toFixed(8) });
    expect(await trader.list('/fapi/v1/income', { incomeType: 'REALIZED_PNL' })).toHaveLength(1);
    expect(await trader.ask('GET', '/fapi/v1/income', { incomeType: 'LUCK' })).toMatchObject({ code: -1130 });
    expect(await trader.ask('GET', '/fapi/v3/account')).toMatchObject({
      totalWalletBalance: sum.toFixed(8),
      totalUnrealizedProfit: '0.00000000',
      positions: [],
    });
  });

  it('pays funding at the stamp, on the position of that instant', async () => {
    scene.btc.funding(new Decimal('0.001'), NOW + 8 * HOUR_MS);
    await trader.market('BUY', '1');
    await trader.heard();
    await scene.scheduler.advance(8 * HOUR_MS + 1_000);
    const renewed = (await trader.list('/fapi/v1/income', { incomeType: 'FUNDING_FEE' })).map(({ income }) => income);
    expect(renewed).toEqual(['-0.10010000']);
  });

  it('is gone with a liquidation, whose order nobody sent', async () => {
    await trader.ask('POST', '/fapi/v1/leverage', { ...of, leverage: 50 });
    await trader.market('BUY', '400');
    await trader.heard();
    scene.btc.show([level('60', '900')], [level('60.2', '500')], scene.clock.now());
    scene.btc.value(new Decimal('60.1'), new Decimal('60.1'), scene.clock.now());
    const heard = await trader.heard();
    expect(heard.some((line) => line.startsWith('CALCULATED'))).toBe(true);
    const last = (await trader.list('/fapi/v1/userTrades', of)).at(-1);
    const order = await trader.ask('GET', '/fapi/v1/order', { ...of, orderId: String(last?.['orderId']) });
    expect(order['clientOrderId']).toMatch(/^autoclose-\d+$/);
    expect(await trader.list('/fapi/v3/positionRisk', of)).toEqual([]);
  });

  it('loses a gain to a deleveraging', async () => {
    await trader.market('BUY', '1');
    await trader.heard();
    const account = scene.server?.accounts.of(KEY.key)?.account;
    account?.venue.deleverage('BTCUSDT', 'sell', lots(1_000), ticks(1_050), account.now);
    expect((await trader.heard()).at(-1)).toMatch(/^CALCULATED FILLED/);
    expect((await trader.list('/fapi/v1/allOrders', of)).at(-1)).toMatchObject({ clientOrderId: 'adl_autoclose' });
  });
});

describe('the key that an account is listened by', () => {
  it('lives for an hour, as long again from each renewal, and says when it ends', async () => {
    const open = async () => (await trader.ask('POST', '/fapi/v1/listenKey'))['listenKey'];
    const key = await open();
    expect(await open()).toBe(key);
    await scene.scheduler.advance(59 * MINUTE_MS);
    expect(await trader.ask('PUT', '/fapi/v1/listenKey')).toEqual({ listenKey: key });
    await scene.scheduler.advance(59 * MINUTE_MS);
    await trader.market('BUY', '0.1');
    expect((await trader.heard()).length).toBeGreaterThan(0);
    await scene.scheduler.advance(2 * MINUTE_MS);
    await trader.market('BUY', '0.1');
    expect(await trader.heard()).toEqual(['listenKeyExpired']);
    expect(await trader.ask('PUT', '/fapi/v1/listenKey')).toMatchObject({ code: -1125 });
    expect(await open()).not.toBe(key);
  });

  it('is needed, is heard at the old address too, and may ask for some events alone', async () => {
    const silent = await Reader.open(scene, '/private/ws?listenKey=nobody');
    const { listenKey } = await trader.ask('POST', '/fapi/v1/listenKey');
    const old = await Reader.open(scene, `/ws/${String(listenKey)}`);
    const some = await Reader.open(scene, `/private/stream?listenKey=${String(listenKey)}&events=ACCOUNT_UPDATE`);
    await trader.market('BUY', '0.1');
    expect([(await silent.heard()).length, (await old.heard()).length]).toEqual([0, 4]);
    const [only, ...others] = await some.heard();
    expect([only, others]).toMatchObject([{ stream: listenKey, data: { e: 'ACCOUNT_UPDATE' } }, []]);
  });

  it('is asked for by key alone, and by nobody else', async () => {
    const ask = (headers: Readonly<Record<string, string>>) => {
      const url = `http://${scene.host}/fapi/v1/listenKey`;
      const asked = scene.network.request({ method: 'POST', url, headers, timeoutMs: 1_000 });
      asked.catch(() => undefined);
      return scene.scheduler.advance(0).then(() => asked);
    };
    expect((await ask({ 'X-MBX-APIKEY': KEY.key })).status).toBe(200);
    expect((await ask({})).status).toBe(401);
    expect((await ask({ 'X-MBX-APIKEY': 'nobody' })).status).toBe(401);
  });
});
