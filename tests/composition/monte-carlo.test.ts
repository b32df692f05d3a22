import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jobHost } from '#di/job-host.js';
import type { Job, JobOutcome, JobQueue } from '#src/ports/research/job-queue.js';
import { resampledMarket } from '#src/research/monte-carlo/resampled-market.js';
import { runResampled, type ResampledOutcome } from '#src/research/monte-carlo/resampled-runs.js';
import type { JobResult } from '#src/research/sweep/job-result.js';
import { InProcessQueue, JobRunner } from '#src/research/sweep/job-runner.js';
import { planKey, type JobSpec } from '#src/research/sweep/plan.js';
import { sweepBench, type SweepBench } from '../support/sweep.js';

const PARAMETERS = { shortMa: '5', longMa: '20' };

/** Hands in several at once and answers the last first: what comes of it must not depend on that. */
class LastFirst implements JobQueue {
  readonly name = 'last first';
  readonly slots = 3;
  private waiting: { job: Job; answer: (outcome: JobOutcome) => void }[] = [];

  constructor(private readonly inner: JobQueue) {}

  submit(job: Job): Promise<JobOutcome> {
    return new Promise((answer) => {
      this.waiting.push({ job, answer });
      setImmediate(() => void this.drain());
    });
  }

  async close(): Promise<void> {}

  private async drain(): Promise<void> {
    for (const { job, answer } of this.waiting.splice(0).reverse()) answer(await this.inner.submit(job));
  }
}

describe('a strategy over resampled markets', () => {
  let directory: string;
  let bench: SweepBench;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'perpsbot-monte-carlo-'));
    bench = await sweepBench(directory, 2_000);
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const runner = (): JobRunner => new JobRunner(jobHost, bench.plan.config, bench.market);
  const job = (): JobSpec => ({
    plan: planKey(bench.plan),
    parameters: PARAMETERS,
    from: bench.spec(PARAMETERS).from,
    to: bench.spec(PARAMETERS).to,
    warmup: 'inside' as const,
  });
  const run = async (queue: JobQueue, seed = 7): Promise<ResampledOutcome> => {
    const outcome = await runResampled({ job: job(), runs: 6, blockLength: 200, seed }, { queue });
    if (outcome === undefined) throw new Error('Nobody stopped it.');
    return outcome;
  };

  it('is each time a whole run of the bot over the market that the path names', async () => {
    const resample = { blockLength: 200, seed: 7, path: 3 };
    const made = await runner().run({ ...job(), resample });
    const other = new JobRunner(jobHost, bench.plan.config, {
      ...bench.market,
      columns: resampledMarket(bench.market.columns, resample),
    });
    expect(made).toEqual(await other.run(job()));
    expect(made.result.traceHash).not.toBe((await runner().run(job())).result.traceHash);
    expect(made.result.trades).toBeGreaterThan(5);
  });

  it('gives the same for the same seed, whoever runs it in which order, and something else for another', async () => {
    const one = await run(new InProcessQueue(runner()));
    const several = await run(new LastFirst(new InProcessQueue(runner())));
    expect(several).toEqual(one);
    expect(one.complete).toBe(true);
    expect(new Set(one.runs.map(({ net }) => net)).size).toBe(6);
    expect((await run(new InProcessQueue(runner()), 8)).runs).not.toEqual(one.runs);
  });

  it('compares with the run over the market as it was', async () => {
    const { actual } = await run(new InProcessQueue(runner()));
    const plain: JobResult = await runner().run(job());
    expect(actual).toEqual(plain);
  });
});
