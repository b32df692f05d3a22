import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { readInstrumentEvent, readMarkEvent } from '#src/border/market-events.js';
import { Decimal } from '#src/domain/decimal.js';
import { PerpsBotError } from '#src/domain/errors.js';
import { lots, ticks } from '#src/domain/units.js';
import type { MarketEvent } from '#src/ports/venue/market-event.js';
import { HOUR, matchingOf, MemoryExchangeStore, MINUTE, SimulatedWorld, T0, verdict } from '../simulated-world.js';

const SPEC = { minSize: new Decimal('0.002'), minNotional: new Decimal(90) };

/** A market of 50,000 whose filters change as the rows say. */
function planned(
  rows: readonly string[],
  store?: MemoryExchangeStore,
  header = 'ts_ms,symbol,field,value',
): SimulatedWorld {
  const files = {
    readText: (path: string) => (path === 'changes.csv' ? `${header}\r\n${rows.join('\n')}\n` : undefined),
  };
  return new SimulatedWorld(SPEC, matchingOf({ filterChanges: 'changes.csv' }), store, files);
}

const quote = (world: SimulatedWorld, at: number): void => world.quote(49_999, 500, 50_001, 500, at);
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'none';
  } catch (error) {
    return PerpsBotError.is(error) ? `${error.code} ${error.where ?? ''}`.trim() : String(error);
  }
};

