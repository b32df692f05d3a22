import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { Instrument } from '#src/domain/instrument.js';
import type { OrderRequest, OrderTerms, Side } from '#src/domain/order.js';
import { lots, ticks } from '#src/domain/units.js';
import type { MatchingSettings } from '#src/ports/configuration/settings/matching-settings.js';
import { matchingOf, SimulatedWorld, T0, verdict } from '../simulated-world.js';

/** BTC at 50,000: one lot (0.001) is worth 50 USDT; equity 10,000. */
function openWorld(spec = {}, matching: Partial<MatchingSettings> = {}): SimulatedWorld {
  const world = new SimulatedWorld(
    { minSize: new Decimal('0.002'), maxSize: new Decimal(5), minNotional: new Decimal(150), ...spec },
    matchingOf(matching),
  );
  world.quote(49_999, 10_000, 50_001, 10_000);
  return world;
}

describe('order validation of the exchange inside', () => {
  it.each<[string, number, Partial<OrderTerms>]>([
    ['unknown_symbol', 5, { instrument: new SimulatedWorld({ symbol: 'DOGE-PERP' }).instrument }],
    ['unsupported', 5, { type: 'trailing_stop' }],
    ['unsupported', 5, { timeInForce: 'GTD' }],
    ['unsupported', 5, { type: 'limit' }],
    ['unsupported', 5, { type: 'market', limit: ticks(100) }],
    ['unsupported', 5, { type: 'stop_market' }],
    ['unsupported', 5, { postOnly: true }],
    ['unsupported', 5, { type: 'stop_market', stop: ticks(60_000), triggerBy: 'index' }],
    ['price_filter', 5, { type: 'limit', limit: ticks(0) }],
    ['price_filter', 5, { type: 'limit', limit: ticks(Number.NaN) }],
    ['lot_size', 0, {}],
    ['lot_size', Number.NaN, {}],
    ['lot_size', 1, {}],
    ['lot_size', 5_001, {}],
    ['min_notional', 2, {}],
    ['min_notional', 5, { type: 'limit', limit: ticks(20_000) }],
    ['leverage', 5, { leverage: 21 }],
    ['leverage', 5, { leverage: Number.NaN }],
    ['leverage', 5, { leverage: 0.5 }],
    ['insufficient_margin', 2_100, { leverage: 10 }],
    ['would_trigger', 5, { type: 'stop_market', stop: ticks(49_000) }],
    ['reduce_only', 5, { reduceOnly: true }],
    ['expired', 5, { expiresAt: T0 - 1 }],
    ['accepted', 5, { expiresAt: T0 }],
    ['accepted', 3, {}],
  ])('answers %s to %d lots with %j', (expected, size, terms) => {
    expect(verdict(openWorld().submit('buy', size, terms))).toBe(expected);
  });

  it('never takes one client id twice, whatever became of the first order', () => {
    const world = openWorld();
    world.submit('buy', 5, { clientId: 'same' });
    expect(verdict(world.submit('sell', 5, { clientId: 'same', expiresAt: T0 - 1 }))).toBe('duplicate_client_id');
    expect(world.position).toBe(5);
  });

  it('names the first filter of the venue order: size before value before margin', () => {
    const world = openWorld({ maxSize: new Decimal(1_000) });
    expect(verdict(world.submit('buy', 1, { leverage: 99 }))).toBe('lot_size');
    expect(verdict(world.submit('buy', 2, { leverage: 99 }))).toBe('min_notional');
    expect(verdict(world.submit('buy', 900_000, { leverage: 99 }))).toBe('leverage');
    expect(verdict(world.submit('buy', 900_000, { leverage: 10, reduceOnly: true }))).toBe('reduce_only');
  });

  it('refuses what cannot be held exactly instead of failing', () => {
    const world = openWorld({ maxSize: new Decimal(10_000_000_000) });
    expect(verdict(world.submit('buy', 9_000_000_000_000))).toBe('lot_size');
    expect(world.venue.failure).toBeUndefined();
  });

  it('lets orders that reduce pass filters of value and margin, and close below the smallest size', () => {
    const world = openWorld();
    world.quote(49_999, 10_000, 50_001, 4);
    world.submit('buy', 5);
    world.quote(49_999, 3, 50_001, 4, T0 + 1);
    world.submit('sell', 5, { reduceOnly: true });
    expect(world.position).toBe(1);
    world.quote(49_999, 3, 50_001, 4, T0 + 2);
    expect(verdict(world.submit('sell', 1, { reduceOnly: true }))).toBe('accepted');
    expect(world.position).toBe(0);
  });

  it('counts open orders in the margin, on the side that is worse', () => {
    const world = openWorld();
    expect(verdict(world.limit('buy', 1_000, 49_000))).toBe('accepted');
    expect(verdict(world.limit('sell', 1_000, 51_000))).toBe('accepted');
    expect(verdict(world.limit('buy', 1_100, 49_000))).toBe('insufficient_margin');
    expect(verdict(world.limit('buy', 900, 49_000))).toBe('accepted');
  });

  it('takes leverage from the request, else from the account, else 1', () => {
    const world = openWorld();
    const bare = (): OrderRequest => {
      const request = world.request('buy', 300);
      delete (request as { leverage?: number }).leverage;
      return request;
    };
    expect(verdict(world.venue.submit(bare()))).toBe('insufficient_margin');
    expect(
      verdict(
        world.submit('buy', 10, {
          leverage: 5,
          type: 'limit',
          limit: ticks(100_000),
          timeInForce: 'FOK',
          clientId: 'refused',
          reduceOnly: true,
        }),
      ),
    ).toBe('reduce_only');
    expect(verdict(world.venue.submit(bare()))).toBe('insufficient_margin');
    world.venue.setLeverage('BTC-PERP', 2);
    expect(verdict(world.venue.submit(bare()))).toBe('accepted');
    expect(() => world.venue.setLeverage('BTC-PERP', 21)).toThrow('Leverage of BTC-PERP must be from 1 to 20, was 21.');
  });

  it('counts losses of open positions against the margin', () => {
    const world = openWorld();
    world.submit('buy', 1_500);
    world.quote(45_999, 10_000, 46_001, 10_000, T0 + 1);
    expect(verdict(world.submit('buy', 100))).toBe('insufficient_margin');
    expect(verdict(world.submit('sell', 100))).toBe('accepted');
  });

  it('allows 200 open orders of an instrument', () => {
    const world = openWorld();
    for (let i = 0; i < 200; i += 1) expect(verdict(world.limit('buy', 4, 40_000 - i))).toBe('accepted');
    expect(verdict(world.limit('buy', 4, 40_000))).toBe('max_orders');
  });

  it('keeps what a limit gives away within the price band, where one is set, and not what it waits for', () => {
    const world = openWorld({}, { priceBand: new Decimal('0.1') });
    const answer = (side: Side, price: number): string => verdict(world.limit(side, 5, price));
    expect(answer('buy', 41_000)).toBe('accepted');
    expect([answer('buy', 55_000), answer('buy', 55_001)]).toEqual(['accepted', 'price_filter']);
    expect(answer('sell', 90_000)).toBe('accepted');
    expect([answer('sell', 45_000), answer('sell', 44_999)]).toEqual(['accepted', 'price_filter']);
  });

  it('sells on a spot market only what is held and not already offered', () => {
    const world = new SimulatedWorld({ kind: 'spot', maxLeverage: new Decimal(1) });
    world.quote(49_999, 10_000, 50_001, 10_000);
    const spot = { leverage: 1 };
    expect(verdict(world.submit('sell', 5, spot))).toBe('insufficient_margin');
    expect(verdict(world.submit('buy', 300, spot))).toBe('insufficient_margin');
    world.submit('buy', 10, spot);
    expect(verdict(world.limit('sell', 6, 60_000, spot))).toBe('accepted');
    expect(verdict(world.submit('sell', 5, spot))).toBe('insufficient_margin');
    expect(verdict(world.submit('sell', 4, spot))).toBe('accepted');
    expect(world.position).toBe(6);
  });

  it('reads a request of another grid by its decimals and refuses what is off its own grid', () => {
    const world = openWorld();
    const finer = new Instrument({ ...world.instrument.spec, tick: new Decimal('0.1'), step: new Decimal('0.0001') });
    expect(verdict(world.submit('buy', 55, { instrument: finer }))).toBe('lot_size');
    expect(verdict(world.submit('buy', 50, { instrument: finer, type: 'limit', limit: ticks(500_005) }))).toBe(
      'price_filter',
    );
    expect(verdict(world.submit('buy', 50, { instrument: finer, type: 'limit', limit: ticks(500_010) }))).toBe(
      'accepted',
    );
    expect(world.fills).toEqual(['buy 5@50001 taker']);
    expect(world.venue.fills[0]?.lots).toBe(lots(5));
  });
});
