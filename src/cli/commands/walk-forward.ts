import type { CommandSpec, Context, Flags, Outcome } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { countFlag, usage } from '../flags.js';
import { overridesShown } from '../run-request.js';
import { SEARCH_FLAGS, searchRequestOf, type SearchRequest } from '../sweep-flags.js';
import type { SweepBench, SweepSession } from '../../runs/sweep-session.js';
import type { Json } from '../../ports/storage/event-store.js';
import type { Window, WindowPlan } from '../../research/walk-forward/windows.js';
import type { WalkForwardOutcome } from '../../research/walk-forward/walk-forward.js';
import { resumeNotice, taskOf } from './optimize.js';

export const walkForward: CommandSpec = {
  name: 'walk-forward',
  summary: 'Search window after window, and trade each choice only on the bars after it.',
  example:
    'walk-forward --data bars.csv --param shortMa=5..50:5 --param longMa=20..200:20 --train 20000 --test 5000 --purge 200',
  kind: 'walk-forward.result',
  flags: [
    ...SEARCH_FLAGS,
    { flags: '--train <bars>', text: 'bars of each training (of the first, when anchored)', required: true },
    { flags: '--test <bars>', text: 'bars of each test', required: true },
    { flags: '--step <bars>', text: 'from one test to the next; default: the length of a test' },
    { flags: '--anchored', text: 'every training begins at the first bar; default: trainings roll' },
    { flags: '--purge <bars>', text: 'bars between training and test: as long as a position may be held; default: 0' },
    { flags: '--embargo <bars>', text: 'further bars between them; default: 0' },
  ],
  run,
};

async function run(context: Context, flags: Flags): Promise<Outcome> {
  const request = searchRequestOf(flags);
  const plan = windowPlanOf(flags);
  const { prepareSweep, withSweep } = await import('../../runs/sweep-session.js');
  const { windowsOf } = await import('../../research/walk-forward/windows.js');
  const bench = await prepareSweep(context, flags);
  const windows = windowsOf(bench.columns, plan);
  return withSweep(
    context,
    flags,
    bench,
    { kind: 'walk-forward', task: { search: taskOf(request), windows: { ...plan } } },
    (session) => walk(context, bench, request, windows, session),
  );
}

function windowPlanOf(flags: Flags): WindowPlan {
  const bars = (name: string, least: number): number | undefined => {
    const text = flags.text(name);
    return text === undefined ? undefined : countFlag(`--${name}`, text, least);
  };
  const [train, test, step, purge, embargo] = [
    bars('train', 1),
    bars('test', 1),
    bars('step', 1),
    bars('purge', 0),
    bars('embargo', 0),
  ];
  if (train === undefined || test === undefined)
    throw usage('--train and --test must be given.', 'Write for example --train 20000 --test 5000.');
  return {
    mode: flags.has('anchored') ? 'anchored' : 'rolling',
    train,
    test,
    ...(step === undefined ? {} : { step }),
    ...(purge === undefined ? {} : { purge }),
    ...(embargo === undefined ? {} : { embargo }),
  };
}

async function walk(
  context: Context,
  bench: SweepBench,
  request: SearchRequest,
  windows: readonly Window[],
  session: SweepSession,
): Promise<Outcome> {
  const { runWalkForward } = await import('../../research/walk-forward/walk-forward.js');
  const { searchFor } = await import('../../research/sweep/searches.js');
  const { RandomImpl } = await import('../../platform/random.js');
  const { Progress } = await import('../text/progress.js');
  const { host } = context;
  const { space, objective, constraints, trials, seed } = request;
  const progress = new Progress(host.io.stderr, host.clock, 'walk-forward', trials * windows.length, 'trials');
  let done = 0;
  let ended = 0;
  try {
    const outcome = await runWalkForward(
      {
        plan: bench.key,
        space,
        objective,
        constraints,
        windows,
        search: ({ number }) =>
          searchFor(request.search, space, trials, new RandomImpl().stream(`search/${number}`, seed)),
      },
      {
        ...session,
        onTrial: () => progress.update((done += 1), `window ${ended + 1} of ${windows.length}`),
        onWindow: () => (ended += 1),
      },
    );
    return await report(context, bench, request, session, outcome);
  } finally {
    progress.stop();
  }
}

async function report(
  { host }: Context,
  bench: SweepBench,
  request: SearchRequest,
  session: SweepSession,
  outcome: WalkForwardOutcome,
): Promise<Outcome> {
  const { walkForwardJson, walkForwardText } = await import('../text/walk-forward-text.js');
  const { directory } = session;
  const { complete, windows } = outcome;
  const data: Json = {
    symbol: bench.symbol,
    bars: bench.columns.length,
    data: bench.plan.data,
    build: bench.plan.build,
    directory,
    search: taskOf(request),
    ...overridesShown(bench.request),
    ...walkForwardJson(outcome),
  };
  if (complete) host.writeFile(`${directory}/summary.json`, `${JSON.stringify(data, undefined, 2)}\n`);
  const untraded = windows.filter(({ test }) => test === undefined);
  return {
    kind: 'walk-forward.result',
    data,
    warnings: [
      ...bench.notes,
      ...(untraded.length === 0
        ? []
        : [
            {
              code: 'W-SWEEP-004',
              message: `${untraded.length} windows were not traded: no trial of their training could be ranked, or the test failed. Window ${untraded[0]?.window.number ?? 0} is the first.`,
            },
          ]),
      ...(complete ? [] : [resumeNotice(directory)]),
    ],
    text: `${walkForwardText(bench.symbol, request.objective, outcome)}\nResults in ${directory}`,
    exit: session.interrupted() ?? (windows.some(({ test }) => test !== undefined) ? EXIT.ok : EXIT.strategyInvalid),
  };
}
