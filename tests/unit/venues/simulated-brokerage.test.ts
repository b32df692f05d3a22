import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { lots, marks, ticks } from '#src/domain/units.js';
import { venueOrderId } from '#src/domain/order.js';
import type { AccountEvent } from '#src/ports/venue/account-event.js';
import type { MarketEvent } from '#src/ports/venue/market-event.js';
import type { OrderRef } from '#src/ports/venue/order-ref.js';
import { SimulatedBrokerage } from '#src/venues/simulated/brokerage/simulated-brokerage.js';
import { matchingOf, MemoryExchangeStore, MINUTE, SimulatedWorld, T0 } from './simulated-world.js';

const ref = (clientId: string): OrderRef => ({ clientId, symbol: 'BTC-PERP' });
const forever = new AbortController().signal;

function open(...args: ConstructorParameters<typeof SimulatedWorld>): {
  world: SimulatedWorld;
  broker: SimulatedBrokerage;
} {
  const world = new SimulatedWorld(...args);
  return { world, broker: new SimulatedBrokerage(world.venue, world.config) };
}

describe('SimulatedBrokerage (B-99)', () => {
  it('is branded simulated and resends idempotently', () => {
    const { broker } = open();
    expect(broker.capabilities).toMatchObject({
      environment: 'simulated',
      requestExpiry: true,
      accountSnapshots: true,
      preview: true,
      clientOrderId: { remembered: false },
    });
  });

  it('accounts in cash: equity, profit and fees move balances and positions', async () => {
    const { world, broker } = open({ takerFee: new Decimal('0.001') });
    await broker.connect();
    expect(await broker.listTransfers(0)).toEqual([
      { id: 'initial', amount: new Decimal(10_000), asset: 'USDT', at: 0 },
    ]);
    world.quote(50_000, 100, 50_000 + 1, 100);
    await broker.placeOrder(world.request('buy', 100, { leverage: 5 }));
    world.quote(51_000, 100, 51_001, 100, T0 + 1);
    const [position] = await broker.listPositions();
    expect(position).toMatchObject({
      symbol: 'BTC-PERP',
      size: new Decimal('0.1'),
      entryPrice: new Decimal(50_001),
      leverage: new Decimal(5),
    });
    // WB 9994.9999, entry 50,001: (WB - q·EP) / (q·(0.005 - 1)) would be negative at this leverage.
    expect(position?.liquidationPrice).toBeUndefined();
    const [cash] = await broker.listBalances();
    expect(cash?.total.toString()).toBe('9994.9999');
    // Equity 9994.9999 + 99.95, less a fifth of 5,100.05.
    expect(cash?.available.toString()).toBe('9074.9399');
    expect((await broker.listTransfers(0))[0]?.at).toBe(T0);
  });

  it('names the liquidation price of a leveraged position by the cross-margin formula', async () => {
    const { world, broker } = open();
    world.quote(49_999, 5_000, 50_000, 5_000);
    await broker.placeOrder(world.request('buy', 1_000, { leverage: 10 }));
    const [position] = await broker.listPositions();
    expect(position?.liquidationPrice?.toDecimalPlaces(4).toString()).toBe(
      new Decimal(10_000).minus(50_000).div(new Decimal(0.005).minus(1)).toDecimalPlaces(4).toString(),
    );
  });

  it('reports spot holdings as balances, not as positions (B-76)', async () => {
    const { world, broker } = open({ kind: 'spot', maxLeverage: new Decimal(1) });
    world.quote(49_999, 5_000, 50_000, 5_000);
    await broker.placeOrder(world.request('buy', 100, { leverage: 1 }));
    await broker.placeOrder(world.request('sell', 40, { leverage: 1, type: 'limit', limit: ticks(60_000) }));
    expect(await broker.listPositions()).toEqual([]);
    expect(
      (await broker.listBalances()).map(
        (balance) => `${balance.asset} ${balance.total.toString()} ${balance.available.toString()}`,
      ),
    ).toEqual(['USDT 5000 5000', 'BTC 0.1 0.06']);
  });

  it('quotes only what is known, and rejects before the first price instead of answering nothing', async () => {
    const { world, broker } = open();
    await expect(broker.getQuote('BTC-PERP')).rejects.toMatchObject({ code: 'DATA-008' });
    await expect(broker.getQuote('ETH-PERP')).rejects.toMatchObject({ code: 'VENUE-003' });
    world.bar(0, 100, 110, 90, 105);
    expect(await broker.getQuote('BTC-PERP')).toEqual({
      symbol: 'BTC-PERP',
      last: new Decimal(105),
      mark: new Decimal(105),
      at: T0 + MINUTE,
    });
    await expect(broker.getMarketSnapshot('BTC-PERP')).rejects.toMatchObject({ code: 'VENUE-002' });
    world.quote(99, 5, 101, 7, T0 + MINUTE);
    world.venue.index('BTC-PERP', marks(9_950), T0 + MINUTE);
    expect(await broker.getQuote('BTC-PERP')).toMatchObject({
      bid: new Decimal(99),
      askSize: new Decimal('0.007'),
      index: new Decimal('99.5'),
    });
    expect(await broker.getServerTime()).toBe(T0 + MINUTE);
  });

  it('builds candles from its own market: closed ones only, any multiple of the base', async () => {
    const { world, broker } = open();
    for (let minute = 1; minute < 11; minute += 1)
      world.bar(minute, 100 + minute, 110 + minute, 90 + minute, 105 + minute, 10);
    expect((await broker.getCandles('BTC-PERP', MINUTE, 3)).map((candle) => (candle.openAt - T0) / MINUTE)).toEqual([
      8, 9, 10,
    ]);
    const five = await broker.getCandles('BTC-PERP', 5 * MINUTE, 10);
    // Minute 0 is missing, so its five minutes are; those from 10 on are not over.
    expect(five).toEqual([
      {
        openAt: T0 + 5 * MINUTE,
        open: new Decimal(105),
        high: new Decimal(119),
        low: new Decimal(95),
        close: new Decimal(114),
        volume: new Decimal('0.05'),
      },
    ]);
    await expect(broker.getCandles('BTC-PERP', 90_000, 3)).rejects.toMatchObject({ code: 'VENUE-003' });
  });

  it('builds candles from quotes at the update interval, and shows none that still forms', async () => {
    const { world, broker } = open();
    for (let second = 0; second <= 12; second += 1) world.quote(100 + second, 5, 102 + second, 5, T0 + second * 1_000);
    const candles = await broker.getCandles('BTC-PERP', 5_000, 10);
    expect(
      candles.map((candle) => `${candle.openAt - T0} ${candle.open.toString()} ${candle.close.toString()}`),
    ).toEqual(['0 101 105', '5000 106 110']);
  });

  it('measures depth, spread and volume from the quote and the trades of the last minute', async () => {
    const { world, broker } = open();
    world.quote(99, 1_000, 101, 2_000);
    world.trade(100, 500, T0 + 1);
    const snapshot = await broker.getMarketSnapshot('BTC-PERP');
    expect(snapshot).toMatchObject({
      mid: new Decimal(100),
      spreadBps: new Decimal(200),
      depthL1: new Decimal(301),
      volume1m: new Decimal(50),
    });
    expect(await broker.getOrderBook('BTC-PERP', 10)).toMatchObject({
      bids: [{ price: new Decimal(99), size: new Decimal(1) }],
    });
  });

  it('looks orders up by either name and lists the open ones', async () => {
    const { world, broker } = open();
    world.quote(99, 50, 101, 50);
    const placed = await broker.placeOrder(world.request('buy', 5, { type: 'limit', limit: ticks(90) }));
    expect(placed).toEqual({ outcome: 'accepted', venueId: 'sim-o1', at: T0 });
    expect(await broker.getOrder(ref('c1'))).toMatchObject({
      found: true,
      order: { venueId: venueOrderId('sim-o1'), report: { status: 'open' } },
    });
    expect(await broker.getOrder({ ...ref('?'), venueIds: [venueOrderId('sim-o1')] })).toMatchObject({ found: true });
    expect(await broker.getOrder(ref('nobody'))).toEqual({ found: false });
    expect((await broker.listOpenOrders('BTC-PERP')).map((order) => order.clientId)).toEqual(['c1']);
    expect(await broker.listOpenOrders('ETH-PERP')).toEqual([]);
    expect((await broker.cancelAll()).map((result) => result.outcome)).toEqual(['cancelled']);
    expect(await broker.getOrder(ref('c1'))).toMatchObject({
      order: { report: { status: 'cancelled', reason: 'requested' } },
    });
  });

  it('pages fills in order, each once', async () => {
    const { world, broker } = open();
    for (let i = 0; i < 600; i += 1) {
      world.quote(99, 50, 101, 50, T0 + i);
      world.submit(i % 2 === 0 ? 'buy' : 'sell', 1);
    }
    const first = await broker.listFills(T0 + 50);
    const second = await broker.listFills(T0 + 50, first.next);
    const ids = [...first.items, ...second.items].map((fill) => fill.tradeId);
    expect(ids).toHaveLength(550);
    expect(new Set(ids).size).toBe(550);
    expect(second.next).toBeUndefined();
  });

  it('previews what an order would need and changes nothing', async () => {
    const { world, broker } = open({ takerFee: new Decimal('0.001') });
    world.quote(49_999, 50, 50_001, 50);
    expect(await broker.previewOrder(world.request('buy', 100))).toMatchObject({
      accepted: true,
      notional: '5000',
      fee: '-5',
      initial_margin: '500.01',
      leverage: 10,
    });
    expect(await broker.previewOrder(world.request('buy', 100, { reduceOnly: true }))).toMatchObject({
      accepted: false,
      reason: 'reduce_only',
    });
    expect(world.events).toEqual([]);
    expect(await broker.listOpenOrders()).toEqual([]);
  });

  it('tells its account events and market events synchronously, and none after close', async () => {
    const { world, broker } = open();
    const told: string[] = [];
    const book = await broker.openBook(['BTC-PERP'], 1, (event: MarketEvent) => told.push(event.kind), forever);
    const trades = await broker.openTrades(['BTC-PERP'], (event) => told.push(event.kind), forever);
    const account = await broker.openAccount((event: AccountEvent) => told.push(event.kind), forever);
    world.quote(99, 50, 101, 50);
    world.limit('buy', 5, 98);
    world.trade(97, 5, T0 + 1);
    expect(told).toEqual(['book', 'mark', 'order', 'fill', 'order', 'trade']);
    await broker.disconnect();
    await Promise.all([book.closed, trades.closed, account.closed]);
    world.quote(95, 50, 96, 50, T0 + 2);
    world.submit('buy', 1);
    expect(told).toHaveLength(6);
  });

  it('ends a stream on its signal, and opens none on one that is aborted', async () => {
    const { world, broker } = open();
    const told: MarketEvent[] = [];
    const stop = new AbortController();
    const stream = await broker.openBook(['BTC-PERP'], 1, (event) => told.push(event), stop.signal);
    world.bar(0, 100, 100, 100, 100);
    stop.abort();
    await stream.closed;
    const late = await broker.openBook(['BTC-PERP'], 1, (event) => told.push(event), stop.signal);
    await late.closed;
    world.bar(1, 101, 101, 101, 101);
    expect(told).toEqual([
      { kind: 'book', symbol: 'BTC-PERP', last: new Decimal(100), at: T0 + MINUTE },
      { kind: 'mark', symbol: 'BTC-PERP', mark: new Decimal(100), at: T0 + MINUTE },
    ]);
    await expect(broker.openBook(['NOPE'], 1, () => undefined, forever)).rejects.toMatchObject({ code: 'VENUE-003' });
  });

  it('tells of an instrument that changes as an answer would, whoever changed it, and lists its band', async () => {
    const rows = [
      'ts_ms,symbol,field,value',
      `${T0 + 1_000},BTC-PERP,tradable,false`,
      `${T0 + MINUTE - 1},BTC-PERP,tradable,true`,
      `${T0 + MINUTE - 1},BTC-PERP,minSize,0.01`,
    ];
    const matching = matchingOf({ filterChanges: 'c', priceBand: new Decimal('0.05') });
    const { world, broker } = open({}, matching, undefined, { readText: () => rows.join('\n') });
    const told: (MarketEvent & { kind: 'instrument' })[] = [];
    const keep = (event: MarketEvent): unknown => event.kind === 'instrument' && told.push(event);
    await broker.openBook(['BTC-PERP'], 1, keep, forever);
    const steps = [
      () => world.quote(99, 50, 101, 50, T0 + 2_000),
      () => world.bar(0, 100, 100, 100, 100),
      () => world.venue.redefine('BTC-PERP', { maxMarketSize: new Decimal(2) }, T0 + 2 * MINUTE),
    ];
    for (const step of steps) {
      step();
      const [listed] = await broker.listProducts();
      expect(told.at(-1)?.spec).toEqual(listed);
    }
    expect(told.map(({ status, at }) => [status, at - T0])).toEqual([
      ['halted', 1_000],
      ['trading', MINUTE - 1],
      ['trading', 2 * MINUTE],
    ]);
    expect(told.map(({ spec }) => [spec?.status, String(spec?.minSize), String(spec?.band?.above)])).toEqual([
      ['halted', '0.001', '0.05'],
      [undefined, '0.01', '0.05'],
      [undefined, '0.01', '0.05'],
    ]);
  });

  it('tells depth at level 2 where the market has it, and best prices alone at level 1', async () => {
    const { world, broker } = open();
    const [one, two]: [string[], MarketEvent[]] = [[], []];
    await broker.openBook(['BTC-PERP'], 1, ({ kind }) => one.push(kind), forever);
    await broker.openBook(['BTC-PERP'], 2, (event) => two.push(event), forever);
    for (const size of [4, 7]) {
      world.venue.depthBegin('BTC-PERP', true);
      world.venue.depth('BTC-PERP', 'buy', ticks(99), lots(size));
      world.venue.depth('BTC-PERP', 'buy', ticks(98), lots(9));
      world.venue.depth('BTC-PERP', 'sell', ticks(101), lots(5));
      world.venue.depthEnd('BTC-PERP', T0 + size);
    }
    expect(one).toEqual(['book', 'mark', 'book', 'mark']);
    expect(two.map(({ kind }) => kind)).toEqual(['depth', 'book', 'mark', 'depth', 'book', 'mark']);
    expect(two[3]).toMatchObject({ type: 'snapshot', sequence: { last: 2 }, at: T0 + 7 });
    expect(JSON.parse(JSON.stringify(two[3]))).toMatchObject({
      bids: [
        { price: '99', size: '0.007' },
        { price: '98', size: '0.009' },
      ],
      asks: [{ price: '101', size: '0.005' }],
    });
  });

  it('answers unknown, never rejected, when an order cannot be committed', async () => {
    const store = new MemoryExchangeStore();
    const { world, broker } = open({}, {}, store);
    world.quote(99, 50, 101, 50);
    store.failure = new Error('disk full');
    expect(await broker.placeOrder(world.request('buy', 1))).toMatchObject({ outcome: 'unknown', cause: 'disk full' });
    expect(world.events).toEqual([]);
    expect(await broker.cancelOrder(ref('c1'))).toMatchObject({ outcome: 'unknown' });
  });

  it('shows fees, limits and permissions in the account snapshot', async () => {
    const { world, broker } = open({ takerFee: new Decimal('0.001') });
    world.quote(50_000, 100, 50_001, 100);
    await broker.placeOrder(world.request('buy', 10));
    expect(await broker.getAccountSnapshot()).toMatchObject({
      account_id: 'simulated-perps-bot',
      permissions: { trade: true, transfer: false },
      fee_schedule: { 'BTC-PERP': { maker: '0', taker: '0.001' } },
      limits: { 'BTC-PERP': { min_size: '0.001', max_open_orders: 200 } },
      fees_paid: '-0.50001',
    });
  });

  it('names the current funding rate and its next stamp, and rejects while it is not known', async () => {
    const { world, broker } = open({ fundingIntervalHours: 8 });
    world.quote(99, 50, 101, 50, T0 + 1);
    await expect(broker.getFundingRate('BTC-PERP')).rejects.toMatchObject({ code: 'VENUE-002' });
    world.venue.setFundingRate('BTC-PERP', 1e8);
    expect(await broker.getFundingRate('BTC-PERP')).toEqual({
      symbol: 'BTC-PERP',
      rate: new Decimal('0.0001'),
      at: T0 + 1,
      nextAt: T0 + 8 * 3_600_000,
    });
  });
});
