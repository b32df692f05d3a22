import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { discard } from './sync-directory.js';

const LEFT_AFTER_MS = 60_000;

/** Takes away what killed processes left half written. A file that is being written now is younger. */
export function sweepHalfWritten(directory: string, isOurs: (name: string) => boolean): void {
  try {
    for (const name of readdirSync(directory)) {
      const left = join(directory, name);
      if (name.endsWith('.tmp') && isOurs(name) && Date.now() - statSync(left).mtimeMs > LEFT_AFTER_MS) discard(left);
    }
  } catch {
    // The directory cannot be listed: writing says whether that matters.
  }
}
