import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a directory and its missing parents. Each is made by itself: asked for all at once, Node tries for ever where a
 * file system says of a directory that can be made nowhere that its parent is missing (`/proc`). Throws what the system
 * says.
 */
export function makeDirectory(path: string, mode?: number): void {
  const whole = resolve(path);
  const missing: string[] = [];
  for (let at = whole; statSync(at, { throwIfNoEntry: false }) === undefined; at = dirname(at)) missing.push(at);
  // What stands there and is no directory is named by the system.
  if (missing.length === 0) mkdirSync(whole, { recursive: true });
  for (const each of missing.reverse()) makeOne(each, mode);
}

/** Somebody else may have made it meanwhile. */
function makeOne(path: string, mode: number | undefined): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
}
