import { spanOf } from '../data/bar-columns.js';
import { SeededRandom } from '../platform/seeded-random.js';
import type { Json } from '../ports/storage/event-store.js';
import { compareJudgements } from '../research/sweep/objective.js';
import { overfitOf, type Overfit } from '../research/sweep/overfit.js';
import { searchFor } from '../research/sweep/searches.js';
import { runSweep, type Trial } from '../research/sweep/sweep.js';
import { overridesShown } from './config-request.js';
import type { SearchHost } from './run-host.js';
import type { Notice, RunWatch } from './run-watch.js';
import { taskOf, type SearchRequest } from './search-request.js';
import { prepareSweep, withSweep, type SweepBench, type SweepRequest, type SweepSession } from './sweep-session.js';
import {
  countOf,
  droppedNotices,
  knownNotices,
  overfitJson,
  resumeNotice,
  sweepNotices,
  trialJson,
} from './trial-json.js';

const LISTED = 50;

export interface OptimizeRequest extends SweepRequest {
  readonly search: SearchRequest;
}

export interface OptimizeAnswer {
  readonly symbol: string;
  readonly bars: number;
  readonly directory: string;
  /** The best first. */
  readonly trials: readonly Trial[];
  /** The best trial, where it can be ranked. */
  readonly best: Trial | undefined;
  readonly overfit: Overfit;
  /** False: stopped before the end. */
  readonly complete: boolean;
  readonly notices: readonly Notice[];
  /** The answer in one value, which stands in the directory where the search is complete. */
  readonly summary: Json;
}

/**
 * Searches the settings of a strategy; progress is noted with the best trial so far. Throws CLI-001, CFG-*, DATA-*,
 * SWEEP-*.
 */
export async function optimizeStrategy(
  host: SearchHost,
  request: OptimizeRequest,
  watch: RunWatch<Trial>,
): Promise<OptimizeAnswer> {
  if (request.out !== undefined) host.checkOutput(`${request.out}/summary.json`);
  const bench = await prepareSweep(host, request);
  return withSweep(host, request, bench, { kind: 'optimize', task: taskOf(request.search) }, watch.signal, (session) =>
    search(host, bench, request.search, session, watch),
  );
}

async function search(
  host: SearchHost,
  bench: SweepBench,
  request: SearchRequest,
  session: SweepSession,
  watch: RunWatch<Trial>,
): Promise<OptimizeAnswer> {
  const { space, objective, constraints, trials: most, seed } = request;
  let done = 0;
  let leading: Trial | undefined;
  watch.onBegin?.(most, 'trials');
  const { trials, complete } = await runSweep(
    {
      space,
      objective,
      constraints,
      search: searchFor(request.search, space, most, new SeededRandom().stream('search', seed)),
      job: { plan: bench.key, ...spanOf(bench.columns), warmup: 'inside' },
    },
    {
      ...session,
      signal: watch.signal,
      onTrial: (trial) => {
        done += 1;
        if (leading === undefined || compareJudgements(trial.judgement, leading.judgement) < 0) leading = trial;
        watch.onProgress?.(done, leading);
      },
    },
  ).finally(() => watch.onEnd?.());
  const { directory, results } = session;
  const overfit = overfitOf(trials, results);
  const best = trials[0]?.judgement.standing === 'ranked' ? trials[0] : undefined;
  const bars = bench.columns.length;
  const summary: Json = {
    symbol: bench.symbol,
    bars,
    data: bench.plan.data,
    build: bench.plan.build,
    directory,
    complete,
    task: taskOf(request),
    ...overridesShown(bench.request),
    count: { ...countOf(trials), total: trials.length },
    best: best === undefined ? null : trialJson(best),
    trials: trials.slice(0, LISTED).map(trialJson),
    overfit: overfitJson(overfit),
  };
  if (complete) host.writeFile(`${directory}/summary.json`, `${JSON.stringify(summary, undefined, 2)}\n`);
  return {
    symbol: bench.symbol,
    bars,
    directory,
    trials,
    best,
    overfit,
    complete,
    notices: [
      ...bench.notes,
      ...sweepNotices(trials, overfit),
      ...knownNotices(session),
      ...droppedNotices(session.queue),
      ...(complete ? [] : [resumeNotice(directory)]),
    ],
    summary,
  };
}
