import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { SeededRandom } from '#src/platform/seeded-random.js';
import type { WireFault } from '#src/ports/venue/serving/wire-faults.js';
import { level, NOW, Scene } from '../scene.js';
import { Trader } from './trader.js';

/** An account with a position, and from then on what happens at every request. */
async function befallen(...named: readonly WireFault[]) {
  const faults: WireFault[] = [];
  const scene = await new Scene().serve({ faults, chance: 1, random: new SeededRandom().stream('befallen', 3) });
  scene.btc.show([level('100', '200'), level('99', '500')], [level('100.2', '500')], NOW);
  scene.btc.value(new Decimal('100.1'), new Decimal('100.1'), NOW);
  const trader = await new Trader(scene).listen();
  await trader.market('BUY', '10');
  await trader.heard();
  faults.push(...named);
  return { scene, trader, faults };
}

const of = { symbol: 'BTCUSDT' };
const positions = (trader: Trader) => trader.list('/fapi/v3/positionRisk', of);

describe('what befalls an account', () => {
  it('listen-key-end: its stream says so, and tells nothing more', async () => {
    const { trader } = await befallen('listen-key-end');
    await trader.market('BUY', '1');
    expect(await trader.heard()).toEqual(['listenKeyExpired']);
  });

  it('late-reject: an order that was taken in ends as expired a moment later', async () => {
    const { scene, trader } = await befallen('late-reject');
    expect(await trader.limit('BUY', '1', '99.5')).toMatchObject({ status: 'NEW' });
    await scene.scheduler.advance(500);
    expect(await trader.heard()).toEqual(['NEW NEW 0.000 BOTH', 'EXPIRED EXPIRED 0.000 BOTH']);
  });

  it('cancel-race: what is to be cancelled fills before that', async () => {
    const { trader } = await befallen('cancel-race');
    const { orderId } = await trader.limit('BUY', '1', '99.5');
    const answer = await trader.ask('DELETE', '/fapi/v1/order', { ...of, orderId: String(orderId) });
    expect(answer).toMatchObject({ code: -2011 });
    expect((await trader.heard()).at(-1)).toBe('TRADE FILLED 1.000 BOTH');
  });

  it('hand-made-order and hand-made-settings: somebody is at the venue’s page', async () => {
    const { trader } = await befallen('hand-made-order', 'hand-made-settings');
    for (let left = 20; left > 0; left -= 1) await positions(trader);
    const heard = await trader.heard();
    expect(heard.some((line) => line.startsWith('leverage'))).toBe(true);
    const orders = await trader.list('/fapi/v1/allOrders', of);
    const byHand = orders.filter(({ clientOrderId }) => String(clientOrderId).startsWith('web_'));
    expect(new Set(byHand.map(({ type }) => type))).toEqual(new Set(['LIMIT', 'MARKET']));
  });

  it('deleveraging: half of a position is taken away', async () => {
    const { scene, trader } = await befallen('deleveraging');
    // Whoever gains is taken from.
    scene.btc.value(new Decimal('110'), new Decimal('110'), scene.clock.now());
    expect((await positions(trader))[0]).toMatchObject({ positionAmt: '5.000' });
    expect((await trader.heard()).at(-1)).toMatch(/^CALCULATED FILLED 5.000/);
  });

  it('liquidation: the whole of it is', async () => {
    const { faults, trader } = await befallen();
    await trader.ask('POST', '/fapi/v1/leverage', { ...of, leverage: 50 });
    await trader.market('BUY', '300');
    faults.push('liquidation');
    expect(await positions(trader)).toEqual([]);
    const orders = await trader.list('/fapi/v1/allOrders', of);
    expect(orders.at(-1)?.['clientOrderId']).toMatch(/^autoclose-/);
  });
});

describe('what befalls the venue', () => {
  it('maintenance: nothing of what is asked for is done for ten seconds', async () => {
    const { scene, trader } = await befallen('maintenance');
    expect(
      (await trader.answer('POST', '/fapi/v1/order', { ...of, side: 'BUY', type: 'MARKET', quantity: '1' })).status,
    ).toBe(503);
    expect(await trader.heard()).toEqual([]);
    expect(scene.server?.accounts.all()[0]?.account.lotsOf('BTCUSDT')).toBe(10_000);
  });

  it('clock-skew: its time is another, and signatures are held against it', async () => {
    const { scene } = await befallen('clock-skew');
    const told = new Set<number>();
    for (let left = 8; left > 0; left -= 1)
      told.add(((await scene.get('/fapi/v1/time')) as { serverTime: number }).serverTime - scene.clock.now());
    expect(told.size).toBeGreaterThan(5);
    expect(Math.max(...[...told].map(Math.abs))).toBeLessThanOrEqual(3_000);
    const refused: unknown[] = [];
    const trader = new Trader(scene);
    for (let left = 12; left > 0; left -= 1) refused.push((await trader.ask('GET', '/fapi/v1/accountConfig'))['code']);
    expect(new Set(refused)).toEqual(new Set([undefined, -1021]));
  });

  it('filter-change: an order must be worth twice as much, for everybody', async () => {
    const { scene, trader } = await befallen('filter-change');
    const least = async (): Promise<string> => {
      const { symbols } = (await scene.get('/fapi/v1/exchangeInfo')) as {
        symbols: { filters: { notional?: string }[] }[];
      };
      return symbols.map(({ filters }) => filters.find(({ notional }) => notional !== undefined)?.notional).join(' ');
    };
    const seen = new Set<string>();
    for (let left = 8; left > 0; left -= 1) seen.add(await least());
    expect(new Set([...seen].join(' ').split(' '))).toEqual(new Set(['5', '10']));
    expect(seen.size).toBeGreaterThan(1);
    const inside = scene.server?.accounts.all()[0]?.account.venue.markets.get('BTCUSDT');
    expect(inside?.instrument.spec.minNotional).toEqual(scene.btc.instrument.spec.minNotional);
    expect((await positions(trader)).length).toBe(1);
  });
});
