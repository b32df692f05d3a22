import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { messageOf } from '#src/domain/errors.js';
import { venueOrderId, OrderRequest, type OrderTerms } from '#src/domain/order.js';
import { lots, ticks } from '#src/domain/units.js';
import type { AccountEvent } from '#src/ports/venue/account-event.js';
import type { SubmitResult } from '#src/ports/venue/submit-result.js';
import { AccountAccess } from '#src/ports/venue/account-access.js';
import { Brokerage } from '#src/ports/venue/brokerage.js';
import { OrderEntry } from '#src/ports/venue/order-entry.js';
import { VenueAdapter } from '#src/ports/venue/venue-adapter.js';
import type { OrderAnswer } from '#src/testing/answers.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { instrument } from '#src/testing/instruments.js';
import { settled } from '#src/testing/settled.js';

const BTC = instrument();
const request = (clientId = 'c1', overrides: Partial<OrderTerms> = {}): OrderRequest =>
  new OrderRequest({
    clientId,
    instrument: BTC,
    side: 'buy',
    type: 'market',
    lots: lots(10),
    timeInForce: 'GTC',
    postOnly: false,
    reduceOnly: false,
    ...overrides,
  });

async function listening(options: ConstructorParameters<typeof FakeBroker>[0] = {}) {
  const broker = new FakeBroker(options).setPrice('BTC-PERP', 50_000, { bid: 49_999, ask: 50_001 });
  const told: AccountEvent[] = [];
  await broker.openAccount((event) => told.push(event), new AbortController().signal);
  return { broker, told };
}

/** What a promise has come to by now. */
async function now<T>(promise: Promise<T>): Promise<T | 'pending'> {
  await settled();
  return Promise.race([promise, Promise.resolve('pending' as const)]);
}

/** What the optional members are asked with, where they look at it. */
const ARGUMENTS: Readonly<Record<string, readonly unknown[]>> = {
  openBook: [[], 1, (): void => undefined, new AbortController().signal],
  openTrades: [[], (): void => undefined, new AbortController().signal],
  placeOrders: [[]],
  cancelOrders: [[]],
  amendOrder: [{ ref: { clientId: 'c1' }, lots: lots(3) }],
  setMarginMode: ['BTC-PERP', 'cross'],
  setPositionMode: ['one_way'],
  listFundingPayments: [0],
  listTransfers: [0],
};

const sizes = (broker: FakeBroker): string[] => broker.account.positions.map(({ size }) => size.toString());

