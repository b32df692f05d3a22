import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { JournaledMoney } from '#src/services/accounting/journaled-money.js';
import { FakeConfigController, testConfig } from '../../support/config.js';
import { FakeEventStore } from '../../support/memory-event-store.js';

const d = (value: string | number): Decimal => new Decimal(value);

function money(maxPositionSize: number, equity = 10_000): JournaledMoney {
  const { risk, simulation } = testConfig();
  return new JournaledMoney(
    new FakeConfigController(
      testConfig({
        risk: { ...risk, maxPositionSize: d(maxPositionSize) },
        simulation: { ...simulation, equity: d(equity) },
      }),
    ),
  );
}

const digitsOf = (maxPositionSize: number, journal = new FakeEventStore(), equity?: number): number => {
  const chosen = money(maxPositionSize, equity);
  chosen.takeUp(journal);
  return chosen.unit.digits;
};

describe('the unit of money follows the configured limits, and is kept for a journal’s life', () => {
  it.each([
    [1_000, 10_000, 8],
    [1_000_000, 1_000_000, 8],
    [1_000_000.5, 10_000, 8],
    [2_000_000, 10_000, 7],
    [1_000, 2_000_000, 7],
    [1e9, 1e9, 5],
    [1e12, 1e12, 2],
  ])('positions of up to %d and an account of %d count in 10^-%3$d', (limit, equity, digits) => {
    expect(digitsOf(limit, new FakeEventStore(), equity)).toBe(digits);
  });

  it('a journal that begins is told of a coarser unit alone, and keeps it when the limits fall or rise', () => {
    const journal = new FakeEventStore();
    expect(digitsOf(1e9, journal)).toBe(5);
    expect(journal.payloads('money_unit')).toEqual([{ digits: 5 }]);
    expect([digitsOf(1_000, journal), digitsOf(5e9, journal)]).toEqual([5, 5]);
    expect(journal.events).toHaveLength(1);

    const ordinary = new FakeEventStore();
    expect(digitsOf(1_000, ordinary)).toBe(8);
    expect(ordinary.events).toEqual([]);
  });

  it('refuses by name, while it runs, a raise that the unit of the journal cannot hold', () => {
    const config = new FakeConfigController(testConfig());
    const chosen = new JournaledMoney(config);
    const raised = (maxPositionSize: number) =>
      testConfig({ risk: { ...testConfig().risk, maxPositionSize: d(maxPositionSize) } });
    // Nobody counts in it yet.
    config.apply({ updated: raised(1_000), diff: {} });
    chosen.takeUp(new FakeEventStore());
    expect(() => chosen.assertHolds(raised(5_000_000))).not.toThrow();
    const refused = /risk\.maxPositionSize must be below 90071992 .*1e-8, was 100000000/;
    expect(() => chosen.assertHolds(raised(1e8))).toThrow(refused);
    expect(() => config.apply({ updated: raised(1e8), diff: {} })).toThrow(refused);
  });

  it('a journal of before counts in 10^-8, and refuses by name what that cannot hold', () => {
    const journal = new FakeEventStore();
    journal.append('account', { account: 'a', venue: 'simulated' });
    expect(digitsOf(5_000_000, journal)).toBe(8);
    expect(() => digitsOf(1e8, journal)).toThrow(/risk\.maxPositionSize must be below 90071992 .*1e-8, was 100000000/);
    expect(() => digitsOf(1_000, journal, 1e9)).toThrow(/simulation\.equity must be below 90071992/);
    expect(journal.payloads('money_unit')).toEqual([]);
  });

  it('a live account is measured by its limits alone', () => {
    const { simulation } = testConfig();
    const live = new JournaledMoney(
      new FakeConfigController(testConfig({ world: 'live', simulation: { ...simulation, equity: d(1e12) } })),
    );
    expect(live.unit.digits).toBe(8);
  });

  it('is never changed under somebody who counts in it, and a damaged record is refused', () => {
    const journal = new FakeEventStore();
    journal.append('money_unit', { digits: 3 });
    const early = money(1_000);
    expect(early.unit.digits).toBe(8);
    expect(() => early.takeUp(journal)).toThrow(expect.objectContaining({ code: 'NUM-002' }));

    const damaged = new FakeEventStore();
    damaged.append('money_unit', { digits: '3' });
    expect(() => digitsOf(1_000, damaged)).toThrow(expect.objectContaining({ code: 'STORE-001' }));
  });
});
