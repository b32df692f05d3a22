import type { WindowPlan } from '../../research/walk-forward/windows.js';
import type { WindowNote } from '../../runs/walk-strategy-forward.js';
import type { CommandSpec, Context, Flags, CommandOutcome } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { countFlag, usage } from '../flags.js';
import { exitOf } from '../stop-on-signal.js';
import { SEARCH_FLAGS, searchRequestOf, sweepRequestOf } from '../sweep-flags.js';

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

async function run(context: Context, flags: Flags): Promise<CommandOutcome> {
  const search = await searchRequestOf(flags);
  const request = { ...sweepRequestOf(context, flags), search, windows: windowPlanOf(flags) };
  const { walkStrategyForward } = await import('../../runs/walk-strategy-forward.js');
  const { watchedRun } = await import('../watched-run.js');
  const { walkForwardText } = await import('../text/walk-forward-text.js');
  const { answer, stoppedBy } = await watchedRun(
    context.host,
    'walk-forward',
    ({ window, windows }: WindowNote) => `window ${window} of ${windows}`,
    (watch) => walkStrategyForward(context.host, request, watch),
  );
  const { symbol, outcome, directory } = answer;
  const traded = outcome.windows.some(({ test }) => test !== undefined) ? EXIT.ok : EXIT.strategyInvalid;
  return {
    kind: 'walk-forward.result',
    data: answer.summary,
    warnings: answer.notices,
    text: `${walkForwardText(symbol, search.objective, outcome)}\nResults in ${directory}`,
    exit: stoppedBy === undefined ? traded : exitOf(stoppedBy),
  };
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
