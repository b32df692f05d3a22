import { configOf, type CommandSpec, type Context, type Flags, type Outcome } from '../command.js';
import { countFlag, pairsFlag } from '../flags.js';
import { stopOnSignal } from '../stop-on-signal.js';
import type { ConfigRequest } from '../host.js';

export const backtest: CommandSpec = {
  name: 'backtest',
  summary: "Run the bot's own services over a recorded market.",
  example: 'backtest --data bars.csv --funding funding.csv --symbol BTC-PERP --strategy baseline --param shortMa=10 --param longMa=50',
  kind: 'backtest.result',
  flags: [
    { flags: '--data <file>', text: 'bars, CSV or Parquet: ts_ms,symbol,open,high,low,close,volume; ts_ms is the open', required: true },
    { flags: '--symbol <name>', text: 'symbol as the file spells it; default: the only one in it' },
    { flags: '--funding <file>', text: 'funding rates, CSV or Parquet: ts_ms,symbol,funding_rate' },
    { flags: '--strategy <name>', text: 'strategy; default: the configuration\'s' },
    { flags: '--param <key=value>', text: 'setting of the strategy; may be repeated', repeated: true },
    { flags: '--seed <n>', text: 'seed of everything random' },
    { flags: '--step', text: 'journal every bar on disk, as live does, in a new --state directory (slower, same result)' },
  ],
  run,
};

async function run(context: Context, flags: Flags): Promise<Outcome> {
  const { host } = context;
  const request = requestOf(context, flags);
  const { readMarket, configFor } = await import('../market-files.js');
  const funding = flags.text('funding');
  const symbol = flags.text('symbol');
  const history = await readMarket(host, request, { data: flags.required('data'), ...(symbol === undefined ? {} : { symbol }), ...(funding === undefined ? {} : { funding }) });
  const { runBacktest } = await import('../../research/run-backtest.js');
  const { Progress } = await import('../progress.js');
  const { backtestText } = await import('../backtest-text.js');
  const mode = flags.has('step') ? 'step' : 'fast';
  const { columns } = history;
  const session = await host.openBacktest({ config: configFor(request, history), mode, startAt: columns.openAt[0] ?? 0 });
  const abort = new AbortController();
  const signals = stopOnSignal(host, () => abort.abort());
  const progress = new Progress(host.io.stderr, host.clock, 'backtest', columns.length, 'bars');
  try {
    const { result, notes } = await runBacktest(session.services, columns, {
      mode,
      strategy: session.strategies.strategyFor(columns.symbol).name,
      parameters: request.parameters ?? {},
      seed: session.seed,
      warmup: session.strategies.lookbackFor(columns.symbol),
      ...(history.funding === undefined ? {} : { funding: history.funding }),
      signal: abort.signal,
      onProgress: (bars) => progress.update(bars, `${session.services.exchange.fills.length} trades`),
    });
    return { kind: 'backtest.result', data: result, warnings: [...history.notes, ...notes], text: backtestText(result, context.out) };
  } finally {
    progress.stop();
    signals.close();
    await session.close();
  }
}

function requestOf(context: Context, flags: Flags): ConfigRequest {
  const strategy = flags.text('strategy');
  const seed = flags.text('seed');
  return {
    ...configOf(context.flags),
    fallbackProfile: 'demo',
    world: 'backtest',
    parameters: pairsFlag('--param', flags.list('param')),
    ...(strategy === undefined ? {} : { strategy }),
    ...(seed === undefined ? {} : { seed: countFlag('--seed', seed, 0) }),
  };
}
