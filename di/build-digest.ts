import { existsSync, readFileSync } from 'node:fs';

const FILE = new URL('./build-digest.txt', import.meta.url);

/** Identity of the running program: its version, and the hash of its own code that the build left beside it. */
export const buildDigest = (version: string): string =>
  `${version}+${existsSync(FILE) ? readFileSync(FILE, 'utf8') : 'source'}`;
