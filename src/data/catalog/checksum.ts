import { fault } from '../../domain/errors.js';
import { readText, type DataFiles } from '../../ports/research/data-files.js';

export const CHECKSUM = '.CHECKSUM';
const LINE = /^\s*([0-9a-fA-F]{64})\b/;

/**
 * Compares a file with the checksum that Binance publishes beside it, `<sha-256>  <name>`. False where there is none.
 * Throws DATA-003 where the two differ: what was downloaded is not what was published.
 */
export function checkSum(files: DataFiles, path: string, sha256: () => string): boolean {
  const beside = `${path}${CHECKSUM}`;
  const text = readText(files, beside);
  if (text === undefined) return false;
  const published = LINE.exec(text)?.[1]?.toLowerCase();
  const own = sha256();
  if (published === own) return true;
  throw fault(
    'DATA-003',
    published === undefined
      ? `${beside} must begin with a SHA-256, begins ${JSON.stringify(text.slice(0, 20))}.`
      : `${path} must have the SHA-256 that ${CHECKSUM} beside it names, ${published.slice(0, 12)}…, has ${own.slice(0, 12)}….`,
    {
      where: path,
      why: 'It is not what was published: cut off, damaged, or of another day.',
      fix: 'Download both again.',
    },
  );
}
