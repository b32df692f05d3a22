import { parentPort } from 'node:worker_threads';
import type { ThreadReply, ThreadRequest } from '../src/platform/thread-pool.js';
import { JobRunner, outcomeOf } from '../src/research/sweep/job-runner.js';
import { reviveStamps, type JobSpec } from '../src/research/sweep/plan.js';
import type { PlanContext } from '../src/research/sweep/thread-queue.js';
import { jobHost, jobHostWith } from './job-host.js';
import { checkedStrategy } from './strategy-module.js';

/** What a thread of a sweep runs: one job at a time, a new container for each. */
const port = parentPort;
let known: { readonly key: string; readonly runner: Promise<JobRunner> } | undefined;

async function newRunner({ config, columns, funding, others, strategy }: PlanContext): Promise<JobRunner> {
  const host = strategy === null ? jobHost : jobHostWith([await checkedStrategy(strategy)]);
  return new JobRunner(host, config, {
    columns,
    ...(funding === null ? {} : { funding: reviveStamps(funding) }),
    ...(others === null ? {} : { others }),
  });
}

function runnerFor({ key, context }: ThreadRequest): Promise<JobRunner> {
  if (context !== undefined) known = { key, runner: newRunner(context as PlanContext) };
  if (known?.key !== key) throw new Error(`Plan ${key} must be known before its jobs, was not.`);
  return known.runner;
}

port?.on('message', (request: ThreadRequest) => {
  void outcomeOf(async () => (await runnerFor(request)).run(request.message as JobSpec)).then((result) =>
    port.postMessage({ id: request.id, result } satisfies ThreadReply),
  );
});
port?.postMessage({ ready: true } satisfies ThreadReply);
