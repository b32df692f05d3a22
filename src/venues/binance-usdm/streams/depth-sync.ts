import { backoffMs } from '../../../flow/backoff.js';
import { BookSequence } from '../../../domain/book/book-sequence.js';
import { messageOf } from '../../../domain/errors.js';
import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import type { DepthEvent } from '../../../ports/venue/market-event.js';
import type { DepthAnswer } from '../rest/answers.js';
import type { DepthFrame } from './frames.js';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 8_000;
/** Snapshots in a row that did not fit before the stream is given up. */
const MOST_TRIES = 6;
/** Messages that wait for a snapshot; beyond, the oldest are dropped, and a snapshot that needs them does not fit. */
const MOST_WAITING = 5_000;

export interface DepthSyncPorts {
  readonly scheduler: Pick<Scheduler, 'after'>;
  readonly snapshot: () => Promise<DepthAnswer>;
  /** Number of the newest update that anybody has told of. */
  readonly newest: () => number;
  readonly tell: (event: DepthEvent) => void;
  /** What was told is not to be trusted until the next snapshot. */
  readonly doubt: (why: string) => void;
  /** It stands for the first time. */
  readonly ready: () => void;
  readonly giveUp: (error: Error) => void;
}

/**
 * One symbol's book out of a snapshot and the messages around it. Source: Binance, "How to manage a local order book
 * correctly": messages that end before the snapshot are dropped, the first one reaches it, and each names the last
 * update of the one before; else it begins anew.
 */
export class DepthSync {
  private readonly sequence = new BookSequence();
  private waiting: DepthFrame[] = [];
  private isWhole = false;
  private isAsking = false;
  private tries = 0;
  private cancel: (() => void) | undefined;
  private isOver = false;

  constructor(private readonly ports: DepthSyncPorts) {}

  /** Number of the last update told; NaN before the first. */
  get last(): number {
    return this.isWhole ? this.sequence.known : Number.NaN;
  }

  /** The stream is open: a snapshot that is asked for now is one that its messages reach. */
  begin(): void {
    this.ask();
  }

  take(frame: DepthFrame): void {
    if (this.isOver) return;
    if (!this.isWhole) this.keep(frame);
    else if (this.follow(frame) === 'gap') {
      this.waiting = [frame];
      this.lose('a message of the depth is missing');
    }
  }

  /** Something of it could not be read, or was not heard. */
  lose(why: string): void {
    if (this.isOver) return;
    if (this.isWhole) {
      this.isWhole = false;
      this.ports.doubt(why);
    }
    this.later();
  }

  end(): void {
    this.isOver = true;
    this.cancel?.();
  }

  private keep(frame: DepthFrame): void {
    this.waiting.push(frame);
    if (this.waiting.length > MOST_WAITING) this.waiting.shift();
  }

  private follow(frame: DepthFrame): 'next' | 'old' | 'gap' {
    const fit = this.sequence.take(frame.sequence);
    if (fit === 'next') this.ports.tell(frame);
    return fit;
  }

  private later(): void {
    if (this.isAsking || this.cancel !== undefined) return;
    const wait = this.tries === 0 ? 0 : backoffMs(this.tries, FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
    this.cancel = this.ports.scheduler.after(wait, () => {
      this.cancel = undefined;
      this.ask();
    });
  }

  private ask(): void {
    const newest = this.ports.newest();
    this.isAsking = true;
    this.tries += 1;
    this.ports.snapshot().then(
      (snapshot) => this.answered(() => this.fit(snapshot, newest)),
      (error: unknown) => this.answered(() => this.failed(error)),
    );
  }

  private answered(work: () => void): void {
    this.isAsking = false;
    if (!this.isOver) work();
  }

  private failed(error: unknown): void {
    const isFinal = (error as { readonly code?: unknown } | undefined)?.code === 'VENUE-003';
    if (isFinal || this.tries >= MOST_TRIES)
      this.ports.giveUp(error instanceof Error ? error : new Error(messageOf(error)));
    else this.later();
  }

  /** `newest`: of what was known when it was asked for. */
  private fit({ lastUpdateId, bids, asks, at }: DepthAnswer, newest: number): void {
    const { waiting } = this;
    if (Math.max(lastUpdateId, waiting.at(-1)?.sequence.last ?? 0) < newest) {
      this.failed(new Error(`the snapshot ${lastUpdateId} is older than the update ${newest} that was told before`));
      return;
    }
    this.sequence.begin(lastUpdateId);
    const first = waiting.find(({ sequence }) => sequence.last >= lastUpdateId);
    if (first !== undefined && first.sequence.first > lastUpdateId && first.sequence.previous !== lastUpdateId) {
      this.failed(
        new Error(`the snapshot ${lastUpdateId} is older than the stream, which begins at ${first.sequence.first}`),
      );
      return;
    }
    this.isWhole = true;
    this.waiting = [];
    this.ports.tell({
      kind: 'depth',
      symbol: waiting[0]?.symbol ?? '',
      type: 'snapshot',
      bids,
      asks,
      sequence: { last: lastUpdateId },
      at,
    });
    // Whoever is told may have found it wrong.
    for (const [place, frame] of waiting.entries()) {
      if (!this.isWhole) return;
      if (this.follow(frame) !== 'gap') continue;
      this.waiting = waiting.slice(place);
      this.lose('a message of the depth is missing');
      return;
    }
    if (!this.isWhole) return;
    this.tries = 0;
    this.ports.ready();
  }
}
