import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import type { OrderTerms } from '#src/domain/order.js';
import { lots, ticks } from '#src/domain/units.js';
import { SimulatedBrokerage } from '#src/venues/simulated/brokerage/simulated-brokerage.js';
import { matchingOf, SimulatedWorld, T0, verdict } from '../simulated-world.js';

const LIMITS = { priceBand: new Decimal('0.1'), maxOpenOrders: 2, maxConditionalOrders: 1 };

/** BTC at 50,000 with brackets: up to 20,000 USDT at 20, beyond at 5. Two orders rest, one of them a stop. */
function openWorld(): SimulatedWorld {
  const bracket = (
    floor: number,
    cap: number,
    leverage: number,
  ): { floor: Decimal; cap: Decimal; rate: Decimal; maxLeverage: Decimal; cum: Decimal } => ({
    floor: new Decimal(floor),
    cap: new Decimal(cap),
    rate: new Decimal('0.005'),
    maxLeverage: new Decimal(leverage),
    cum: new Decimal(0),
  });
  const spec = {
    minSize: new Decimal('0.002'),
    maxSize: new Decimal(5),
    minNotional: new Decimal(150),
    tiers: [bracket(0, 20_000, 20), bracket(20_000, 1_000_000, 5)],
  };
  const world = new SimulatedWorld(spec, { ...matchingOf(LIMITS), equity: new Decimal(1_000) });
  world.quote(49_999, 10_000, 50_001, 10_000);
  world.limit('buy', 4, 45_001);
  world.stop('buy', 4, 55_000);
  return world;
}

