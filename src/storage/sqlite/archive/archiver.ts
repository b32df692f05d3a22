import { messageOf } from '../../../domain/errors.js';
import type { Clock } from '../../../ports/configuration/clock.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import type { EventRow } from '../../event-row.js';
import type { ArchiveBlock } from './archive-blocks.js';
import { appendBlock, archiveFile } from './journal-archive.js';

/** Records that leave at once: one to two milliseconds to read, and as much to take out. */
const BLOCK = 200;
/** Numbers that are looked through for them. */
const SPAN = 1_000;
/** Blocks of one round, a second of a running bot: many times what it writes. */
const ROUND = 5;

/** What the archiver needs of the journal. */
interface ArchivedJournal {
  readonly path: string;
  blocks(): readonly ArchiveBlock[];
  /** Samples after `after` and up to `until`, oldest first, at most `limit`. */
  samples(after: number, until: number, limit: number): readonly EventRow[];
  /** In one transaction. */
  moveOut(seqs: readonly number[], block: ArchiveBlock): void;
}

export interface ArchiverPorts {
  readonly journal: ArchivedJournal;
  readonly clock: Pick<Clock, 'now'>;
  /** Lets everything else that waits have its turn. */
  readonly timers: Pick<Scheduler, 'sleep'>;
  readonly logger: Logger;
  /** False once nothing may be written any more. */
  readonly mayWrite: () => boolean;
  /** The newest record; it never leaves. */
  readonly newest: () => number;
}

/**
 * Moves samples that are old enough from the journal to its archive, a block at a time: appended to their month's file,
 * on disk, read back and compared, and only then taken out, together with the note of where they are. Whoever dies in
 * between has the records in the journal, and the next start writes over what it left in the file.
 */
export class Archiver {
  private blocks: ArchiveBlock[] | undefined;
  private after = 0;
  /** Nothing is old enough before. */
  private notBefore = -Infinity;
  private isBusy = false;
  private ended = false;
  private work: Promise<void> = Promise.resolve();

  constructor(
    private readonly ports: ArchiverPorts,
    private readonly keepMs: number,
  ) {}

  /** Begins a round, unless one is under way or nothing can have become old enough; never rejects. */
  tend(): Promise<void> {
    if (this.isBusy || this.ended || this.ports.clock.now() < this.notBefore) return this.work;
    this.isBusy = true;
    this.work = this.round().finally(() => (this.isBusy = false));
    return this.work;
  }

  /** Resolves once nothing is being moved any more. */
  async end(): Promise<void> {
    this.ended = true;
    await this.work;
  }

  private async round(): Promise<void> {
    try {
      for (let i = 0; i < ROUND && (await this.step()); i += 1) await this.ports.timers.sleep(0);
    } catch (error) {
      // Nothing is lost: what has not been taken out is in the journal. The next start tries again.
      this.ended = true;
      this.ports.logger.warn('Old samples could not be moved to the archive of the journal', {
        error: messageOf(error),
      });
    }
  }

  /** False when there is nothing to do for now. */
  private async step(): Promise<boolean> {
    const { journal, clock, newest } = this.ports;
    const blocks = (this.blocks ??= [...journal.blocks()]);
    this.after = Math.max(this.after, blocks.at(-1)?.last ?? 0);
    const until = Math.min(this.after + SPAN, newest() - 1);
    if (until <= this.after) return false;
    const found = journal.samples(this.after, until, BLOCK);
    const [oldest] = found;
    if (oldest === undefined) {
      this.after = until;
      return true;
    }
    const before = clock.now() - this.keepMs;
    if (!(oldest.at < before)) {
      this.notBefore = oldest.at + this.keepMs;
      return false;
    }
    const file = archiveFile(oldest.at);
    const stays = found.findIndex(({ at }) => !(at < before) || archiveFile(at) !== file);
    const rows = stays < 0 ? found : found.slice(0, stays);
    const start = Math.max(
      0,
      ...blocks.filter((block) => block.file === file).map((block) => block.start + block.bytes),
    );
    const block = await appendBlock(journal.path, rows, start);
    if (this.ended || !this.ports.mayWrite()) return false;
    journal.moveOut(
      rows.map(({ seq }) => seq),
      block,
    );
    blocks.push(block);
    return true;
  }
}
