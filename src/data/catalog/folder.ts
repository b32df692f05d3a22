import { fault } from '../../domain/errors.js';
import { readText, type DataFiles } from '../../ports/research/data-files.js';
import { CHECKSUM } from './checksum.js';
import { MANIFEST, parseManifest } from './manifest.js';

/** Deeper folders than anybody's; a link that leads back up ends here. */
const DEEPEST = 16;
/** What a catalog keeps of its imports. */
const RECORD = /^[0-9a-f]{32}-[0-9a-f]{8}\.json$/;

/**
 * The files in a directory and in those below it, in the order of their names, without what is hidden, the checksums of
 * others and the folders of a catalog. Throws DATA-002 where there is none.
 */
export function filesBelow(files: DataFiles, directory: string): readonly string[] {
  const found: string[] = [];
  walk(files, directory, found, 0);
  if (found.length > 0) return found;
  throw fault(
    'DATA-002',
    `${directory} must hold files of market data, in it or in the folders below; it holds none.`,
    {
      where: directory,
      fix: 'Check the path; it is taken from the working directory.',
    },
  );
}

function walk(files: DataFiles, directory: string, found: string[], depth: number): void {
  const names = files.list(directory).filter((name) => !name.startsWith('.') && !RECORD.test(name));
  if (depth > DEEPEST || (names.includes(MANIFEST) && isSeries(files, directory))) return;
  for (const name of names) {
    const path = files.join(directory, name);
    if (files.isDirectory(path)) walk(files, path, found, depth + 1);
    else if (!name.endsWith(CHECKSUM) || !names.includes(name.slice(0, -CHECKSUM.length))) found.push(path);
  }
}

function isSeries(files: DataFiles, directory: string): boolean {
  const path = files.join(directory, MANIFEST);
  try {
    return parseManifest(readText(files, path) ?? '', path).partitions.length > 0;
  } catch {
    return false;
  }
}