describe('the order of the filters (Binance USD-M)', () => {
  it('names the first of all that an order offends, from each one on', () => {
    const world = openWorld();
    const { venue } = world;
    const answer = (terms: Partial<OrderTerms>): string => verdict(world.submit('sell', 0, terms));
    const wrong = {
      type: 'limit',
      limit: ticks(-1),
      lots: lots(0),
      leverage: 99,
      postOnly: true,
      reduceOnly: false,
      timeInForce: 'FOK',
    } as const;
    venue.redefine('BTC-PERP', { tradable: false }, T0);
    expect(answer(wrong)).toBe('market_closed');
    venue.redefine('BTC-PERP', { tradable: true }, T0);
    expect(answer(wrong)).toBe('unsupported');
    const shaped = { ...wrong, timeInForce: 'GTC' } as const;
    expect(answer(shaped)).toBe('price_filter');
    const onTick = { ...shaped, limit: ticks(44_999) };
    expect(answer(onTick)).toBe('price_filter');
    const banded = { ...onTick, limit: ticks(45_000) };
    expect(answer(banded)).toBe('lot_size');
    expect(answer({ ...banded, lots: lots(1) })).toBe('lot_size');
    expect(answer({ ...banded, lots: lots(5_001) })).toBe('lot_size');
    expect(answer({ ...banded, lots: lots(3) })).toBe('min_notional');
    const sized = { ...banded, lots: lots(500) };
    expect(answer(sized)).toBe('max_orders');
    venue.cancel({ clientId: 'c1', symbol: 'BTC-PERP' });
    expect(answer(sized)).toBe('leverage');
    // 500 lots are worth 22,500 USDT: beyond the bracket of leverage 20.
    expect(answer({ ...sized, leverage: 20 })).toBe('leverage');
    expect(answer({ ...sized, leverage: 5 })).toBe('insufficient_margin');
    const margined = { ...sized, lots: lots(20), leverage: 5 };
    expect(answer(margined)).toBe('post_only_would_take');
    expect(answer({ ...margined, postOnly: false, reduceOnly: true })).toBe('reduce_only');
    expect(answer({ ...margined, postOnly: false })).toBe('accepted');
  });

  it('tells the account what is allowed', async () => {
    const world = openWorld();
    const snapshot = await new SimulatedBrokerage(world.venue, world.config).getAccountSnapshot();
    expect(snapshot).toMatchObject({ limits: { 'BTC-PERP': { max_open_orders: 2 } } });
  });

  it('asks a fill-or-kill whether it fills before it asks a reduce-only whether it reduces', () => {
    const world = openWorld();
    world.venue.cancel({ clientId: 'c1', symbol: 'BTC-PERP' });
    const kill = {
      type: 'limit',
      limit: ticks(51_000),
      lots: lots(20),
      leverage: 5,
      timeInForce: 'FOK',
      reduceOnly: true,
    } as const;
    expect(verdict(world.submit('sell', 20, kill))).toBe('not_fillable');
    expect(verdict(world.submit('sell', 20, { ...kill, limit: ticks(49_000) }))).toBe('reduce_only');
  });

  it('asks a trigger whether it is reached before it asks a reduce-only whether it reduces', () => {
    const world = openWorld();
    world.venue.cancel({ clientId: 'c2', symbol: 'BTC-PERP' });
    expect(verdict(world.stop('sell', 20, 52_000, { reduceOnly: true }))).toBe('would_trigger');
    expect(verdict(world.stop('sell', 20, 48_000, { reduceOnly: true }))).toBe('reduce_only');
  });

  it('counts orders that wait for a trigger by themselves, sleeping ones too', () => {
    const world = openWorld();
    world.venue.cancel({ clientId: 'c1', symbol: 'BTC-PERP' });
    expect(verdict(world.stop('buy', 4, 55_000))).toBe('max_orders');
    expect(verdict(world.limit('buy', 4, 49_000, { clientId: 'in' }))).toBe('accepted');
    world.venue.cancel({ clientId: 'c2', symbol: 'BTC-PERP' });
    expect(verdict(world.stop('sell', 4, 45_000, { reduceOnly: true, options: { after: 'in' } }))).toBe('accepted');
    world.venue.cancel({ clientId: 'in', symbol: 'BTC-PERP' });
    expect(verdict(world.stop('buy', 4, 55_000))).toBe('accepted');
  });

  it('refuses a market order whose best price is out of the band, before it counts orders', () => {
    const world = openWorld();
    world.venue.mark('BTC-PERP', 4_000_000 as never, T0 + 1);
    expect(verdict(world.submit('buy', 20))).toBe('price_filter');
    world.venue.mark('BTC-PERP', 4_600_000 as never, T0 + 2);
    expect(verdict(world.submit('buy', 20))).toBe('max_orders');
  });

  it('names a used id and an expired request before every filter', () => {
    const world = openWorld();
    world.venue.redefine('BTC-PERP', { tradable: false }, T0);
    expect(verdict(world.submit('buy', 0, { clientId: 'c1', expiresAt: T0 - 1 }))).toBe('duplicate_client_id');
    expect(verdict(world.submit('buy', 0, { expiresAt: T0 - 1 }))).toBe('expired');
  });
});

describe('the position side of an order', () => {
  it('is refused by a one-way account', () => {
    expect(verdict(openWorld().submit('buy', 20, { options: { positionSide: 'long' } }))).toBe('unsupported');
  });

  it('is demanded by a hedged account, which has no reduce-only orders', () => {
    const world = new SimulatedWorld();
    world.venue.account.positionMode = 'hedge';
    world.quote(99, 50, 101, 50);
    expect(verdict(world.submit('buy', 10))).toBe('unsupported');
    expect(verdict(world.submit('buy', 10, { reduceOnly: true, options: { positionSide: 'long' } }))).toBe(
      'unsupported',
    );
    expect(verdict(world.submit('buy', 10, { options: { positionSide: 'long' } }))).toBe('accepted');
  });

  it('lets an order against its position close that one and no more', () => {
    const world = new SimulatedWorld();
    world.venue.account.positionMode = 'hedge';
    world.quote(99, 50, 101, 50);
    expect(verdict(world.submit('sell', 10, { options: { positionSide: 'long' } }))).toBe('reduce_only');
    world.submit('buy', 10, { options: { positionSide: 'long' } });
    world.submit('sell', 15, { options: { positionSide: 'long' } });
    expect(world.fills).toEqual(['buy 10@101 taker', 'sell 10@99 taker']);
    expect(world.reports.at(-1)).toBe('c3 expired');
  });
});
