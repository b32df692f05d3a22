import type { Decimal } from '../../domain/decimal.js';
import { fault, PerpsBotError } from '../../domain/errors.js';
import type { Json } from '../../ports/storage/event-store.js';
import type { Notice } from '../../runs/run-watch.js';
import type { Catalog } from '../../data/catalog/catalog.js';
import type { ImportedSeries, ImportReport, ImportRequest } from '../../data/catalog/import.js';
import { DATA_KINDS, type DataKind } from '../../data/columns.js';
import { FORMATS, type SourceFormat } from '../../data/sources/layouts.js';
import { publishedOf } from '../../data/sources/published.js';
import type { CommandSpec, FilesContext, Flags } from '../command.js';
import { intervalFlag, pairsFlag, usage, zoneFlag } from '../flags.js';
import { CATALOG, directoryOf, iso, rangeJson, withProgress } from './catalog-commands.js';

const SYMBOL_NOT = /[\u0000-\u001f]|^.{81}/u;
/** Exit code for rows that are refused and files that are damaged. */
const REFUSED_ROWS = 65;

export const dataImport: CommandSpec = {
  name: 'data import',
  summary: 'Bring recorded market data of any known format into the catalog.',
  example: 'data import --from BTCUSDT-aggTrades-2024-08-08.zip --catalog ./catalog',
  kind: 'data.import',
  flags: [
    {
      flags: '--from <file>',
      text: 'file to import, or a directory of them and of their folders; may be repeated',
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
    {
      flags: '--interval <duration>',
      text: 'length of the bars, 1m to 1w or 1M; default: what the name, the close times or the distances say',
    },
    { flags: '--strict', text: 'refuse a file with bars beside their grid, instead of leaving those out' },
    { flags: '--zone <name>', text: 'where the clocks stood that wrote times without an offset; default: UTC' },
    { flags: '--sort', text: 'put rows that are out of order in order, instead of refusing the file' },
    CATALOG,
  ],
  needs: 'files',
  run: async (context, flags) => {
    const { host } = context;
    const { Catalog } = await import('../../data/catalog/catalog.js');
    const { warningsOf } = await import('../../data/catalog/import.js');
    const catalog = new Catalog(host.dataFiles, await directoryOf(context, flags));
    host.checkOutput(host.dataFiles.join(catalog.directory, '.perpsbot'));
    const options = await importOptions(flags);
    const outcome = await importAll(context, catalog, options, flags.list('from'));
    const { reports, refused } = outcome;
    const warnings = reports.flatMap((report) => [
      ...report.notes,
      ...(report.unchanged ? [] : report.series.flatMap(warningsOf)),
    ]);
    warnings.push(...leftOut(refused));
    return {
      kind: 'data.import',
      data: { catalog: catalog.directory, files: reports.map(reportOf), refused: refused.map(refusedJson) },
      warnings,
      text: [...reports.map(reportText), ...refused.flatMap(damageText)].join('\n'),
      exit: refused.some(({ damaged }) => damaged) ? REFUSED_ROWS : 0,
    };
  },
};

type Options = Omit<ImportRequest, 'path' | 'onProgress'>;

/** A file of a directory that was not imported. */
interface Refused {
  readonly file: string;
  readonly error: PerpsBotError;
  /** It should have been: its rows are refused, or it is damaged. Others are simply something else. */
  readonly damaged: boolean;
}

interface Outcome {
  readonly reports: readonly ImportReport[];
  readonly refused: readonly Refused[];
}

/**
 * A file that was named is imported or ends the command. Of a directory all that is known is imported, and the rest
 * told of. Throws DATA-002 for an empty directory, DATA-004 for one in which nothing is known.
 */
async function importAll(
  context: FilesContext,
  catalog: Catalog,
  options: Options,
  from: readonly string[],
): Promise<Outcome> {
  const { importFile } = await import('../../data/catalog/import.js');
  const { filesBelow } = await import('../../data/catalog/folder.js');
  const { dataFiles: files } = context.host;
  const reports: ImportReport[] = [];
  const refused: Refused[] = [];
  const bring = async (path: string): Promise<void> => {
    reports.push(
      await withProgress(context, `import ${path}`, (onProgress) =>
        importFile(catalog, { ...options, path, onProgress }),
      ),
    );
  };
  for (const path of from) {
    if (!files.isDirectory(path)) {
      await bring(path);
      continue;
    }
    const before = reports.length;
    const here: Refused[] = [];
    for (const file of filesBelow(files, path)) {
      try {
        await bring(file);
      } catch (error) {
        if (!PerpsBotError.is(error) || !error.code.startsWith('DATA-')) throw error;
        here.push({ file, error, damaged: !/^DATA-00[46]$/.test(error.code) });
      }
    }
    if (reports.length === before) throw nothingKnown(path, here);
    refused.push(...here);
  }
  return { reports, refused };
}

/** One file that is damaged says more than that others are something else. */
function nothingKnown(directory: string, refused: readonly Refused[]): Error {
  const [first] = [...refused.filter(({ damaged }) => damaged), ...refused];
  return fault(
    first?.error.code ?? 'DATA-004',
    `${directory} must hold market data of a known format; none of its ${refused.length} files was imported: ${first?.error.message ?? ''}`,
    {
      where: directory,
      fix: first?.error.fix ?? 'docs/data.md lists what is read.',
      problems: refused.map(({ file, error: { code, message, where = file, fix } }) => ({
        code,
        message,
        where,
        ...(fix === undefined ? {} : { fix }),
      })),
    },
  );
}

/** What was left out, by what it is and how many. */
function leftOut(refused: readonly Refused[]): Notice[] {
  const groups = new Map<string, Refused[]>();
  for (const each of refused.filter(({ damaged }) => !damaged)) {
    const what = publishedOf(each.file.replaceAll('\\', '/'))?.dataset ?? 'another kind';
    groups.set(what, [...(groups.get(what) ?? []), each]);
  }
  return [...groups].map(([what, files]) => ({
    code: 'W-DATA-013',
    message: `${files.length} ${files.length === 1 ? 'file' : 'files'} of ${what} left out, first: ${files[0]?.error.message ?? ''}`,
  }));
}

const refusedJson = ({ file, error: { code, message }, damaged }: Refused): Json => ({ file, code, message, damaged });

const damageText = ({ file, error, damaged }: Refused): string[] =>
  damaged ? [`${file}: not imported. ${error.message}`] : [];

async function importOptions(flags: Flags): Promise<Options> {
  const kind = oneOf('--kind', flags.text('kind'), DATA_KINDS);
  const format = oneOf('--format', flags.text('format'), FORMATS) ?? 'auto';
  const [symbol, as] = [flags.text('symbol'), flags.text('as')];
  if (as !== undefined && (as === '' || SYMBOL_NOT.test(as)))
    throw usage(`--as must be a symbol, was ${JSON.stringify(as)}.`, 'Write for example --as BTC-PERP.');
  const [interval, zone] = [flags.text('interval'), flags.text('zone')];
  const [tick, step] = [await sizeFlag('--tick', flags.text('tick')), await sizeFlag('--step', flags.text('step'))];
  return {
    format: format satisfies SourceFormat,
    where: pairsFlag('--where', flags.list('where')),
    sort: flags.has('sort'),
    strict: flags.has('strict'),
    duckdb: true,
    ...(interval === undefined ? {} : { intervalMs: intervalFlag('--interval', interval) }),
    ...(zone === undefined ? {} : { zone: zoneFlag(zone) }),
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

const reportOf = (report: ImportReport): Json => ({
  file: report.file,
  sha256: report.sha256,
  layout: report.layout,
  checksum: report.checked,
  times: report.times,
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
  return [
    `${report.file}: ${report.layout}${[...report.times, ...(report.checked ? ['checksum as published'] : [])].map((said) => `, ${said}`).join('')}`,
    ...report.series.map(each),
  ].join('\n');
}
