import { appendFileSync, closeSync, fsyncSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { fault } from '../../domain/errors.js';
import { pathFault } from '../../flow/path-fault.js';
import type { JobOutcome, JobResults } from '../../ports/research/job-queue.js';

const FILE_MODE = 0o600;
const CHUNK = 1 << 20;
const NEWLINE = 10;

interface Place {
  readonly at: number;
  readonly length: number;
}

/**
 * Outcomes as lines of JSON (`{"id":…,"outcome":…}`), one write each. Memory holds where each stands, not what it says.
 * A last line that a crash has cut is taken away; a damaged line before it is refused (STORE-001).
 */
export class JobResultsFile implements JobResults {
  private readonly places = new Map<string, Place>();
  private readonly file: number;
  private end = 0;

  constructor(private readonly path: string) {
    try {
      this.file = openSync(path, 'a+', FILE_MODE);
    } catch (error) {
      throw pathFault({ must: `${path} must be writable`, where: path, code: 'STORE-003' }, error);
    }
    this.index();
  }

  get count(): number {
    return this.places.size;
  }

  get(id: string): JobOutcome | undefined {
    const place = this.places.get(id);
    return place === undefined ? undefined : this.parse(this.read(place.at, place.length), place.at).outcome;
  }

  put(id: string, outcome: JobOutcome): void {
    const line = Buffer.from(`${JSON.stringify({ id, outcome })}\n`);
    try {
      appendFileSync(this.file, line);
    } catch (error) {
      throw pathFault(
        {
          must: `${this.path} must take every result`,
          where: this.path,
          code: 'STORE-004',
          then: 'Then go on with --resume.',
        },
        error,
      );
    }
    this.places.set(id, { at: this.end, length: line.length - 1 });
    this.end += line.length;
  }

  close(): void {
    fsyncSync(this.file);
    closeSync(this.file);
  }

  private index(): void {
    const chunk = Buffer.alloc(CHUNK);
    let rest = Buffer.alloc(0);
    let position = 0;
    for (
      let read = readSync(this.file, chunk, 0, CHUNK, 0);
      read > 0;
      read = readSync(this.file, chunk, 0, CHUNK, position)
    ) {
      position += read;
      let text = Buffer.concat([rest, chunk.subarray(0, read)]);
      for (let cut = text.indexOf(NEWLINE); cut >= 0; cut = text.indexOf(NEWLINE)) {
        this.places.set(this.parse(text.subarray(0, cut), this.end).id, { at: this.end, length: cut });
        this.end += cut + 1;
        text = text.subarray(cut + 1);
      }
      rest = text;
    }
    if (rest.length > 0) ftruncateSync(this.file, this.end);
  }

  private read(at: number, length: number): Buffer {
    const line = Buffer.alloc(length);
    readSync(this.file, line, 0, length, at);
    return line;
  }

  private parse(line: Buffer, at: number): { readonly id: string; readonly outcome: JobOutcome } {
    try {
      const entry = JSON.parse(line.toString('utf8')) as {
        readonly id?: unknown;
        readonly outcome?: { readonly ok?: unknown };
      };
      if (typeof entry.id === 'string' && typeof entry.outcome?.ok === 'boolean')
        return entry as { id: string; outcome: JobOutcome };
    } catch {
      // Said below: whether it is no JSON or no outcome makes no difference.
    }
    throw fault('STORE-001', `${this.path} must hold one outcome a line, and does not at byte ${at}.`, {
      where: this.path,
      fix: 'Move the directory away and run the sweep anew.',
    });
  }
}
