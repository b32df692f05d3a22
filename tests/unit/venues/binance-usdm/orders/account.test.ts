import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { lots } from '#src/domain/units.js';
import type { HttpAnswer } from '#src/ports/transport/http-client.js';
import { AccountScene, KEY, NOW, OTHER_KEY } from '../account-scene.js';

const scene = async (): Promise<AccountScene> => (await new AccountScene().serve()).connect();
const DAY_MS = 86_400_000;

describe('the account of Binance USD-M', () => {
  it('has one name, and a key that is refused says which environment refused it', async () => {
    const at = await scene();
    const name = await at.within(at.venue.getAccountId());
    expect(name).toMatch(/^binance-usdm:\w+$/);
    expect(await at.within(at.venue.getAccountId())).toBe(name);
    const wrong = await new AccountScene().serve(undefined, { key: KEY.key, secret: OTHER_KEY.secret });
    const refused = wrong.within(wrong.venue.connect());
    await expect(refused).rejects.toMatchObject({ code: 'VENUE-004' });
    await expect(refused).rejects.toThrow(/testnet/);
    await expect(refused).rejects.not.toThrow(OTHER_KEY.secret);
  });

  it('tells balances, positions and terms as they stand', async () => {
    const at = await scene();
    expect(await at.within(at.venue.listPositions())).toEqual([]);
    await at.within(at.venue.placeOrder(at.order('PB1', { type: 'market' })));
    expect(await at.within(at.venue.listPositions())).toMatchObject([
      { symbol: 'BTCUSDT', size: new Decimal('0.01'), entryPrice: new Decimal(50_003) },
    ]);
    const [balance] = await at.within(at.venue.listBalances());
    expect(balance?.asset).toBe('USDT');
    expect(balance?.total.toNumber()).toBeCloseTo(10_000 - 500.03 * 0.0005, 4);
    await at.within(at.venue.setLeverage('ETHUSDT', 7));
    await at.within(at.venue.setMarginMode('ETHUSDT', 'isolated'));
    await at.within(at.venue.setMarginMode('ETHUSDT', 'isolated'));
    await at.within(at.venue.setPositionMode('one_way'));
    expect(await at.within(at.venue.describeAccount(['ETHUSDT']))).toMatchObject({
      positionMode: 'one_way',
      symbols: [{ symbol: 'ETHUSDT', leverage: new Decimal(7), marginMode: 'isolated' }],
      permissions: { trade: true },
    });
    const [spec] = await at.within(at.venue.listProducts());
    expect(spec?.tiers).toHaveLength(1);
  });

  it('tells a fill once for ever, by the stream and by the history alike', async () => {
    const at = await scene();
    await at.listen();
    await at.within(at.venue.setLeverage('BTCUSDT', 50));
    await at.within(at.venue.placeOrder(at.order('PB1', { type: 'market', lots: lots(2_000) })));
    await at.scheduler.advance(1_000);
    const told = at.heard('fill').map(({ fill }) => fill);
    expect(told.length).toBeGreaterThan(1);
    const { items, next } = await at.within(at.venue.listFills(NOW - DAY_MS));
    expect(next).toBeUndefined();
    expect(items.map(({ tradeId, fee, price, lots: size, clientId }) => [tradeId, fee, price, size, clientId])).toEqual(
      told.map(({ tradeId, fee, price, lots: size, clientId }) => [tradeId, fee, price, size, clientId]),
    );
    expect(at.heard('order').at(-1)).toMatchObject({ clientId: 'PB1', report: { status: 'filled' } });
    at.abort.abort();
  });

  it('lists fills over pages, windows and symbols: complete, in order, each once', async () => {
    const at = await scene();
    const trades = Array.from({ length: 2_500 }, (_, place) => ({
      ...{ id: 1_000 + place, orderId: 7, symbol: 'BTCUSDT', side: 'BUY', price: '50000', qty: '0.001' },
      ...{ commission: '0.01', commissionAsset: 'USDT', positionSide: 'BOTH', maker: false },
      // Two hundred of an instant, over eight days.
      time: NOW - 8 * DAY_MS + Math.floor(place / 200) * 60_000_00 * 9,
    }));
    at.way = (request, real) => {
      const url = new URL(request.url);
      if (!url.pathname.endsWith('/userTrades')) {
        if (!url.pathname.endsWith('/order')) return real();
        return Promise.resolve({ status: 400, headers: new Map(), body: JSON.stringify({ code: -2013, msg: 'no' }) });
      }
      const asked = (name: string) => url.searchParams.get(name);
      const [from, to] = [Number(asked('startTime') ?? 0), Number(asked('endTime') ?? Number.MAX_SAFE_INTEGER)];
      if (asked('fromId') !== null && asked('startTime') !== null) throw new Error('the venue takes one of the two');
      if (to - from > 7 * DAY_MS && asked('fromId') === null) throw new Error('the venue takes seven days');
      const rows =
        asked('symbol') === 'BTCUSDT'
          ? trades.filter(({ id, time }) => time >= from && time <= to && id >= Number(asked('fromId') ?? 0))
          : [];
      return Promise.resolve({ status: 200, headers: new Map(), body: JSON.stringify(rows.slice(0, 1_000)) });
    };
    const found: string[] = [];
    let cursor: string | undefined;
    for (let pages = 0; pages === 0 || cursor !== undefined; pages += 1) {
      const page = await at.within(at.venue.listFills(NOW - 9 * DAY_MS, cursor));
      found.push(...page.items.map(({ tradeId }) => tradeId));
      cursor = page.next;
    }
    expect(found).toEqual(trades.map(({ id }) => `BTCUSDT-${id}`));
  });

  it("winds the dead man's switch up for a symbol, and never for all", async () => {
    const at = await scene();
    await at.within(at.venue.placeOrder(at.order('PB1')));
    await at.within(at.venue.setDeadMan(5_000, 'BTCUSDT'));
    await at.scheduler.advance(6_000);
    expect(await at.within(at.venue.listOpenOrders('BTCUSDT'))).toEqual([]);
    await expect(at.venue.setDeadMan(5_000)).rejects.toMatchObject({ code: 'VENUE-003' });
  });

  it("asks the ledger once for a round, and an answer that fails is nobody's", async () => {
    const at = await scene();
    await at.within(at.venue.placeOrder(at.order('PB1', { type: 'market' })));
    const before = at.count('GET', '/fapi/v1/income');
    await at.within(at.venue.listFills(0));
    const [payments, transfers] = await at.within(
      Promise.all([at.venue.listFundingPayments(0), at.venue.listTransfers(0)]),
    );
    expect([payments.length, transfers.length]).toEqual([0, 1]);
    // What was not asked for by then is asked for once more, as far back as any of them.
    expect(at.count('GET', '/fapi/v1/income') - before).toBeLessThanOrEqual(2);
    await at.scheduler.advance(2_000);
    at.way = (request, real) =>
      request.url.includes('/income') ? Promise.resolve({ status: 503, headers: new Map(), body: '' }) : real();
    await expect(at.within(at.venue.listTransfers(0))).rejects.toMatchObject({ code: 'VENUE-002' });
    await expect(at.within(at.venue.listFundingPayments(0))).rejects.toMatchObject({ code: 'VENUE-002' });
  });

  it('tells what a liquidation costs apart from its fills, by its stream too', async () => {
    const at = await scene();
    const stop = new AbortController();
    await at.within(at.venue.openAccount((event) => at.told.push(event), stop.signal));
    const account = at.server?.accounts.standing(KEY.key)?.account;
    const row = { type: 'INSURANCE_CLEAR', symbol: 'BTCUSDT', amount: new Decimal('-7.5'), asset: 'USDT' } as const;
    account?.past.income({ ...row, at: at.clock.now() });
    account?.tellAccount('INSURANCE_CLEAR', undefined, row.amount);
    await at.scheduler.advance(20_000);
    const [charge, ...others] = await at.within(at.venue.listFundingPayments(NOW));
    expect([charge?.cause, charge?.amount, others]).toEqual(['liquidation', -750_000_000, []]);
    const told = at.told.flatMap((event) => (event.kind === 'funding' ? [event.payment.id] : []));
    expect(new Set(told)).toEqual(new Set([charge?.id]));
    stop.abort();
  });

  it.each([2_500, 1_000])('tells every one of %d rows of one instant', async (count) => {
    const at = await scene();
    await at.within(at.venue.listBalances());
    const account = at.server?.accounts.standing(KEY.key)?.account;
    const row = {
      type: 'TRANSFER',
      symbol: '',
      amount: new Decimal('0.01'),
      asset: 'USDT',
      at: at.clock.now(),
    } as const;
    for (let left = count; left > 0; left -= 1) account?.past.income(row);
    account?.past.income({ ...row, at: row.at + 5 });
    await at.scheduler.advance(1_500);
    const found = await at.within(at.venue.listTransfers(row.at));
    expect(found.filter(({ amount }) => amount.eq('0.01'))).toHaveLength(count + 1);
    expect(at.warnings).toEqual([]);
  });

  it('says so where the venue tells no more of them', async () => {
    const at = await scene();
    await at.within(at.venue.listBalances());
    const account = at.server?.accounts.standing(KEY.key)?.account;
    const row = {
      type: 'TRANSFER',
      symbol: '',
      amount: new Decimal('0.01'),
      asset: 'USDT',
      at: at.clock.now(),
    } as const;
    for (let left = 1_500; left > 0; left -= 1) account?.past.income(row);
    await at.scheduler.advance(1_500);
    let first: HttpAnswer | undefined;
    at.way = async (request, real) => {
      if (!request.url.includes('/income')) return real();
      // One that knows no pages answers as if none had been named.
      return request.url.includes('page=') && first !== undefined ? first : (first = await real());
    };
    expect(await at.within(at.venue.listTransfers(row.at))).toHaveLength(1_000);
    expect(at.warnings).toEqual([expect.stringContaining('more rows')]);
  });
});
