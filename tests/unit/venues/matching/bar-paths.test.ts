import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import type { MatchingSettings } from '#src/ports/configuration/settings/matching-settings.js';
import { testConfig } from '../../../support/config.js';
import { SimulatedWorld } from '../simulated-world.js';

const { matching } = testConfig().simulation;

/** Long 10 from an open at 100, with a take-profit at 110 and a stop at 90; the bar reaches beyond both. */
function reachedBoth(barPath: MatchingSettings['barPath']): SimulatedWorld {
  const world = new SimulatedWorld({}, { matching: { ...matching, barPath } });
  world.bar(0, 100, 100, 100, 100);
  world.submit('buy', 10);
  world.bar(1, 100, 100, 100, 100);
  world.limit('sell', 10, 110, { reduceOnly: true });
  world.stop('sell', 10, 90, { reduceOnly: true });
  world.bar(2, 100, 115, 85, 100);
  return world;
}

describe('the path within a bar', () => {
  it('meets the extreme against the position first when pessimistic', () => {
    expect(reachedBoth('pessimistic').fills).toEqual(['buy 10@100 taker', 'sell 10@90 taker']);
  });

  it('meets the extreme for the position first when optimistic', () => {
    expect(reachedBoth('optimistic').fills).toEqual(['buy 10@100 taker', 'sell 10@110 maker']);
  });

  it('fills at opens alone with next_open: limits that the open is beyond, and stops that the bar before has touched', () => {
    const world = reachedBoth('next_open');
    expect(world.fills).toEqual(['buy 10@100 taker']);
    world.bar(3, 97, 99, 96, 98);
    expect(world.fills.slice(1)).toEqual(['sell 10@97 taker']);
    world.limit('buy', 3, 95);
    world.bar(4, 98, 99, 80, 98);
    expect(world.fills).toHaveLength(2);
    world.bar(5, 94, 96, 93, 95);
    expect(world.fills.slice(2)).toEqual(['buy 3@95 maker']);
  });

  it('fills a limit that is only touched where nobody stands before it', () => {
    const touched = (queue: MatchingSettings['queue']): readonly string[] => {
      const world = new SimulatedWorld({}, { matching: { ...matching, queue } });
      world.bar(0, 100, 100, 100, 100);
      world.limit('buy', 3, 95);
      world.bar(1, 100, 100, 95, 98);
      return world.fills;
    };
    expect(touched('risk_averse')).toEqual([]);
    expect(touched('front')).toEqual(['buy 3@95 maker']);
  });
});
