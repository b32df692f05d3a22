import type { CommandSpec, Context, Flags, Outcome } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { overridesShown } from '../run-request.js';
import { SEARCH_FLAGS, searchRequestOf, type SearchRequest } from '../sweep-flags.js';
import type { SweepBench, SweepSession } from '../../runs/sweep-session.js';
import type { Json } from '../../ports/storage/event-store.js';
import type { SweepOutcome } from '../../research/sweep/sweep.js';

const SHOWN = 10;
const LISTED = 50;

export const optimize: CommandSpec = {
  name: 'optimize',
  summary: 'Search the settings of a strategy over a recorded market, and say how much of the best is luck.',
  example:
    'optimize --data bars.csv --symbol BTC-PERP --param shortMa=5..50:5 --param longMa=20..200:20 --objective sharpe',
  kind: 'optimize.result',
  flags: SEARCH_FLAGS,
  run,
};

async function run(context: Context, flags: Flags): Promise<Outcome> {
  const request = searchRequestOf(flags);
  const { prepareSweep, withSweep } = await import('../../runs/sweep-session.js');
  const bench = await prepareSweep(context, flags);
  return withSweep(context, flags, bench, { kind: 'optimize', task: taskOf(request) }, (session) =>
    search(context, bench, request, session),
  );
}

/** Whatever decides which jobs are run, and how they are compared. */
export const taskOf = ({ space, search, trials, objective, constraints, seed }: SearchRequest): Json => ({
  space: space.dimensions.map(({ name, values }) => ({ name, values })),
  search,
  trials,
  objective,
  constraints: { ...constraints },
  seed,
});

async function search(
  context: Context,
  bench: SweepBench,
  request: SearchRequest,
  session: SweepSession,
): Promise<Outcome> {
  const { runSweep } = await import('../../research/sweep/sweep.js');
  const { compareJudgements } = await import('../../research/sweep/objective.js');
  const { searchFor } = await import('../../research/sweep/searches.js');
  const { RandomImpl } = await import('../../platform/random.js');
  const { spanOf } = await import('../../data/bar-columns.js');
  const { Progress } = await import('../text/progress.js');
  const { bestText } = await import('../text/sweep-text.js');
  const { host } = context;
  const { space, objective, constraints, trials, seed } = request;
  const progress = new Progress(host.io.stderr, host.clock, 'optimize', trials, 'trials');
  let done = 0;
  let best: SweepOutcome['trials'][number] | undefined;
  try {
    const outcome = await runSweep(
      {
        space,
        objective,
        constraints,
        search: searchFor(request.search, space, trials, new RandomImpl().stream('search', seed)),
        job: { plan: bench.key, ...spanOf(bench.columns), warmup: 'inside' },
      },
      {
        ...session,
        onTrial: (trial) => {
          done += 1;
          if (best === undefined || compareJudgements(trial.judgement, best.judgement) < 0) best = trial;
          progress.update(done, bestText(best, objective));
        },
      },
    );
    return await report(context, bench, request, session, outcome);
  } finally {
    progress.stop();
  }
}

async function report(
  { host, out }: Context,
  bench: SweepBench,
  request: SearchRequest,
  session: SweepSession,
  { trials, complete }: SweepOutcome,
): Promise<Outcome> {
  const { overfitOf } = await import('../../research/sweep/overfit.js');
  const text = await import('../text/sweep-text.js');
  const { directory, results } = session;
  const overfit = overfitOf(trials, results);
  const [best] = trials;
  const ranked = best?.judgement.standing === 'ranked';
  const data: Json = {
    symbol: bench.symbol,
    bars: bench.columns.length,
    data: bench.plan.data,
    build: bench.plan.build,
    directory,
    complete,
    task: taskOf(request),
    ...overridesShown(bench.request),
    count: { ...text.countOf(trials), total: trials.length },
    best: best !== undefined && ranked ? text.trialJson(best) : null,
    trials: trials.slice(0, LISTED).map(text.trialJson),
    overfit: text.overfitJson(overfit),
  };
  if (complete) host.writeFile(`${directory}/summary.json`, `${JSON.stringify(data, undefined, 2)}\n`);
  const lines = [
    `${bench.symbol}, ${bench.columns.length} bars, ${request.search} search for ${request.objective}; ${text.countText(trials)}`,
    ...(trials.length === 0 ? [] : [text.trialTable(trials, SHOWN)]),
    ...(ranked
      ? [text.overfitText(overfit), `Best: ${out.bold(text.settingsText(best))}`]
      : ['No trial can be ranked.']),
    `Results in ${directory}`,
  ];
  const interrupted = session.interrupted();
  return {
    kind: 'optimize.result',
    data,
    warnings: [...bench.notes, ...text.sweepNotices(trials, overfit), ...(complete ? [] : [resumeNotice(directory)])],
    text: lines.join('\n'),
    exit: interrupted ?? (ranked ? EXIT.ok : EXIT.strategyInvalid),
  };
}

export const resumeNotice = (directory: string): { readonly code: string; readonly message: string } => ({
  code: 'W-SWEEP-003',
  message: `Stopped before the end; what was done is kept. Give the same command with --out ${directory} --resume to go on.`,
});
