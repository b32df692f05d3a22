import { writeSync } from 'node:fs';
import { injectable } from 'inversify';
import type { LogOutput } from '../ports/configuration/logger.js';

const STDERR = 2;
/** How often a full pipe is tried again, a millisecond apart, before the line is given up. */
const ATTEMPTS = 3;

/**
 * Standard error, written synchronously: what was logged before a crash is there, and no listener on a global stream is
 * needed to survive a closed pipe. A full disk or a reader that has gone costs lines, never the bot.
 */
@injectable()
export class StderrOutput implements LogOutput {
  dropped = 0;

  write(line: string): void {
    if (!writeWhole(STDERR, Buffer.from(line, 'utf8'))) this.dropped += 1;
  }
}

/** Writes all of it, or gives up and says so. */
export function writeWhole(file: number, bytes: Buffer): boolean {
  let written = 0;
  for (let attempt = 0; written < bytes.length;) {
    try {
      written += writeSync(file, bytes, written);
    } catch (error) {
      attempt += 1;
      if (!isBusy(error) || attempt >= ATTEMPTS) return false;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
  return true;
}

const isBusy = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'EAGAIN';
