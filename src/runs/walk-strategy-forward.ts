import { SeededRandom } from '../platform/seeded-random.js';
import type { Json } from '../ports/storage/event-store.js';
import { searchFor } from '../research/sweep/searches.js';
import { runWalkForward, type WalkForwardOutcome } from '../research/walk-forward/walk-forward.js';
import { windowsOf, type Window, type WindowPlan } from '../research/walk-forward/windows.js';
import { overridesShown } from './config-request.js';
import type { SearchHost } from './run-host.js';
import type { Notice, RunWatch } from './run-watch.js';
import { taskOf, type SearchRequest } from './search-request.js';
import { prepareSweep, withSweep, type SweepBench, type SweepRequest, type SweepSession } from './sweep-session.js';
import { droppedNotices, knownNotices, resumeNotice } from './trial-json.js';
import { walkForwardJson } from './walk-forward-json.js';

export interface WalkForwardRequest extends SweepRequest {
  readonly search: SearchRequest;
  readonly windows: WindowPlan;
}

/** The window that is being searched, counted from 1, and how many there are. */
export interface WindowNote {
  readonly window: number;
  readonly windows: number;
}

export interface WalkForwardAnswer {
  readonly symbol: string;
  readonly directory: string;
  readonly outcome: WalkForwardOutcome;
  readonly notices: readonly Notice[];
  /** The answer in one value, which stands in the directory where the walk is complete. */
  readonly summary: Json;
}

/**
 * Searches window after window, and trades each choice only on the bars after it. Throws as `optimizeStrategy` does.
 */
export async function walkStrategyForward(
  host: SearchHost,
  request: WalkForwardRequest,
  watch: RunWatch<WindowNote>,
): Promise<WalkForwardAnswer> {
  if (request.out !== undefined) host.checkOutput(`${request.out}/summary.json`);
  const bench = await prepareSweep(host, request);
  const windows = windowsOf(bench.columns, request.windows);
  const task = { search: taskOf(request.search), windows: { ...request.windows } };
  return withSweep(host, request, bench, { kind: 'walk-forward', task }, watch.signal, async (session) => {
    const outcome = await walk(bench, request.search, windows, session, watch);
    const answer = answerOf(host, bench, request.search, session.directory, outcome);
    return { ...answer, notices: [...answer.notices, ...knownNotices(session), ...droppedNotices(session.queue)] };
  });
}

function walk(
  bench: SweepBench,
  { space, search, objective, constraints, trials, seed }: SearchRequest,
  windows: readonly Window[],
  session: SweepSession,
  watch: RunWatch<WindowNote>,
): Promise<WalkForwardOutcome> {
  let done = 0;
  let ended = 0;
  watch.onBegin?.(trials * windows.length, 'trials');
  return runWalkForward(
    {
      plan: bench.key,
      space,
      objective,
      constraints,
      windows,
      search: ({ number }) => searchFor(search, space, trials, new SeededRandom().stream(`search/${number}`, seed)),
    },
    {
      ...session,
      signal: watch.signal,
      onTrial: () => watch.onProgress?.((done += 1), { window: ended + 1, windows: windows.length }),
      onWindow: () => (ended += 1),
    },
  ).finally(() => watch.onEnd?.());
}

function answerOf(
  host: Pick<SearchHost, 'writeFile'>,
  bench: SweepBench,
  search: SearchRequest,
  directory: string,
  outcome: WalkForwardOutcome,
): WalkForwardAnswer {
  const summary: Json = {
    symbol: bench.symbol,
    bars: bench.columns.length,
    data: bench.plan.data,
    build: bench.plan.build,
    directory,
    search: taskOf(search),
    ...overridesShown(bench.request),
    ...walkForwardJson(outcome),
  };
  if (outcome.complete) host.writeFile(`${directory}/summary.json`, `${JSON.stringify(summary, undefined, 2)}\n`);
  const untraded = outcome.windows.filter(({ test }) => test === undefined);
  return {
    symbol: bench.symbol,
    directory,
    outcome,
    notices: [
      ...bench.notes,
      ...(untraded.length === 0
        ? []
        : [
            {
              code: 'W-SWEEP-004',
              message: `${untraded.length} windows were not traded: no trial of their training could be ranked, or the test failed. Window ${untraded[0]?.window.number ?? 0} is the first.`,
            },
          ]),
      ...(outcome.complete ? [] : [resumeNotice(directory)]),
    ],
    summary,
  };
}
