import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { fundingStamps } from '#src/data/tables/funding-schedule.js';
import { Decimal } from '#src/domain/decimal.js';
import { RATE_SCALE } from '#src/domain/instrument.js';
import { marks, ticks } from '#src/domain/units.js';
import { HOUR, MemoryExchangeStore, MINUTE, SimulatedWorld, T0 } from './simulated-world.js';

const HOUR_AFTER = Math.ceil((T0 + 2 * MINUTE) / HOUR) * HOUR;
const at = (minute: number): number => T0 + minute * MINUTE;

/** `minute lots amount` of every payment. */
const paid = (world: SimulatedWorld): string[] =>
  world.venue.fundings.map(
    (payment) =>
      `${(payment.at - T0) / MINUTE} ${payment.lots} ${payment.amount === undefined ? 'gap' : world.instrument.money(payment.amount).toString()}`,
  );

describe('funding of the exchange inside', () => {
  it('charges a long at a positive rate on its value at mark, and credits a short', () => {
    const world = new SimulatedWorld();
    world.venue.fundingSchedule('BTC-PERP', [
      { at: at(2), rate: new Decimal('0.001') },
      { at: at(4), rate: new Decimal('0.001') },
    ]);
    world.bar(0, 50_000, 50_000, 50_000, 50_000);
    world.submit('buy', 10);
    world.bar(1, 50_000, 50_000, 50_000, 51_000);
    world.bar(2, 51_000, 51_000, 51_000, 51_000);
    world.submit('sell', 20);
    world.bar(3, 52_000, 52_000, 52_000, 52_000);
    world.bar(4, 52_000, 52_000, 52_000, 52_000);
    expect(paid(world)).toEqual(['2 10 -0.51', '4 -10 0.52']);
    expect(world.instrument.money(world.venue.account.ledger.income('funding')).toString()).toBe('0.01');
    expect(() => world.venue.assertConsistent()).not.toThrow();
  });

  it('pays a stamp before the fills of its instant, on the mark of that instant', () => {
    const world = new SimulatedWorld();
    world.venue.fundingSchedule('BTC-PERP', [{ at: at(1), rate: new Decimal('0.001') }]);
    world.bar(0, 50_000, 50_000, 50_000, 50_000);
    world.submit('buy', 10);
    world.bar(1, 60_000, 60_000, 60_000, 60_000);
    expect(paid(world)).toEqual(['1 0 0']);
    expect(world.events.map((event) => event.kind)).toEqual(['order', 'funding', 'fill', 'order']);
    expect(world.venue.fundings[0]?.markPrice?.toString()).toBe('50000');
  });

  it.each([-3, 0, 17])('some milliseconds of a recorder do not decide who pays: %i', (ms) => {
    const world = new SimulatedWorld();
    const known = [{ at: HOUR_AFTER + ms, rate: new Decimal('0.001') }];
    const span = { from: T0, to: HOUR_AFTER + HOUR, fallbackHours: 0 };
    world.venue.fundingSchedule('BTC-PERP', fundingStamps(known, span));
    const minute = (HOUR_AFTER - T0) / MINUTE;
    world.bar(minute - 2, 50_000, 50_000, 50_000, 50_000);
    world.submit('buy', 10);
    world.bar(minute - 1, 50_000, 50_000, 50_000, 50_000);
    // Decided at the close of the bar that ends at the stamp: of two who trade there only the old position pays.
    world.submit('buy', 10);
    world.bar(minute, 50_000, 50_000, 50_000, 50_000);
    expect(paid(world)).toEqual([`${minute} 10 -0.5`]);
    expect(world.position).toBe(20);
  });

  it('pays a stamp within a bar between the fills around it, at the open', () => {
    const world = new SimulatedWorld();
    world.venue.fundingSchedule('BTC-PERP', [
      { at: at(2) + 1_000, rate: new Decimal('0.001') },
      { at: at(2) + 59_000, rate: new Decimal('0.001') },
    ]);
    world.bar(0, 50_000, 50_000, 50_000, 50_000);
    world.submit('buy', 10);
    world.bar(1, 50_000, 50_000, 50_000, 50_000);
    world.stop('sell', 10, 49_000, { reduceOnly: true });
    world.bar(2, 49_900, 50_000, 48_000, 48_000);
    expect(world.venue.fundings.map((payment) => `${payment.lots} ${payment.markPrice?.toString()}`)).toEqual([
      '10 49900',
      '0 49900',
    ]);
    expect(
      world.events.filter((event) => event.kind === 'funding' || event.kind === 'fill').map((event) => event.kind),
    ).toEqual(['fill', 'funding', 'fill', 'funding']);
  });

  it('leaves a stamp at the close to what comes next', () => {
    const world = new SimulatedWorld();
    world.venue.fundingSchedule('BTC-PERP', [{ at: at(1), rate: new Decimal('0.001') }]);
    world.bar(0, 50_000, 50_000, 50_000, 50_500);
    expect(paid(world)).toEqual([]);
    world.venue.advance(at(1));
    expect(paid(world)).toEqual(['1 0 0']);
    expect(world.venue.fundings[0]?.markPrice?.toString()).toBe('50500');
  });

  it('names a stamp without a rate as a gap, never as zero', () => {
    const world = new SimulatedWorld();
    world.venue.fundingSchedule('BTC-PERP', [{ at: at(2), rate: undefined }]);
    world.bar(0, 50_000, 50_000, 50_000, 50_000);
    world.submit('buy', 10);
    world.bar(1, 50_000, 50_000, 50_000, 50_000);
    world.venue.advance(at(2));
    expect(paid(world)).toEqual(['2 10 gap']);
    expect(world.venue.fundings[0]?.rate).toBeUndefined();
    expect(world.venue.account.ledger.funding).toBe(0);
  });

  it('takes stamps off the hour at their own instant, and none from before the market opened', () => {
    const world = new SimulatedWorld();
    world.venue.fundingSchedule('BTC-PERP', [
      { at: at(2) + 7, rate: new Decimal('0.001') },
      { at: at(-60) + 3, rate: new Decimal('0.001') },
    ]);
    for (let minute = 0; minute < 4; minute += 1) world.bar(minute, 50_000, 50_000, 50_000, 50_000);
    expect(world.venue.fundings.map((payment) => payment.at)).toEqual([at(2) + 7]);
  });

  it('follows the instrument interval with the rate the driver names; without one every stamp is a gap', () => {
    const world = new SimulatedWorld({ fundingIntervalHours: 8 });
    world.quote(49_999, 100, 50_001, 100, T0 + 1);
    world.submit('buy', 10);
    world.quote(49_999, 100, 50_001, 100, T0 + 8 * HOUR + 5);
    world.venue.setFundingRate('BTC-PERP', 0.0001 * RATE_SCALE);
    world.venue.mark('BTC-PERP', marks(52_000 * world.instrument.marksPerTick), T0 + 15 * HOUR);
    world.venue.advance(T0 + 16 * HOUR);
    expect(paid(world)).toEqual(['480 10 gap', '960 10 -0.052']);
  });

  it('pays no stamp twice: not when it is named twice, nor when the schedule is given again, nor after a restart', () => {
    const stamps = [2, 2, 4].map((minute) => ({ at: at(minute), rate: new Decimal('0.001') }));
    const store = new MemoryExchangeStore();
    const world = new SimulatedWorld({}, {}, store);
    world.quote(50_000, 100, 50_000, 100, at(0));
    world.venue.fundingSchedule('BTC-PERP', stamps);
    world.submit('buy', 10);
    world.quote(50_000, 100, 50_000, 100, at(2));
    world.venue.fundingSchedule('BTC-PERP', stamps);
    world.venue.advance(at(3));
    world.venue.flush();
    const next = new SimulatedWorld({}, {}, store);
    next.venue.fundingSchedule('BTC-PERP', stamps);
    next.quote(50_000, 100, 50_000, 100, at(5));
    expect(paid(next)).toEqual(['2 10 -0.5', '4 10 -0.5']);
    next.venue.assertConsistent();
  });

  it('pays what fell due before an order that executes at the standing quote', () => {
    const world = new SimulatedWorld({ fundingIntervalHours: 8 });
    const second = { ...world.instrument.spec, symbol: 'ETH-PERP' };
    world.config.apply({
      updated: {
        ...world.config.current,
        symbols: ['BTC-PERP', 'ETH-PERP'],
        instruments: { ...world.config.current.instruments, 'ETH-PERP': second },
      },
      diff: {},
    });
    world.quote(49_999, 100, 50_001, 100, T0 + 1);
    world.venue.quote(
      'ETH-PERP',
      ticks(2_999),
      world.request('buy', 50).lots,
      ticks(3_001),
      world.request('buy', 50).lots,
      T0 + 8 * HOUR,
    );
    world.submit('buy', 10);
    expect(
      world.events.filter((event) => event.kind === 'funding' || event.kind === 'fill').map((event) => event.kind),
    ).toEqual(['funding', 'fill']);
    expect(paid(world).at(-1)).toBe('480 0 gap');
  });
});