describe('a fake broker: orders', () => {
  it('takes an order in and lets it rest, unless told otherwise', async () => {
    const { broker, told } = await listening();
    const at = broker.scheduler.clock.now();
    expect(await broker.placeOrder(request())).toEqual({ outcome: 'accepted', venueId: 'v1', at });
    expect(await broker.listOpenOrders()).toMatchObject([{ clientId: 'c1', report: { status: 'open' } }]);
    expect(await broker.listOpenOrders('ETH-PERP')).toEqual([]);
    expect(await broker.getOrder({ clientId: 'c1', symbol: 'BTC-PERP' })).toMatchObject({ found: true });
    expect(await broker.getOrder({ clientId: 'c2', symbol: 'BTC-PERP' })).toEqual({ found: false });
    expect(told).toEqual([]);
  });

  it.each<[string, OrderAnswer, Partial<OrderTerms>, [size: number, price: number, fee: number][], string]>([
    ['wholly, at the price of its side', { fill: 'all' }, {}, [[10, 500_010, -25_000_500]], 'filled'],
    ['at the limit', { fill: {} }, { type: 'limit', limit: ticks(490_000) }, [[10, 490_000, -24_500_000]], 'filled'],
    [
      'in part, at a price, for a fee',
      { fill: { size: 0.004, price: '50100', fee: 1 } },
      {},
      [[4, 501_000, -100_000_000]],
      'partially_filled',
    ],
    [
      'in parts, as maker and taker',
      { fill: [{ size: '0.004', price: 50_000, liquidity: 'maker' }, { price: 50_000 }] },
      {},
      [
        [4, 500_000, -4_000_000],
        [6, 500_000, -15_000_000],
      ],
      'filled',
    ],
    [
      'in part, and ends',
      { fill: { size: 0.004, price: 50_000, fee: 0 }, rest: 'expired' },
      {},
      [[4, 500_000, 0]],
      'expired',
    ],
  ])('fills %s', async (_how, answer, terms, fills, status) => {
    const { broker, told } = await listening();
    expect(await broker.next('placeOrder', answer).placeOrder(request('c1', terms))).toMatchObject({
      outcome: 'accepted',
    });
    const made = broker.account.fills.map((fill) => [fill.lots, fill.price, fill.fee + 0]);
    expect(made).toEqual(fills);
    expect((await broker.listFills(0)).items).toEqual(broker.account.fills);
    expect(told.flatMap((event) => (event.kind === 'fill' ? event.fill : []))).toEqual(broker.account.fills);
    expect(broker.account.orders.get('c1')?.report.status).toBe(status);
    const size = fills.reduce((sum, [filled]) => sum + filled, 0);
    expect(sizes(broker)).toEqual([BTC.size(lots(size)).toString()]);
  });

  it('keeps the positions that its fills make, from what a test put in', async () => {
    const { broker } = await listening();
    broker.account.positions = [{ symbol: 'BTC-PERP', size: new Decimal('0.01'), entryPrice: new Decimal(40_000) }];
    broker.always('placeOrder', { fill: { price: 50_000 } });
    await broker.placeOrder(request('c1'));
    expect(broker.account.positions).toMatchObject([{ size: new Decimal('0.02'), entryPrice: new Decimal(45_000) }]);
    await broker.placeOrder(request('c2', { side: 'sell', lots: lots(5) }));
    expect(broker.account.positions).toMatchObject([{ size: new Decimal('0.015'), entryPrice: new Decimal(45_000) }]);
    await broker.placeOrder(request('c3', { side: 'sell', lots: lots(20) }));
    expect(broker.account.positions).toMatchObject([{ size: new Decimal('-0.005'), entryPrice: new Decimal(50_000) }]);
    await broker.placeOrder(request('c4', { lots: lots(5) }));
    expect(broker.account.positions).toEqual([]);
  });

  it('refuses with a code, and takes nothing in', async () => {
    const { broker } = await listening();
    broker.next('placeOrder', { refuse: 'insufficient_margin', message: 'no funds' });
    expect(await broker.placeOrder(request())).toMatchObject({
      outcome: 'rejected',
      reason: 'insufficient_margin',
      message: 'no funds',
    });
    expect([broker.account.orders.size, broker.placed.length]).toEqual([0, 1]);
  });

  it.each<[string, OrderAnswer, arrived: boolean, outcome: string]>([
    ['the request is lost', { lost: 'request' }, false, 'unknown'],
    ['the answer is lost', { lost: 'answer', fill: 'all' }, true, 'unknown'],
    ['the adapter throws', { throws: new Error('hang up') }, false, 'hang up'],
    ['the adapter throws after it', { throws: new Error('hang up'), lost: 'answer' }, true, 'hang up'],
    ['nothing comes back', { silent: true }, false, 'pending'],
    ['nothing comes back after it', { silent: true, lost: 'answer' }, true, 'pending'],
  ])('where %s', async (_what, answer, arrived, outcome) => {
    const { broker } = await listening();
    const reply = broker
      .next('placeOrder', answer)
      .placeOrder(request())
      .then((result) => result.outcome, messageOf);
    expect(await now(reply)).toBe(outcome);
    expect(broker.account.orders.has('c1')).toBe(arrived);
    broker.assertDone();
  });

  it('takes its time: on the way, on the way back, and until lookups show it', async () => {
    const { broker } = await listening();
    const ref = { clientId: 'c1', symbol: 'BTC-PERP' };
    broker.next('placeOrder', {
      transitMs: 100,
      delayMs: 50,
      hiddenMs: 500,
      fill: [{ size: 0.004 }, { afterMs: 300 }],
    });
    const reply = broker.placeOrder(request());
    const seen: unknown[] = [];
    for (const ms of [99, 1, 49, 1, 250, 250]) {
      await broker.scheduler.advance(ms);
      const looked = await broker.getOrder(ref);
      seen.push([broker.account.fills.length, ((await now(reply)) as SubmitResult).outcome, looked.found]);
    }
    expect(seen).toEqual([
      [0, undefined, false],
      [1, undefined, false],
      [1, undefined, false],
      [1, 'accepted', false],
      [2, 'accepted', false],
      [2, 'accepted', true],
    ]);
    broker.assertDone();
  });

  it('honours the expiry of a request, and knows an id that it has had', async () => {
    const { broker } = await listening();
    broker.next('placeOrder', { transitMs: 3_000 });
    const late = broker.placeOrder(request('c1', { expiresAt: broker.scheduler.clock.now() + 2_000 }));
    await broker.scheduler.advance(3_000);
    expect(await late).toMatchObject({ outcome: 'rejected', reason: 'expired' });
    await broker.placeOrder(request('c2'));
    expect(await broker.placeOrder(request('c2'))).toMatchObject({ reason: 'duplicate_client_id' });
  });

  it('answers word for word, and by what was asked', async () => {
    const { broker } = await listening();
    broker.next('placeOrder', { value: { outcome: 'accepted', venueId: venueOrderId('mine'), at: 7 }, delayMs: 10 });
    broker.next('placeOrder', {
      reply: ({ clientId }) => ({ outcome: 'accepted', venueId: venueOrderId(clientId), at: 8 }),
    });
    const first = broker.placeOrder(request('c1'));
    expect(await broker.placeOrder(request('c2'))).toMatchObject({ venueId: 'c2' });
    await broker.scheduler.advance(10);
    expect(await first).toMatchObject({ venueId: 'mine' });
    expect(broker.account.orders.size).toBe(0);
  });

  it('ends what is open when it is asked to, and tells the stream', async () => {
    const { broker, told } = await listening();
    const ref = { clientId: 'c1', symbol: 'BTC-PERP' };
    await broker.placeOrder(request());
    expect(await broker.next('cancelOrder', { lost: 'request' }).cancelOrder(ref)).toMatchObject({
      outcome: 'unknown',
    });
    expect(broker.account.isOpen('c1')).toBe(true);
    expect(await broker.next('cancelOrder', { lost: 'answer' }).cancelOrder(ref)).toMatchObject({ outcome: 'unknown' });
    expect(told).toMatchObject([{ kind: 'order', clientId: 'c1', report: { status: 'cancelled' } }]);
    expect(await broker.cancelOrder(ref)).toEqual({ outcome: 'not_open', ref });
    broker.next('cancelOrder', { value: { outcome: 'cancelled', ref, at: 3 } });
    expect(await broker.cancelOrder(ref)).toMatchObject({ at: 3 });
    expect(broker.cancelled).toHaveLength(4);
  });
});

