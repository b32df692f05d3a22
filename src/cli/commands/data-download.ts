import { fault } from '../../domain/errors.js';
import type { HistoryKind } from '../../ports/research/public-history.js';
import { EXIT } from '../exit-codes.js';
import type { CommandSpec, Context, Flags, CommandOutcome } from '../command.js';
import { intervalFlag, usage } from '../flags.js';
import { stopOnSignal } from '../stop-on-signal.js';

const KINDS: readonly HistoryKind[] = ['bars', 'trades', 'mark', 'index', 'funding'];
const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{3})?)?Z)?$/;

export const dataDownload: CommandSpec = {
  name: 'data download',
  summary: "Fetch a venue's public past into a file; run it again to go on where it stopped.",
  example:
    'data download --venue binanceusdm --symbol BTC/USDT:USDT --name BTC-PERP --kind bars --interval 1m --from 2024-01-01 --to 2024-02-01 --out btc_1m.csv',
  kind: 'data.download',
  flags: [
    {
      flags: '--venue <id>',
      text: "the venue's name in ccxt: binanceusdm, bybit, okx, hyperliquid, ...",
      required: true,
    },
    { flags: '--symbol <name>', text: 'symbol as ccxt spells it: BTC/USDT:USDT', required: true },
    { flags: '--name <name>', text: 'symbol as the file is to spell it; default: the same' },
    { flags: '--kind <kind>', text: `${KINDS.join(', ')}; default bars` },
    {
      flags: '--interval <duration>',
      text: 'of bars, and of the candles that marks are taken from, 1m to 1w or 1M; default 1m',
    },
    { flags: '--from <date>', text: 'first instant, UTC: 2024-01-01 or 2024-01-01T00:00Z', required: true },
    { flags: '--to <date>', text: 'first instant no longer wanted; default: now' },
    { flags: '--out <file>', text: 'CSV file to write, or to go on with', required: true },
    { flags: '--base-url <url>', text: 'a mirror of the venue to ask instead' },
  ],
  run,
};

async function run(context: Context, flags: Flags): Promise<CommandOutcome> {
  const { host } = context;
  const kind = kindOf(flags.text('kind') ?? 'bars');
  const intervalMs = intervalFlag('--interval', flags.text('interval') ?? '1m');
  const now = host.clock.wall();
  const from = dateFlag('--from', flags.required('from'));
  const to = Math.min(now, flags.text('to') === undefined ? now : dateFlag('--to', flags.required('to')));
  if (!(from < to))
    throw usage(
      `--from must be before --to and before now, was ${iso(from)} and ${iso(to)}.`,
      'Name a span that has passed.',
    );
  const symbol = flags.required('symbol');
  const name = flags.text('name') ?? symbol;
  if (/[,\n"]/.test(name))
    throw usage(`--name must be without commas and quotes, was "${name}".`, 'Write for example --name BTC-PERP.');
  host.checkOutput(flags.required('out'));
  const { download } = await import('../../data/download/download.js');
  const { Progress } = await import('../text/progress.js');
  const abort = new AbortController();
  const signals = stopOnSignal(host, () => abort.abort());
  const baseUrl = flags.text('baseUrl');
  const source = await host.openHistory({
    venue: flags.required('venue'),
    ...(baseUrl === undefined ? {} : { baseUrl }),
  });
  const progress = new Progress(host.io.stderr, host.clock, 'download', to - from, 'ms');
  const file = host.openGrowingFile(flags.required('out'));
  try {
    const result = await download(
      source,
      file,
      { kind, symbol, name, intervalMs, from, to },
      {
        scheduler: host.timers,
        signal: abort.signal,
        onProgress: (covered, rows) => progress.update(covered, `${rows} rows`),
      },
    );
    const whole = result.reached >= to;
    return {
      kind: 'data.download',
      data: {
        path: result.path,
        venue: source.venue,
        symbol,
        name,
        kind,
        from: iso(from),
        to: iso(to),
        reached: iso(result.reached),
        rows: result.rows,
        retries: result.retries,
        resumedAt: result.resumedAt === undefined ? null : iso(result.resumedAt),
      },
      text: whole
        ? `${result.rows} rows of ${kind} written to ${result.path}, up to ${iso(to)}.`
        : `Stopped at ${iso(result.reached)} with ${result.rows} rows in ${result.path}. Run the same command again to go on.`,
      ...(whole ? {} : { exit: EXIT.sigint }),
    };
  } finally {
    progress.stop();
    signals.close();
    file.close();
    await source.close();
  }
}

function kindOf(text: string): HistoryKind {
  const kind = KINDS.find((known) => known === text);
  if (kind === undefined)
    throw usage(
      `--kind must be one of ${KINDS.join(', ')}, was "${text}".`,
      'Depth and quotes of the past are not public; import recordings of them.',
    );
  return kind;
}

function dateFlag(flag: string, text: string): number {
  const at = DATE.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(at))
    throw fault('CLI-001', `${flag} must be a UTC date, was "${text}".`, {
      fix: `Write for example ${flag} 2024-01-01 or ${flag} 2024-01-01T12:30Z.`,
    });
  return at;
}

const iso = (at: number): string => new Date(at).toISOString();
