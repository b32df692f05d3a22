import type { Decimal } from '../../domain/decimal.js';
import { fault } from '../../domain/errors.js';
import type { Json } from '../../ports/storage/event-store.js';
import type { ImportedSeries, ImportReport, ImportRequest } from '../../data/catalog/import.js';
import type { Manifest } from '../../data/catalog/manifest.js';
import type { TimeRange } from '../../data/catalog/quality.js';
import { DATA_KINDS, type DataKind } from '../../data/columns.js';
import { FORMATS, type SourceFormat } from '../../data/sources/layouts.js';
import { configOf, type CommandSpec, type Context, type Flags, type FlagSpec } from '../command.js';
import { pairsFlag, usage } from '../flags.js';
import { dataDownload } from './data-download.js';

const CATALOG: FlagSpec = {
  flags: '--catalog <dir>',
  text: 'directory of the catalog; default: catalog in the state directory',
};
const SYMBOL_NOT = /[\u0000-\u001f]/;
/** Gaps that text for people names; JSON names all that are kept. */
const SHOWN_GAPS = 5;

const importData: CommandSpec = {
  name: 'data import',
  summary: 'Bring recorded market data of any known format into the catalog.',
  example: 'data import --from BTCUSDT-aggTrades-2024-08-08.zip --catalog ./catalog',
  kind: 'data.import',
  flags: [
    {
      flags: '--from <file>',
      text: 'file to import, or a directory of them; may be repeated',
      required: true,
      repeated: true,
    },
    { flags: '--kind <name>', text: `${DATA_KINDS.join(', ')}; default: what the file shows` },
    {
      flags: '--symbol <name>',
      text: 'rows of this symbol only, as the file spells it; or the symbol of a file that names none',
    },
    { flags: '--as <name>', text: 'name of the symbol in the catalog; default: its own, in capitals' },
    { flags: '--format <name>', text: `${FORMATS.join(', ')}; default: auto` },
    {
      flags: '--where <column=text>',
      text: 'rows with this text in this column only; may be repeated',
      repeated: true,
    },
    { flags: '--tick <size>', text: 'smallest price step; default: inferred from the prices' },
    { flags: '--step <size>', text: 'smallest size step; default: inferred from the sizes' },
    { flags: '--sort', text: 'put rows that are out of order in order, instead of refusing the file' },
    CATALOG,
  ],
  run: async (context, flags) => {
    const { host } = context;
    const { Catalog } = await import('../../data/catalog/catalog.js');
    const { importFile, warningsOf } = await import('../../data/catalog/import.js');
    const catalog = new Catalog(host.dataFiles, directoryOf(context, flags));
    host.checkOutput(host.dataFiles.join(catalog.directory, '.perpsbot'));
    const options = await importOptions(flags);
    const paths = flags.list('from').flatMap((path) => filesIn(context, path));
    const reports: ImportReport[] = [];
    for (const path of paths)
      reports.push(
        await withProgress(context, `import ${path}`, (onProgress) =>
          importFile(catalog, { ...options, path, onProgress }),
        ),
      );
    const warnings = reports.flatMap((report) => [
      ...report.notes,
      ...(report.unchanged ? [] : report.series.flatMap(warningsOf)),
    ]);
    return {
      kind: 'data.import',
      data: { catalog: catalog.directory, files: reports.map(reportOf) },
      warnings,
      text: reports.map(reportText).join('\n'),
    };
  },
};

const ls: CommandSpec = {
  name: 'data ls',
  summary: 'List the series of the catalog.',
  example: 'data ls --catalog ./catalog',
  kind: 'data.ls',
  flags: [CATALOG],
  run: async (context, flags) => {
    const { Catalog } = await import('../../data/catalog/catalog.js');
    const { durationText } = await import('../../domain/time-spans.js');
    const { table } = await import('../text/table.js');
    const catalog = new Catalog(context.host.dataFiles, directoryOf(context, flags));
    const series = catalog.list();
    const row = (manifest: Manifest): string[] => [
      manifest.kind === 'bars' ? `bars ${durationText(manifest.intervalMs)}` : manifest.kind,
      manifest.symbol,
      String(manifest.rows),
      iso(manifest.first),
      iso(manifest.last),
      manifest.tick,
      manifest.step,
      String(manifest.gaps.length),
      manifest.fingerprint.slice(0, 12),
    ];
    return {
      kind: 'data.ls',
      data: { catalog: catalog.directory, series: series.map((manifest) => seriesJson(manifest)) },
      text:
        series.length === 0
          ? 'No series yet.'
          : table(
              ['kind', 'symbol', 'rows', 'first', 'last', 'tick', 'step', 'gaps', 'fingerprint'],
              series.map(row),
              [2, 7],
            ),
    };
  },
};