describe('a fake broker: what a test does to it', () => {
  it('fills and ends orders from the venue’s side', async () => {
    const { broker, told } = await listening();
    await broker.placeOrder(request());
    broker.fill('c1', { size: 0.001 });
    broker.fill(broker.lastPlaced, { size: 0.002, price: 49_000 });
    broker.end('c1', 'liquidated', 'margin');
    broker.push({ kind: 'gap', message: 'lost', at: 0 });
    expect(told.map((event) => event.kind)).toEqual(['fill', 'fill', 'order', 'gap']);
    expect(told[2]).toMatchObject({ report: { status: 'liquidated', reason: 'margin' }, filled: 3 });
  });

  it('lists and ends what a test put in, as an order of somebody else', async () => {
    const { broker, told } = await listening();
    await broker.placeOrder(request());
    const { account } = broker;
    account.orders.set('web-1', { ...account.orders.get('c1')!, clientId: 'web-1', venueId: venueOrderId('v9') });
    expect(await broker.listOpenOrders()).toMatchObject([{ venueId: 'v1' }, { venueId: 'v9' }]);
    expect(await broker.cancelOrder({ clientId: 'web-1', symbol: 'BTC-PERP' })).toMatchObject({ outcome: 'cancelled' });
    expect(told).toMatchObject([{ clientId: 'web-1', report: { status: 'cancelled' } }]);
  });

  it('answers from then on, once or always, the once first', async () => {
    const { broker } = await listening();
    broker.always('getAccountId', { value: 'a' }).next('getAccountId', { value: 'b' });
    const ids = [await broker.getAccountId(), await broker.getAccountId()];
    expect([...ids, await broker.heal('getAccountId').getAccountId()]).toEqual(['b', 'a', 'fake-account']);
    broker.always('listFills', { throws: new Error('503') }).always('getOrder', { throws: new Error('503') });
    await expect(broker.listFills(0)).rejects.toThrow('503');
    expect(await broker.heal().listFills(0)).toEqual({ items: [] });
  });

  it('says what it was asked, in order, and by role', async () => {
    const broker = new FakeBroker();
    await broker.placeOrder(request());
    broker.scheduler.clock.advance(5);
    await broker.listPositions();
    await broker.cancelOrder({ clientId: 'c1', symbol: 'BTC-PERP' });
    const at = broker.scheduler.clock.now();
    expect(broker.calls).toEqual([
      { member: 'placeOrder', args: [broker.lastPlaced], at: at - 5 },
      { member: 'listPositions', args: [], at },
      { member: 'cancelOrder', args: [{ clientId: 'c1', symbol: 'BTC-PERP' }], at },
    ]);
    expect(broker.called(OrderEntry)).toEqual(['placeOrder', 'cancelOrder']);
    expect(broker.called(AccountAccess)).toEqual(['listPositions']);
    expect(broker.called(Brokerage)).toEqual(broker.called());
  });

  it('tells no price where a test puts in an error', async () => {
    const { broker } = await listening();
    broker.quotes.set('BTC-PERP', new Error('halted'));
    await expect(broker.getQuote('BTC-PERP')).rejects.toThrow('halted');
    await broker.placeOrder(request());
    expect(() => broker.fill('c1')).toThrow(/must have a price/);
  });

  it('streams books and trades', async () => {
    const broker = new FakeBroker();
    const seen: unknown[] = [];
    const stop = new AbortController();
    const open = await broker.openBook(['BTC-PERP'], 1, (event) => seen.push(event), stop.signal);
    broker.bookStreams[0]?.push({ kind: 'stale', message: 'quiet', at: 1 });
    stop.abort();
    await open.closed;
    expect([seen.length, broker.bookStreams[0]?.isOpen]).toEqual([1, false]);
  });

  it('has the optional members that its capabilities state, and lacks the others as any venue', async () => {
    const names = Object.getOwnPropertyNames(VenueAdapter.prototype).filter(
      (name) => !/^(constructor|lacks)$/.test(name),
    );
    const answers = async (broker: FakeBroker): Promise<string[]> => {
      const has: string[] = [];
      for (const name of names) {
        const ask = (broker as unknown as Record<string, (...all: unknown[]) => Promise<unknown>>)[name];
        try {
          await ask?.apply(broker, [...(ARGUMENTS[name] ?? [])]);
          has.push(name);
        } catch (error) {
          expect(error).toMatchObject({ code: 'VENUE-003' });
        }
      }
      return has;
    };
    expect(await answers(new FakeBroker())).toEqual([
      'openBook',
      'openTrades',
      'cancelAll',
      'setLeverage',
      'setPositionMode',
    ]);
    const able = new FakeBroker({
      capabilities: {
        amend: 'in_place',
        batch: { place: 2, cancel: 2 },
        preview: true,
        deadMan: { per: 'symbol' },
        serverTime: true,
        fundingPayments: true,
        transfers: true,
        accountSnapshots: true,
        accountTerms: true,
        marginModes: ['cross', 'isolated'],
      },
    });
    await able.placeOrder(request());
    able.always('cancelAll', { value: [] });
    // Nobody has said what these are worth: a test scripts them.
    const lacking = ['getMarketSnapshot', 'getFundingRate', 'quoteConversion', 'commitConversion', 'moveFunds'];
    expect(await answers(able)).toEqual(names.filter((name) => !lacking.includes(name)));
    able.next('getFundingRate', { value: { symbol: 'BTC-PERP', rate: new Decimal('0.0001'), at: 0 } });
    expect(await able.getFundingRate('BTC-PERP')).toMatchObject({ at: 0 });
  });

  it('scripts the orders of a batch one by one, and cancels everything that is open', async () => {
    const broker = new FakeBroker({ capabilities: { batch: { place: 5, cancel: 5 }, amend: 'in_place' } });
    broker.next('placeOrder', { refuse: 'max_orders' });
    const limit = { type: 'limit', limit: ticks(400_000) } as const;
    const placed = await broker.placeOrders([request('c1'), request('c2', limit), request('c3')]);
    expect(placed.map(({ outcome }) => outcome)).toEqual(['rejected', 'accepted', 'accepted']);
    await broker.amendOrder({ ref: { clientId: 'c2', symbol: 'BTC-PERP' }, limit: ticks(410_000), lots: lots(3) });
    expect(broker.account.orders.get('c2')).toMatchObject({ price: new Decimal(41_000), size: new Decimal('0.003') });
    expect(await broker.cancelOrders([{ clientId: 'c3', symbol: 'BTC-PERP' }])).toMatchObject([
      { outcome: 'cancelled' },
    ]);
    expect(await broker.cancelAll()).toMatchObject([{ outcome: 'cancelled', ref: { clientId: 'c2' } }]);
  });
});
