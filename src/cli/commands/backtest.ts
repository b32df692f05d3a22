import type { DataNote } from '../../data/tables/bar-reader.js';
import type { RunRecorder } from '../../report/recorder.js';
import type { RunOrigin, StressRun } from '../../report/run-record.js';
import type { BacktestRun } from '../../backtest/run-backtest.js';
import type { CheckedRun } from '../../runs/backtest-checks.js';
import type { CommandSpec, Context, Flags, Notice, Outcome } from '../command.js';
import { pairsFlag, usage } from '../flags.js';
import type { Market } from '../../runs/market-files.js';
import { MARKET_FLAGS, marketRequestOf, marketWords } from '../market-flags.js';
import { overridesShown, runRequestOf, SET_FLAG } from '../run-request.js';
import { chosenStrategy } from '../../runs/strategy-module.js';
import { stopOnSignal } from '../stop-on-signal.js';
import type { BacktestSession, ConfigRequest } from '../host.js';

const MINUTE_MS = 60_000;

export const backtest: CommandSpec = {
  name: 'backtest',
  summary: "Run the bot's own services over a recorded market.",
  example:
    'backtest --data bars.csv --funding funding.csv --symbol BTC-PERP --strategy baseline --param shortMa=10 --param longMa=50',
  kind: 'backtest.result',
  flags: [
    ...MARKET_FLAGS,
    { flags: '--strategy <name>', text: "strategy, or the path of a module with one; default: the configuration's" },
    { flags: '--param <key=value>', text: 'setting of the strategy; may be repeated', repeated: true },
    { flags: '--seed <n>', text: 'seed of everything random' },
    SET_FLAG,
    { flags: '--report <file>', text: 'write the HTML report of the run; one file that needs nothing else' },
    { flags: '--save <file>', text: 'save the run with all it recorded, for perpsbot report' },
    { flags: '--stress', text: 'for the report: run again with orders one step late, and with costs doubled' },
    { flags: '--check-look-ahead', text: 'for the report: run again over other futures, and compare the decisions' },
    {
      flags: '--step',
      text: 'journal every bar on disk, as live does, in a new --state directory (slower, same result)',
    },
  ],
  run,
};

async function run(context: Context, flags: Flags): Promise<Outcome> {
  const { host } = context;
  const asked = marketRequestOf(flags);
  refuseIdleChecks(flags);
  const chosen = await chosenStrategy(host, flags.text('strategy'));
  const request: ConfigRequest = {
    ...runRequestOf(context, flags, chosen.name),
    parameters: pairsFlag('--param', flags.list('param')),
  };
  const { openMarket, configFor } = await import('../../runs/market-files.js');
  const market = await openMarket(host, request, asked);
  const { backtestText } = await import('../text/backtest-text.js');
  const mode = flags.has('step') ? 'step' : 'fast';
  const config = configFor(request, market);
  const session = await host.openBacktest({
    config,
    mode,
    startAt: market.startAt,
    ...(chosen.definitions === undefined ? {} : { strategies: chosen.definitions }),
  });
  try {
    const recorder = await recorderOf(session, market, flags);
    const { result: told, notes } = await drive(context, flags, { session, market, request, recorder });
    const result = { ...told, ...overridesShown(request) };
    const { notices, ...checks } =
      recorder === undefined || result.aborted
        ? NO_CHECKS
        : await check(context, flags, {
            host,
            market,
            config,
            definitions: chosen.definitions,
            stepMs: stepOf(session, market),
          });
    const warnings = [...market.notes, ...notes, ...notices];
    const files =
      recorder === undefined
        ? {}
        : await write(context, flags, config, { result, notes: warnings, ...checks }, recorder);
    const lines = Object.entries(files).map(
      ([name, path]) => `\n  ${name === 'report' ? 'Report' : 'Saved '}  ${path}`,
    );
    return {
      kind: 'backtest.result',
      data: { ...result, ...files },
      warnings,
      text: backtestText(result, context.out) + lines.join(''),
    };
  } finally {
    await session.close();
  }
}

interface Drive {
  readonly session: BacktestSession;
  readonly market: Market;
  readonly request: ConfigRequest;
  readonly recorder: RunRecorder | undefined;
}

