import { fault } from '../../domain/errors.js';
import type { Json } from '../../ports/storage/event-store.js';
import type { Manifest } from '../../data/catalog/manifest.js';
import type { TimeRange } from '../../data/catalog/quality.js';
import type { CommandSpec } from '../command.js';
import { CATALOG, directoryOf, iso, rangeJson, withProgress } from './catalog-commands.js';
import { dataDownload } from './data-download.js';
import { dataImport } from './data-import.js';

/** Gaps that text for people names; JSON names all that are kept. */
const SHOWN_GAPS = 5;

const ls: CommandSpec = {
  name: 'data ls',
  summary: 'List the series of the catalog.',
  example: 'data ls --catalog ./catalog',
  kind: 'data.ls',
  flags: [CATALOG],
  needs: 'files',
  run: async (context, flags) => {
    const { Catalog } = await import('../../data/catalog/catalog.js');
    const { barIntervalText } = await import('../../domain/time-spans.js');
    const { table } = await import('../text/table.js');
    const catalog = new Catalog(context.host.dataFiles, await directoryOf(context, flags));
    const series = catalog.list();
    const row = (manifest: Manifest): string[] => [
      manifest.kind === 'bars' ? `bars ${barIntervalText(manifest.intervalMs)}` : manifest.kind,
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
  needs: 'files',
  run: async (context, flags) => {
    const session = flags.text('session');
    if (session !== undefined) return (await import('./data-session.js')).verifySessionFile(context, session);
    const { Catalog } = await import('../../data/catalog/catalog.js');
    const { verifySeries } = await import('../../data/catalog/verify.js');
    const { nameOf } = await import('../../data/catalog/manifest.js');
    const catalog = new Catalog(context.host.dataFiles, await directoryOf(context, flags));
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
    const found = reports.map(({ manifest, gaps, duplicates, disorder, crossed }) => ({
      ...seriesJson(manifest),
      gaps: gaps.map(rangeJson),
      duplicates,
      crossed,
      disorder: { rows: disorder.rows, ranges: disorder.ranges.map(rangeJson) },
    }));
    const lines = reports.flatMap(({ manifest, gaps, crossed }) => [
      `${nameOf(manifest)}: whole, ${manifest.rows} rows, ${gaps.length} gaps${crossed === 0 ? '' : `, ${crossed} with a bid above their ask`}`,
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
export const data: readonly CommandSpec[] = [dataImport, ls, verify, dataDownload];

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

function gapLines(gaps: readonly TimeRange[]): string[] {
  const shown = gaps
    .slice(0, SHOWN_GAPS)
    .map(
      ({ from, to, missing }) => `  gap ${iso(from)} to ${iso(to)}${missing === null ? '' : `, ${missing} missing`}`,
    );
  return gaps.length > SHOWN_GAPS ? [...shown, `  and ${gaps.length - SHOWN_GAPS} more`] : shown;
}
