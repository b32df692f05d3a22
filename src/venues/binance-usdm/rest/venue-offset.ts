import type { Clock } from '../../../ports/configuration/clock.js';
import { timeAnswer } from './answers.js';
import type { UsdmLine } from './usdm-line.js';

/**
 * How far the venue's clock is before the host's: what is signed bears the venue's time, and a key that is used for the
 * first time is used before the bot has measured its world's time.
 */
export class VenueOffset {
  private ahead = Number.NaN;

  constructor(
    /** The host's, which nobody corrects. */
    private readonly clock: Pick<Clock, 'now'>,
    private readonly line: Pick<UsdmLine, 'ask'>,
  ) {}

  /** The venue's time. Rejects where it cannot be had: what was measured before holds on. */
  async measure(): Promise<number> {
    const sentAt = this.clock.now();
    const told = timeAnswer(await this.line.ask({ method: 'GET', path: '/fapi/v1/time', query: '', weight: 1 }));
    this.ahead = told - (sentAt + this.clock.now()) / 2;
    return told;
  }

  /** Once it has been measured, at least. */
  async known(): Promise<void> {
    if (Number.isNaN(this.ahead)) await this.measure();
  }

  /** The venue's time in whole milliseconds; NaN before it is known. */
  now(): number {
    return Math.floor(this.clock.now() + this.ahead);
  }
}