const verify: CommandSpec = {
  name: 'data verify',
  summary:
    'Read every file of the catalog again: fingerprints, order, gaps. Or replay a recorded session through the book.',
  example: 'data verify --catalog ./catalog',
  kind: 'data.verify',
  flags: [
    CATALOG,
    {
      flags: '--session <file>',
      text: 'a recorded WebSocket session with depth diffs, a snapshot and best prices, plain or gzipped, instead of the catalog',
    },
  ],
  run: async (context, flags) => {
    const session = flags.text('session');
    if (session !== undefined) return (await import('./data-session.js')).verifySessionFile(context, session);
    const { Catalog } = await import('../../data/catalog/catalog.js');
    const { verifySeries } = await import('../../data/catalog/verify.js');
    const { nameOf } = await import('../../data/catalog/manifest.js');
    const catalog = new Catalog(context.host.dataFiles, directoryOf(context, flags));
    const series = catalog.list();
    const rows = Math.max(
      1,
      series.reduce((sum, manifest) => sum + manifest.rows, 0),
    );
    let done = 0;
    const reports = await withProgress(context, 'verify', async (onProgress) => {
      const read = [];
      for (const manifest of series)
        read.push(await verifySeries(catalog, manifest, (count) => onProgress((done += count) / rows)));
      return read;
    });
    const problems = reports.flatMap((report) => report.problems);
    if (problems.length > 0)
      throw fault('DATA-007', problems.map(({ message }) => message).join(' '), {
        where: catalog.directory,
        why: 'A result over damaged data would look like any other.',
        fix: problems[0]?.fix ?? '',
        problems,
      });
    const found = reports.map(({ manifest, gaps, duplicates, disorder }) => ({
      ...seriesJson(manifest),
      gaps: gaps.map(rangeJson),
      duplicates,
      disorder: { rows: disorder.rows, ranges: disorder.ranges.map(rangeJson) },
    }));
    const lines = reports.flatMap(({ manifest, gaps }) => [
      `${nameOf(manifest)}: whole, ${manifest.rows} rows, ${gaps.length} gaps`,
      ...gapLines(gaps),
    ]);
    return {
      kind: 'data.verify',
      data: { catalog: catalog.directory, series: found },
      text: lines.length === 0 ? 'No series yet.' : lines.join('\n'),
    };
  },
};

/** The commands of the group `data`. */
export const data: readonly CommandSpec[] = [importData, ls, verify, dataDownload];

/**
 * The catalog's directory: the flag's, else `catalog` in the state directory. Throws CLI-001 where there is neither.
 */
function directoryOf(context: Context, flags: Flags): string {
  const named = flags.text('catalog');
  if (named === '')
    throw usage('--catalog must name a directory, was empty.', 'Write for example --catalog ./catalog.');
  if (named !== undefined) return named;
  const { directory } = context.host.loadConfig({ ...configOf(context.flags), fallbackProfile: 'demo' }).config.storage;
  if (directory === undefined)
    throw usage(
      '--catalog must name a directory: this profile keeps no state directory.',
      'Write for example --catalog ./catalog, or name one with --state.',
    );
  return context.host.dataFiles.join(directory, 'catalog');
}

function filesIn({ host: { dataFiles: files } }: Context, path: string): readonly string[] {
  return files.isDirectory(path)
    ? files
        .list(path)
        .filter((name) => !name.startsWith('.') && !files.isDirectory(files.join(path, name)))
        .map((name) => files.join(path, name))
    : [path];
}

async function withProgress<T>(
  { host }: Context,
  title: string,
  work: (onProgress: (share: number) => void) => Promise<T>,
): Promise<T> {
  const { Progress } = await import('../text/progress.js');
  const progress = new Progress(host.io.stderr, host.clock, title, 100, '%');
  try {
    return await work((share) => progress.update(Math.min(100, 100 * share)));
  } finally {
    progress.stop();
  }
}

