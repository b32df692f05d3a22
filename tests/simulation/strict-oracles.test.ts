import { describe, expect, it } from '@jest/globals';
import { swap } from '#di/testing/swap.js';
import { UNLIMITED } from '#src/flow/unlimited-requests.js';
import { RequestBudget } from '#src/ports/core-services/request-budget.js';
import { Brokerage } from '#src/ports/venue/brokerage.js';
import { strictSwarm, type Defect, type Trial } from './support/strict-swarm.js';

/** A bot for which a row that cannot be read is no row. */
const leavesRowsOut: Defect = (container) =>
  container.onActivation(Brokerage, (_context, broker) => {
    const listPositions: Brokerage['listPositions'] = async () =>
      (await broker.listPositions()).filter((row: unknown) => typeof (row as { size: unknown }).size === 'object');
    return new Proxy(broker, {
      get: (target, key): unknown => (key === 'listPositions' ? listPositions : Reflect.get(target, key, target)),
    });
  });

/** A bot whose messages share no rate. */
const knowsNoRate: Defect = (container) => swap(container, RequestBudget, UNLIMITED);

// A venue that sees nothing proves nothing: each of what it looks for is found in a bot that has that defect.
describe('the venue that is strict finds', () => {
  it.each<[string, number, Trial, Defect, RegExp]>([
    ['leaves out what it cannot read', 16, { badRows: 0.95 }, leavesRowsOut, /the bot took the venue to hold 0/],
    ['has no rate for what it sends again', 2, {}, knowsNoRate, /requests within a minute, of at most/],
  ])(
    'a bot that %s',
    async (_what, seed, trial, defect, found) => {
      expect((await strictSwarm(1, seed, trial)).failures).toEqual([]);
      expect((await strictSwarm(1, seed, { ...trial, defect })).failures.join('\n')).toMatch(found);
    },
    120_000,
  );
});
