import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { fault } from '../domain/errors.js';
import { pathFault } from '../flow/path-fault.js';
import { makeDirectory } from '../flow/make-directory.js';

const NEWLINE = 0x0a;

/** A text file of whole lines that only grows. What a crash left of a line is cut off when it is opened. */
export class NodeGrowingFile {
  readonly lastLine: string | undefined;
  private handle: number | undefined;

  /** Makes the file and its directory where they are missing. Throws STORE-003. */
  constructor(readonly path: string) {
    try {
      makeDirectory(dirname(path));
      const there = existsSync(path) ? readFileSync(path) : new Uint8Array();
      const whole = there.lastIndexOf(NEWLINE) + 1;
      const before = there.subarray(0, Math.max(0, whole - 1)).lastIndexOf(NEWLINE) + 1;
      this.lastLine = whole === 0 ? undefined : new TextDecoder().decode(there.subarray(before, whole - 1));
      this.handle = openSync(path, 'a');
      if (whole < there.length) ftruncateSync(this.handle, whole);
    } catch (cause) {
      throw pathFault({ must: `${path} must be a file that can be written`, where: path, code: 'STORE-003' }, cause);
    }
  }

  /** Durable when it returns. Throws STORE-004; the next opening cuts off what was half written. */
  append(lines: string): void {
    if (this.handle === undefined)
      throw fault('STORE-004', `${this.path} must be open to be written.`, { where: this.path });
    try {
      writeSync(this.handle, lines);
      fsyncSync(this.handle);
    } catch (cause) {
      throw pathFault(
        {
          must: `${this.path} must be writable`,
          where: this.path,
          code: 'STORE-004',
          then: 'The download goes on where it stopped.',
        },
        cause,
      );
    }
  }

  close(): void {
    if (this.handle !== undefined) closeSync(this.handle);
    this.handle = undefined;
  }
}