async function importOptions(flags: Flags): Promise<Omit<ImportRequest, 'path' | 'onProgress'>> {
  const kind = oneOf('--kind', flags.text('kind'), DATA_KINDS);
  const format = oneOf('--format', flags.text('format'), FORMATS) ?? 'auto';
  const [symbol, as] = [flags.text('symbol'), flags.text('as')];
  if (as !== undefined && (as === '' || SYMBOL_NOT.test(as)))
    throw usage(`--as must be a symbol, was ${JSON.stringify(as)}.`, 'Write for example --as BTC-PERP.');
  const [tick, step] = [await sizeFlag('--tick', flags.text('tick')), await sizeFlag('--step', flags.text('step'))];
  return {
    format: format satisfies SourceFormat,
    where: pairsFlag('--where', flags.list('where')),
    sort: flags.has('sort'),
    duckdb: true,
    ...(kind === undefined ? {} : { kind: kind satisfies DataKind }),
    ...(symbol === undefined ? {} : { symbol }),
    ...(as === undefined ? {} : { as }),
    ...(tick === undefined ? {} : { tick }),
    ...(step === undefined ? {} : { step }),
  };
}

function oneOf<T extends string>(flag: string, text: string | undefined, allowed: readonly T[]): T | undefined {
  if (text === undefined) return undefined;
  const found = allowed.find((each) => each === text);
  if (found === undefined)
    throw usage(
      `${flag} must be one of ${allowed.join(', ')}, was "${text}".`,
      `Write for example ${flag} ${allowed[0] ?? ''}.`,
    );
  return found;
}

async function sizeFlag(flag: string, text: string | undefined): Promise<Decimal | undefined> {
  if (text === undefined) return undefined;
  const { Decimal } = await import('../../domain/decimal.js');
  const value = /^\d{1,12}(\.\d{1,12})?$/.test(text) ? new Decimal(text) : undefined;
  if (value === undefined || !value.gt(0))
    throw usage(`${flag} must be a positive decimal number, was "${text}".`, `Write for example ${flag} 0.01.`);
  return value;
}

const iso = (at: number): string => new Date(at).toISOString();
const rangeJson = ({ from, to, missing }: TimeRange): Json => ({ from: iso(from), to: iso(to), missing });

const seriesJson = (manifest: Manifest) => ({
  kind: manifest.kind,
  symbol: manifest.symbol,
  intervalMs: manifest.intervalMs === 0 ? null : manifest.intervalMs,
  tick: manifest.tick,
  step: manifest.step,
  rows: manifest.rows,
  first: iso(manifest.first),
  last: iso(manifest.last),
  gaps: manifest.gaps.map(rangeJson) as Json,
  duplicates: manifest.duplicates as Json,
  disorder: manifest.disorder as Json,
  files: manifest.partitions.length,
  sources: manifest.sources.map(({ file, sha256, format, rows }) => ({ file, sha256, format, rows })),
  fingerprint: manifest.fingerprint,
});

const reportOf = (report: ImportReport): Json => ({
  file: report.file,
  sha256: report.sha256,
  layout: report.layout,
  unchanged: report.unchanged,
  series: report.series.map(({ manifest, rows, added, duplicates, disorder, missingIds }) => ({
    kind: manifest.kind,
    symbol: manifest.symbol,
    intervalMs: manifest.intervalMs === 0 ? null : manifest.intervalMs,
    tick: manifest.tick,
    step: manifest.step,
    rows,
    added,
    duplicates,
    disorder: { rows: disorder.rows, ranges: disorder.ranges.map(rangeJson) },
    missingIds: { count: missingIds.count, ranges: missingIds.ranges.map(rangeJson) },
    gaps: manifest.gaps.map(rangeJson),
    fingerprint: manifest.fingerprint,
  })),
});

function reportText(report: ImportReport): string {
  if (report.unchanged) return `${report.file}: ${report.layout}, imported before; nothing to do.`;
  const each = ({ manifest, rows, added }: ImportedSeries): string =>
    `  ${manifest.kind} of ${manifest.symbol}: ${rows} rows, ${added} new; now ${manifest.rows} from ${iso(manifest.first)} to ${iso(manifest.last)}, tick ${manifest.tick}, ${manifest.gaps.length} gaps`;
  return [`${report.file}: ${report.layout}`, ...report.series.map(each)].join('\n');
}

function gapLines(gaps: readonly TimeRange[]): string[] {
  const shown = gaps
    .slice(0, SHOWN_GAPS)
    .map(
      ({ from, to, missing }) => `  gap ${iso(from)} to ${iso(to)}${missing === null ? '' : `, ${missing} missing`}`,
    );
  return gaps.length > SHOWN_GAPS ? [...shown, `  and ${gaps.length - SHOWN_GAPS} more`] : shown;
}
