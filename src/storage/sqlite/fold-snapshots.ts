import { createHash } from 'node:crypto';
import { readFileSync, renameSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { JournalFold, Payload, StoredEvent } from '../../ports/storage/event-store.js';
import { syncDirectory } from './store-file.js';

const FORMAT = 1;
const FILE_MODE = 0o600;
const LINE_END = 0x0a;
/** Records of one line, and between two looks at what else waits: about a millisecond. */
const SLICE = 200;

/** Up to which record of which journal. */
interface Position {
  readonly seq: number;
  /** Checksum of that record. */
  readonly crc: number;
}

/** The last line of a snapshot: what it is of, and the sum over the lines before it. */
interface Foot extends Position {
  readonly format: number;
  readonly fold: string;
  readonly version: number;
  readonly sha256: string;
}

/** Undamaged, and of the fold; whether it is of the journal, the journal tells. */
export interface FoldSnapshot extends Position {
  /** Slices of records, made as they are read. */
  readonly slices: Iterable<readonly StoredEvent[]>;
}

type Row = readonly [number, number, string, string, string, number, Payload];

/** What folds have kept, a file for each beside the journal: `journal.db-fold-NAME`. Copies: all may be deleted. */
export class FoldSnapshots {
  constructor(private readonly journal: string) {}

  /** Undefined when there is none, or it is damaged, or another fold's, or of another version. Never throws. */
  read(fold: JournalFold): FoldSnapshot | undefined {
    try {
      // As bytes: a start would otherwise hold several megabytes of text at once, twice, to read them line by line.
      const bytes = readFileSync(this.pathOf(fold));
      const end = bytes.lastIndexOf(LINE_END, bytes.length - 2) + 1;
      const { format, fold: name, version, sha256, seq, crc } = JSON.parse(bytes.toString('utf8', end)) as Foot;
      if (format !== FORMAT || name !== fold.name || version !== fold.version) return undefined;
      const lines = bytes.subarray(0, end);
      return createHash('sha256').update(lines).digest('hex') === sha256
        ? { seq, crc, slices: slicesOf(lines) }
        : undefined;
    } catch {
      return undefined;
    }
  }

  /**
   * Replaces what was there in one step, a slice of records at a time; `goOn` is asked between them. True when it was
   * written. Throws what the file system says.
   */
  async write(
    { name, version }: JournalFold,
    events: Iterable<StoredEvent>,
    at: Position,
    goOn: () => boolean,
  ): Promise<boolean> {
    const path = this.pathOf({ name });
    const fresh = `${path}.new`;
    const hash = createHash('sha256');
    const file = await open(fresh, 'w', FILE_MODE);
    try {
      for (const line of linesOf(events)) {
        hash.update(line);
        await file.write(line);
        if (!goOn()) return false;
      }
      const foot: Foot = { format: FORMAT, fold: name, version, ...at, sha256: hash.digest('hex') };
      await file.write(`${JSON.stringify(foot)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    if (!goOn()) return false;
    renameSync(fresh, path);
    syncDirectory(dirname(path));
    return true;
  }

  private pathOf({ name }: Pick<JournalFold, 'name'>): string {
    return `${this.journal}-fold-${name}`;
  }
}

function* linesOf(events: Iterable<StoredEvent>): Generator<string, void> {
  let rows: Row[] = [];
  for (const { seq, at, type, botId, profile, version, payload } of events) {
    rows.push([seq, at, type, botId, profile, version, payload]);
    if (rows.length < SLICE) continue;
    yield `${JSON.stringify(rows)}\n`;
    rows = [];
  }
  if (rows.length > 0) yield `${JSON.stringify(rows)}\n`;
}

function* slicesOf(lines: Buffer): Generator<readonly StoredEvent[], void> {
  for (let from = 0; from < lines.length;) {
    const to = lines.indexOf(LINE_END, from);
    const rows = JSON.parse(lines.toString('utf8', from, to)) as readonly Row[];
    yield rows.map(([seq, at, type, botId, profile, version, payload]) => ({
      seq,
      at,
      type,
      botId,
      profile,
      version,
      payload,
    }));
    from = to + 1;
  }
}
