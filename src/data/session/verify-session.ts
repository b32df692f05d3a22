import { fault } from '../../domain/errors.js';
import type { Side } from '../../domain/order.js';
import { lots, ticks } from '../../domain/units.js';
import { PriceLevelBook } from '../../domain/book/price-level-book.js';
import { BookSync, type SyncStep } from './book-sync.js';
import { isCut, sessionLines } from './session-lines.js';
import { parseFrame, type DiffFrame, type Levels, type SnapshotFrame, type TickerFrame } from './frames.js';

/** Prices and sizes of a session are held in whole multiples of this: exact below 90 million. */
const DIGITS = 8;
const DECIMAL = /^(\d{1,8})(?:\.(\d{1,8}))?$/;

interface SessionGap {
  /** Line at which it was noticed: that of the first message after the hole. */
  readonly line: number;
  /** Update that the message had to follow, and the one it follows. */
  readonly expected: number;
  readonly found: number;
}

interface SessionMismatch {
  readonly line: number;
  readonly update: number;
  readonly book: readonly [string, string, string, string];
  readonly told: readonly [string, string, string, string];
}

/** What a recorded session says of itself when it is replayed through the book. */
export interface SessionReport {
  readonly symbol: string | null;
  /** Diffs from the first snapshot on. */
  readonly diffs: number;
  /** Diffs after which best bid and ask, with their sizes, are those that the venue told for that update. */
  readonly matched: number;
  /** Holes in the sequence of diffs. */
  readonly gaps: number;
  /** Diffs for whose updates the venue told no best prices. */
  readonly unchecked: number;
  /** Diffs older than the snapshot, and diffs after a hole, while the book could not be trusted. */
  readonly dropped: number;
  readonly untrusted: number;
  readonly snapshots: number;
  /** Messages that whoever recorded heard and could not read. */
  readonly unread: number;
  /** Why the recording ended before whoever recorded did; null: it did not, or says nothing of its end. */
  readonly endedEarly: string | null;
  /** Its last line is a part of one and was left away. */
  readonly isCut: boolean;
  /** The first of each, for whoever looks for the cause. */
  readonly gapAt: readonly SessionGap[];
  readonly mismatches: readonly SessionMismatch[];
}

const SHOWN = 20;

/** Best prices and sizes after one update: the book's own, or the venue's word. */
interface Top {
  readonly update: number;
  readonly line: number;
  readonly values: readonly [number, number, number, number];
}

/**
 * Replays a recorded session, plain or gzipped, through the exchange's own book and compares it with the venue's best
 * prices. A diff is compared with the last best prices of its own updates or earlier ones; they may be recorded later.
 * Throws DATA-003 for a line that is no frame, with its number, and DATA-006 when there is nothing to verify.
 */
export function verifySession(bytes: Uint8Array, file: string): SessionReport {
  const replay = new Replay(file);
  let line = 0;
  for (const text of sessionLines(bytes, file)) {
    line += 1;
    if (text !== '') replay.take(text, line);
  }
  return replay.report(isCut(bytes));
}

class Replay {
  private readonly book = new PriceLevelBook();
  private readonly sync = new BookSync();
  private symbol: string | undefined;
  private snapshots = 0;
  private diffs = 0;
  private matched = 0;
  private unchecked = 0;
  private untrusted = 0;
  private gaps = 0;
  private unread = 0;
  private endedEarly: string | undefined;
  private readonly gapAt: SessionGap[] = [];
  private readonly mismatches: SessionMismatch[] = [];
  /** Tops of the book that wait for the venue's word on a later update. */
  private waiting: Top[] = [];
  /** The venue's word, oldest first, from the last one that a judged diff needed. */
  private told: Top[] = [];

  constructor(private readonly file: string) {}

  take(text: string, line: number): void {
    const where = `${this.file}:${line}`;
    const frame = parseFrame(text, where);
    if (frame.kind === 'snapshot') this.snapshot(frame, line);
    else if (frame.kind === 'unread') this.unread += 1;
    else if (frame.kind === 'ended') this.endedEarly = frame.why;
    else if (frame.kind !== 'diff' && frame.kind !== 'ticker') return;
    else if ((this.symbol ??= frame.symbol) !== frame.symbol)
      throw fault('DATA-003', `A session must be of one symbol, ${this.symbol}, was of ${frame.symbol} too.`, {
        where,
      });
    else if (frame.kind === 'diff') this.diff(frame, line);
    else this.ticker(frame, line);
  }

