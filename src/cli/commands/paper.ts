import { configOf, type CommandSpec, type Context, type Flags, type CommandOutcome } from '../command.js';
import { warningLines } from '../errors.js';
import { pairsFlag, speedFlag } from '../flags.js';
import type { ConfigRequest } from '../../runs/config-request.js';
import type { BarColumns } from '../../data/bar-columns.js';

export const paper: CommandSpec = {
  name: 'paper',
  summary: 'Replay a recorded market into the paper world, in real, scaled or virtual time.',
  example: 'paper --data bars.csv --speed 60',
  kind: 'paper.result',
  flags: [
    { flags: '--data <file>', text: 'bars, CSV or Parquet: ts_ms,symbol,open,high,low,close,volume', required: true },
    { flags: '--symbol <name>', text: 'symbol as the file spells it; default: the only one in it' },
    { flags: '--speed <x>', text: 'recorded seconds for a second of yours, or max; default 1' },
    { flags: '--strategy <name>', text: "strategy; default: the configuration's" },
    { flags: '--param <key=value>', text: 'setting of the strategy; may be repeated', repeated: true },
  ],
  run,
};

async function run(context: Context, flags: Flags): Promise<CommandOutcome> {
  const strategy = flags.text('strategy');
  const symbol = flags.text('symbol');
  const request: ConfigRequest = {
    ...configOf(context.flags),
    fallbackProfile: 'demo',
    world: 'paper',
    speed: speedFlag(flags.text('speed') ?? '1'),
    parameters: pairsFlag('--param', flags.list('param')),
    ...(strategy === undefined ? {} : { strategy }),
  };
  const { openMarket, configFor } = await import('../../runs/market-files.js');
  const { RecordedMarket } = await import('../../data/recorded-market.js');
  const { runForeground } = await import('../foreground.js');
  const market = await openMarket(context.host, request, {
    from: 'file',
    data: flags.required('data'),
    ...(symbol === undefined ? {} : { symbol }),
  });
  const bot = await context.host.createBot({
    config: configFor(request, market),
    recording: new RecordedMarket(market.bars as BarColumns),
  });
  // A replay may take days: people hear of its terms before it, machines find them in the envelope.
  const json = context.flags.json === true;
  if (!json) context.host.io.stderr.write(warningLines(market.notes, context.err));
  return runForeground(context, bot, {
    kind: 'paper.result',
    ...(json ? { warnings: market.notes } : {}),
    next: ['perpsbot journal tail', 'perpsbot backtest --help'],
  });
}
