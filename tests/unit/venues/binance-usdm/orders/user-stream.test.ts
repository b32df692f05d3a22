import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { HOUR_MS, MINUTE_MS } from '#src/domain/time-spans.js';
import { KnownOrders } from '#src/venues/binance-usdm/orders/known-orders.js';
import { userNews } from '#src/venues/binance-usdm/streams/user-frames.js';
import { AccountScene, NOW } from '../account-scene.js';

const scene = async (): Promise<AccountScene> => {
  const at = await (await new AccountScene().serve()).connect();
  await at.listen();
  return at;
};

describe("the account's stream of Binance USD-M", () => {
  it('renews its key at half its life, and outlives it by a day', async () => {
    const at = await (await new AccountScene().serve()).connect();
    const before = at.scheduler.pending;
    await at.listen();
    for (let hour = 0; hour < 24; hour += 1) await at.scheduler.advance(HOUR_MS);
    expect(at.count('PUT', '/fapi/v1/listenKey')).toBeGreaterThan(45);
    expect(at.count('POST', '/fapi/v1/listenKey')).toBe(2);
    await at.within(at.venue.placeOrder(at.order('PB1', { type: 'market' })));
    await at.scheduler.advance(100);
    expect(at.heard('fill')).toHaveLength(1);
    expect(at.heard('closed')).toEqual([]);
    at.abort.abort();
    await at.scheduler.advance(MINUTE_MS);
    expect(at.scheduler.pending).toBe(before);
  });

  it('a key that has ended is followed by another one, and what happened between is asked for', async () => {
    const at = await scene();
    at.way = (request, real) =>
      request.method === 'PUT' && request.url.includes('listenKey')
        ? Promise.resolve({
            status: 400,
            headers: new Map(),
            body: '{"code":-1125,"msg":"This listenKey does not exist."}',
          })
        : real();
    await at.scheduler.advance(31 * MINUTE_MS);
    expect(at.count('POST', '/fapi/v1/listenKey')).toBe(2);
    expect(at.heard('gap').length).toBeGreaterThan(0);
    await at.within(at.venue.placeOrder(at.order('PB1', { type: 'market' })));
    await at.scheduler.advance(100);
    expect(at.heard('fill')).toHaveLength(1);
    at.abort.abort();
  });

  it('books funding by the ledger, once, under one name', async () => {
    const at = await scene();
    at.btc.funding(new Decimal('0.001'), NOW + 8 * HOUR_MS);
    await at.within(at.venue.placeOrder(at.order('PB1', { type: 'market' })));
    await at.scheduler.advance(8 * HOUR_MS + MINUTE_MS);
    const told = at.heard('funding').map(({ payment }) => payment.id);
    const listed = await at.within(at.venue.listFundingPayments(0));
    expect(listed.length).toBeGreaterThan(0);
    expect(new Set(told)).toEqual(new Set(listed.map(({ id }) => id)));
    at.abort.abort();
  });

  it('tells a change by hand', async () => {
    const at = await scene();
    await at.within(at.venue.setLeverage('ETHUSDT', 9));
    await at.scheduler.advance(100);
    expect(at.heard('terms')).toMatchObject([
      { terms: { symbols: [{ symbol: 'ETHUSDT', leverage: new Decimal(9) }] } },
    ]);
    at.abort.abort();
  });

  it('what cannot be read costs itself, and what is not known is counted', async () => {
    const at = await scene();
    const known = new KnownOrders();
    const read = (text: string) => userNews(text, { known, instrument: () => at.instrument });
    for (const text of ['{', '{"e":"ORDER_TRADE_UPDATE","E":1,"T":1,"o":{}}', '{"e":"ACCOUNT_UPDATE","T":1}'])
      expect(() => read(text)).toThrow(expect.objectContaining({ code: 'VENUE-005' }));
    expect(read('{"e":"NEXT_YEAR","E":1}')).toEqual({ events: [], unknown: 'NEXT_YEAR' });
    expect(read('{"result":null,"id":1}')).toEqual({ events: [] });
    expect(read('[]')).toEqual({ events: [], unknown: 'a message without a type' });
    at.abort.abort();
  });

  it('an order that cannot expire and does was refused by the engine', async () => {
    const at = await scene();
    const order = {
      ...{ s: 'BTCUSDT', c: 'PB1', S: 'BUY', o: 'LIMIT', f: 'GTX', q: '0.01', p: '50000', x: 'EXPIRED', X: 'EXPIRED' },
      ...{ i: 7, l: '0', z: '0', L: '0', T: 5, t: 0, m: false, R: false, ot: 'LIMIT', ps: 'BOTH' },
    };
    const known = new KnownOrders();
    known.note('PB1', { isConditional: false });
    const text = JSON.stringify({ e: 'ORDER_TRADE_UPDATE', E: 5, T: 5, o: order });
    expect(userNews(text, { known, instrument: () => at.instrument }).events).toMatchObject([
      { kind: 'order', report: { status: 'rejected_late', reason: 'post_only_would_take' } },
    ]);
    const foreign = userNews(text, { known: new KnownOrders(), instrument: () => at.instrument });
    expect(foreign.events.map(({ kind }) => kind)).toEqual(['order', 'foreign_order']);
    at.abort.abort();
  });

  it('an order of the venue itself says why it was made', async () => {
    const at = await scene();
    for (const [clientId, cause] of [
      ['autoclose-1', 'liquidation'],
      ['adl_autoclose', 'adl'],
      ['settlement_autoclose-1', 'settlement'],
    ] as const) {
      const order = {
        ...{ s: 'BTCUSDT', c: clientId, S: 'SELL', o: 'LIQUIDATION', f: 'IOC', q: '0.01', p: '0', x: 'CALCULATED' },
        ...{ X: 'FILLED', i: 7, l: '0.01', z: '0.01', L: '49000', T: 5, t: 9, m: false, R: true, ot: 'LIQUIDATION' },
        ps: 'BOTH',
      };
      const text = JSON.stringify({ e: 'ORDER_TRADE_UPDATE', E: 5, T: 5, o: order });
      const { events } = userNews(text, { known: new KnownOrders(), instrument: () => at.instrument });
      expect(events).toMatchObject([{ kind: 'fill', fill: { cause, fee: 0 } }, { kind: 'order' }]);
    }
    at.abort.abort();
  });
});
