import { existsSync, readFileSync } from 'node:fs';

const FILE = new URL('./build-digest.txt', import.meta.url);

/** The hash of this package's own code, which the build left beside it. */
export const buildDigest = (): string => (existsSync(FILE) ? readFileSync(FILE, 'utf8') : 'source');
