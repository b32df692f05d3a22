import type { Instrument } from '../../../domain/instrument.js';
import type { Position } from '../../../domain/position.js';
import type { MarkUnits, Ticks } from '../../../domain/units.js';
import { FewIds } from '../orders/few-ids.js';
import { Attempts, type AttemptsTime } from '../../../flow/attempts.js';
import { backoffMs } from '../../../flow/backoff.js';

/** What is not answered is asked for so often: a position that is bare cannot wait longer for the venue's return. */
const ASK_EVERY_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/** What is known of the protection of one symbol's position. */
export class StopGuard {
  /** Price at which the position must be left, as far as anybody has said. */
  stop: Ticks | undefined;
  /** Which position that was said of. */
  openedAt: number | undefined;
  /** The strategy of this life has named it, so it may also take it back. */
  isNamed = false;
  readonly stops: Attempts;
  /** Orders that leave a position whose stop was reached. */
  readonly exits: Attempts;
  /** Stops that only make the cover fit the position. */
  readonly fits: Attempts;
  /** Those of them that do not stand yet. */
  readonly fitted = new FewIds();
  /** More stands than the position. */
  isTooMuch = false;
  /** The venue says that the price has been reached. */
  isReached = false;
  /** An exit at the collar has left some of the position: the next ones have none: nothing is naked for its sake. */
  isBare = false;
  /** An answer is missing: the venue is asked what stands before anything is sent again. */
  isInDoubt = false;
  /** Questions asked, and the newest of them that was answered. */
  asked = 0;
  private answeredTo = 0;
  /** When it was asked last. */
  askedAt = Number.NEGATIVE_INFINITY;
  /** Stops of which its newest answer told nothing: they may stand or not. */
  unread: ReadonlySet<string> = new Set();
  /** Answers in a row that left some unread. */
  private vague = 0;
  /** It did not answer when it was asked last. */
  private wasSilent = false;
  /** Missing answers in a row. */
  silences = 0;
  /** Orders whose missing answer has been taken note of. */
  readonly unanswered = new FewIds();
  isOpen = false;
  /** Since when lots of the position are without cover at the venue. */
  nakedSince: number | undefined;
  nakedLots = 0;
  private nakedMs = 0;

  constructor(
    readonly instrument: Instrument,
    time: AttemptsTime,
  ) {
    this.stops = new Attempts(time, 1);
    this.exits = new Attempts(time, 1);
    this.fits = new Attempts(time);
  }

  /**
   * What the strategy says of the position. One that has said nothing in this life may have forgotten: `recall` knows
   * what was planned, and what stands is left alone.
   */
  say({ lots, openedAt }: Position, named: Ticks | undefined, recall: (() => Ticks | undefined) | undefined): void {
    if (lots === 0 || openedAt !== this.openedAt) {
      this.stop = undefined;
      this.isNamed = false;
      this.isReached = false;
      this.isBare = false;
    }
    // What a venue has done with the stops of another position says nothing of this one's.
    if (lots !== 0 && openedAt !== this.openedAt) this.calm();
    this.openedAt = lots === 0 ? undefined : openedAt;
    if (lots === 0) return;
    if (named !== undefined || this.isNamed) this.stop = named;
    else this.stop ??= recall?.();
    this.isNamed ||= named !== undefined;
  }

  /** What stands is to be asked for. */
  get isUnsure(): boolean {
    return this.isInDoubt || this.unread.size > 0;
  }

  /** Not before this instant is the venue asked again; what it cannot tell of single stops, ever more rarely. */
  get asksFrom(): number {
    const pauses = this.isInDoubt ? 1 : Math.max(1, this.vague);
    return this.askedAt + backoffMs(pauses, ASK_EVERY_MS, LONGEST_PAUSE_MS);
  }

  /** Which stops an answer left unread; undefined: there was none. False where a newer question has been answered. */
  heard(question: number, unread: ReadonlySet<string> | undefined): boolean {
    if (question < this.answeredTo) return false;
    if (unread !== undefined) {
      this.answeredTo = question;
      this.unread = unread;
      this.vague = unread.size === 0 ? 0 : this.vague + 1;
      if (this.wasSilent) {
        this.calm();
        this.silences = 0;
      }
    }
    this.wasSilent = this.isInDoubt = unread === undefined;
    return true;
  }

  /** Whatever was in the way is gone. */
  calm(): void {
    this.stops.calm();
    this.exits.calm();
  }

  /** Milliseconds without cover, until now. */
  unprotectedMs(now: number): number {
    return this.nakedMs + (this.nakedSince === undefined ? 0 : Math.max(0, now - this.nakedSince));
  }

  note(nakedLots: number, now: number): void {
    this.nakedLots = nakedLots;
    if (nakedLots > 0) {
      this.nakedSince ??= now;
      return;
    }
    if (this.nakedSince !== undefined) this.nakedMs += Math.max(0, now - this.nakedSince);
    this.nakedSince = undefined;
  }

  rest(): void {
    this.stops.rest();
    this.exits.rest();
  }
}

/** The mark has reached the stop. */
export function isReached({ stop }: StopGuard, { lots: size, instrument }: Position, mark: MarkUnits): boolean {
  return stop !== undefined && (mark - instrument.marksOfTicks(stop)) * Math.sign(size) <= 0;
}
