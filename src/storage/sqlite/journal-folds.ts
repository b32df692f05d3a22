import { fault, messageOf } from '../../domain/errors.js';
import type { Logger } from '../../ports/configuration/logger.js';
import type { Scheduler } from '../../ports/configuration/scheduler.js';
import type { JournalFold, StoredEvent } from '../../ports/storage/event-store.js';
import { KeptRecords } from '../kept-records.js';
import { FoldSnapshots, type FoldSnapshot } from './fold-snapshots.js';

/** Records of a fold that a start reads from the journal rather than from a snapshot: some tens of milliseconds. */
const WORTH_A_SNAPSHOT = 2_000;
/** Records between two looks at what else waits: about two milliseconds. */
const SLICE = 200;

/** What folds need of the journal. */
export interface FoldedJournal {
  readonly path: string;
  /** Records of some types after `seq`, oldest first. */
  eventsOf(types: readonly string[], seq: number): Iterable<StoredEvent>;
  /** The checksum of a record; undefined where there is none. */
  crcOf(seq: number): number | undefined;
  countOf(types: readonly string[], seq: number): number;
}

/**
 * The folds that services have asked for, each with its snapshot. A snapshot is a copy of records that the journal
 * holds, and taken for one only while it says so itself: named by fold and version, undamaged, and made of this very
 * journal. Any other is left out, and the journal is read.
 */
export class JournalFolds {
  private readonly snapshots: FoldSnapshots;
  /** Up to which record each fold has a snapshot. */
  private readonly covered = new Map<JournalFold, number>();
  /** Some fold has read so much that a snapshot is due. */
  private due = false;
  private ended = false;
  private work: Promise<void> = Promise.resolve();

  constructor(
    private readonly journal: FoldedJournal,
    /** False once nothing may be written beside the journal any more. */
    private readonly mayWrite: () => boolean,
    /** Lets everything else that waits have its turn. */
    private readonly timers: Pick<Scheduler, 'sleep'>,
    private readonly logger: Logger,
  ) {
    this.snapshots = new FoldSnapshots(journal.path);
  }

  /** `queued`: what is not in the journal's file yet. Made as it is read: it is read before anything is appended. */
  fold(fold: JournalFold, queued: Iterable<StoredEvent>): Iterable<StoredEvent> {
    const base = this.base(fold);
    const newer = new KeptRecords(fold);
    let read = 0;
    for (const event of this.journal.eventsOf(fold.types, base?.seq ?? 0)) {
      newer.take(event);
      read += 1;
    }
    if (read >= WORTH_A_SNAPSHOT) this.due = true;
    for (const event of queued) newer.take(event);
    return newer.events(base === undefined ? [] : eachOf(base.slices));
  }

  get isDue(): boolean {
    return this.due;
  }

  /** Writes what is due, a slice at a time. Snapshots only spare work: whatever stands in their way is logged. */
  tend(): Promise<void> {
    this.due = false;
    this.work = this.work.then(() => this.refresh());
    return this.work;
  }

  /** The journal is about to be closed. */
  async end(): Promise<void> {
    await this.tend();
    this.ended = true;
  }

  private base(fold: JournalFold): FoldSnapshot | undefined {
    for (const other of this.covered.keys())
      if (other.name === fold.name && other !== fold)
        throw fault('DI-005', `Folds of the journal must each have a name of their own, two had ${fold.name}.`);
    const found = this.snapshots.read(fold);
    const base = found !== undefined && found.crc === this.journal.crcOf(found.seq) ? found : undefined;
    this.covered.set(fold, base?.seq ?? 0);
    return base;
  }

  private async refresh(): Promise<void> {
    for (const [fold, seq] of this.covered) {
      if (!this.goesOn()) return;
      try {
        if (this.journal.countOf(fold.types, seq) >= WORTH_A_SNAPSHOT) await this.renew(fold);
      } catch (error) {
        this.logger.warn('What was folded of the journal could not be written beside it', {
          fold: fold.name,
          error: messageOf(error),
        });
      }
    }
  }

  private async renew(fold: JournalFold): Promise<void> {
    const base = this.base(fold);
    const kept = new KeptRecords(fold);
    for (const slice of base?.slices ?? []) {
      for (const event of slice) kept.take(event);
      await this.timers.sleep(0);
    }
    let seq = base?.seq ?? 0;
    let count = 0;
    for (const event of this.journal.eventsOf(fold.types, seq)) {
      kept.take(event);
      seq = event.seq;
      count += 1;
      if (count % SLICE === 0) await this.timers.sleep(0);
      if (this.ended) return;
    }
    const crc = this.journal.crcOf(seq);
    if (crc === undefined) return;
    if (await this.snapshots.write(fold, kept.events(), { seq, crc }, () => this.goesOn())) this.covered.set(fold, seq);
  }

  private goesOn(): boolean {
    return !this.ended && this.mayWrite();
  }
}

function* eachOf(slices: Iterable<readonly StoredEvent[]>): Generator<StoredEvent, void> {
  for (const slice of slices) yield* slice;
}