describe('filters that change while the market runs', () => {
  it('meet new orders and leave those that rest', () => {
    const world = new SimulatedWorld(SPEC);
    quote(world, T0);
    expect(verdict(world.limit('buy', 2, 50_000))).toBe('accepted');
    world.venue.redefine('BTC-PERP', { minSize: new Decimal('0.01') }, T0 + 1);
    expect(verdict(world.limit('buy', 2, 50_000))).toBe('lot_size');
    world.trade(49_000, 2, T0 + 2);
    expect(world.fills).toEqual(['buy 2@50000 maker']);
    expect(world.position).toBe(2);
    expect(() => world.venue.assertConsistent()).not.toThrow();
  });

  it('tell the largest order without a limit price apart from the largest one', () => {
    const world = planned([`${T0 + 1_000},BTC-PERP,maxMarketSize,0.005`]);
    quote(world, T0 + 1_000);
    world.venue.advance(T0 + 1_000);
    expect(verdict(world.submit('buy', 6))).toBe('lot_size');
    expect(verdict(world.stop('buy', 6, 51_000))).toBe('lot_size');
    expect(verdict(world.limit('buy', 6, 49_000))).toBe('accepted');
    expect(verdict(world.submit('buy', 5))).toBe('accepted');
  });

  it('are told to whoever watches the market, marks and indices too', () => {
    const world = new SimulatedWorld(SPEC);
    quote(world, T0);
    const told: MarketEvent[] = [];
    const stop = world.venue.watch('book', 'BTC-PERP', (event) => told.push(event));
    world.venue.redefine('BTC-PERP', { tradable: false, maxMarketSize: new Decimal('0.005') }, T0 + 1);
    world.venue.mark('BTC-PERP', world.instrument.toMarks(new Decimal(50_010)), T0 + 2);
    world.venue.index('BTC-PERP', world.instrument.toMarks(new Decimal(50_005)), T0 + 3);
    stop();
    world.venue.index('BTC-PERP', world.instrument.toMarks(new Decimal(50_006)), T0 + 4);
    expect(told).toMatchObject([
      { kind: 'instrument', status: 'halted', at: T0 + 1 },
      { kind: 'mark', mark: new Decimal(50_010), at: T0 + 2 },
      { kind: 'mark', mark: new Decimal(50_010), index: new Decimal(50_005), at: T0 + 3 },
    ]);
    for (const event of told) {
      if (event.kind === 'mark') readMarkEvent(event, T0);
      if (event.kind === 'instrument')
        expect(readInstrumentEvent(event, T0).spec?.maxMarketSize?.toString()).toBe('0.005');
    }
  });

  it('hold before the first fill as after it: the books know one position', () => {
    const world = new SimulatedWorld({ ...SPEC, takerFee: new Decimal('0.001') });
    quote(world, T0);
    world.venue.redefine('BTC-PERP', { takerFee: new Decimal('0.002'), maxSize: new Decimal(9) }, T0);
    world.submit('buy', 10);
    expect(world.venue.markets.get('BTC-PERP')?.position.lots).toBe(10);
    expect(world.instrument.money(world.venue.fills[0]?.fee as never).toString()).toBe('-1.00002');
  });

  it('apply at their instant, before anything else of it', () => {
    const world = planned([`${T0 + 1_000},BTC-PERP,minSize,0.01`]);
    quote(world, T0 + 999);
    expect(verdict(world.limit('buy', 2, 49_000))).toBe('accepted');
    world.venue.advance(T0 + 1_000);
    expect(verdict(world.limit('buy', 2, 49_000))).toBe('lot_size');
  });

  it('close a market to all but cancellations, and open it again', () => {
    const world = planned([`${T0 + 1_000},BTC-PERP,tradable,false`, `${T0 + 2_000},BTC-PERP,tradable,true`]);
    quote(world, T0);
    world.limit('buy', 2, 49_000);
    quote(world, T0 + 1_000);
    expect(verdict(world.submit('buy', 2))).toBe('market_closed');
    expect(world.venue.cancel({ clientId: 'c1', symbol: 'BTC-PERP' }).outcome).toBe('cancelled');
    quote(world, T0 + 2_000);
    expect(verdict(world.submit('buy', 2))).toBe('accepted');
  });

  it('apply inside a bar to what happens after them', () => {
    const world = planned([`${T0 + MINUTE + 25_000},BTC-PERP,makerFee,0.01`]);
    world.bar(0, 50_000, 50_000, 50_000, 50_000);
    world.limit('buy', 2, 49_500);
    world.limit('buy', 2, 49_400);
    // The low is reached in the second third of the minute, from 20 s to 40 s.
    world.bar(1, 50_000, 50_100, 49_000, 50_000);
    expect(world.venue.fills.map((fill) => fill.fee < 0)).toEqual([true, true]);
    const later = planned([`${T0 + MINUTE + 45_000},BTC-PERP,makerFee,0.01`]);
    later.bar(0, 50_000, 50_000, 50_000, 50_000);
    later.limit('buy', 2, 49_500);
    later.bar(1, 50_000, 50_100, 49_000, 50_000);
    expect(later.venue.fills[0]?.fee).toBe(0 - 0);
  });

  it('change the interval of funding: what fell due before is paid, then the new interval counts', () => {
    const world = new SimulatedWorld(
      { ...SPEC, fundingIntervalHours: 8 },
      matchingOf({ filterChanges: 'c' }),
      undefined,
      { readText: () => `ts_ms,symbol,field,value\n${T0 + 9 * HOUR},BTC-PERP,fundingIntervalHours,1\n` },
    );
    quote(world, T0 + 1);
    world.venue.setFundingRate('BTC-PERP', 1e9);
    world.submit('buy', 10);
    world.venue.advance(T0 + 11 * HOUR);
    expect(world.venue.fundings.map((payment) => (payment.at - T0) / HOUR)).toEqual([8, 10, 11]);
  });

  it('survive a restart, those that have applied and those that have not', () => {
    const store = new MemoryExchangeStore();
    const rows = [
      `${T0 + 1_000},BTC-PERP,minSize,0.01`,
      `${T0 + 1_000},BTC-PERP,takerFee,0.003`,
      `${T0 + 5_000},BTC-PERP,minNotional,900`,
    ];
    const world = planned(rows, store);
    quote(world, T0 + 1_000);
    world.venue.redefine('BTC-PERP', { minSize: new Decimal('0.005') }, T0 + 2_000);
    world.venue.flush();
    const next = planned(rows, store);
    expect(verdict(next.limit('buy', 4, 49_000, { clientId: 'small' }))).toBe('lot_size');
    expect(verdict(next.submit('buy', 6, { clientId: 'fine' }))).toBe('accepted');
    expect(next.instrument.money(next.venue.fills[0]?.fee as never).toString()).toBe('-0.900018');
    quote(next, T0 + 5_000);
    expect(verdict(next.submit('buy', 6, { clientId: 'cheap' }))).toBe('min_notional');
  });

  it('keep tiers over a restart', () => {
    const store = new MemoryExchangeStore();
    const world = new SimulatedWorld(SPEC, {}, store);
    quote(world, T0);
    const tier = {
      floor: new Decimal(0),
      cap: new Decimal(1_000),
      rate: new Decimal('0.01'),
      maxLeverage: new Decimal(3),
      cum: new Decimal(0),
    };
    world.venue.redefine('BTC-PERP', { tiers: [tier] }, T0 + 1);
    world.venue.flush();
    expect(new SimulatedWorld(SPEC, {}, store).venue.markets.get('BTC-PERP')?.instrument.spec.tiers).toEqual([tier]);
  });

  it.each<[string, string, string | undefined]>([
    ['DATA-003 changes.csv:2', 'x,BTC-PERP,minSize,1', undefined],
    ['DATA-003 changes.csv:2', '1,,minSize,1', undefined],
    ['DATA-003 changes.csv:2', '1,BTC-PERP,tick,1', undefined],
    ['DATA-003 changes.csv:2', '1,BTC-PERP,tradable,maybe', undefined],
    ['DATA-003 changes.csv:2', '1,BTC-PERP,minSize,1,2', undefined],
    ['DATA-001', '1,BTC-PERP,minSize,NaN', undefined],
    ['DATA-004 changes.csv', '1,BTC-PERP,minSize,1', 'time,symbol,field,value'],
    ['none', '', undefined],
  ])('answers %s to a file with %p', (expected, row, header) => {
    expect(codeOf(() => planned([row], undefined, header))).toBe(expected);
  });

  it('apply whole or not at all', () => {
    const world = new SimulatedWorld(SPEC);
    quote(world, T0);
    expect(() =>
      world.venue.redefine(
        'BTC-PERP',
        { tradable: false, makerFee: new Decimal('0.001'), takerFee: new Decimal('1e30') },
        T0 + 1,
      ),
    ).toThrow('Rate must be a whole number');
    expect(verdict(world.submit('buy', 2))).toBe('accepted');
    expect(world.venue.markets.get('BTC-PERP')).toMatchObject({ tradable: true, makerRate: 0, changes: {} });
  });

  it('must be in a file that exists', () => {
    expect(codeOf(() => new SimulatedWorld({}, matchingOf({ filterChanges: 'nowhere.csv' })))).toBe(
      'DATA-002 nowhere.csv',
    );
  });

  it('let an order that was too small then be amended to what fits now', () => {
    const world = new SimulatedWorld(SPEC);
    quote(world, T0);
    world.limit('buy', 4, 49_000, { clientId: 'a' });
    world.venue.redefine('BTC-PERP', { minSize: new Decimal('0.01') }, T0 + 1);
    const change = (size: number): string =>
      verdict(
        world.venue.amend({ ref: { clientId: 'a', symbol: 'BTC-PERP' }, lots: lots(size), limit: ticks(49_001) }),
      );
    expect([change(5), change(10)]).toEqual(['lot_size', 'accepted']);
  });
});
