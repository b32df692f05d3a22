import { injectable } from 'inversify';
import type { VenueContact, VenueReach } from '../../../ports/runtime-state/venue-contact.js';

/** The newest word on each way to the venue. */
@injectable()
export class NotedVenueContact implements VenueContact {
  private answeredAt: number | null = null;
  private silence: { readonly since: number; readonly why: string } | undefined;
  private streamDownSince: number | null = null;

  get reach(): VenueReach {
    const { answeredAt, silence, streamDownSince } = this;
    return { answeredAt, silentSince: silence?.since ?? null, why: silence?.why ?? null, streamDownSince };
  }

  answered(now: number): void {
    this.answeredAt = now;
    this.silence = undefined;
  }

  unanswered(why: string, now: number): void {
    this.silence = { since: this.silence?.since ?? now, why };
  }

  streamUp(): void {
    this.streamDownSince = null;
  }

  streamDown(now: number): void {
    this.streamDownSince ??= now;
  }
}
