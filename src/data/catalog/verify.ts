import type { Problem } from '../../domain/errors.js';
import { messageOf } from '../../domain/errors.js';
import type { Catalog } from './catalog.js';
import { fingerprintOfSeries } from './fingerprint.js';
import { concat, timesOf, unitOf, type Block } from './kinds.js';
import { nameOf, type Manifest, type Partition } from './manifest.js';
import { disorderIn, fundingGaps, gapsIn, metSides, type TimeRange } from './quality.js';
import { gapsAcross } from './series-writer.js';

/** What reading a series again found. */
export interface SeriesReport {
  readonly manifest: Manifest;
  readonly problems: readonly Problem[];
  readonly gaps: readonly TimeRange[];
  readonly duplicates: number;
  /** Quotes with a bid above their ask. */
  readonly crossed: number;
  readonly disorder: { readonly rows: number; readonly ranges: readonly TimeRange[] };
}

/** Reads every file of a series again: bytes, rows, order, gaps and fingerprints against the manifest. */
export async function verifySeries(
  catalog: Catalog,
  manifest: Manifest,
  onRows: (rows: number) => void,
): Promise<SeriesReport> {
  const problems: Problem[] = [];
  const blocks: Block[] = [];
  const partitions: Partition[] = [];
  let [duplicates, disorder, crossed] = [0, 0, 0];
  const ranges: TimeRange[] = [];
  for (const partition of manifest.partitions) {
    const block = await readPartition(catalog, manifest, partition, problems);
    onRows(partition.rows);
    if (block === undefined) continue;
    const found = disorderIn(block);
    duplicates += found.duplicates;
    disorder += found.rows;
    crossed += metSides(block).crossed;
    ranges.push(...found.ranges);
    partitions.push({ ...partition, gaps: gapsIn(block, manifest.intervalMs, partition.spacing) });
    if (manifest.kind === 'funding') blocks.push(block);
  }
  const place = catalog.pathOf(manifest, 'manifest.json');
  if (disorder + duplicates > 0)
    problems.push(problem(`${nameOf(manifest)}: ${disorder} rows stand out of order and ${duplicates} twice.`, place));
  if (fingerprintOfSeries(manifest, manifest.partitions) !== manifest.fingerprint)
    problems.push(problem(`${nameOf(manifest)}: the fingerprint of the manifest is not that of its files.`, place));
  const rows = manifest.partitions.reduce((sum, partition) => sum + partition.rows, 0);
  if (rows !== manifest.rows)
    problems.push(
      problem(
        `${nameOf(manifest)}: the manifest must count the ${rows} rows of its files, counts ${manifest.rows}.`,
        place,
      ),
    );
  return {
    manifest,
    problems,
    gaps: manifest.kind === 'funding' ? fundingGaps(concat('funding', blocks)) : gapsAcross(manifest, partitions),
    duplicates: manifest.duplicates,
    crossed,
    disorder: { rows: manifest.disorder, ranges },
  };
}

/** The rows of a file that is as it was written; undefined, with the problem noted, for any other. */
async function readPartition(
  catalog: Catalog,
  manifest: Manifest,
  partition: Partition,
  problems: Problem[],
): Promise<Block | undefined> {
  const path = catalog.pathOf(manifest, partition.file);
  const sha256 = catalog.hashFile(path);
  if (sha256 !== partition.sha256) {
    problems.push(
      problem(
        sha256 === undefined
          ? `${path} must exist, and is missing.`
          : `${path} must have the SHA-256 ${partition.sha256.slice(0, 12)}…, has ${sha256.slice(0, 12)}….`,
        path,
      ),
    );
    return undefined;
  }
  try {
    const block = await catalog.decode(manifest, partition);
    const times = timesOf(block);
    const [first, last] = [times[0] as number, times[block.length - 1] as number];
    if (first !== partition.first || last !== partition.last || unitOf(manifest.kind, first).key !== partition.key)
      problems.push(problem(`${path} must hold ${partition.key} and no other time.`, path));
    return block;
  } catch (error) {
    problems.push(problem(messageOf(error), path));
    return undefined;
  }
}

const problem = (message: string, where: string): Problem => ({
  code: 'DATA-007',
  message,
  where,
  fix: 'Import the source again into a new catalog directory, or restore the file from a copy.',
});
