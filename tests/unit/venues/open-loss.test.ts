import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal } from '#src/domain/decimal.js';
import type { InstrumentSpec } from '#src/domain/instrument.js';
import type { OrderTerms, Side } from '#src/domain/order.js';
import { lots, marks, ticks } from '#src/domain/units.js';
import { equityOf, initialMargin } from '#src/venues/simulated/core/margin.js';
import { d, MarginWorld, usd } from './margin-world.js';
import { SimulatedWorld, T0, verdict } from './simulated-world.js';

/** A market whose mark is its own, so that bid and ask may lie far from it. */
function worldOf(
  equity: string,
  mark: number,
  bid: number,
  ask: number,
  spec: Partial<InstrumentSpec> = {},
): SimulatedWorld {
  const world = new SimulatedWorld(
    { step: d(1), minSize: d(1), maxLeverage: d(50), maintenanceRate: d('0.001'), ...spec },
    { equity: d(equity) },
  );
  world.venue.mark('BTC-PERP', marks(Math.round(mark * world.instrument.marksPerTick)), T0);
  world.quote(bid, 1_000, ask, 1_000);
  return world;
}

describe('the cost of an order is its initial margin and its open loss', () => {
  it("as in Binance's example: sell 1 at 9,253.30, mark 9,259.84, 20x, costs 469.21", () => {
    const sell = (equity: string): SimulatedWorld => worldOf(equity, 925_984, 925_200, 926_000, { tick: d('0.01') });
    const order: Partial<OrderTerms> = { type: 'limit', limit: ticks(925_330), leverage: 20 };
    const world = sell('10000');
    const preview = world.venue.preview(world.request('sell', 1, order));
    expect(preview).toMatchObject({ initial_margin: '462.665', open_loss: '6.54' });
    const cost = new Decimal(String(preview['initial_margin'])).plus(String(preview['open_loss']));
    expect(cost.toDecimalPlaces(2, Decimal.ROUND_UP).toString()).toBe('469.21');
    expect(verdict(sell('469.20').submit('sell', 1, order))).toBe('insufficient_margin');
    expect(verdict(sell('469.21').submit('sell', 1, order))).toBe('accepted');
  });

  const ways: readonly (readonly [string, Partial<OrderTerms>])[] = [
    ['a limit order', { type: 'limit', limit: ticks(110) }],
    ['an immediate-or-cancel order', { type: 'limit', limit: ticks(110), timeInForce: 'IOC' }],
    ['a market order', {}],
  ];
  it.each(ways)('%s of 9 at 110 with the mark at 100 and 10x costs 189', (_name, terms) => {
    const at = (equity: string): SimulatedWorld => worldOf(equity, 100, 109, 110);
    expect(verdict(at('100').submit('buy', 9, terms))).toBe('insufficient_margin');
    expect(verdict(at('188.99').submit('buy', 9, terms))).toBe('insufficient_margin');
    expect(verdict(at('189').submit('buy', 9, terms))).toBe('accepted');
  });

  it.each(ways)('and %s that sells below the mark likewise', (_name, terms) => {
    const at = (equity: string): SimulatedWorld => worldOf(equity, 100, 90, 91);
    const order = terms.limit === undefined ? terms : { ...terms, limit: ticks(90) };
    // 9 x 90 / 10 = 81, and 9 x (100 - 90) = 90.
    expect(verdict(at('170.99').submit('sell', 9, order))).toBe('insufficient_margin');
    expect(verdict(at('171').submit('sell', 9, order))).toBe('accepted');
  });

  it('what rests binds it too, and an amendment to a worse price is asked anew', () => {
    const world = worldOf('300', 100, 108, 111);
    expect(verdict(world.limit('buy', 9, 110))).toBe('accepted');
    expect(verdict(world.limit('buy', 9, 110))).toBe('insufficient_margin');
    const amend = (price: number): string =>
      verdict(world.venue.amend({ ref: { clientId: 'c1', symbol: 'BTC-PERP' }, limit: ticks(price) }));
    // At 125: 9 x 12.5 + 9 x 25 = 337.5.
    expect(amend(125)).toBe('insufficient_margin');
    expect(amend(109)).toBe('accepted');
  });

  it('a close is not refused for the loss it makes, and neither is a stop that waits', () => {
    const world = worldOf('101', 100, 100, 100);
    world.venue.trade('BTC-PERP', ticks(100), lots(1), T0);
    expect(verdict(world.submit('buy', 10))).toBe('accepted');
    world.quote(80, 1_000, 100, 1_000, T0 + 1);
    expect(verdict(world.limit('sell', 10, 95))).toBe('accepted');
    world.venue.cancel({ clientId: 'c2', symbol: 'BTC-PERP' });
    expect(verdict(world.stop('sell', 10, 80))).toBe('accepted');
  });

  it('spot and a market without a loss bind what they did', () => {
    const world = worldOf('1000', 100, 100, 100);
    expect(world.venue.preview(world.request('buy', 10))).toMatchObject({ initial_margin: '100', open_loss: '0' });
  });

  it('so no order is taken whose execution would leave less than the initial margin of its position', () => {
    const step = fc.record({
      side: fc.constantFrom<Side>('buy', 'sell'),
      size: fc.integer({ min: 1, max: 40 }),
      limit: fc.option(fc.integer({ min: 70, max: 130 })),
      mark: fc.integer({ min: 95, max: 105 }),
      bid: fc.integer({ min: 80, max: 119 }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), fc.constantFrom(1, 5, 20), (steps, leverage) => {
        const world = worldOf('400', 100, 100, 101);
        steps.forEach(({ side, size, limit, mark, bid }, index) => {
          const { venue, instrument } = world;
          venue.mark('BTC-PERP', marks(mark * instrument.marksPerTick), T0 + index);
          world.quote(bid, 1_000, bid + 1, 1_000, T0 + index);
          const market = venue.markets.get('BTC-PERP');
          if (market === undefined) throw new Error('no market');
          const before = market.position.lots;
          const terms: Partial<OrderTerms> = limit === null ? {} : { type: 'limit', limit: ticks(limit) };
          const { outcome } = world.submit(side, size, {
            leverage,
            timeInForce: limit === null ? 'GTC' : 'IOC',
            ...terms,
          });
          const after = market.position.lots;
          // Only what opened is asked for: what closes is never refused. Margin is asked at the order's price, which is
          // at most 40 from the mark; the loss is exact.
          if (outcome === 'accepted' && Math.abs(after) > Math.abs(before))
            expect(equityOf(venue.account, venue.markets.values())).toBeGreaterThanOrEqual(
              initialMargin(market, venue.account.leverageOf('BTC-PERP')) - usd((size * 40) / leverage),
            );
        });
      }),
      {
        examples: [
          // Turned from 7 short to 21 long at 114, with the mark at 101: what closing loses is gone before they open.
          [
            [
              { side: 'sell', size: 7, limit: null, mark: 95, bid: 101 },
              { side: 'buy', size: 28, limit: null, mark: 101, bid: 113 },
            ],
            20,
          ],
        ],
      },
    );
  });
});

