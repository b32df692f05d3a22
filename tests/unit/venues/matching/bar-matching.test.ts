import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { marks, ticks } from '#src/domain/units.js';
import { MINUTE, SimulatedWorld, T0, verdict } from '../simulated-world.js';

describe('matching against bars (B-99)', () => {
  it('fills a market order sent between bars no earlier than the next open', () => {
    const world = new SimulatedWorld();
    world.bar(0, 100, 110, 90, 105);
    world.submit('buy', 10);
    expect(world.fills).toEqual([]);
    world.bar(1, 107, 109, 106, 108);
    expect(world.fills).toEqual(['buy 10@107 taker']);
    expect(world.venue.fills[0]?.at).toBe(T0 + MINUTE);
  });

  it('moves the open against a market order by half the spread, to the tick', () => {
    const world = new SimulatedWorld({}, { barHalfSpreadBps: new Decimal(5) });
    world.bar(0, 10_000, 10_000, 10_000, 10_000);
    world.submit('buy', 1);
    world.submit('sell', 1);
    world.bar(1, 10_001, 10_010, 9_990, 10_000);
    expect(world.fills).toEqual(['buy 1@10007 taker', 'sell 1@9995 taker']);
  });

  it('leaves out an order that was sent after the bar opened', () => {
    const world = new SimulatedWorld();
    world.bar(0, 100, 110, 90, 105);
    world.venue.advance(T0 + MINUTE + 20_000);
    world.submit('buy', 10);
    world.bar(1, 107, 109, 106, 108);
    expect(world.fills).toEqual([]);
    world.bar(2, 111, 112, 110, 111);
    expect(world.fills).toEqual(['buy 10@111 taker']);
  });

  it('fills a resting limit at its price when the path goes beyond it, not when it touches', () => {
    const world = new SimulatedWorld();
    world.bar(0, 100, 100, 100, 100);
    world.limit('buy', 5, 95);
    world.bar(1, 100, 101, 95, 100);
    expect(world.fills).toEqual([]);
    world.bar(2, 100, 101, 94, 100);
    expect(world.fills).toEqual(['buy 5@95 maker']);
  });

  it('fills a resting limit at the open when the open is beyond it', () => {
    const world = new SimulatedWorld();
    world.bar(0, 100, 100, 100, 100);
    world.limit('buy', 5, 95);
    world.bar(1, 92, 93, 91, 92);
    // At its own price, as on quotes: nobody sells to the best bid for less than it offers.
    expect(world.fills).toEqual(['buy 5@95 maker']);
  });

  it('fills a limit that would have taken on arrival as taker at the open, or lets it rest', () => {
    const world = new SimulatedWorld({}, { barHalfSpreadBps: new Decimal(100) });
    world.bar(0, 1_000, 1_000, 1_000, 1_000);
    world.limit('buy', 5, 1_010);
    world.bar(1, 999, 1_000, 999, 1_000);
    expect(world.fills).toEqual(['buy 5@1009 taker']);
    world.limit('buy', 5, 1_010);
    world.bar(2, 1_005, 1_020, 1_005, 1_020);
    expect(world.fills).toHaveLength(1);
    expect(world.venue.openOrders()).toHaveLength(1);
    world.bar(3, 1_020, 1_020, 1_009, 1_020);
    expect(world.fills.slice(1)).toEqual(['buy 5@1010 maker']);
  });

  it('triggers a stop on the path and fills it at its price, or at the open when the open has gapped through', () => {
    const world = new SimulatedWorld();
    world.bar(0, 100, 100, 100, 100);
    world.stop('sell', 1, 95);
    world.stop('sell', 2, 90);
    world.bar(1, 100, 101, 95, 100);
    expect(world.fills).toEqual(['sell 1@95 taker']);
    world.bar(2, 85, 86, 84, 85);
    expect(world.fills).toEqual(['sell 1@95 taker', 'sell 2@85 taker']);
  });

  it('visits the adverse extreme of a long position first: the stop before the target', () => {
    const world = new SimulatedWorld();
    world.bar(0, 100, 100, 100, 100);
    world.submit('buy', 1);
    world.bar(1, 100, 100, 100, 100);
    world.limit('sell', 1, 104, { reduceOnly: true });
    world.stop('sell', 1, 96, { reduceOnly: true });
    world.bar(2, 100, 105, 95, 100);
    expect(world.fills.slice(1)).toEqual(['sell 1@96 taker']);
    expect(world.reports.at(-1)).toBe('c2 expired');
  });

  it('visits the high first for a short position', () => {
    const world = new SimulatedWorld();
    world.bar(0, 100, 100, 100, 100);
    world.submit('sell', 1);
    world.bar(1, 100, 100, 100, 100);
    world.limit('buy', 1, 96, { reduceOnly: true });
    world.stop('buy', 1, 104, { reduceOnly: true });
    world.bar(2, 100, 105, 95, 100);
    expect(world.fills.slice(1)).toEqual(['buy 1@104 taker']);
  });

  it('lets an entry from flat be followed by the move against it, within the same bar', () => {
    const world = new SimulatedWorld();
    world.bar(0, 100, 100, 100, 100);
    world.limit('buy', 2, 98);
    world.limit('sell', 1, 104);
    world.bar(1, 100, 105, 95, 96);
    // Net buying: the high comes first, so the sale is made before the purchase and not as its profit.
    expect(world.fills).toEqual(['sell 1@104 maker', 'buy 2@98 maker']);
  });

  it('triggers a stop-limit on the path and fills it only where the path accepts its limit', () => {
    const world = new SimulatedWorld();
    world.bar(0, 100, 100, 100, 100);
    world.submit('buy', 3, { type: 'stop_limit', stop: ticks(105), limit: ticks(104) });
    world.bar(1, 104, 106, 104, 106);
    expect(world.fills).toEqual([]);
    world.bar(2, 105, 106, 103, 105);
    expect(world.fills).toEqual(['buy 3@104 maker']);
  });

  it('keeps all fills of a bar within its share of volume, and ends the rest of a market order', () => {
    const world = new SimulatedWorld({}, { maxVolumeShare: new Decimal('0.1') });
    world.bar(0, 100, 100, 100, 100);
    world.submit('buy', 30);
    world.bar(1, 100, 100, 100, 100, 205);
    expect(world.fills).toEqual(['buy 20@100 taker']);
    expect(world.reports.at(-1)).toBe('c1 expired');
  });

  it('lets a limit order fill over several bars within the share of volume', () => {
    const world = new SimulatedWorld({}, { maxVolumeShare: new Decimal('0.1') });
    world.bar(0, 100, 100, 100, 100);
    world.limit('buy', 30, 99);
    world.bar(1, 100, 100, 90, 100, 200);
    world.bar(2, 100, 100, 90, 100, 200);
    expect(world.fills).toEqual(['buy 20@99 maker', 'buy 10@99 maker']);
  });

  it('lets a market order wait while no volume may be taken, also when volume is not known', () => {
    const world = new SimulatedWorld({}, { maxVolumeShare: new Decimal('0.5') });
    world.bar(0, 100, 100, 100, 100);
    world.submit('buy', 3);
    world.bar(1, 100, 100, 100, 100, 0);
    world.bar(2, 100, 100, 100, 100, Number.NaN);
    expect(world.fills).toEqual([]);
    world.bar(3, 101, 101, 101, 101, 10);
    expect(world.fills).toEqual(['buy 3@101 taker']);
  });

  it('values positions at the close, unless the data has marks of its own', () => {
    const world = new SimulatedWorld();
    world.bar(0, 100, 110, 90, 105);
    expect(world.venue.markOf('BTC-PERP')).toBe(105 * world.instrument.marksPerTick);
    world.venue.mark('BTC-PERP', marks(10_777), T0 + MINUTE);
    world.bar(1, 105, 110, 90, 100);
    expect(world.venue.markOf('BTC-PERP')).toBe(10_777);
  });

  it('does not trigger a stop by mark on the path of last prices when there are marks', () => {
    const world = new SimulatedWorld();
    world.bar(0, 100, 100, 100, 100);
    world.venue.mark('BTC-PERP', marks(100 * world.instrument.marksPerTick), T0 + MINUTE);
    world.stop('sell', 1, 95, { triggerBy: 'mark' });
    world.bar(1, 100, 100, 90, 100);
    expect(world.fills).toEqual([]);
    world.venue.mark('BTC-PERP', marks(95 * world.instrument.marksPerTick), T0 + 2 * MINUTE);
    world.bar(2, 99, 99, 99, 99);
    expect(world.fills).toEqual(['sell 1@99 taker']);
  });

  it('knows no price before the first bar: an order is refused', () => {
    const world = new SimulatedWorld();
    expect(verdict(world.submit('buy', 1))).toBe('no_liquidity');
    expect(world.venue.markOf('BTC-PERP')).toBeUndefined();
  });
});
