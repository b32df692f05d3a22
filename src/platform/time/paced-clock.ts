import { injectable } from 'inversify';
import { inject } from '../../injection/inject.js';
import { HostClock } from '../../ports/configuration/clock.js';
import { VirtualClock } from './virtual-clock.js';

/**
 * World time of a made-up market beside a person: begins at the wall clock's reading of its first use, unless `set`
 * came before, and moves as its driver says.
 */
@injectable()
export class PacedClock extends VirtualClock {
  private begun = false;

  constructor(@inject(HostClock) private readonly host: HostClock) {
    super();
  }

  override now(): number {
    if (!this.begun) this.set(Math.floor(this.host.wall()));
    return super.now();
  }

  override set(at: number): void {
    super.set(at);
    this.begun = true;
  }
}
