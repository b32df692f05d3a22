import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { HOUR, MINUTE, SimulatedWorld, T0 } from './simulated-world.js';

describe('a mark that the data tells no more', () => {
  /** Nine times the money, long at 100, with a mark of 100 of the venue's own. */
  function held(): SimulatedWorld {
    const world = new SimulatedWorld({ maxLeverage: new Decimal(100) });
    world.quote(100, 10_000_000, 101, 10_000_000, T0);
    world.venue.mark('BTC-PERP', world.instrument.toMarks(new Decimal(100)), T0);
    world.submit('buy', 900_000);
    return world;
  }
  const falls = (world: SimulatedWorld): void => {
    world.quote(50, 10_000_000, 51, 10_000_000, T0 + MINUTE);
  };

  it('keeps nobody from liquidation: the price that everybody sees values what is held again', () => {
    const world = held();
    falls(world);
    expect(world.venue.fills.some(({ cause }) => cause === 'liquidation')).toBe(false);
    world.venue.lapse('BTC-PERP', 'mark', T0 + HOUR);
    expect(world.venue.fills.some(({ cause }) => cause === 'liquidation')).toBe(true);
    world.venue.assertConsistent();
  });

  it('follows the price from then on, until the data tells one again', () => {
    const world = held();
    world.venue.lapse('BTC-PERP', 'mark', T0 + 1);
    world.quote(98, 10_000, 100, 10_000, T0 + MINUTE);
    const markOf = (): string => world.instrument.markPrice(world.venue.markOf('BTC-PERP') as never).toString();
    expect(markOf()).toBe('99');
    world.venue.mark('BTC-PERP', world.instrument.toMarks(new Decimal('97.5')), T0 + MINUTE);
    world.quote(96, 10_000, 98, 10_000, T0 + 2 * MINUTE);
    expect(markOf()).toBe('97.5');
  });

  it('leaves an index unknown', () => {
    const world = held();
    world.venue.index('BTC-PERP', world.instrument.toMarks(new Decimal(99)), T0);
    world.venue.lapse('BTC-PERP', 'index', T0 + 1);
    expect(world.venue.markets.get('BTC-PERP')?.index).toBeNaN();
  });
});
