import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { lots, ticks } from '#src/domain/units.js';
import type { Side } from '#src/domain/order.js';
import type { MatchingSettings } from '#src/ports/configuration/settings/matching-settings.js';
import { testConfig } from '../../../support/config.js';
import { SimulatedWorld, T0 } from '../simulated-world.js';

const { matching } = testConfig().simulation;
const world = (chosen: Partial<MatchingSettings> = {}): QueueWorld =>
  new QueueWorld({}, { matching: { ...matching, ...chosen } });

class QueueWorld extends SimulatedWorld {
  level(side: Side, price: number, size: number, at = T0): void {
    this.venue.depthBegin('BTC-PERP', this.venue.markets.get('BTC-PERP')?.depth === undefined);
    this.venue.depth('BTC-PERP', side, ticks(price), lots(size));
    this.venue.depthEnd('BTC-PERP', at);
  }

  sold(price: number, size: number, at = T0 + 1, aggressor?: Side): void {
    this.venue.trade('BTC-PERP', ticks(price), lots(size), at, aggressor);
  }

  get ahead(): number | undefined {
    return this.venue.openOrders()[0]?.queueAhead;
  }
}

/** A bid of ours of 10 behind 30 others at 99. */
function behindThirty(chosen: Partial<MatchingSettings> = {}): QueueWorld {
  const made = world(chosen);
  made.level('sell', 101, 50);
  made.level('buy', 98, 50);
  made.level('buy', 99, 30);
  made.limit('buy', 10, 99);
  return made;
}

describe('the place of a resting order in the queue', () => {
  it('is behind everything shown at its price, and trades there bring it forward until they reach it', () => {
    const made = behindThirty();
    made.sold(99, 20);
    expect(made.fills).toEqual([]);
    made.sold(99, 14, T0 + 2);
    expect(made.fills).toEqual(['buy 4@99 maker']);
    made.sold(99, 100, T0 + 3);
    expect(made.fills).toEqual(['buy 4@99 maker', 'buy 6@99 maker']);
  });

  it('does not matter to a trade that goes through its price', () => {
    const made = behindThirty();
    made.sold(98, 3);
    expect(made.fills).toEqual(['buy 3@99 maker']);
  });

  it('is not reached by trades of the wrong side, where the data names the aggressor', () => {
    const made = behindThirty();
    made.sold(99, 100, T0 + 1, 'buy');
    made.sold(97, 100, T0 + 1, 'buy');
    expect(made.fills).toEqual([]);
    made.sold(99, 31, T0 + 2, 'sell');
    expect(made.fills).toEqual(['buy 1@99 maker']);
  });

  it('stays what it is when others cancel, risk averse, but never exceeds what the level shows', () => {
    const made = behindThirty();
    made.level('buy', 99, 40);
    made.level('buy', 99, 32);
    expect(made.ahead).toBe(30);
    made.level('buy', 99, 12);
    expect(made.ahead).toBe(12);
    made.level('buy', 99, 0);
    made.sold(99, 1);
    expect(made.fills).toEqual(['buy 1@99 maker']);
  });

  it('moves with cancellations by ahead^n / (ahead^n + behind^n), rounded down, where it is probabilistic', () => {
    const made = behindThirty({ queue: 'probabilistic', queueExponent: 2 });
    // Ten come behind us, then eight are cancelled: 8 * 30^2 / (30^2 + 10^2) = 7.2 of them ahead.
    made.level('buy', 99, 40);
    made.level('buy', 99, 32);
    expect(made.ahead).toBe(23);
  });

  it('takes only what no trade explains for a cancellation', () => {
    const made = behindThirty({ queue: 'probabilistic', queueExponent: 1 });
    made.level('buy', 99, 60);
    made.sold(99, 10);
    made.level('buy', 99, 50, T0 + 2);
    expect(made.ahead).toBe(20);
  });

  it('cancels ahead what cannot have been cancelled behind', () => {
    const made = behindThirty({ queue: 'probabilistic', queueExponent: 1 });
    made.level('buy', 99, 22);
    expect(made.ahead).toBe(22);
  });

  it('is the first where nobody is assumed to stand before it: a touch fills', () => {
    const made = behindThirty({ queue: 'front' });
    made.sold(99, 2);
    expect(made.fills).toEqual(['buy 2@99 maker']);
  });

  it('lets own orders at one price fill one after the other', () => {
    const made = behindThirty();
    made.limit('buy', 5, 99);
    made.sold(99, 37);
    expect(made.venue.fills.map(({ clientId, lots: size }) => `${clientId} ${size}`)).toEqual(['c1 7']);
    made.sold(99, 5, T0 + 2);
    expect(made.venue.fills.map(({ clientId, lots: size }) => `${clientId} ${size}`)).toEqual(['c1 7', 'c1 3', 'c2 2']);
  });

  it('is told from the size of a quote as it is from depth, and from the front inside the spread', () => {
    const made = world();
    made.quote(99, 30, 102, 50);
    made.limit('buy', 5, 99);
    made.limit('buy', 5, 100);
    made.sold(100, 2);
    expect(made.fills).toEqual(['buy 2@100 maker']);
    made.sold(99, 34, T0 + 2);
    expect(made.fills.slice(1)).toEqual(['buy 3@100 maker', 'buy 1@99 maker']);
  });

  it('is not known behind the best quote until the quote comes there', () => {
    const made = world();
    made.quote(99, 30, 101, 50);
    made.limit('buy', 5, 98);
    made.sold(98, 1_000);
    expect(made.ahead).toBe(Number.POSITIVE_INFINITY);
    made.quote(98, 12, 101, 50, T0 + 2);
    expect(made.ahead).toBe(12);
    made.sold(98, 14, T0 + 3);
    expect(made.fills).toEqual(['buy 2@98 maker']);
  });
});
