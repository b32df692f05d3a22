import { createHash } from 'node:crypto';
import type { Decimal } from '../../domain/decimal.js';
import { fault } from '../../domain/errors.js';
import { readText } from '../../ports/research/data-files.js';
import type { DataNote } from '../data-note.js';
import type { DataKind } from '../columns.js';
import { factsOf, hintedKind, marketOf } from '../sources/names.js';
import { readSource } from '../sources/read-source.js';
import type { SourceFormat } from '../sources/layouts.js';
import { hashOf, type Catalog } from './catalog.js';
import { checkSum } from './checksum.js';
import { firstOf, missingIdsNote, notesOf, oddTickNote, roundedNote, sortedNote } from './import-notes.js';
import { nameOf, type Manifest, type SeriesSource } from './manifest.js';
import type { TimeRange } from './quality.js';
import { seriesOf, type RawSeries } from './raw-series.js';
import type { SeriesBuilder } from './series-builder.js';
import { SeriesWriter } from './series-writer.js';

export interface ImportRequest {
  readonly path: string;
  readonly format: SourceFormat;
  readonly kind?: DataKind;
  /** As the file spells it. */
  readonly symbol?: string;
  /** Its name in the catalog; absent: the file's, in capitals. */
  readonly as?: string;
  readonly where: Readonly<Record<string, string>>;
  readonly sort: boolean;
  readonly tick?: Decimal;
  readonly step?: Decimal;
  /** Length of the bars; absent: the name's, or what the rows show. */
  readonly intervalMs?: number;
  /** Refuse a file with bars beside their grid. */
  readonly strict?: boolean;
  /** Where the clocks stood that wrote times without their distance from UTC; absent: UTC. */
  readonly zone?: string;
  readonly duckdb: boolean;
  /** Told now and then how far it is, from 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/** What became of one series of an imported file. */
export interface ImportedSeries {
  readonly manifest: Manifest;
  /** Rows of the file, those that are new, and those that were there already or stood twice. */
  readonly rows: number;
  readonly added: number;
  readonly duplicates: number;
  readonly disorder: { readonly rows: number; readonly ranges: readonly TimeRange[] };
  readonly missingIds: { readonly count: number; readonly ranges: readonly TimeRange[] };
}

export interface ImportReport {
  readonly file: string;
  readonly sha256: string;
  readonly layout: string;
  /** It is what the `.CHECKSUM` beside it names. */
  readonly checked: boolean;
  /** How times were read, where the columns left a choice. */
  readonly times: readonly string[];
  /** The file was imported before, just so: nothing was done. */
  readonly unchanged: boolean;
  readonly series: readonly ImportedSeries[];
  readonly notes: readonly DataNote[];
}

interface ImportRecord {
  readonly sha256: string;
  readonly layout: string;
  readonly series: readonly { readonly kind: DataKind; readonly symbol: string; readonly intervalMs: number }[];
}

const IMPORTS = 'imports';
/** Share of the time that goes into hashing and into reading; the rest is writing. */
const HASHED = 0.1;
const READ = 0.6;

/**
 * Brings a file into the catalog, series by series. The note that it is in is written last, so that an import which was
 * cut off is simply done again. Throws DATA-002 to DATA-007.
 */
export async function importFile(catalog: Catalog, request: ImportRequest): Promise<ImportReport> {
  const { path, onProgress = () => undefined } = request;
  const file = catalog.files.open(path);
  if (file === undefined)
    throw fault('DATA-002', `--from must name a file that exists, was ${path}.`, {
      where: path,
      fix: 'Check the path; it is taken from the working directory.',
    });
  try {
    const share = (from: number, to: number) => (bytes: number) =>
      onProgress(from + ((to - from) * bytes) / Math.max(1, file.size));
    const sha256 = hashOf(file, share(0, HASHED));
    const checked = checkSum(catalog.files, path, () => sha256);
    const record = catalog.files.join(
      catalog.directory,
      IMPORTS,
      `${keyOf(sha256, request, file.location ?? path)}.json`,
    );
    const known = knownImport(catalog, record, sha256);
    if (known !== undefined)
      return {
        file: path,
        sha256,
        layout: known.layout,
        checked,
        times: [],
        unchanged: true,
        series: known.series,
        notes: [],
      };
    const source = await readSource(file, request, share(HASHED, READ));
    if (request.as !== undefined && new Set(source.series.map(({ symbol }) => symbol)).size > 1) {
      throw fault(
        'CLI-001',
        `--as must name one symbol, but ${path} holds ${source.series.map(({ symbol }) => symbol).join(', ')}.`,
        { fix: 'Choose one with --symbol.' },
      );
    }
    const total = source.series.reduce((sum, { length }) => sum + length, 0);
    // All are looked at before the first is written: a file is refused as a whole.
    const raws = source.series.map((builder) => ({ builder, raw: seriesOf(builder, path, request) }));
    const market = marketOf(file.location ?? path);
    for (const { raw } of raws) checkMarket(catalog, raw, request, market);
    let done = 0;
    const series: ImportedSeries[] = [];
    for (const { builder, raw } of raws) {
      series.push(
        await importSeries(
          catalog,
          builder,
          raw,
          request,
          { sha256, format: source.layout, ...(market === undefined ? {} : { market }) },
          (rows) => onProgress(READ + ((1 - READ) * (done + rows)) / total),
        ),
      );
      done += builder.length;
    }
    const written: ImportRecord = {
      sha256,
      layout: source.layout,
      series: series.map(({ manifest: { kind, symbol, intervalMs } }) => ({ kind, symbol, intervalMs })),
    };
    catalog.files.writeAtomic(record, [new TextEncoder().encode(`${JSON.stringify(written)}\n`)]);
    return {
      file: path,
      sha256,
      layout: source.layout,
      checked,
      times: source.times,
      unchanged: false,
      series,
      notes: [
        ...notesOf(
          source.series,
          raws.map(({ raw }) => raw),
          source,
          checked,
        ),
        ...raws.flatMap(({ builder, raw }) => [
          ...roundedNote(raw),
          ...(request.tick === undefined ? oddTickNote(builder, raw) : []),
        ]),
      ],
    };
  } finally {
    file.close();
  }
}

async function importSeries(
  catalog: Catalog,
  builder: SeriesBuilder,
  raw: RawSeries,
  request: ImportRequest,
  source: Pick<SeriesSource, 'sha256' | 'format' | 'market'>,
  onRows: (rows: number) => void,
): Promise<ImportedSeries> {
  const { path } = request;
  const symbol = nameFor(raw, request);
  const missingIds = { count: builder.missing, ranges: builder.missingRanges };
  const writer = new SeriesWriter(catalog, onRows);
  const { manifest, added, duplicates } = await writer.write(raw, symbol, {
    file: path.replace(/^.*[\\/]/, ''),
    ...source,
    missingIds: missingIds.count,
    missingIdRanges: missingIds.ranges,
  });
  return { manifest, rows: raw.times.length + raw.duplicates, added, duplicates, disorder: raw.disorder, missingIds };
}

const nameFor = (raw: RawSeries, { as }: ImportRequest): string => (as ?? raw.symbol).toUpperCase();

/** Throws DATA-004 for a symbol that the catalog holds of another market: whose days would those be? */
function checkMarket(catalog: Catalog, raw: RawSeries, request: ImportRequest, market: string | undefined): void {
  const { path } = request;
  const { kind, intervalMs } = raw;
  const symbol = nameFor(raw, request);
  const manifest = market === undefined ? undefined : catalog.manifest({ kind, symbol, intervalMs });
  const other = manifest?.sources.find((each) => each.market !== undefined && each.market !== market);
  if (manifest === undefined || other === undefined) return;
  throw fault(
    'DATA-004',
    `${path} must be of the market that ${nameOf(manifest)} is of, ${other.market}; its folders say ${market}.`,
    {
      where: path,
      why: 'Rows of two venues in one series are no market that ever was.',
      fix: `Give it a name of its own: perpsbot data import --from FOLDER --symbol ${raw.symbol} --as ${symbol}-OTHER.`,
    },
  );
}

/** The same file read differently, or under a name that tells something else, is another import. */
function keyOf(
  sha256: string,
  { path, kind, symbol, as, where, tick, step, intervalMs, zone }: ImportRequest,
  location: string,
): string {
  const { symbol: named, midnight, published } = factsOf(location);
  const chosen = JSON.stringify([
    named ?? null,
    midnight ?? null,
    published?.kind ?? hintedKind(path.replaceAll('\\', '/')) ?? null,
    kind ?? null,
    symbol ?? null,
    as ?? null,
    Object.entries(where).sort(),
    tick?.toString() ?? null,
    step?.toString() ?? null,
    ...(intervalMs === undefined && zone === undefined ? [] : [intervalMs ?? null, zone ?? null]),
  ]);
  return `${sha256.slice(0, 32)}-${createHash('sha256').update(chosen).digest('hex').slice(0, 8)}`;
}

/** What an earlier import of the file left; undefined when there was none, or when a series of it has gone since. */
function knownImport(
  catalog: Catalog,
  path: string,
  sha256: string,
): { readonly layout: string; readonly series: readonly ImportedSeries[] } | undefined {
  const text = readText(catalog.files, path);
  if (text === undefined) return undefined;
  const record = JSON.parse(text) as ImportRecord;
  const series: ImportedSeries[] = [];
  for (const id of record.series) {
    const manifest = catalog.manifest(id);
    const source = manifest?.sources.find((each) => each.sha256 === sha256);
    if (manifest === undefined || source === undefined) return undefined;
    series.push({
      manifest,
      rows: source.rows,
      added: 0,
      duplicates: source.rows,
      disorder: { rows: source.disorder, ranges: source.disorderRanges },
      missingIds: { count: source.missingIds, ranges: source.missingIdRanges },
    });
  }
  return { layout: record.layout, series };
}

/** Warnings on what an import found: each names its place in time. */
export function warningsOf({ manifest, rows, duplicates, disorder, missingIds }: ImportedSeries): DataNote[] {
  const name = nameOf(manifest);
  const notes: DataNote[] = [];
  if (manifest.gaps.length > 0)
    notes.push({
      code: 'W-DATA-003',
      message: `${name}: ${manifest.gaps.length} gaps${firstOf(manifest.gaps)}; they were not filled.`,
    });
  if (duplicates > 0)
    notes.push({
      code: 'W-DATA-006',
      message: `${name}: ${duplicates} of ${rows} rows were there already or stood twice; each is kept once.`,
    });
  return [...notes, ...sortedNote(manifest, disorder), ...missingIdsNote(manifest, missingIds)];
}
