import type { Json } from '../../ports/storage/event-store.js';
import type { CommandSpec, Context, Flags, Notice, Outcome } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { countFlag, durationFlag, pairsFlag, usage } from '../flags.js';
import type { ConfigRequest } from '../host.js';
import type { MonteCarloAnswer, MonteCarloTask } from '../../runs/monte-carlo-runs.js';
import type { SweepBench } from '../../runs/sweep-session.js';
import { MARKET_FLAGS, marketRequestOf } from '../market-flags.js';
import { runRequestOf, SET_FLAG } from '../run-request.js';
import { chosenStrategy } from '../../runs/strategy-module.js';
import { stopOnSignal } from '../stop-on-signal.js';

const METHODS = ['trades', 'bars'] as const;
type Method = (typeof METHODS)[number];
const DEFAULT_RUNS = 200;
const MOST_RUNS = 1_000_000;
const DEFAULT_BLOCK = '1d';

export const monteCarlo: CommandSpec = {
  name: 'monte-carlo',
  summary: 'Ask what else might have happened: the same trades drawn again, or the strategy over resampled markets.',
  example: 'monte-carlo --data bars.csv --strategy baseline --runs 200 --method bars --block 1d --seed 7',
  kind: 'monte-carlo.result',
  flags: [
    ...MARKET_FLAGS,
    { flags: '--strategy <name>', text: "strategy, or the path of a module with one; default: the configuration's" },
    { flags: '--param <key=value>', text: 'setting of the strategy; may be repeated', repeated: true },
    { flags: '--method <name>', text: `${METHODS.join(', ')}; default: trades` },
    { flags: '--runs <n>', text: `runs of each kind; default: ${DEFAULT_RUNS}` },
    { flags: '--block <duration>', text: `mean length of a block of bars; default: ${DEFAULT_BLOCK}` },
    { flags: '--jobs <n>', text: 'runs at once; default: one a processor' },
    { flags: '--seed <n>', text: "seed of everything random, the resampling included; default: the configuration's" },
    SET_FLAG,
  ],
  run,
};

interface Request {
  readonly method: Method;
  readonly runs: number;
  readonly blockMs: number;
  readonly jobs: number | undefined;
}

async function run(context: Context, flags: Flags): Promise<Outcome> {
  const { host } = context;
  const request = requestOf(flags);
  const chosen = await chosenStrategy(host, flags.text('strategy'));
  const config = runRequestOf(context, flags, chosen.name);
  const parameters = pairsFlag('--param', flags.list('param'));
  const { Progress } = await import('../text/progress.js');
  const total = request.method === 'trades' ? 2 * request.runs : request.runs;
  const progress = new Progress(host.io.stderr, host.clock, 'monte-carlo', total, 'runs');
  const { seed } = host.loadConfig(config).config.simulation;
  const abort = new AbortController();
  const task = {
    runs: request.runs,
    seed,
    parameters,
    signal: abort.signal,
    progress,
    definitions: chosen.definitions,
  };
  const started =
    request.method === 'trades'
      ? await tradesOf(context, flags, config, task)
      : await barsOf(context, flags, config, task, request);
  const signals = stopOnSignal(host, () => {
    abort.abort();
    started.stop();
  });
  try {
    const answer = await started.answer();
    const exit = signals.received === undefined ? EXIT.ok : signals.received === 'SIGINT' ? EXIT.sigint : EXIT.sigterm;
    return await outcomeOf(request, { ...answer, seed, blockLength: started.blockLength, notes: started.notes, exit });
  } finally {
    await started.close();
    progress.stop();
    signals.close();
  }
}

/** A method, ready to be asked. */
interface Started {
  readonly notes: readonly Notice[];
  /** Bars of a mean block; undefined where nothing is resampled. */
  readonly blockLength: number | undefined;
  answer(): Promise<MonteCarloAnswer>;
  /** Ends what is under way. */
  stop(): void;
  close(): Promise<void>;
}

