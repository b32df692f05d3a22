import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { PerpsBotError } from '#src/domain/errors.js';
import { ticks } from '#src/domain/units.js';
import { MemoryExchangeStore, MINUTE, SimulatedWorld, T0, verdict } from './simulated-world.js';

const restart = (store: MemoryExchangeStore, spec = {}): SimulatedWorld => new SimulatedWorld(spec, {}, store);

function codeOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return PerpsBotError.is(error) ? error.code : String(error);
  }
}

describe('persistence of the exchange inside', () => {
  it('commits before anything is told', () => {
    const store = new MemoryExchangeStore();
    const world = restart(store);
    const order: string[] = [];
    world.quote(99, 50, 101, 50);
    store.onCommit = () => order.push('commit');
    world.venue.onAccount((event) => order.push(event.kind));
    world.submit('buy', 1);
    expect(order).toEqual(['commit', 'order', 'fill', 'order']);
  });

  it('tells nothing and refuses everything after a commit has failed', () => {
    const store = new MemoryExchangeStore();
    const world = restart(store);
    world.quote(99, 50, 101, 50);
    store.failure = new Error('disk full');
    expect(() => world.submit('buy', 1)).toThrow('disk full');
    expect(world.events).toEqual([]);
    store.failure = undefined;
    expect(() => world.quote(99, 50, 101, 50, T0 + 1)).toThrow('disk full');
    expect(restart(store).position).toBe(0);
  });

  it('commits progress of the market alone at most once a second of venue time', () => {
    const store = new MemoryExchangeStore();
    const world = restart(store);
    for (let i = 0; i < 40; i += 1) world.quote(99, 50, 101, 50, T0 + i * 250);
    expect(store.commits).toBe(10);
  });

  it('restores positions, cash, open orders, fills and leverage, and goes on counting ids', () => {
    const store = new MemoryExchangeStore();
    const fees = { takerFee: new Decimal('0.0005') };
    const world = restart(store, fees);
    world.quote(49_999, 50, 50_001, 50);
    world.submit('buy', 20);
    world.limit('buy', 10, 49_000);
    world.submit('sell', 5, {
      type: 'stop_limit',
      stop: ticks(48_000),
      limit: ticks(47_000),
      reduceOnly: true,
      expiresAt: T0 + 9,
    });
    const cash = world.venue.account.ledger.cash;

    const next = restart(store, fees);
    expect(next.venue.open()).toBe(true);
    expect(next.venue.account.ledger.cash).toBe(cash);
    expect(next.position).toBe(20);
    expect(next.venue.time).toBe(T0);
    expect(next.venue.fills).toHaveLength(1);
    expect(next.venue.openOrders().map((order) => order.toRecord())).toEqual(
      world.venue.openOrders().map((order) => order.toRecord()),
    );
    expect(next.venue.account.leverageOf('BTC-PERP')).toBe(10);
    expect(() => next.venue.assertConsistent()).not.toThrow();
    expect(verdict(next.submit('buy', 1))).toBe('duplicate_client_id');

    next.quote(48_500, 50, 48_501, 50, T0 + 1);
    expect(next.venue.fills.map((fill) => fill.tradeId)).toEqual(['sim-t1', 'sim-t2']);
    expect(next.submit('buy', 1, { clientId: 'new' })).toMatchObject({ venueId: 'sim-o4' });
  });

  it('restores orders that waited for the next bar, and fills them there', () => {
    const store = new MemoryExchangeStore();
    const world = restart(store);
    world.bar(0, 100, 100, 100, 100);
    world.submit('buy', 3);
    world.limit('buy', 3, 101);
    world.limit('buy', 3, 90);
    const next = restart(store);
    next.bar(1, 101, 101, 101, 101);
    expect(next.fills).toEqual(['buy 3@101 taker', 'buy 3@101 taker']);
    expect(next.venue.openOrders()).toHaveLength(1);
  });

  it('pays funding that fell due while it was down, on the position it had', () => {
    const store = new MemoryExchangeStore();
    const world = restart(store, { fundingIntervalHours: 8 });
    world.quote(49_999, 50, 50_001, 50, T0 + 1);
    world.venue.setFundingRate('BTC-PERP', 1e9);
    world.submit('buy', 10);
    const next = restart(store, { fundingIntervalHours: 8 });
    next.venue.advance(T0 + 17 * 3_600_000);
    expect(
      next.venue.fundings.map((payment) =>
        next.instrument.money(payment.amount ?? next.instrument.minNotional).toString(),
      ),
    ).toEqual(['-0.5', '-0.5']);
  });

  it('refuses a state whose instrument is gone or has another grid', () => {
    const store = new MemoryExchangeStore();
    restart(store).bar(0, 100, 100, 100, 100);
    expect(() => restart(store, { tick: new Decimal('0.5') })).toThrow('must have tick 1 and step 0.001');
    expect(() => restart(store, { symbol: 'ETH-PERP' })).toThrow('instruments.BTC-PERP must have tick 1');
  });

  it('refuses a damaged state and one of a newer version', () => {
    for (const [core, code] of [
      ['{', 'STORE-001'],
      ['{"version":5,"markets":[]}', 'STORE-002'],
      [
        '{"version":1,"markets":[],"leverages":[],"ledger":{"cash":5},"nextOrder":1,"nextTrade":1,"deposited":0}',
        'LEDGER-001',
      ],
    ] as const) {
      const store = new MemoryExchangeStore();
      store.commit({ core, candles: new Map(), orders: new Map(), events: [] });
      expect(codeOf(() => restart(store))).toBe(code);
    }
  });

  it('keeps candles over a restart, the forming one included', () => {
    const store = new MemoryExchangeStore();
    const world = restart(store);
    for (let second = 0; second <= 7; second += 1) world.quote(100 + second, 5, 102 + second, 5, T0 + second * 1_000);
    const next = restart(store);
    for (let second = 8; second <= 12; second += 1) next.quote(100 + second, 5, 102 + second, 5, T0 + second * 1_000);
    const candles = next.venue.markets.get('BTC-PERP')?.history.closed(5_000, 10, T0 + MINUTE) ?? [];
    expect(candles.map((candle) => candle.close.toString())).toEqual(['105', '110', '113']);
  });

  it('writes closed candles where one has closed, and not at every commit', () => {
    const store = new MemoryExchangeStore();
    const written: (readonly string[])[] = [];
    const commit = store.commit.bind(store);
    store.commit = (state) => {
      written.push([...state.candles.keys()]);
      commit(state);
    };
    const world = restart(store);
    for (let second = 0; second <= 11; second += 1) world.quote(100, 5, 102, 5, T0 + second * 1_000);
    expect(written.map(({ length }) => length)).toEqual([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]);
    // Who begins anew writes them once: what lies there may be of a market that is forgotten.
    restart(store).quote(100, 5, 102, 5, T0 + 12_000);
    expect(written.at(-1)).toEqual(['BTC-PERP']);
  });

  it('reads the candles of a state in which they stood in the core, and refuses one that has lost them', () => {
    const store = new MemoryExchangeStore();
    const world = restart(store);
    for (let second = 0; second <= 11; second += 1) world.quote(80 + second, 5, 102, 5, T0 + second * 1_000);
    const { core = '', candles = new Map<string, string>() } = store.load() ?? {};
    const state = JSON.parse(core) as { version: number; markets: { symbol: string; candles: string }[] };
    const closed = (of: SimulatedWorld): unknown =>
      of.venue.markets.get('BTC-PERP')?.history.closed(5_000, 10, T0 + MINUTE);
    const before = new MemoryExchangeStore();
    const markets = state.markets.map((market) => ({
      ...market,
      candles: `${market.candles}${candles.get(market.symbol) ?? ''}`,
    }));
    const old = JSON.stringify({ ...state, version: 3, markets });
    before.commit({ core: old, candles: new Map(), orders: new Map(), events: [] });
    const restored = restart(before);
    expect(closed(restored)).toEqual(closed(world));
    expect(closed(restored)).toHaveLength(3);

    const lost = new MemoryExchangeStore();
    lost.commit({ core, candles: new Map(), orders: new Map(), events: [] });
    expect(() => restart(lost)).toThrow('without the candles of BTC-PERP');
  });

  it('keeps a grid once its market is open', () => {
    const world = new SimulatedWorld();
    world.venue.define(new SimulatedWorld({ tick: new Decimal('0.5') }).instrument);
    world.venue.define(world.instrument);
    world.bar(0, 100, 100, 100, 100);
    world.venue.define(world.instrument);
    expect(() => world.venue.define(new SimulatedWorld({ tick: new Decimal('0.5') }).instrument)).toThrow(
      'Tick and step of BTC-PERP must stay 1 and 0.001',
    );
    expect(() => world.venue.define(new SimulatedWorld({ symbol: 'X', settle: 'USD' }).instrument)).toThrow(
      'settle must be USDT',
    );
  });
});
