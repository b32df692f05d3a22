import { describe, expect, it } from '@jest/globals';
import { coverSwarm } from '../support/cover-swarm.js';
import { deathSwarm } from '../support/death-swarm.js';
import { exampleSwarm } from '../support/example-swarm.js';
import { strictSwarm } from '../support/strict-swarm.js';
import { swarm } from '../support/swarm.js';

/** `SEEDS=2000 FIRST=1 npm run simulate`: the swarm of tests/simulation/faults.test.ts, for as long as one likes. */
const seeds = Number(process.env['SEEDS'] ?? '1000');
const first = Number(process.env['FIRST'] ?? '1');

describe('a long swarm of faults', () => {
  it(`never breaks an invariant in seeds ${first} to ${first + seeds - 1}`, async () => {
    const figures = await swarm(seeds, first);
    process.stderr.write(`${JSON.stringify({ ...figures, failures: figures.failures.length })}\n`);
    expect(figures.failures).toEqual([]);
  }, 86_400_000);

  it(`never leaves a position bare while the exchange answers in seeds ${first} to ${first + seeds - 1}`, async () => {
    const figures = await coverSwarm(seeds, first);
    process.stderr.write(`${JSON.stringify({ ...figures, failures: figures.failures.length })}\n`);
    expect(figures.failures).toEqual([]);
  }, 86_400_000);

  it(`has its cover back after each death of the process in seeds ${first} to ${first + seeds - 1}`, async () => {
    const figures = await deathSwarm(seeds, first);
    process.stderr.write(`${JSON.stringify({ ...figures, failures: figures.failures.length })}\n`);
    expect(figures.failures).toEqual([]);
  }, 86_400_000);

  it(`obeys a venue that is strict about rates, clocks, lanes and rows in seeds ${first} to ${first + seeds - 1}`, async () => {
    const figures = await strictSwarm(seeds, first);
    process.stderr.write(`${JSON.stringify({ ...figures, failures: figures.failures.length })}\n`);
    expect(figures.failures).toEqual([]);
  }, 86_400_000);

  it(`keeps the exits of the strategies of the pages whole in seeds ${first} to ${first + seeds - 1}`, async () => {
    const figures = await exampleSwarm(seeds, first);
    process.stderr.write(`${JSON.stringify({ ...figures, failures: figures.failures.length })}\n`);
    expect(figures.failures).toEqual([]);
  }, 86_400_000);
});
