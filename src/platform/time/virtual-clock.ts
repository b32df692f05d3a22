import { injectable } from 'inversify';
import { fault } from '../../domain/errors.js';
import type { DrivenClock } from '../../ports/configuration/clock.js';
import { checkedInstant } from '../duration.js';

/** World time that moves only when its driver says so. Stands at 0 until it is set. */
@injectable()
export class VirtualClock implements DrivenClock {
  private time = 0;

  now(): number {
    return this.time;
  }

  set(at: number): void {
    if (at === this.time) return;
    if (at < this.time) throw fault('TIME-001', `World time must not go backwards from ${this.time}, was ${at}.`);
    this.time = checkedInstant(at);
  }
}
