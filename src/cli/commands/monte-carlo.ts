import type { Json } from '../../ports/storage/event-store.js';
import type { MonteCarloAnswer, MonteCarloMethod, MonteCarloRequest } from '../../runs/monte-carlo.js';
import type { CommandSpec, Context, Flags, CommandOutcome } from '../command.js';
import { countFlag, durationFlag, pairsFlag, usage } from '../flags.js';
import { givenOf, runFlags } from '../run-flags.js';
import { marketRunOf } from '../run-request.js';
import { exitOf } from '../stop-on-signal.js';

const METHODS: readonly MonteCarloMethod[] = ['trades', 'bars'];
const DEFAULT_RUNS = 200;
const MOST_RUNS = 1_000_000;
const DEFAULT_BLOCK = '1d';

export const monteCarlo: CommandSpec = {
  name: 'monte-carlo',
  summary: 'Ask what else might have happened: the same trades drawn again, or the strategy over resampled markets.',
  example: 'monte-carlo --data bars.csv --strategy baseline --runs 200 --method bars --block 1d --seed 7',
  kind: 'monte-carlo.result',
  flags: [
    ...runFlags({ seed: { text: "seed of everything random, the resampling included; default: the configuration's" } }),
    { flags: '--method <name>', text: `${METHODS.join(', ')}; default: trades` },
    { flags: '--runs <n>', text: `runs of each kind; default: ${DEFAULT_RUNS}` },
    { flags: '--block <duration>', text: `with --method bars: mean length of a block; default: ${DEFAULT_BLOCK}` },
    { flags: '--jobs <n>', text: 'with --method bars: runs at once; default: one a processor' },
  ],
  run,
};

async function run(context: Context, flags: Flags): Promise<CommandOutcome> {
  const request = requestOf(context, flags);
  const { monteCarlo: runs } = await import('../../runs/monte-carlo.js');
  const { watchedRun } = await import('../watched-run.js');
  const { answer, stoppedBy } = await watchedRun(
    context.host,
    'monte-carlo',
    () => '',
    (watch) => runs(context.host, request, watch),
  );
  return {
    ...(await outcomeOf(request, answer)),
    ...(stoppedBy === undefined ? {} : { exit: exitOf(stoppedBy) }),
  };
}

async function outcomeOf(
  { method, runs, blockMs }: MonteCarloRequest,
  answer: MonteCarloAnswer,
): Promise<CommandOutcome> {
  const { distributionJson, distributionText } = await import('../text/monte-carlo-text.js');
  const { symbol, bars, distributions, complete, seed, blockLength, traceHash, notices } = answer;
  const data: Json = {
    symbol,
    bars,
    data: answer.data,
    method,
    runs,
    seed,
    block: blockLength === undefined ? null : { ms: blockMs, bars: blockLength },
    complete,
    traceHash: traceHash ?? null,
    distributions: distributions.map(distributionJson),
  };
  const how =
    blockLength === undefined
      ? 'its closed trades, profits added'
      : `markets resampled in blocks of ${blockLength} bars on average`;
  return {
    kind: 'monte-carlo.result',
    data,
    warnings: notices,
    text: [
      `${symbol}, ${bars} bars: ${how}, seed ${seed}`,
      ...distributions.map(distributionText),
      ...(distributions.length === 0 ? ['There is nothing to compare.'] : []),
    ].join('\n\n'),
  };
}

function requestOf(context: Context, flags: Flags): MonteCarloRequest {
  const method = flags.text('method') ?? 'trades';
  if (!isMethod(method))
    throw usage(`--method must be ${METHODS.join(' or ')}, was "${method}".`, 'Write for example --method bars.');
  const runs = countFlag('--runs', flags.text('runs') ?? String(DEFAULT_RUNS), 1);
  if (runs > MOST_RUNS)
    throw usage(
      `--runs must be at most ${MOST_RUNS}, was ${runs}.`,
      'A thousand runs tell the 5 % from the 95 % well enough.',
    );
  const idle = method === 'trades' ? givenOf(['block', 'jobs'], flags) : undefined;
  if (idle !== undefined)
    throw usage(
      `${idle} must come with --method bars, came with --method trades: the trades are drawn one by one, in one run.`,
      `Add --method bars, or leave ${idle} away.`,
    );
  const jobs = flags.text('jobs');
  return {
    ...marketRunOf(context, flags),
    parameters: pairsFlag('--param', flags.list('param')),
    method,
    runs,
    blockMs: durationFlag('--block', flags.text('block') ?? DEFAULT_BLOCK),
    jobs: jobs === undefined ? undefined : countFlag('--jobs', jobs, 1),
  };
}

const isMethod = (name: string): name is MonteCarloMethod => (METHODS as readonly string[]).includes(name);
