import { token } from '../../injection/token.js';

/** Whether the venue is heard of. Times are world time, epoch milliseconds. */
export interface VenueReach {
  /** When a question was answered last; null before the first. */
  readonly answeredAt: number | null;
  /** Since when no question has been answered, and why the newest was not; null while they are. */
  readonly silentSince: number | null;
  readonly why: string | null;
  /** Since when the stream of the account tells nothing; null while it is open, and before it was opened. */
  readonly streamDownSince: number | null;
}

/** What calls to the venue come to, noted by whoever makes them: shown to people, and nothing is decided by it. */
export interface VenueContact {
  readonly reach: VenueReach;
  answered(now: number): void;
  unanswered(why: string, now: number): void;
  /** The stream of the account has opened, or is heard of again. */
  streamUp(): void;
  streamDown(now: number): void;
}
export const VenueContact = token<VenueContact>('VenueContact');
