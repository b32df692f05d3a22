import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { RATE_SCALE } from '#src/domain/instrument.js';
import { lots, marks, ticks } from '#src/domain/units.js';
import { quoteOf } from '#src/venues/simulated/brokerage/market-views.js';
import type { Market } from '#src/venues/simulated/core/market.js';
import { totalEquity } from '#src/venues/simulated/core/margin.js';
import type { WorkingOrder } from '#src/venues/simulated/core/working-order.js';
import { HOUR, MemoryExchangeStore, SimulatedWorld, T0 } from './simulated-world.js';

const GENERATED = 'generated-market';
const RECORDED = 'recorded-market BTC-PERP 60000 1640995200000';
const SPEC = { fundingIntervalHours: 8 };

const MARKS = new SimulatedWorld(SPEC).instrument.marksPerTick;

const marketOf = (world: SimulatedWorld): Market => world.venue.markets.get('BTC-PERP') as Market;

/** An account with 10 long that a market with a mark, an index, a book, candles and a rate has left. */
function left(source: string | undefined, saved: Record<string, number | null> = { place: 7 }): MemoryExchangeStore {
  const store = new MemoryExchangeStore();
  const world = new SimulatedWorld(SPEC, {}, store);
  const { venue, instrument } = world;
  if (source !== undefined) venue.drive(source, () => saved);
  const at = T0 + HOUR;
  venue.setFundingRate('BTC-PERP', RATE_SCALE / 100);
  world.quote(100, 500, 101, 500, at);
  venue.mark('BTC-PERP', marks(100 * instrument.marksPerTick), at);
  venue.index('BTC-PERP', marks(100 * instrument.marksPerTick), at);
  world.trade(100, 5, at);
  world.submit('buy', 10);
  world.stop('sell', 10, 50, { reduceOnly: true });
  world.limit('buy', 5, 100);
  world.submit('sell', 10, { type: 'trailing_stop', reduceOnly: true, options: { trailBps: 1_000 } });
  world.trade(100, 5, at + 1_000);
  venue.flush();
  return store;
}

/** The same account under a source. */
function taken(
  store: MemoryExchangeStore,
  source: string,
): { readonly world: SimulatedWorld; readonly saved: unknown } {
  const world = new SimulatedWorld(SPEC, {}, store);
  return { world, saved: world.venue.drive(source, () => null) };
}

const placeOf = ({ queueAhead, queueShown, queueTraded }: WorkingOrder): readonly number[] => [
  queueAhead,
  queueShown,
  queueTraded,
];

const bars = (world: SimulatedWorld, prices: readonly number[]): void => {
  prices.forEach((price, index) => world.bar(120 + index, price, price, price, price));
};