describe('isolated margin of a position with a profit', () => {
  const profitable = (): MarginWorld => {
    const world = new MarginWorld({ mode: 'isolated' }, { maintenanceRate: d('0.005') }, 1_000);
    return world.at(100).open(100, 10).at(120);
  };

  it('can be taken out down to maintenance: 94 of 100 (Binance: min(wallet - maintenance, wallet + profit - margin))', () => {
    const world = profitable();
    const take = (amount: string) => (): void => world.venue.moveIsolatedMargin('BTC-PERP', d(amount));
    expect(take('-94.00000001')).toThrow('must leave the position of BTC-PERP its maintenance margin');
    expect(take('-94')).not.toThrow();
    expect(world.venue.account.ledger.margin).toBe(usd(6));
    expect(take('-0.00000001')).toThrow('must leave the position of BTC-PERP its maintenance margin');
    world.venue.assertConsistent();
  });

  it('and what is left is never due, and holds its initial margin with the profit, at any mark and side', () => {
    const cases = fc.record({
      price: fc.integer({ min: 60, max: 180 }),
      size: fc.integer({ min: -300, max: 300 }),
      take: fc.nat(4_000),
    });
    fc.assert(
      fc.property(cases, ({ price, size, take }) => {
        if (size === 0) return;
        const world = new MarginWorld({ mode: 'isolated' }, {}, 10_000);
        world.at(100).open(size, 10).at(price);
        const { position, wallet } = world.venue.account.holdings(world.instrument).net;
        if (position.lots === 0) return;
        try {
          world.venue.moveIsolatedMargin('BTC-PERP', d(-take).div(10));
        } catch {
          return;
        }
        const { net } = world.venue.account.holdings(world.instrument);
        expect(net.wallet).toBeLessThanOrEqual(wallet);
        const value = usd(Math.abs(net.position.lots) * 0.1 * price);
        const profit = net.position.unrealised(marks(price * world.instrument.marksPerTick));
        if (take > 0) {
          expect(net.wallet + profit).toBeGreaterThanOrEqual(value / 10);
          expect(net.wallet).toBeGreaterThanOrEqual(value / 100);
        }
        expect(world.forced).toEqual([]);
      }),
    );
  });
});