async function tradesOf(context: Context, flags: Flags, config: ConfigRequest, task: MonteCarloTask): Promise<Started> {
  const { configFor, openMarket } = await import('../../runs/market-files.js');
  const { overTrades } = await import('../../runs/monte-carlo-runs.js');
  const market = await openMarket(context.host, config, marketRequestOf(flags));
  const answer = (): Promise<MonteCarloAnswer> =>
    overTrades(context, market, { ...configFor(config, market), parameters: task.parameters }, task);
  return { notes: market.notes, blockLength: undefined, answer, stop: () => {}, close: async () => {} };
}

async function barsOf(
  context: Context,
  flags: Flags,
  config: ConfigRequest,
  task: MonteCarloTask,
  { blockMs, jobs }: Request,
): Promise<Started> {
  const { prepareSweep } = await import('../../runs/sweep-session.js');
  const { overBars } = await import('../../runs/monte-carlo-runs.js');
  const { host } = context;
  const bench = await prepareSweep(context, flags, config, 'monte-carlo --method bars');
  const blockLength = blockOf(blockMs, bench);
  const queue = host.sweeps.threads(bench.plan, bench.market, jobs ?? host.sweeps.cores);
  return {
    notes: bench.notes,
    blockLength,
    answer: () => overBars(bench, queue, blockLength, task),
    stop: () => void queue.close(),
    close: () => queue.close(),
  };
}

interface Ended extends MonteCarloAnswer {
  readonly seed: number;
  readonly blockLength: number | undefined;
  readonly notes: readonly Notice[];
  readonly exit: number;
}

async function outcomeOf({ method, runs, blockMs }: Request, ended: Ended): Promise<Outcome> {
  const { distributionJson, distributionText } = await import('../text/monte-carlo-text.js');
  const {
    symbol,
    bars,
    data: fingerprint,
    distributions,
    complete,
    seed,
    blockLength,
    traceHash,
    notes,
    notices,
    exit,
  } = ended;
  const data: Json = {
    symbol,
    bars,
    data: fingerprint,
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
    warnings: [
      ...notes,
      ...notices,
      ...(complete
        ? []
        : [{ code: 'W-MC-001', message: 'Stopped before the end: the figures are of the runs so far.' }]),
    ],
    text: [
      `${symbol}, ${bars} bars: ${how}, seed ${seed}`,
      ...distributions.map(distributionText),
      ...(distributions.length === 0 ? ['There is nothing to compare.'] : []),
    ].join('\n\n'),
    ...(exit === EXIT.ok ? {} : { exit }),
  };
}

function requestOf(flags: Flags): Request {
  const method = flags.text('method') ?? 'trades';
  if (!isMethod(method))
    throw usage(`--method must be ${METHODS.join(' or ')}, was "${method}".`, 'Write for example --method bars.');
  const runs = countFlag('--runs', flags.text('runs') ?? String(DEFAULT_RUNS), 1);
  if (runs > MOST_RUNS)
    throw usage(
      `--runs must be at most ${MOST_RUNS}, was ${runs}.`,
      'A thousand runs tell the 5 % from the 95 % well enough.',
    );
  const jobs = flags.text('jobs');
  return {
    method,
    runs,
    blockMs: durationFlag('--block', flags.text('block') ?? DEFAULT_BLOCK),
    jobs: jobs === undefined ? undefined : countFlag('--jobs', jobs, 1),
  };
}

const isMethod = (name: string): name is Method => (METHODS as readonly string[]).includes(name);

/** Bars of a mean block. */
function blockOf(blockMs: number, { columns }: SweepBench): number {
  const bars = blockMs / columns.intervalMs;
  if (!(bars >= 1 && bars <= columns.length)) {
    throw usage(
      `--block must be from one bar to the ${columns.length} bars there are, was ${Number(bars.toPrecision(4))} bars.`,
      'Give a length that holds what the strategy looks back on, and fits into the data several times.',
    );
  }
  return bars;
}
