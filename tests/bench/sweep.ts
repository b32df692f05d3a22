import { performance } from 'node:perf_hooks';
import { jobHost } from '#di/job-host.js';
import { ThreadPool } from '#src/platform/thread-pool.js';
import type { JobOutcome } from '#src/ports/research/job-queue.js';
import { spanOf } from '#src/data/bar-columns.js';
import { InProcessQueue, JobRunner } from '#src/research/sweep/job-runner.js';
import {
  fingerprintOf,
  jobIdOf,
  plainConfig,
  planKey,
  type JobSpec,
  type SweepPlan,
} from '#src/research/sweep/plan.js';
import { shareColumns } from '#src/research/sweep/shared-columns.js';
import { ThreadQueue } from '#src/research/sweep/thread-queue.js';
import { benchMarket, CONFIG_FILE, tile } from './market.js';
import { machine, rounded, spreadOf } from './method.js';

/** A year of minutes. */
const BARS = 525_600;
const JOBS = 12;
const ROUNDS = 5;
/** Times the speed of one worker, and how much of its time the main thread may be busy. */
const GOALS = { ratio: 1.8, aim: 1.95, mainBusy: 0.05 } as const;

interface Pass {
  readonly ms: number;
  /** Share of the time in which the main thread did anything. */
  readonly busy: number;
  readonly outcomes: readonly JobOutcome[];
}

/**
 * The same jobs on two workers and on one, in turns. Each worker has had its warming; their start is not part of the
 * time.
 */
export async function sweepBench(): Promise<Record<string, unknown>> {
  const before = machine();
  const market = await benchMarket();
  const columns = shareColumns(tile(market.history.columns, BARS));
  const plan: SweepPlan = {
    version: 1,
    build: 'bench',
    data: fingerprintOf({ columns }),
    files: { symbol: null, data: '', funding: null },
    strategy: null,
    inputs: {},
    config: plainConfig(market.config({})),
  };
  const jobs = Array.from({ length: JOBS }, (_, index) =>
    specOf(planKey(plan), { shortMa: String(50 + 5 * index), longMa: String(300 + 25 * index) }, spanOf(columns)),
  );
  const queues = [1, 2].map(
    (size) =>
      new ThreadQueue(new ThreadPool({ entry: new URL(import.meta.resolve('#di/worker.js')), size }), plan, {
        columns,
      }),
  );
  const [one, two] = queues as [ThreadQueue, ThreadQueue];
  try {
    for (const queue of queues) await pass(queue, jobs);
    const rounds: { readonly single: Pass; readonly double: Pass }[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      // Half of the single worker's jobs before and half after, so that both meet the same neighbours.
      const first = await pass(one, jobs.slice(0, JOBS / 2));
      const double = await pass(two, jobs);
      const second = await pass(one, jobs.slice(JOBS / 2));
      rounds.push({
        double,
        single: { ms: first.ms + second.ms, busy: first.busy, outcomes: [...first.outcomes, ...second.outcomes] },
      });
    }
    const own = await inProcess(plan, columns, jobs);
    const text = (outcomes: readonly JobOutcome[]): string => JSON.stringify(outcomes);
    const expected = text(own.outcomes);
    const ratio = spreadOf(
      rounds.map(({ single, double }) => single.ms / double.ms),
      3,
    );
    const busy = spreadOf(
      rounds.map(({ double }) => double.busy),
      4,
    );
    const checks = {
      resultsEqual: rounds.every(
        ({ single, double }) => text(single.outcomes) === expected && text(double.outcomes) === expected,
      ),
      allRan: own.outcomes.every(({ ok }) => ok),
      mainIdle: busy.median <= GOALS.mainBusy,
    };
    return {
      ok: Object.values(checks).every(Boolean) && ratio.median >= GOALS.ratio,
      ratio,
      jobsPerSecond: {
        one: perSecond(rounds.map(({ single }) => single.ms)),
        two: perSecond(rounds.map(({ double }) => double.ms)),
      },
      barsPerJob: columns.length,
      containerMs: own.containerMs,
      runMs: own.runMs,
      mainBusy: busy,
      goals: GOALS,
      checks,
      data: { file: market.file, generated: market.generated },
      config: CONFIG_FILE,
      method: `${ROUNDS} rounds of ${JOBS} jobs on one worker and on two, after one of warming each; median of the rounds' ratios`,
      machine: { ...before, loadAfter: machine().load },
    };
  } finally {
    for (const queue of queues) await queue.close();
  }
}

const specOf = (
  plan: string,
  parameters: Readonly<Record<string, string>>,
  span: { readonly from: number; readonly to: number },
): JobSpec => ({ plan, parameters, ...span, warmup: 'inside' });
const perSecond = (ms: readonly number[]): number => rounded((JOBS / spreadOf(ms, 3).median) * 1_000, 2);

async function pass(queue: ThreadQueue, jobs: readonly JobSpec[]): Promise<Pass> {
  const idle = performance.eventLoopUtilization();
  const begin = performance.now();
  const outcomes = await Promise.all(jobs.map((payload) => queue.submit({ id: jobIdOf(payload), payload })));
  return { ms: performance.now() - begin, busy: performance.eventLoopUtilization(idle).utilization, outcomes };
}

/** The jobs in this thread, and what composing, starting and stopping the container costs of one. */
async function inProcess(
  plan: SweepPlan,
  columns: SweepColumns,
  jobs: readonly JobSpec[],
): Promise<{ readonly outcomes: readonly JobOutcome[]; readonly containerMs: number; readonly runMs: number }> {
  const spent: number[] = [];
  let begin = 0;
  const host: typeof jobHost = {
    ...jobHost,
    open: async (config, startAt) => {
      const session = await jobHost.open(config, startAt);
      const opened = performance.now() - begin;
      return {
        ...session,
        close: async () => {
          const closing = performance.now();
          await session.close();
          spent.push(opened + performance.now() - closing);
        },
      };
    },
  };
  const queue = new InProcessQueue(new JobRunner(host, plan.config, { columns }));
  const outcomes: JobOutcome[] = [];
  const whole: number[] = [];
  for (const payload of jobs) {
    begin = performance.now();
    outcomes.push(await queue.submit({ id: jobIdOf(payload), payload }));
    whole.push(performance.now() - begin);
  }
  const containerMs = spreadOf(spent, 2).median;
  return { outcomes, containerMs, runMs: rounded(spreadOf(whole, 2).median - containerMs, 2) };
}

type SweepColumns = ReturnType<typeof shareColumns>;
