import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { MoneyUnit } from '#src/domain/instrument.js';
import { lots } from '#src/domain/units.js';
import { totalEquity } from '#src/venues/simulated/core/margin.js';
import { accountSnapshot, balancesOf, positionsOf } from '#src/venues/simulated/brokerage/account-views.js';
import { MemoryExchangeStore, SimulatedWorld, T0, verdict } from './simulated-world.js';

const d = (value: string | number): Decimal => new Decimal(value);
const HUNDREDTHS = new MoneyUnit(2);
/** Ten million lots of 0.001 at a million are worth 10^10; a hundred times that is what the largest account holds. */
const world = (store?: MemoryExchangeStore): SimulatedWorld =>
  new SimulatedWorld({ takerFee: d('0.0005') }, { equity: d(1e12) }, store, undefined, HUNDREDTHS);

describe('an account of 10^12', () => {
  it('opens, grows, is valued, pays and closes without an end of exact money on the way', () => {
    const large = world();
    const at = (price: number, minute: number): void => large.quote(price, 1e12, price, 1e12, T0 + minute * 60_000);
    at(1_000_000, 0);
    expect(verdict(large.submit('buy', 900_000_000))).toBe('accepted');
    expect(large.position).toBe(900_000_000);
    at(50_000_000, 1);
    const { account, markets } = large.venue;
    // 0.9 million coins from 1 to 50 million: 44.1 × 10^12, less a fee of 0.05 % of 0.9 × 10^12.
    expect(account.unit.of(totalEquity(account, markets.values())).toString()).toBe('45099550000000');
    expect(positionsOf(large.venue)[0]?.maintenanceMargin?.gt(1e11)).toBe(true);
    expect(balancesOf(large.venue)[0]?.total.toString()).toBe('999550000000');
    expect(accountSnapshot(large.venue, 10)['equity']).toBe('45099550000000');
    expect(verdict(large.submit('sell', 900_000_000, { reduceOnly: true }))).toBe('accepted');
    expect(large.position).toBe(0);
    expect(account.unit.of(account.ledger.cash).toString()).toBe('45077050000000');
    large.venue.assertConsistent();
  });

  it('keeps its unit with its state, and is refused by a run that counts otherwise', () => {
    const store = new MemoryExchangeStore();
    const first = world(store);
    first.quote(1_000_000, 1e12, 1_000_000, 1e12);
    first.submit('buy', 900_000_000);
    first.venue.close();
    const cash = first.venue.account.ledger.cash;
    expect(world(store).venue.account.ledger.cash).toBe(cash);
    expect(() => new SimulatedWorld({}, { equity: d(10_000) }, store)).toThrow(
      expect.objectContaining({ code: 'STORE-002' }),
    );
  });
});

describe('a close is never refused for its size', () => {
  it('whatever its price makes of it; what would open is, by name', () => {
    const ordinary = new SimulatedWorld({}, { equity: d(80_000_000) });
    ordinary.quote(50_000, 1e12, 50_000, 1e12);
    expect(verdict(ordinary.submit('buy', 1_500_000))).toBe('accepted');
    expect(verdict(ordinary.limit('sell', 1_500_000, 100_000, { reduceOnly: true }))).toBe('accepted');
    expect(verdict(ordinary.stop('sell', 1_500_000, 100, { reduceOnly: true }))).toBe('accepted');
    expect(verdict(ordinary.limit('sell', 1_500_000, 100_000))).toBe('lot_size');
    ordinary.quote(51_000, 1e12, 51_000, 1e12, T0 + 60_000);
    expect(ordinary.venue.account.position(ordinary.instrument).lots).toBe(lots(1_500_000));
    expect(verdict(ordinary.submit('sell', 1_500_000, { reduceOnly: true }))).toBe('accepted');
    expect(ordinary.position).toBe(0);
  });
});