  report(isCutShort: boolean): SessionReport {
    this.judge(Number.POSITIVE_INFINITY);
    if (this.snapshots === 0 || this.diffs + this.sync.dropped === 0) {
      throw fault(
        'DATA-006',
        `${this.file} must hold a snapshot of the book and diffs around it, had ${this.snapshots} snapshots and ${this.diffs} diffs after one.`,
        { where: this.file },
      );
    }
    const { diffs, matched, gaps, unchecked, untrusted, snapshots, gapAt, mismatches } = this;
    return {
      symbol: this.symbol ?? null,
      diffs,
      matched,
      gaps,
      unchecked,
      dropped: this.sync.dropped,
      untrusted,
      snapshots,
      unread: this.unread,
      endedEarly: this.endedEarly ?? null,
      isCut: isCutShort,
      gapAt,
      mismatches,
    };
  }

  private snapshot(frame: SnapshotFrame, line: number): void {
    this.snapshots += 1;
    if (this.sync.synced) return;
    this.book.clear();
    this.apply(frame.bids, frame.asks, line);
    const step = this.sync.takeSnapshot(frame);
    if (step !== undefined) this.follow(step, line);
  }

  private diff(frame: DiffFrame, line: number): void {
    const begun = this.snapshots > 0;
    const step = this.sync.take(frame);
    if (step.outcome === 'wait' && begun) this.miss();
    this.follow(step, line);
    if (step.outcome === 'gap') this.miss();
  }

  private miss(): void {
    this.diffs += 1;
    this.untrusted += 1;
  }

  private follow(step: SyncStep, line: number): void {
    if (step.outcome === 'gap') {
      this.gaps += 1;
      if (this.gapAt.length < SHOWN) this.gapAt.push({ line, expected: step.expected, found: step.found });
    } else if (step.outcome === 'apply') {
      for (const diff of step.diffs) {
        this.apply(diff.bids, diff.asks, line);
        this.diffs += 1;
        this.waiting.push({ update: diff.last, line, values: this.top() });
      }
    }
  }

  private ticker(frame: TickerFrame, line: number): void {
    const where = `${this.file}:${line}`;
    this.judge(frame.update);
    this.told.push({
      update: frame.update,
      line,
      values: [
        scaled(frame.bid[0], where),
        scaled(frame.bid[1], where),
        scaled(frame.ask[0], where),
        scaled(frame.ask[1], where),
      ],
    });
  }

  /** Judges what waited for best prices of updates before `update`: later words are about later books. */
  private judge(update: number): void {
    let judged = 0;
    for (const top of this.waiting) {
      if (top.update >= update) break;
      judged += 1;
      const told = this.wordOn(top);
      const isLastWord = update === Number.POSITIVE_INFINITY && told !== undefined && told.update < top.update;
      if (told !== undefined && top.values.every((value, i) => value === told.values[i])) this.matched += 1;
      // A recording may end before the word on its last diffs.
      else if (told === undefined || isLastWord) this.unchecked += 1;
      else if (this.mismatches.length < SHOWN)
        this.mismatches.push({ line: top.line, update: top.update, book: shown(top), told: shown(told) });
    }
    if (judged > 0) this.waiting = this.waiting.slice(judged);
  }

  /**
   * The venue's last word up to an update; it may have been recorded before or after the diff. Older ones are
   * forgotten.
   */
  private wordOn(top: Top): Top | undefined {
    let last = -1;
    while (last + 1 < this.told.length && (this.told[last + 1] as Top).update <= top.update) last += 1;
    if (last > 0) this.told = this.told.slice(last);
    return last < 0 ? undefined : this.told[0];
  }

  private top(): Top['values'] {
    const { bids, asks } = this.book;
    return [bids.best, bids.bestLots, asks.best, asks.bestLots];
  }

  private apply(bids: Levels, asks: Levels, line: number): void {
    const where = `${this.file}:${line}`;
    const side = (levels: Levels, of: Side): void => {
      for (const [price, size] of levels) this.book.set(of, ticks(scaled(price, where)), lots(scaled(size, where)));
    };
    side(bids, 'buy');
    side(asks, 'sell');
  }
}

/** Decimal text as a whole number of 10^-8, exactly. */
function scaled(text: string, where: string): number {
  const [, whole, fraction = ''] = DECIMAL.exec(text) ?? [];
  if (whole === undefined)
    throw fault(
      'DATA-003',
      `A price or size must be a plain decimal below 10^8 with at most ${DIGITS} decimals, was "${text}".`,
      { where },
    );
  const value = Number(whole + fraction.padEnd(DIGITS, '0'));
  if (!Number.isSafeInteger(value))
    throw fault(
      'DATA-003',
      `A price or size must be below ${Math.floor(Number.MAX_SAFE_INTEGER / 10 ** DIGITS)}, was "${text}".`,
      { where },
    );
  return value;
}

const shown = (top: Top): readonly [string, string, string, string] =>
  top.values.map(written) as unknown as readonly [string, string, string, string];

function written(value: number): string {
  if (Number.isNaN(value)) return 'none';
  const text = String(value).padStart(DIGITS + 1, '0');
  return `${text.slice(0, -DIGITS)}.${text.slice(-DIGITS)}`.replace(/\.?0+$/, '');
}