describe('an account that another market is told to', () => {
  it('is valued and funded on what that market says, not on what the one before said last', () => {
    const { world } = taken(left(GENERATED), RECORDED);
    bars(world, [400, 500]);
    expect(world.position).toBe(10);
    expect(marketOf(world).mark).toBe(500 * world.instrument.marksPerTick);
    const { account, markets } = world.venue;
    // 10 lots of 0.001 from 101 to 500.
    expect(totalEquity(account, markets.values())).toBe(1e8 * 10_000 + 1e5 * 10 * 399);
    world.venue.advance(T0 + 9 * HOUR);
    expect(world.venue.fundings.map(({ rate, amount }) => [rate, amount])).toEqual([[undefined, undefined]]);
    world.venue.assertConsistent();
  });

  const facts: readonly (readonly [string, (market: Market) => unknown, unknown])[] = [
    ['last price', ({ last }) => last, Number.NaN],
    ['index', ({ index }) => index, Number.NaN],
    ['bid', ({ bid, bidLots }) => [bid, bidLots], [Number.NaN, 0]],
    ['ask', ({ ask, askLots }) => [ask, askLots], [Number.NaN, 0]],
    ['quote', ({ quoted }) => quoted, false],
    ['marks of its own', ({ hasMarkFeed }) => hasMarkFeed, false],
    ['depth', ({ depth }) => depth, undefined],
    ['funding rate', ({ funding }) => funding.currentRate, undefined],
    ['place in a queue', ({ book }) => book.bids.map(placeOf), [[Number.NaN, 0, 0]]],
    ['best price of a trailing stop', ({ book }) => book.stops.map(({ best }) => best), [Number.NaN, Number.NaN]],
    [
      'level that a trailing stop has followed to',
      ({ book }) => book.stops.map(({ level }) => level),
      [50 * MARKS, Number.NaN],
    ],
    ['candles', ({ history }) => history.encode().split(';')[1], 'NaN NaN NaN NaN NaN 0'],
  ];
  it.each(facts)('knows no %s of the one before', (_fact, read, unknown) => {
    const { world: other, saved } = taken(left(GENERATED), RECORDED);
    expect(saved).toBeUndefined();
    expect(read(marketOf(other))).toEqual(unknown);
  });

  it('quotes nothing before that market has said a price, whatever the position was worth in the one before', () => {
    const { world } = taken(left(GENERATED), RECORDED);
    expect(marketOf(world).hasPrice).toBe(true);
    expect(() => quoteOf(marketOf(world))).toThrow(expect.objectContaining({ code: 'DATA-008' }));
    bars(world, [400]);
    expect(quoteOf(marketOf(world))).toMatchObject({ last: new Decimal(400), mark: new Decimal(400) });
  });

  it('knows as little of it after the next start: what was forgotten is stored as forgotten', () => {
    const store = left(GENERATED);
    const { world: first } = taken(store, GENERATED);
    expect(marketOf(first).book.bids.map(placeOf)).not.toEqual([[Number.NaN, 0, 0]]);
    expect(marketOf(first).book.stops[1]?.best).not.toBeNaN();
    const { world: other } = taken(store, RECORDED);
    other.venue.flush();
    const { world: again } = taken(store, RECORDED);
    bars(again, [60]);
    // Nothing has fallen by a tenth in the market that is told now: the resting buy is met, the trailing stop is not.
    expect(again.position).toBe(15);
    expect(marketOf(again).book.stops.map(({ level }) => level)).toEqual([50 * MARKS, 54 * MARKS]);
  });

  it('keeps what is its own: position, money, orders, leverage, time', () => {
    const [same, other] = [GENERATED, RECORDED].map((source) => taken(left(GENERATED), source).world) as [
      SimulatedWorld,
      SimulatedWorld,
    ];
    const own = ({ venue, position }: SimulatedWorld): unknown => [
      position,
      venue.account.ledger.cash,
      venue.openOrders().map((order) => ({ ...order.toRecord(), queue: 0, best: 0 })),
      [...venue.account.leverages],
      venue.time,
    ];
    expect(own(other)).toEqual(own(same));
  });

  it('a flat account has no price before the first one', () => {
    const store = left(GENERATED);
    const { world } = taken(store, GENERATED);
    world.submit('sell', 10, { clientId: 'close' });
    expect(world.position).toBe(0);
    world.venue.flush();
    const { world: other } = taken(store, RECORDED);
    expect(other.submit('buy', 1, { clientId: 'early' })).toMatchObject({
      outcome: 'rejected',
      reason: 'no_liquidity',
    });
    bars(other, [400]);
    expect(other.submit('buy', 1, { clientId: 'late' }).outcome).toBe('accepted');
  });

  it.each([
    ['generated, as before', GENERATED, GENERATED, true],
    ['the same recording', RECORDED, RECORDED, true],
    ['a recording after a generated market', GENERATED, RECORDED, false],
    ['a generated market after a recording', RECORDED, GENERATED, false],
    ['another recording of the instrument', RECORDED, 'recorded-market BTC-PERP 60000 1643673600000', false],
    ['the same prices in other bars', RECORDED, 'recorded-market BTC-PERP 300000 1640995200000', false],
  ])('%s', (_name, before, now, same) => {
    const { world, saved } = taken(left(before), now);
    expect(saved).toEqual(same ? { place: 7 } : undefined);
    expect(marketOf(world).hasMarkFeed).toBe(same);
    if (same) expect(marketOf(world).bid).toBe(ticks(100));
    if (same) expect(marketOf(world).bidLots).toBe(lots(490));
  });

  it.each([
    ['a recording', { shift: 0, deliveredAt: 5 }, RECORDED, GENERATED],
    ['a generated market', { 'BTC-PERP': 5 }, GENERATED, RECORDED],
  ])(
    'a state of before, which does not name its market, is known by what its driver saved: %s',
    (_n, saved, same, other) => {
      const anonymous = (): MemoryExchangeStore => {
        const store = left(same, saved);
        const state = store.load();
        const core = { ...(JSON.parse(state?.core ?? '{}') as Record<string, unknown>), source: undefined };
        store.commit({ core: JSON.stringify(core), candles: new Map(), orders: new Map(), events: [] });
        return store;
      };
      expect(taken(anonymous(), same).saved).toEqual(saved);
      expect(taken(anonymous(), other).saved).toBeUndefined();
    },
  );

  it('once more under the first one, what the second said is forgotten in turn', () => {
    const store = left(GENERATED);
    const { world } = taken(store, RECORDED);
    bars(world, [400]);
    world.venue.flush();
    const { world: again, saved } = taken(store, GENERATED);
    expect(saved).toBeUndefined();
    expect(marketOf(again).last).toBeNaN();
    expect(new Decimal(again.position).toString()).toBe('10');
  });
});