/** The run itself, with progress shown and signals heard. */
async function drive(
  { host }: Context,
  flags: Flags,
  { session, market, request, recorder }: Drive,
): Promise<BacktestRun> {
  const { runBacktest } = await import('../../backtest/run-backtest.js');
  const { eventsIn } = await import('../../backtest/run-facts.js');
  const { runFactsOf } = await import('../../runs/run-facts.js');
  const { Progress } = await import('../text/progress.js');
  const { services } = session;
  const abort = new AbortController();
  const signals = stopOnSignal(host, () => abort.abort());
  const progress = new Progress(
    host.io.stderr,
    host.clock,
    'backtest',
    eventsIn(market.data),
    'intervalMs' in market.data ? 'bars' : 'events',
  );
  try {
    return await runBacktest(services, market.data, {
      ...runFactsOf(session, market, request),
      mode: flags.has('step') ? 'step' : 'fast',
      ...(recorder === undefined ? {} : { recorder }),
      signal: abort.signal,
      onProgress: (done) => progress.update(done, `${services.exchange.fills.length} trades`),
    });
  } finally {
    recorder?.close();
    progress.stop();
    signals.close();
  }
}

const stepOf = ({ services }: BacktestSession, { stepMs }: Market): number => stepMs ?? services.stepMs ?? MINUTE_MS;
const wantsReport = (flags: Flags): boolean => flags.text('report') !== undefined || flags.text('save') !== undefined;

function refuseIdleChecks(flags: Flags): void {
  const idle = wantsReport(flags) ? undefined : ['stress', 'checkLookAhead'].find((name) => flags.has(name));
  if (idle !== undefined)
    throw usage(
      `${idle === 'stress' ? '--stress' : '--check-look-ahead'} must come with --report or --save: its answer stands there.`,
      'Add --report report.html.',
    );
}

/** Only a run that somebody wants to read is watched. */
async function recorderOf(session: BacktestSession, market: Market, flags: Flags): Promise<RunRecorder | undefined> {
  if (!wantsReport(flags)) return undefined;
  const { RunRecorder: Recorder } = await import('../../report/recorder.js');
  const { services } = session;
  const { instrumentOf } = services;
  const instruments =
    instrumentOf === undefined ? [services.instrument] : market.symbols.map((symbol) => instrumentOf(symbol));
  return new Recorder({ ...services, instruments }, stepOf(session, market));
}

interface Checks {
  readonly lookAhead: RunOrigin['lookAhead'];
  readonly stress?: readonly StressRun[];
}
const NO_CHECKS: Checks & { readonly notices: readonly Notice[] } = { lookAhead: 'not run', notices: [] };

/** The runs beside the run, where they were asked for. */
async function check({ host }: Context, flags: Flags, run: Omit<CheckedRun, 'signal'>): Promise<typeof NO_CHECKS> {
  if (!flags.has('stress') && !flags.has('checkLookAhead')) return NO_CHECKS;
  const { lookAheadOf, stressRuns } = await import('../../runs/backtest-checks.js');
  const abort = new AbortController();
  const signals = stopOnSignal(host, () => abort.abort());
  try {
    const checked = { ...run, signal: abort.signal };
    const stress = flags.has('stress') ? { stress: await stressRuns(checked) } : {};
    return {
      ...NO_CHECKS,
      ...(flags.has('checkLookAhead') && !abort.signal.aborted ? await lookAheadOf(checked) : {}),
      ...stress,
    };
  } finally {
    signals.close();
  }
}

/** Paths by what stands there. */
async function write(
  context: Context,
  flags: Flags,
  config: ConfigRequest,
  { lookAhead, ...run }: Checks & { readonly result: BacktestRun['result']; readonly notes: readonly DataNote[] },
  recorder: RunRecorder,
): Promise<Readonly<Record<string, string>>> {
  const { originOf, saveRun, writeReport } = await import('../../runs/report-files.js');
  const { host } = context;
  const saved = {
    format: 'perpsbot.run',
    version: 1,
    ...run,
    record: recorder.record(),
    origin: { ...originOf(host, config, commandOf(context, flags)), lookAhead },
  } as const;
  const report = flags.text('report');
  const save = flags.text('save');
  return {
    ...(report === undefined ? {} : { report: writeReport(host, report, saved) }),
    ...(save === undefined ? {} : { saved: saveRun(host, save, saved) }),
  };
}

/** The command that gives this run again; where it writes to is left out. */
function commandOf({ flags: common }: Context, flags: Flags): string[] {
  const words = ['perpsbot', 'backtest'];
  const add = (flag: string, value: string | undefined): void => {
    if (value !== undefined) words.push(flag, value);
  };
  add('--config', common.config);
  add('--profile', common.profile);
  words.push(...marketWords(flags));
  add('--strategy', flags.text('strategy'));
  for (const name of ['param', 'set']) for (const pair of flags.list(name)) add(`--${name}`, pair);
  add('--seed', flags.text('seed'));
  return words;
}
